"""Filters of the LMS pages."""

from django import template

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """Show a share in [0, 1] as a percentage, a missing one as a dash."""
    return "–" if share is None or share == "" else f"{100 * share:.4g} %"


@register.filter
def unlocalize_number(share: float | None) -> str:
    """Show a number as HTML attributes need it, whatever the language."""
    return str(share or 0)
