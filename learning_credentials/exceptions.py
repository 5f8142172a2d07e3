"""Define all errors of the app.

Every error has a stable ``code``. The app stores and logs the code, and the REST API returns it. The class of an error says whether a retry
can help: only a `TransientError` is retried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class CredentialsError(Exception):
    """Base of all errors raised by this app."""

    code: ClassVar[str] = "credentials_error"


class TransientError(CredentialsError):
    """Something outside the app failed. The same call may succeed later."""

    code = "transient"


class LMSUnavailableError(TransientError):
    """The LMS cannot answer now. Nothing is concluded about any learner."""

    code = "lms_unavailable"


class StorageUnavailableError(TransientError):
    """The storage for artifacts cannot be read or written now."""

    code = "storage_unavailable"


class TimestampUnavailableError(TransientError):
    """The timestamp authority for PDF signatures did not answer, or its answer was not a valid timestamp."""

    code = "timestamp_unavailable"


class ConfigurationChangedError(TransientError):
    """Somebody changed the configuration or its type while the app evaluated learners for its first credentials."""

    code = "configuration_changed"


class DatabaseUnavailableError(TransientError):
    """The database closed the connection or cannot serve now."""

    code = "database_unavailable"


class UnexpectedError(TransientError):
    """An error that the app does not know. The app retries the work at most ``MAX_ATTEMPTS`` times."""

    code = "unexpected_error"


class ConfigurationError(CredentialsError):
    """The host's settings, a credential type or a configuration are wrong."""

    code = "configuration_error"


class UnknownFunctionError(ConfigurationError):
    """No processor or generator has this path."""

    code = "unknown_function"


class OptionProblem(NamedTuple):
    """Describe one mistake in options.

    ``path`` is the dotted path of the option, such as ``text_elements.name.color``. ``message`` says what is wrong there.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class OptionsError(ConfigurationError):
    """The options have one or more mistakes. ``problems`` lists each with its path."""

    code = "invalid_options"

    def __init__(self, problems: Iterable[OptionProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class ValidityError(ConfigurationError):
    """The validity of a credential type is out of range, so no expiry date can be calculated."""

    code = "validity_out_of_range"


class DateOutOfRangeError(CredentialsError):
    """A date or time is before 1900 or after 2200."""

    code = "date_out_of_range"


class AssetError(ConfigurationError):
    """An asset (PDF template, image or font) cannot be used."""

    code = "asset_unusable"


class AssetNotFoundError(AssetError):
    """No asset has this slug."""

    code = "asset_not_found"


class GenerationError(CredentialsError):
    """A generator could not make the artifact of one learner. A retry with the same data would fail too.

    A plug-in can give each error its own ``code``, so that operators can tell its failures apart.
    """

    code = "generation_failed"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code  # type: ignore[misc]


class CredentialNotFoundError(CredentialsError):
    """No credential has this id, or the credential is hidden from the caller."""

    code = "credential_not_found"


class ContextNotFoundError(CredentialsError):
    """The LMS has no learning context with this key."""

    code = "context_not_found"


class CourseCertificateNotFoundError(CredentialsError):
    """The course run has no course certificate."""

    code = "course_certificate_not_found"


class LearnerNotFoundError(CredentialsError):
    """No learner has this id, user name or e-mail address."""

    code = "learner_not_found"


class EntryNotFoundError(CredentialsError):
    """No allowlist entry or invalidation has this id."""

    code = "entry_not_found"


class ImportFileError(CredentialsError):
    """The file to import has the wrong format or content. Nothing was imported."""

    code = "import_file_unusable"


class InvalidTransitionError(CredentialsError):
    """The credential's status does not allow this action."""

    code = "invalid_transition"


class ReasonRequiredError(CredentialsError):
    """A change to an issued credential needs a reason that is not blank."""

    code = "reason_required"


class NotPermittedError(CredentialsError):
    """The account has no permission for this act, or is no longer active."""

    code = "not_permitted"


class NotEligibleError(CredentialsError):
    """The learner cannot be issued this credential. The message says why."""

    code = "not_eligible"


class ReissueBlockedError(NotEligibleError):
    """Staff invalidated the learner's credential and blocked a new one. Nobody has lifted the block."""

    code = "reissue_blocked"


class SelfGenerationDisabledError(NotEligibleError):
    """The configuration does not let learners request their credential."""

    code = "self_generation_disabled"


class FrozenError(CredentialsError):
    """The value cannot change because issued credentials depend on it. An example is the context of a configuration."""

    code = "frozen"

    @classmethod
    def of(cls, model: type[Any], fields: Iterable[str]) -> FrozenError:
        """Return the error for some fields of a model."""
        names, row = ", ".join(sorted(fields)), model._meta.verbose_name  # noqa: SLF001
        return cls(f"{names} of a {row} cannot be changed, because credentials were issued with it")


class ChangedMeanwhileError(CredentialsError):
    """Somebody else changed the value after it was read. Nothing was overwritten."""

    code = "changed_meanwhile"


class AlreadyExistsError(CredentialsError):
    """The object exists already. A second one cannot be made."""

    code = "already_exists"


class CredentialRevokedError(CredentialsError):
    """The credential was invalidated. Its file can no longer be downloaded."""

    code = "credential_revoked"


class DownloadRefusedError(CredentialsError):
    """Only the learner and staff can download this credential's file."""

    code = "download_refused"


class UploadTooLargeError(CredentialsError):
    """The file to check is larger than ``UPLOAD_MAX_BYTES``. The app did not read it to the end."""

    code = "upload_too_large"


class BadgeError(CredentialsError):
    """A badge, or a part of it, cannot be used."""

    code = "badge_unusable"


class MalformedBadgeError(BadgeError):
    """The data is not a badge in the form that this app writes. The message names the place."""

    code = "badge_malformed"


class TooManyBadgesError(MalformedBadgeError):
    """The file contains more badges than the app checks."""

    code = "badge_too_many"


class UnknownKeyError(BadgeError):
    """The badge is signed with a key that its issuer does not list."""

    code = "badge_unknown_key"


class ChangedBadgeError(BadgeError):
    """The signature does not match: the badge was changed after it was signed."""

    code = "badge_changed"
