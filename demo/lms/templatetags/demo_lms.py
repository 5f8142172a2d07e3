"""Define filters for the LMS pages."""

from django import template

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """Return a share between 0 and 1 as a percentage. Return a dash for a missing one."""
    return "–" if share is None or share == "" else f"{100 * share:.4g} %"


@register.filter
def unlocalize_number(share: float | None) -> str:
    """Return a number in the form for HTML attributes, in every language."""
    return str(share or 0)
