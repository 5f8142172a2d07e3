"""Define what the fictional Meridian Open College teaches and which credentials it issues."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple


class RunPlan(NamedTuple):
    """A course run to create. ``weights`` are per cent by category, in order."""

    course_key: str
    course_name: str
    summary: str
    key: str
    name: str
    starts_at: datetime
    ends_at: datetime
    weights: dict[str, int]
    pass_mark: int = 60
    is_self_paced: bool = False
    effort: str = ""


class StepPlan(NamedTuple):
    """One run of the learning path."""

    run_key: str
    is_excluded: bool = False


class PathPlan(NamedTuple):
    """A learning path to create."""

    key: str
    name: str
    summary: str
    steps: tuple[StepPlan, ...]


class TypePlan(NamedTuple):
    """A credential type to create.

    If ``criteria`` is empty, the app writes the criteria from the options. ``signatories`` are indices into `SIGNATORIES`. ``image`` is the
    name of a file in ``badges``, without its extension.
    """

    slug: str
    name: str
    retrieval_func: str
    generation_func: str
    options: dict[str, Any]
    description: str
    criteria: str
    signatories: tuple[int, ...] = (0,)
    image: str = ""
    page_options: dict[str, Any] | None = None
    custom_fields: tuple[dict[str, Any], ...] = ()


class ConfigurationPlan(NamedTuple):
    """A credential type in a context.

    ``options`` override the type's options.
    """

    context_key: str
    type_slug: str
    options: dict[str, Any]
    allows_self_generation: bool = False
    field_values: dict[str, Any] | None = None


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


ASTRONOMY = "run:AST101+2026-spring"
ASTRONOMY_PILOT = "run:AST101+2025-pilot"
STATISTICS = "run:STA110+2026-spring"
WRITING = "run:WRI120+2026-spring"
BOTANY = "run:BOT105+2026-summer"
GEOLOGY = "run:GEO130+2026-summer"
PATH = "path:natural-sciences-foundation"
COURSE_CERTIFICATE = "course-certificate"

#: Available dates of runs. All other certificates are visible at once. The dates are far enough away to stay in the future for a while.
AVAILABLE_DATES = {GEOLOGY: _day(2031, 1, 15)}

RUNS = (
    RunPlan(
        "AST101",
        "Astronomy for Everyone",
        "From the Moon's phases to the oldest light, with the naked eye and a little algebra.",
        ASTRONOMY,
        "Astronomy for Everyone",
        _day(2026, 2, 2),
        _day(2026, 5, 29),
        {"Homework": 30, "Midterm": 30, "Final exam": 40},
        pass_mark=70,
    ),
    RunPlan(
        "AST101",
        "Astronomy for Everyone",
        "",
        ASTRONOMY_PILOT,
        "Astronomy for Everyone (pilot)",
        _day(2025, 9, 1),
        _day(2025, 12, 12),
        {"Homework": 50, "Final exam": 50},
        effort="3 hours a week",
    ),
    RunPlan(
        "STA110",
        "Foundations of Statistics",
        "How to be wrong by a known amount.",
        STATISTICS,
        "Foundations of Statistics",
        _day(2026, 2, 2),
        _day(2026, 6, 5),
        {"Exercises": 25, "Project": 35, "Exam": 40},
    ),
    RunPlan(
        "WRI120",
        "Writing for the Sciences",
        "Saying what was found so that others can find it again.",
        WRITING,
        "Writing for the Sciences",
        _day(2026, 1, 12),
        _day(2026, 5, 15),
        {"Drafts": 40, "Peer review": 20, "Paper": 40},
    ),
    RunPlan(
        "BOT105",
        "Plants of the City",
        "A summer of looking down: forty species between paving stones.",
        BOTANY,
        "Plants of the City",
        _day(2026, 6, 1),
        _day(2026, 8, 28),
        {"Field notes": 60, "Quiz": 40},
        is_self_paced=True,
    ),
    RunPlan(
        "GEO130",
        "Reading Landscapes",
        "What the ground remembers, and how to ask it.",
        GEOLOGY,
        "Reading Landscapes",
        _day(2026, 5, 4),
        _day(2026, 8, 14),
        {"Maps": 40, "Excursion report": 60},
    ),
)

PATHS = (
    PathPlan(
        PATH,
        "Natural Sciences Foundation",
        "Look, count, write: the three habits every science shares.",
        (StepPlan(ASTRONOMY), StepPlan(STATISTICS), StepPlan(WRITING), StepPlan(ASTRONOMY_PILOT, is_excluded=True)),
    ),
)

ISSUER = {"name": "Meridian Open College", "url": "https://meridian.example", "email": "registrar@meridian.example"}

SIGNATORIES = (
    {"name": "Prof. Ilse Vandermarr", "title": "Dean of Studies", "organisation": "Meridian Open College"},
    {"name": "Dr. Tobiah Renquist", "title": "Registrar", "organisation": "Meridian Open College"},
)

_PDF = "learning_credentials.generators.generate_pdf_credential"
#: The transcript of a programme. The certificate's own page has no room below `bottom`, so the table begins on the second page.
TRANSCRIPT = {
    "rows": "steps",
    "x": 100,
    "y": 37,
    "bottom": 36,
    "continued_y": 520,
    "width": 640,
    "size": 12,
    "font": "NotoSans",
    "heading_font": "NotoSans-Bold",
    "line_color": "#b8963f",
    "columns": [
        {"heading": "Course", "value": "name", "share": 6},
        {"heading": "Completed", "value": "completion", "share": 2, "align": "end"},
        {"heading": "Grade", "value": "grade", "share": 2, "align": "end"},
    ],
}

TYPES = (
    TypePlan(
        "achievement",
        "Certificate of Achievement",
        "learning_credentials.processors.retrieve_subsection_grades",
        _PDF,
        {"required_grades": {"Total": 0.7}},
        "The holder passed the graded work of the course.",
        "",
        (0, 1),
    ),
    TypePlan(
        "completion",
        "Certificate of Completion",
        "learning_credentials.processors.retrieve_completions",
        _PDF,
        {
            "required_completion": 0.9,
            "attach_badge": True,
            "text_elements": {
                "hours": {"text": "{field.hours}", "y": 178, "size": 12, "font": "NotoSans", "color": "#5b6472"}
            },
        },
        "The holder worked through the course.",
        "",
        custom_fields=(
            {
                "name": "hours",
                "label": "Hours of study",
                "kind": "duration",
                "required": True,
                "on_page": True,
                "badge": "result",
            },
        ),
    ),
    TypePlan(
        "distinction",
        "Certificate with Distinction",
        "learning_credentials.processors.retrieve_completions_and_grades",
        _PDF,
        {"required_completion": 0.9, "required_grades": {"Total": 0.85}},
        "The holder completed the course with outstanding marks.",
        "",
        (0, 1),
    ),
    TypePlan(
        "programme",
        "Programme Certificate",
        "learning_credentials.processors.retrieve_completions_and_grades",
        _PDF,
        {"required_completion": 0.8, "required_grades": {"Total": 0.6}, "tables": {"transcript": TRANSCRIPT}},
        "The holder passed every course of the programme.",
        "",
        (0, 1),
    ),
    TypePlan(
        "early-finisher",
        "Early Finisher Card",
        "demo.lms.credentials.retrieve_early_finishers",
        "demo.lms.credentials.generate_card",
        {"days_before_end": 14, "accent": "#1f6f54"},
        "The holder finished well ahead of time.",
        "",
    ),
    TypePlan(
        "peer-reviewer",
        "Peer Reviewer",
        "learning_credentials.processors.retrieve_subsection_grades",
        "learning_credentials.generators.generate_open_badge",
        {"required_grades": {"Peer review": 0.75}, "badge_format": "image"},
        "The holder reviews the drafts of others fairly, thoroughly and in time.",
        "",
        (),
        "peer-reviewer",
        {"accent": "#4a2f6b"},
    ),
    TypePlan(
        COURSE_CERTIFICATE,
        "Course Certificate",
        "learning_credentials.processors.retrieve_course_certificates",
        _PDF,
        {},
        "The holder passed the course.",
        "A passing grade; in the verified mode also a verified identity.",
        (0, 1),
    ),
)

CONFIGURATIONS = (
    ConfigurationPlan(
        ASTRONOMY,
        "achievement",
        {"required_grades": {"final exam": 0.5}},
        allows_self_generation=True,
    ),
    ConfigurationPlan(ASTRONOMY, COURSE_CERTIFICATE, {}),
    ConfigurationPlan(ASTRONOMY_PILOT, "completion", {}, field_values={"hours": "30 hours"}),
    ConfigurationPlan(ASTRONOMY_PILOT, COURSE_CERTIFICATE, {}),
    ConfigurationPlan(
        STATISTICS,
        "achievement",
        {"required_grades": {"Project": 0.6, "Total": 0.65}},
    ),
    ConfigurationPlan(STATISTICS, COURSE_CERTIFICATE, {}),
    ConfigurationPlan(WRITING, COURSE_CERTIFICATE, {}),
    ConfigurationPlan(
        WRITING,
        "completion",
        {"required_completion": 0.8},
        field_values={"hours": "45 hours"},
    ),
    ConfigurationPlan(WRITING, "peer-reviewer", {}),
    ConfigurationPlan(
        BOTANY,
        "distinction",
        {"required_grades": {"Total": 0.75}},
    ),
    ConfigurationPlan(BOTANY, "early-finisher", {}),
    ConfigurationPlan(GEOLOGY, COURSE_CERTIFICATE, {}, allows_self_generation=True),
    ConfigurationPlan(
        PATH,
        "programme",
        {"steps": {STATISTICS: {"required_grades": {"Project": 0.5, "Total": 0.55}}}},
    ),
)
