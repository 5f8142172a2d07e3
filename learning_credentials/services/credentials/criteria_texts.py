"""Writes what a learner must do to earn a credential, and keeps what it is written from.

A credential stores the operator's text. If there is none, it stores facts that the processor's writer collected from the options in force,
so that the text can be written in the language of every reader, and the text in the site's language. That one is used if the writer is gone
or fails. Credentials that were issued before there were writers have the operator's text or none.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils import translation
from django.utils.translation import gettext

from learning_credentials import discovery
from learning_credentials.catalogues import choose_language
from learning_credentials.data import CriteriaSource, CriteriaText, Translations
from learning_credentials.exceptions import ConfigurationError, ContextNotFoundError, CredentialsError, TransientError
from learning_credentials.failures import Failure, as_credentials_error, classify
from learning_credentials.services.common import as_text
from learning_credentials.services.credentials.texts import CRITERIA, collect_translations, read_translations

if TYPE_CHECKING:
    from collections.abc import Callable

    from learning_credentials.lms import LearningContext
    from learning_credentials.models import CredentialConfiguration

logger = logging.getLogger(__name__)

#: Bounds of what is stored with each credential, in characters: the facts as JSON, and the text.
MOST_FACTS = 40_000
LONGEST_TEXT = 20_000
#: The key of the snapshot under which the path of the processor (``by``) and the ``facts`` are.
WRITTEN = "written_criteria"
#: The text of a credential from the allowlist, if the learner does not meet the criteria.
_WAIVED = "Awarded by a decision of the issuer."


def is_waived(progress: Mapping[str, Any]) -> bool:
    """Return whether the allowlist waived criteria that the learner does not meet, or may not meet."""
    return bool(progress.get("is_allowlisted")) and not progress.get("is_met")


class CriteriaFactory:
    """Makes the part of snapshots that is about criteria, for one configuration. The facts are collected once, for the first learner.

    Args:
        configuration: with its type.
        context: the learning context.
    """

    def __init__(self, configuration: CredentialConfiguration, context: LearningContext) -> None:
        self._own = configuration.criteria or configuration.credential_type.criteria
        self._by = configuration.credential_type.retrieval_func
        self._key, self._context = configuration.learning_context_key, context
        self._options = configuration.options
        self._made: dict[str, Any] | None = None

    def make(self, progress: Mapping[str, Any], user_id: int | None = None) -> dict[str, Any]:
        """Return the columns for a learner: ``criteria``, and what the text is written from.

        Args:
            progress: what the processor returned for the learner.
            user_id: the learner. None: a made-up one.

        Raises:
            ConfigurationError: the processor's writer failed or returned something wrong.
            TransientError: the LMS could not answer.
        """
        if self._own:
            return {CRITERIA: self._own}
        if is_waived(progress):
            return _make_waived()
        if self._made is None:
            context = self._context
            source = CriteriaSource(self._key, context.name, self._options, progress, user_id, context.names)
            try:
                self._made = _make_written(self._by, source)
            except (ContextNotFoundError, TransientError):
                if user_id is not None:
                    raise
                # The sample of a made-up learner does not need the LMS.
                return {CRITERIA: ""}
        return self._made


def describe_criteria(
    configuration: CredentialConfiguration,
    language: str,
    *,
    context: LearningContext | None,
    progress: Mapping[str, Any] | None = None,
    user_id: int | None = None,
) -> str:
    """Return what a learner must do to earn the credential now: the operator's text, else the one that is written from the options.

    Args:
        configuration: with its type. They need not be saved.
        language: of the text that is written, such as ``fr``.
        context: the learning context. None in the preview of a type.
        progress: what the processor returned for a learner, if it is known already.
        user_id: that learner.

    Raises:
        ConfigurationError, OptionsError, ContextNotFoundError, TransientError: as in `collect_facts`.
    """
    if own := configuration.criteria or configuration.credential_type.criteria:
        translations = Translations(collect_translations(configuration.credential_type, configuration))
        return translations.find(CRITERIA, language) or own
    key, by = configuration.learning_context_key, configuration.credential_type.retrieval_func
    name, names = (context.name, context.names) if context else ("", {})
    facts = collect_facts(by, CriteriaSource(key, name, configuration.options, progress or {}, user_id, names))
    return write_facts(by, facts, language) if facts else ""


def collect_facts(by: str, source: CriteriaSource) -> dict[str, Any]:
    """Return the facts that a processor's writer collects. Return an empty dict if the processor has no writer.

    Raises:
        ConfigurationError: the writer failed or returned something wrong, or the processor is not known.
        OptionsError, ContextNotFoundError, TransientError: as the processor itself.
    """
    writer = discovery.get_processor(by).criteria
    if writer is None:
        return {}
    try:
        facts: Any = writer.collect(source)
    except CredentialsError:
        raise
    except Exception as error:
        if classify(error) is Failure.OUTAGE:
            raise as_credentials_error(error) from error
        msg = f"the writer of criteria of {by} failed: {type(error).__name__}: {error}"
        raise ConfigurationError(msg) from error
    return _read_facts(by, facts)


def write_facts(by: str, facts: Mapping[str, Any], language: str) -> str:
    """Return the criteria in a language.

    Raises:
        ConfigurationError: the writer is gone, failed or returned something wrong.
    """
    return _write(by, json.dumps(facts, sort_keys=True), language)


def read_criteria(achievement: Mapping[str, Any]) -> CriteriaText:
    """Return the criteria in the snapshot of an achievement."""
    stored = str(achievement.get(CRITERIA) or "")
    written = achievement.get(WRITTEN)
    if not isinstance(written, Mapping):
        translated = read_translations(achievement).by_language
        by_language = {tag: texts[CRITERIA] for tag, texts in translated.items() if texts.get(CRITERIA)}
        return CriteriaText(own=stored, own_translations=by_language)
    by, facts = str(written.get("by") or ""), written.get("facts")
    facts = facts if isinstance(facts, Mapping) else {}
    return CriteriaText(facts=facts or {"is_waived": True}, writer=_make_writer(by, facts, stored))


def _make_writer(by: str, facts: Mapping[str, Any], stored: str) -> Callable[[str], str]:
    def write(language: str) -> str:
        if not by:
            return _write_waived(language)
        try:
            return write_facts(by, facts, language) or stored
        except Exception:
            # People who verify a credential must get an answer, even if the host's function was removed or raises an error.
            logger.warning("The criteria of a credential cannot be written by %s", by, exc_info=True)
            return stored

    return write


def _make_waived() -> dict[str, Any]:
    return {CRITERIA: _write_waived(settings.LANGUAGE_CODE), WRITTEN: {"by": ""}}


def _make_written(by: str, source: CriteriaSource) -> dict[str, Any]:
    facts = collect_facts(by, source)
    text = write_facts(by, facts, settings.LANGUAGE_CODE) if facts else ""
    return {CRITERIA: text, WRITTEN: {"by": by, "facts": facts}} if text else {CRITERIA: ""}


def _read_facts(by: str, facts: object) -> dict[str, Any]:
    """Return facts in the form in which databases store them."""
    if facts is None:
        return {}
    if not isinstance(facts, Mapping):
        msg = f"the writer of criteria of {by} must return a dict or None, not {facts!r:.100}"
        raise ConfigurationError(msg)
    try:
        stored = json.dumps(dict(facts), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        msg = f"the writer of criteria of {by} returned facts that are no JSON: {error}"
        raise ConfigurationError(msg) from error
    if len(stored) > MOST_FACTS:
        msg = f"the writer of criteria of {by} returned {len(stored):,} characters of facts. At most {MOST_FACTS:,} are accepted"
        raise ConfigurationError(msg)
    if "\\u0000" in stored:
        msg = f"the writer of criteria of {by} returned facts with the character NUL, which no database can store"
        raise ConfigurationError(msg)
    read: dict[str, Any] = json.loads(as_text(stored, MOST_FACTS))
    return read


# Readers of one run's credentials see the same text, and so do the credentials of a cohort.
@lru_cache(maxsize=1024)
def _write(by: str, facts: str, language: str) -> str:
    writer = discovery.get_processor(by).criteria
    if writer is None:
        msg = f"{by} no longer has a writer of criteria"
        raise ConfigurationError(msg)
    try:
        with translation.override(language.lower()):
            text: Any = writer.write(json.loads(facts), language)
    except CredentialsError:
        raise
    except Exception as error:
        msg = f"the writer of criteria of {by} failed: {type(error).__name__}: {error}"
        raise ConfigurationError(msg) from error
    if not isinstance(text, str):
        msg = f"the writer of criteria of {by} must return a text, not {text!r:.100}"
        raise ConfigurationError(msg)
    if len(text) > LONGEST_TEXT:
        msg = f"the writer of criteria of {by} returned {len(text):,} characters. At most {LONGEST_TEXT:,} are accepted"
        raise ConfigurationError(msg)
    return as_text(text.strip(), LONGEST_TEXT)


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {"LEARNING_CREDENTIALS", "LANGUAGE_CODE", "LOCALE_PATHS", "INSTALLED_APPS"}:
        _write.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.services.credentials.criteria_texts")


def _write_waived(language: str) -> str:
    with translation.override(choose_language([language], (_WAIVED,))):
        return gettext("Awarded by a decision of the issuer.")
