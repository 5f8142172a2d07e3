"""The error tree of the app.

Every error has a stable ``code`` (stored, logged and shown by the API) and says through its class whether a retry helps:
only subclasses of `TransientError` are retried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class CredentialsError(Exception):
    """Base of all errors raised by this app."""

    code: ClassVar[str] = "credentials_error"


class TransientError(CredentialsError):
    """Something outside failed for now; the same call may succeed later."""

    code = "transient"


class LMSUnavailableError(TransientError):
    """The LMS could not answer; nothing may be concluded about any learner."""

    code = "lms_unavailable"


class StorageUnavailableError(TransientError):
    """The artifact storage could not be read or written."""

    code = "storage_unavailable"


class TimestampUnavailableError(TransientError):
    """The timestamp authority of PDF signatures did not answer, or not with a timestamp."""

    code = "timestamp_unavailable"


class ConfigurationChangedError(TransientError):
    """The configuration or its type was changed while learners were evaluated for its first credentials."""

    code = "configuration_changed"


class DatabaseUnavailableError(TransientError):
    """The database cut the connection, or could not serve for now."""

    code = "database_unavailable"


class UnexpectedError(TransientError):
    """An error that the app does not know. The work is tried again, at most ``MAX_ATTEMPTS`` times."""

    code = "unexpected_error"


class ConfigurationError(CredentialsError):
    """The host's settings, or a credential type or configuration, are wrong."""

    code = "configuration_error"


class UnknownFunctionError(ConfigurationError):
    """A ``retrieve_*`` or ``generate_*`` path that discovery does not know."""

    code = "unknown_function"


class OptionProblem(NamedTuple):
    """One mistake in options: ``path`` is dotted (``text_elements.name.color``), ``message`` says what is wrong there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class OptionsError(ConfigurationError):
    """Options with one or more mistakes; ``problems`` has each with its path."""

    code = "invalid_options"

    def __init__(self, problems: Iterable[OptionProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class ValidityError(ConfigurationError):
    """The validity of a credential type is out of range, so that nobody can say when a credential expires."""

    code = "validity_out_of_range"


class DateOutOfRangeError(CredentialsError):
    """A date or time lies before 1900 or after 2200."""

    code = "date_out_of_range"


class AssetError(ConfigurationError):
    """An asset (template, image, font) that cannot be used."""

    code = "asset_unusable"


class AssetNotFoundError(AssetError):
    """No asset has that slug."""

    code = "asset_not_found"


class GenerationError(CredentialsError):
    """A generator could not make the artifact of one learner; trying again as it stands will not help.

    ``code`` may be given per instance, so that a plug-in's failures can be told apart by operators.
    """

    code = "generation_failed"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code  # type: ignore[misc]


class CredentialNotFoundError(CredentialsError):
    """No credential has that id, or it may not be shown."""

    code = "credential_not_found"


class ContextNotFoundError(CredentialsError):
    """The LMS knows no learning context with that key."""

    code = "context_not_found"


class CourseCertificateNotFoundError(CredentialsError):
    """The course run has no course certificate."""

    code = "course_certificate_not_found"


class LearnerNotFoundError(CredentialsError):
    """No learner has that id, user name or e-mail."""

    code = "learner_not_found"


class EntryNotFoundError(CredentialsError):
    """No allowlist entry or certificate invalidation has that id."""

    code = "entry_not_found"


class ImportFileError(CredentialsError):
    """A file to import cannot be read as what it should be; nothing of it was imported."""

    code = "import_file_unusable"


class InvalidTransitionError(CredentialsError):
    """The credential's status does not allow what was asked."""

    code = "invalid_transition"


class ReasonRequiredError(CredentialsError):
    """A change to an issued credential needs a reason that is not blank."""

    code = "reason_required"


class NotEligibleError(CredentialsError):
    """The learner may not be issued the credential; the message says why."""

    code = "not_eligible"


class ReissueBlockedError(NotEligibleError):
    """Staff invalidated the learner's credential and has not lifted the block."""

    code = "reissue_blocked"


class SelfGenerationDisabledError(NotEligibleError):
    """The configuration does not let learners request their credential."""

    code = "self_generation_disabled"


class FrozenError(CredentialsError):
    """A value that issued credentials rely on cannot change, such as the context of a configuration."""

    code = "frozen"

    @classmethod
    def of(cls, model: type[Any], fields: Iterable[str]) -> FrozenError:
        """Make the error for some fields of a model."""
        names = ", ".join(sorted(fields))
        return cls(f"credentials were issued: {names} of a {model._meta.verbose_name} can no longer change")  # noqa: SLF001


class ChangedMeanwhileError(CredentialsError):
    """Somebody else changed the value since it was read; nothing was changed over it."""

    code = "changed_meanwhile"


class AlreadyExistsError(CredentialsError):
    """There is one already, so that no second one can be made."""

    code = "already_exists"


class CredentialRevokedError(CredentialsError):
    """The credential was invalidated; its file is not given out any more."""

    code = "credential_revoked"


class DownloadRefusedError(CredentialsError):
    """The credential's file is given only to its learner and to staff."""

    code = "download_refused"


class UploadTooLargeError(CredentialsError):
    """A file to be checked is larger than ``UPLOAD_MAX_BYTES``; it was not read to its end."""

    code = "upload_too_large"


class BadgeError(CredentialsError):
    """A badge, or what stands in one, cannot be used."""

    code = "badge_unusable"


class MalformedBadgeError(BadgeError):
    """It is no badge as this app writes them; the message names the place."""

    code = "badge_malformed"


class TooManyBadgesError(MalformedBadgeError):
    """A file has more badges in it than are looked at."""

    code = "badge_too_many"


class UnknownKeyError(BadgeError):
    """The badge is signed with a key that its issuer does not list."""

    code = "badge_unknown_key"


class ChangedBadgeError(BadgeError):
    """The signature does not fit: the badge was changed after it was signed."""

    code = "badge_changed"
