"""Define whether a learner is eligible."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The result of a processor for one learner.

    ``progress`` contains everything that the processor returned besides ``is_eligible``: current and required values. ``fields`` contains
    the learner's own values of the type's custom fields by name, as the LMS and the processor gave them. They are not checked yet.
    """

    user_id: int
    is_eligible: bool
    progress: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
