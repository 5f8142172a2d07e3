"""Draws a page for options that are not saved yet, so that operators see what they design."""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache, cached
from django.utils import timezone

from learning_credentials import discovery
from learning_credentials.exceptions import (
    AssetError,
    ConfigurationError,
    CredentialsError,
    GenerationError,
    OptionProblem,
    OptionsError,
)
from learning_credentials.lms import LearnerProfile, LearningContext
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.options import OptionsContext, find_size_problem, parse
from learning_credentials.pdf import PDFOptions, lay_out, prepare_renderer
from learning_credentials.services.desk.drawable import hide, remove
from learning_credentials.services.issuing import find_context, make_dummy_snapshot, make_sample_data
from learning_credentials.services.public import draw_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from learning_credentials.data import CredentialData
    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.pdf import Layout

#: How often the options are made drawable by leaving out what cannot be drawn.
_MOST_REPAIRS = 30
#: Options that change nothing that can be seen, and would only cost time, or fail the picture.
_FOR_PICTURES = {"protection": "none", "attach_badge": False, "claims_pdf_ua": False, "undrawable_text": "print"}
_ASSET_OPTIONS = frozenset(("asset", "font", "fonts", "heading_font", "template", "template_multiline"))
_SAMPLE_CRITERIA = "At least 80% of the course completed."
_SAMPLE_CONTEXT = LearningContext("course-v1:Example+BIO101+2026", "Foundations of Marine Biology")


@dataclass(frozen=True)
class Drawing:
    """A page as it will be issued.

    ``problems`` are the mistakes that saving would report. ``notes`` are what issuing would refuse or warn of, for this learner.
    """

    problems: list[OptionProblem]
    notes: list[OptionProblem] = field(default_factory=list)
    layout: Layout | None = None
    page: int = 0
    picture: bytes = b""


def uses_design(generation_func: str) -> bool:
    """Return whether a generator draws a design, so that the designer is for its options."""
    try:
        model = discovery.get_generator(generation_func).options_model
    except ConfigurationError:
        return False
    return model is not None and issubclass(model, PDFOptions)


def draw_design(
    configuration: CredentialConfiguration,
    profile: LearnerProfile,
    problems: Iterable[OptionProblem],
    *,
    page: int = 0,
    scale: float = 1.0,
) -> Drawing:
    """Draw a page with the options of a configuration, which need not be saved. Leave out what cannot be drawn.

    Args:
        configuration: with its type. One without a key stands for the type alone.
        profile: of the learner, who can be made up.
        problems: what is known to be wrong with the options.
        page: index of the page of the document.
        scale: pixels per point.

    Raises:
        CredentialsError: nothing can be drawn.
    """
    problems = list(problems)
    # The editor of a broken JSON object has nothing to draw.
    if find_size_problem(configuration.options):
        return Drawing(problems)
    options = _make_drawable(configuration, problems)
    context = _find_context(configuration.learning_context_key)
    try:
        snapshot = make_dummy_snapshot(configuration, context, profile=profile)
    except Exception:
        # The criteria cannot be written, by the code of a host too, while the options for them are incomplete.
        configuration = copy(configuration)
        configuration.criteria = _SAMPLE_CRITERIA
        snapshot = make_dummy_snapshot(configuration, context, profile=profile)
    assets = DatabaseAssets()
    data = make_sample_data(configuration, snapshot, assets, issued_at=timezone.now())
    layout, content, notes = _draw(options, assets, data)
    page = min(page, len(layout.pages) - 1)
    return Drawing(problems, notes, layout, page, draw_page(content, page, scale))


@cached(TTLCache(256, ttl=30), lock=RLock())
def _find_context(key: str) -> LearningContext:
    """Return the context. It is kept for some seconds, because a page is drawn many times while an element is dragged."""
    return find_context(key) if key else _SAMPLE_CONTEXT


def _make_drawable(configuration: CredentialConfiguration, problems: list[OptionProblem]) -> dict[str, Any]:
    """Return the options without what the engine would refuse, so that everything else can be seen."""
    options: dict[str, Any] = deepcopy(configuration.options)
    parsed = _parse(options)
    found: Iterable[OptionProblem] = problems
    if any(not _is_about_asset(problem) for problem in problems):
        # The mistakes in the assets were not looked for, or only some of them.
        names = configuration.credential_type.custom_fields
        names = [item.get("name") for item in names if isinstance(item, dict)] if isinstance(names, list) else []
        found = parsed.find_problems(OptionsContext(DatabaseAssets(), frozenset(map(str, names))))
    for problem in found:
        if _is_about_asset(problem):
            remove(options, problem.path)
    _parse(options)
    return {**options, **_FOR_PICTURES}


def _parse(options: dict[str, Any]) -> PDFOptions:
    """Parse the options. Remove from them what is wrong."""
    for _ in range(_MOST_REPAIRS):
        try:
            return parse(PDFOptions, options)
        except OptionsError as error:
            for problem in error.problems:
                remove(options, problem.path)
    return parse(PDFOptions, options)


def _is_about_asset(problem: OptionProblem) -> bool:
    return not _ASSET_OPTIONS.isdisjoint(problem.path.split(".")[-2:])


def _draw(
    options: dict[str, Any], assets: DatabaseAssets, data: CredentialData
) -> tuple[Layout, bytes, list[OptionProblem]]:
    """Return the layout, the PDF and the notes. Hide the elements that cannot be placed."""
    notes: list[OptionProblem] = []
    for _ in range(_MOST_REPAIRS):
        try:
            layout = lay_out(options, assets, data)
            artifact = prepare_renderer(options, assets)(data)
        except GenerationError as error:
            note = _locate(str(error), options)
            notes.append(note)
            if not hide(options, note.path):
                raise
        except AssetError as error:
            # Rare: an asset that passed all checks and still cannot be drawn.
            msg = f"the page cannot be drawn: {error}"
            raise ConfigurationError(msg) from error
        else:
            return layout, artifact.content, [*notes, *(_locate(text, options) for text in artifact.warnings)]
    raise CredentialsError("too many elements cannot be placed")


def _locate(message: str, options: Mapping[str, Any]) -> OptionProblem:
    """Return a message of the engine as a problem of the element that it begins with."""
    path, mark, rest = message.partition(": ")
    section, _, name = path.partition(".")
    is_path = section in {"text_elements", "tables", "images", "template"} and bool(name)
    if mark and (is_path or path in options):
        return OptionProblem(path, rest)
    return OptionProblem("signatures" if message.startswith("the signatories:") else "", message)
