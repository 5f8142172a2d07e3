"""Update the translation catalogues: collect the texts for learners and readers, write .po files and compile them.

The script reads every module of the app except `EXCEPTIONS`. It needs no program besides Python.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

APP = Path(__file__).resolve().parent.parent / "learning_credentials"
LOCALE = APP / "locale"
LANGUAGES = ("ar", "es", "fr")
TEMPLATES = APP / "templates" / "learning_credentials"
#: Modules and packages of the app whose texts stay English, with the reasons.
EXCEPTIONS = {
    "admin": "The admin is in English.",
    "apps.py": "The name of the app is shown in the admin.",
    "migrations": "They repeat texts of the models.",
    "models": "Names of fields and help texts are shown in the admin.",
    "pdf/placeholders.py": "What placeholders mean is shown in the admin.",
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "ngettext": (1, 2),
}
#: Catalogues contain the time of their creation. This value never changes, so that a second run changes nothing.
DATE = datetime(2026, 1, 1, tzinfo=UTC)
WIDTH = 120


class Text(NamedTuple):
    """A text to translate, with the context that distinguishes it from equal English texts. ``plural`` is empty if it counts nothing."""

    message: str
    context: str | None
    is_format: bool
    plural: str = ""


def collect() -> dict[Text, list[str]]:
    """Return each text with the files of the app that contain it."""
    found: dict[Text, list[str]] = {}
    for path, text in _iter_texts():
        name = path.relative_to(APP).as_posix()
        files = found.setdefault(text, [])
        if name not in files:
            files.append(name)
    return found


def _iter_texts() -> Iterator[tuple[Path, Text]]:
    for path in sorted(TEMPLATES.rglob("*.*")):
        for text in _iter_template(path):
            yield path, text
    for path in list_modules():
        for _line, message, _comments, context in extract_from_file("python", path, keywords=KEYWORDS):
            singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
            yield path, Text(str(singular), context, is_format=False, plural=str(plural))


def list_modules() -> list[Path]:
    """Return the modules whose texts are collected."""
    skipped = [APP / name for name in EXCEPTIONS]
    return [path for path in sorted(APP.rglob("*.py")) if not any(path.is_relative_to(name) for name in skipped)]


def _iter_template(path: Path) -> Iterator[Text]:
    from django.template import engines
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    nodes = engines["django"].engine.from_string(path.read_text("utf-8")).nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        context = node.message_context.var if node.message_context else None
        yield Text(node.filter_expression.var.literal, context, is_format=False)
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        message, names = node.render_token_list(node.singular)
        yield Text(message, node.message_context.var if node.message_context else None, is_format=bool(names))


class _Catalog(Catalog):
    """A catalogue whose header names no people and no program."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Return the lines of the header."""
        unknown = {"Report-Msgid-Bugs-To", "Last-Translator", "Language-Team", "Generated-By"}
        return [(name, value) for name, value in super().mime_headers if name not in unknown]


def get_path(language: str, suffix: str) -> Path:
    """Return where a language's catalogue is."""
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def read(language: str) -> Catalog:
    """Return a language's existing catalogue, or an empty one."""
    path = get_path(language, "po")
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> Catalog:
    """Return a language's catalogue with all current texts and their existing translations."""
    old = read(language)
    new = _Catalog(
        locale=language,
        project="django-learning-credentials",
        version="1",
        header_comment="# Translations of what learners and readers see. Texts are collected by `make messages`.",
        creation_date=DATE,
        revision_date=DATE,
        fuzzy=False,
    )
    for text, files in collect().items():
        before = old.get(text.message, context=text.context)
        new.add(
            (text.message, text.plural) if text.plural else text.message,
            _keep(before, has_plural=bool(text.plural)),
            locations=[(name, None) for name in files],
            flags={"python-format"} if text.is_format else set(),
            context=text.context,
        )
    return new


def _keep(before: Message | None, *, has_plural: bool) -> str | tuple[str, ...]:
    """Return the existing translation, or nothing if it has no plurals and now needs them, or the other way round."""
    if before is None or isinstance(before.string, str) == has_plural:
        return () if has_plural else ""
    return tuple(before.string) if has_plural else str(before.string)


def is_translated(message: Message) -> bool:
    """Return whether a text is translated, in all of its plural forms."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string)
    return bool(forms) and all(form.strip() for form in forms)


def main() -> int:
    """Write all catalogues. The exit status is 1 if a text has no translation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.path.insert(0, str(APP.parent))
    import django

    django.setup()
    missing = 0
    for language in LANGUAGES:
        catalog = update(language)
        get_path(language, "po").parent.mkdir(parents=True, exist_ok=True)
        with get_path(language, "po").open("wb") as file:
            write_po(file, catalog, width=WIDTH, sort_output=True, include_lineno=False)
        with get_path(language, "mo").open("wb") as file:
            write_mo(file, catalog)
        for message in catalog:
            if message.id and not is_translated(message):
                missing += 1
                print(f"{language}: not translated: {message.id!r}")
    print(f"{len(collect())} texts in {', '.join(LANGUAGES)}; {missing} without a translation")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
