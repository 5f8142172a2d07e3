"""Write criteria in a language, from the facts that the built-in processors collect. See `requirements` for their form."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from babel.lists import format_list
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning_credentials.catalogues import choose_language
from learning_credentials.data import choose
from learning_credentials.grades import MAX_DECIMALS, format_fraction
from learning_credentials.pdf import choose_locale
from learning_credentials.processors.fields import TOTAL, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from babel import Locale

#: If these texts exist in a language, so do the others here.
TEXTS = ("At least %(share)s of the course completed.", "The course passed.")
#: The digits of a fraction that processors compare.
_DECIMALS = 6


def write_requirements(facts: Mapping[str, Any], language: str) -> str:
    """Return the requirements of a course run or a learning path as sentences. For a learning path, each group of courses is a line."""
    chosen = choose_language([language], TEXTS)
    locale = choose_locale(chosen)
    with translation.override(chosen):
        if "groups" in facts:
            titles = choose(facts.get("titles") or {}, chosen) or {}
            groups = [_translate(group, titles) for group in facts["groups"]]
            path = titles.get(facts["path"], facts["path"])
            return "\n".join(_write_group(group, path, locale, is_only=len(groups) == 1) for group in groups)
        return _write_required(facts["required"], locale)


def _translate(group: Mapping[str, Any], titles: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a group of courses with their names in the reader's language, where the LMS has them."""
    names = group.get("names")
    return {**group, "names": [titles.get(name, name) for name in names]} if names and titles else group


def write_course_passed(language: str) -> str:
    """Return the criterion of a course certificate."""
    with translation.override(choose_language([language], TEXTS)):
        return _("The course passed.")


def _write_group(group: Mapping[str, Any], path: str, locale: Locale, *, is_only: bool) -> str:
    names, required = group.get("names"), group["required"]
    count = len(names) if names else group["count"]
    values: dict[str, Any] = {"path": path, "count": count}
    if required is None:
        text = ngettext(
            "In %(count)s more course of %(path)s: The criteria of that course.",
            "In %(count)s more courses of %(path)s: The criteria of each course.",
            count,
        )
        return text % values
    if is_only and required == {"completion": 1.0}:
        text = ngettext("The only course of %(path)s completed.", "All %(count)s courses of %(path)s completed.", count)
        return text % values
    values["criteria"] = _write_required(required, locale)
    if is_only:
        text = ngettext(
            "In the only course of %(path)s: %(criteria)s",
            "In each of the %(count)s courses of %(path)s: %(criteria)s",
            count,
        )
    elif names:
        values["courses"] = format_list(names, locale=locale)
        text = ngettext("In %(courses)s: %(criteria)s", "In each of %(courses)s: %(criteria)s", count)
    elif group.get("is_rest"):
        text = ngettext(
            "In the other course of %(path)s: %(criteria)s",
            "In each of the %(count)s other courses of %(path)s: %(criteria)s",
            count,
        )
    else:
        text = ngettext(
            "In %(count)s course of %(path)s: %(criteria)s",
            "In each of %(count)s courses of %(path)s: %(criteria)s",
            count,
        )
    return text % values


def _write_required(required: Mapping[str, Any], locale: Locale) -> str:
    sentences = [*_write_completion(required.get("completion", 0), locale), *_write_grades(required, locale)]
    return " ".join(sentences) or _("Enrolment in the course.")


def _write_completion(share: float, locale: Locale) -> Iterator[str]:
    if share >= 1:
        yield _("The whole course completed.")
    elif share > 0:
        yield _("At least %(share)s of the course completed.") % {"share": _write_share(share, locale)}


def _write_grades(required: Mapping[str, Any], locale: Locale) -> Iterator[str]:
    pairs: Sequence[tuple[str, float]] = required.get("grades", ())
    total = next((grade for name, grade in pairs if fold(name) == fold(TOTAL)), 0)
    others = [(name, grade) for name, grade in pairs if fold(name) != fold(TOTAL)]
    parts = [
        _("at least %(grade)s in %(category)s") % {"grade": _write_share(grade, locale), "category": name}
        for name, grade in others
        if grade > 0
    ]
    if more := required.get("more_grades", 0):
        text = ngettext(
            "a required grade in %(count)s more category", "required grades in %(count)s more categories", more
        )
        parts.append(text % {"count": more})
    listed = {"parts": format_list(parts, locale=locale) if parts else "", "grade": _write_share(total, locale)}
    if total > 0 and parts:
        yield _("A total grade of at least %(grade)s, with %(parts)s.") % listed
    elif total > 0:
        yield _("A total grade of at least %(grade)s.") % listed
    elif parts:
        yield ngettext("A grade of %(parts)s.", "Grades of %(parts)s.", len(parts)) % listed
    # A required grade of 0 is met by any attempt.
    if attempted := [name for name, grade in others if grade <= 0]:
        yield _("Attempted: %(categories)s.") % {"categories": format_list(attempted, locale=locale)}


def _write_share(share: float, locale: Locale) -> str:
    """Return a required share in per cent with all of its decimals, because a rounded limit would be another limit."""
    exact = (Decimal(repr(round(share, _DECIMALS))) * 100).normalize()
    decimals = max(0, -int(exact.as_tuple().exponent))
    return format_fraction(share, locale, min(decimals, MAX_DECIMALS))
