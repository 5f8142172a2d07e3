"""Render help on options: a summary of each discovered function, and the options that it documents."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from learning_credentials import discovery, options
from learning_credentials.custom_fields import format_field, make_placeholder, make_sample, parse_definitions
from learning_credentials.exceptions import ConfigurationError, OptionsError
from learning_credentials.page_options import PageOptions
from learning_credentials.pdf import PDFOptions, Placeholder, choose_locale, list_placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.utils.safestring import SafeString

    from learning_credentials.custom_fields import Definition
    from learning_credentials.discovery import Plugin
    from learning_credentials.options import Options


@dataclass(frozen=True)
class Section:
    """The options of one nested object in a function's options."""

    name: str
    summary: str
    options: list[options.OptionDescription]


@dataclass(frozen=True)
class FunctionHelp:
    """The admin's help on one function. ``is_documented`` is False for a function that accepts every key."""

    kind: str
    path: str
    label: str
    summary: str
    is_documented: bool
    is_chosen: bool = False
    options: list[options.OptionDescription] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    placeholders: list[Placeholder] = field(default_factory=list)


def list_choices(list_plugins: Callable[[], Mapping[str, Plugin]]) -> list[tuple[str, str]]:
    """Return the choices of a select: the dotted path, and what the function does. Functions with the same title have their path too.

    Raises:
        ConfigurationError: discovery failed.
    """
    plugins = list_plugins()
    uses = Counter(plugin.title for plugin in plugins.values())
    return [
        (path, plugin.title if uses[plugin.title] == 1 else f"{plugin.title} ({path})")
        for path, plugin in plugins.items()
    ]


def name_function(list_plugins: Callable[[], Mapping[str, Plugin]], path: str) -> str:
    """Return what a stored function does. If discovery does not find it, return its name."""
    try:
        return list_plugins()[path].title
    except (ConfigurationError, KeyError):
        return path.rpartition(".")[2]


def render_help(chosen: tuple[str, ...] = (), *, only_chosen: bool = False, custom_fields: object = ()) -> SafeString:
    """Return HTML help on the options of functions. The sections of chosen functions are open.

    Args:
        chosen: dotted paths of the functions in use.
        only_chosen: whether to leave out the other functions, for pages on which the functions cannot be chosen.
        custom_fields: the definitions of the type's custom fields, for the table of placeholders.
    """
    functions: list[FunctionHelp] = []
    problems: list[str] = []
    for kind, list_plugins in (
        (_("Who gets it"), discovery.list_processors),
        (_("What they get"), discovery.list_generators),
    ):
        try:
            plugins = list_plugins()
        except ConfigurationError as error:
            problems.append(str(error))
            continue
        functions += [
            _describe(kind, plugin, custom_fields, is_chosen=path in chosen)
            for path, plugin in plugins.items()
            if path in chosen or not only_chosen
        ]
    context = {"functions": functions, "problems": problems, "only_chosen": only_chosen}
    return render_to_string("admin/learning_credentials/options_help.html", context)


def render_page_help() -> SafeString:
    """Return HTML help on the options of the public page."""
    return render_to_string(
        "admin/learning_credentials/page_options_help.html", {"options": options.describe(PageOptions)}
    )


def _describe(kind: str, plugin: Plugin, custom_fields: object, *, is_chosen: bool) -> FunctionHelp:
    model = plugin.options_model
    return FunctionHelp(
        kind=kind,
        path=plugin.path,
        label=plugin.title,
        summary=_first_line(plugin.summary),
        is_documented=model is not None,
        is_chosen=is_chosen,
        options=options.describe(model) if model else [],
        sections=_list_sections(model) if model else [],
        placeholders=_list_placeholders(model, custom_fields),
    )


def _list_sections(model: type[Options]) -> list[Section]:
    """Return the nested objects: the schema's definitions, in its order."""
    definitions = options.get_schema(model).get("$defs", {})
    return [
        Section(_as_words(name), _first_line(spec.get("description", "")), options.describe_schema(spec, definitions))
        for name, spec in definitions.items()
        if spec.get("properties")
    ]


def _as_words(name: str) -> str:
    """Return a class's name for people: ``TextDefaults`` becomes "Text defaults"."""
    first, *rest = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).split(" ")
    return " ".join([first, *map(str.lower, rest)])


def _first_line(docstring: str) -> str:
    """Return the summary of a docstring without its markup."""
    return docstring.partition("\n")[0].replace("`", "")


def _list_placeholders(model: type[Options] | None, custom_fields: object) -> list[Placeholder]:
    """Return the placeholders that texts can contain, those of custom fields first, for generators with the PDF options."""
    if model is None or not issubclass(model, PDFOptions):
        return []
    return list_design_placeholders(custom_fields)


def list_design_placeholders(custom_fields: object) -> list[Placeholder]:
    """Return the placeholders that texts of a design can contain. Those of the type's custom fields come first."""
    return [*_list_custom_placeholders(custom_fields), *list_placeholders()]


def _list_custom_placeholders(custom_fields: object) -> list[Placeholder]:
    locale = choose_locale(get_language() or "")
    return [
        Placeholder(make_placeholder(item.name), item.label, format_field(make_sample(item), locale))
        for item in read_definitions(custom_fields)
    ]


def read_definitions(custom_fields: object) -> tuple[Definition, ...]:
    """Return the definitions. If they have mistakes, which the form reports, return none."""
    try:
        return parse_definitions(custom_fields)
    except OptionsError:
        return ()
