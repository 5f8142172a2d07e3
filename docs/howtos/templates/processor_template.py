"""Learners who are enrolled in a mode that counts."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import Field

from learning_credentials.data import CriteriaSource
from learning_credentials.lms import get_lms
from learning_credentials.options import Options, parse
from learning_credentials.plugins import processor


class ModeOptions(Options):
    """What an operator can set in a type or a configuration."""

    modes: list[str] = Field(["verified"], min_length=1, description="The modes of enrolment that count.")


class ModeWriter:
    """Writes the criteria for the public page, the badge and the PDF."""

    def collect(self, source: CriteriaSource) -> dict[str, Any]:
        """Return what the sentence needs. The app stores it with each credential."""
        return {"modes": parse(ModeOptions, source.options).modes}

    def write(self, facts: Mapping[str, Any], language: str) -> str:
        """Return the sentence. If your project has translations, use gettext."""
        sentences = {"de": "Einschreibung in einem dieser Modi: {}.", "en": "Enrolment in one of these modes: {}."}
        return sentences.get(language[:2], sentences["en"]).format(", ".join(facts["modes"]))


@processor(options=ModeOptions, criteria=ModeWriter())
def retrieve_learners_by_mode(
    learning_context_key: str,
    options: dict[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Learners who are enrolled in one of the modes that count."""
    modes = parse(ModeOptions, options).modes
    found = find_modes(learning_context_key, user_ids if user_id is None else [user_id])
    return {
        learner: {"is_eligible": mode in modes, "current_mode": mode, "required_modes": modes}
        for learner, mode in found.items()
    }


def find_modes(learning_context_key: str, learners: Collection[int] | None) -> dict[int, str]:
    """Return what you know of each learner: replace this with a query of your own. None means all learners of the context."""
    lms = get_lms()
    if learners is not None:
        enrolments = lms.get_enrolments([learning_context_key], learners).values()
        return {enrolment.user_id: enrolment.mode for enrolment in enrolments}
    batches = lms.iter_enrolments(learning_context_key, batch_size=500)
    return {enrolment.user_id: enrolment.mode for batch in batches for enrolment in batch}
