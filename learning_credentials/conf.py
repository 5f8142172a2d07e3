"""The app's settings: one dict, ``LEARNING_CREDENTIALS``, read as a typed object.

`get_settings` follows the host's settings live: a change through Django's ``setting_changed`` signal (as tests make) is seen at once.
The meaning of each key is documented here and only here; the settings reference is made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from learning_credentials.exceptions import ConfigurationError

SETTING_NAME = "LEARNING_CREDENTIALS"

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[int, Field(ge=0)]
Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]*/(s|m|h|d)[a-z]*$")]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^/\s]+")]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class PDFSigner:
    """Typed view of ``PDF_SIGNER``. Files are absolute, or relative to ``BASE_DIR``."""

    #: A PKCS #12 archive with the private key, its certificate and the certificates above it.
    pkcs12: Path | None = None
    #: In place of the archive, in PEM: the private key and its certificate. Certificates above it may follow in the same file.
    key: Path | None = None
    certificate: Path | None = None
    #: More certificates above it, in PEM.
    chain: tuple[Path, ...] = ()
    #: The passphrase of the archive or of the key.
    passphrase_file: Path | None = None
    #: An RFC 3161 authority that says when each signature was made.
    timestamp_url: WebAddress | None = None
    #: Shown by readers beside the signature.
    reason: str = ""
    location: str = ""

    @model_validator(mode="after")
    def _check_files(self) -> PDFSigner:
        has_pair = bool(self.key) and bool(self.certificate)
        if bool(self.pkcs12) == has_pair or (self.pkcs12 and (self.key or self.certificate)):
            raise ValueError("must name either 'pkcs12', or both 'key' and 'certificate'")
        return self


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class Settings:
    """Typed view of ``LEARNING_CREDENTIALS``. Times are in seconds unless the name says otherwise. What may hold a secret is not shown."""

    #: Dotted path of the `LMSBackend` subclass through which the app asks the LMS. There is no default.
    LMS_BACKEND: str = ""
    #: Keyword arguments for the backend's constructor.
    LMS_OPTIONS: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Modules searched for ``retrieve_*`` functions, beside the built-in ones.
    PROCESSOR_MODULES: Sequence[str] = field(default_factory=list)
    #: Modules searched for ``generate_*`` functions, beside the built-in ones.
    GENERATOR_MODULES: Sequence[str] = field(default_factory=list)
    #: Where artifacts and assets are kept: an alias in Django's ``STORAGES``, or a dict of the same shape (``BACKEND``, ``OPTIONS``).
    #: None: files on disk in ``OUTPUT_DIR``. The storage must be private; files leave through the download view.
    STORAGE: str | dict[str, Any] | None = field(default=None, repr=False)
    #: With ``STORAGE`` None: the directory for files, relative to ``BASE_DIR``. Otherwise: a folder inside that storage.
    OUTPUT_DIR: str | Path = "learning_credentials_files"
    #: How long (seconds) an address lives that the storage signs for one download. 0: files are streamed through the app. A storage that
    #: cannot sign addresses streams too.
    DOWNLOAD_URL_LIFETIME: Seconds = 0
    #: Keys for signing badges, each a dict. With one, every credential has a badge. See :doc:`/howtos/badges`.
    SIGNING_KEYS: Sequence[dict[str, Any]] = field(default_factory=list, repr=False)
    #: The certificate that every PDF of `generate_pdf_credential` is signed with, after it was encrypted. None: they are not signed.
    #: A dict with ``pkcs12``, or ``key`` and ``certificate``, and perhaps ``chain``, ``passphrase_file`` (all paths of files),
    #: ``timestamp_url``, ``reason`` and ``location``. Needs the extra ``sign``. See :doc:`/howtos/signatures`.
    PDF_SIGNER: PDFSigner | None = None
    #: Font files on the server, tried last for characters that neither an element's own fonts nor the shipped ones have, such as Chinese.
    #: Absolute, or relative to ``BASE_DIR``; a face or weight may follow after ``#``. They are read when first needed.
    FALLBACK_FONTS: Sequence[str] = field(default_factory=list)
    #: A file outside the database's backups to which every revocation is appended, one JSON object a line, for ``manage.py after_restore``.
    #: Absolute, or relative to ``BASE_DIR``. Web processes and workers must be able to write it. None: no log is kept. See
    #: :doc:`/howtos/restore`.
    REVOCATION_LOG: str | Path | None = None
    #: Public address of the site, scheme and host without a trailing slash. Verification URLs, QR codes and mails are built on it.
    BASE_URL: str = ""
    #: Addresses that were ``BASE_URL`` before the site moved, oldest first, and that still reach the app. Badges that were issued under
    #: them go on verifying there. See :ref:`move-a-site`.
    FORMER_BASE_URLS: Sequence[str] = field(default_factory=list)
    #: How many credentials one issuing task renders. It should divide ``ELIGIBILITY_BATCH_SIZE``, or a batch ends in a smaller one.
    CHUNK_SIZE: Count = 250
    #: How many learners are handed to the LMS and to a processor in one call.
    ELIGIBILITY_BATCH_SIZE: Count = 500
    #: A claim or a run not renewed for this long is taken to be lost, and swept.
    CLAIM_TIMEOUT: Seconds = 15 * 60
    #: How often a credential is tried before it becomes an error.
    MAX_ATTEMPTS: Count = 5
    #: For how long a credential is tried all the same, however often, when all that fails is something outside, such as the storage.
    OUTAGE_TIMEOUT: Seconds = 3 * 24 * 60 * 60
    #: How long a request waits for the broker when it enqueues a task. If the broker does not answer, the periodic jobs find the work.
    BROKER_TIMEOUT: Count = 2
    #: For how long a message from the host, or to it, is tried again when it fails. After that it waits for a person in the admin.
    MESSAGE_TIMEOUT: Seconds = 7 * 24 * 60 * 60
    #: Whether learners are told by e-mail of a new credential.
    NOTIFY_LEARNERS: bool = True
    #: A worker's claim on e-mails that is not renewed for this long is lost, and another worker sends those that were not begun. The one
    #: e-mail that is on its way when a worker dies is sent again after twelve times as long. It is also the pause after an e-mail that
    #: failed, doubled with each failure. It must be longer than the mail server usually takes for an e-mail.
    NOTIFICATION_CLAIM_TIMEOUT: Count = 5 * 60
    #: Rate of anonymous and of learner requests to the public endpoints, in the syntax of DRF's throttles. None: no limit.
    PUBLIC_THROTTLE_RATE: Rate | None = "60/min"
    #: Rate of a learner's own requests to the status endpoints. None: no limit.
    LEARNER_THROTTLE_RATE: Rate | None = "120/min"
    #: Bytes of a file that is taken to be verified. What is larger is refused before it is read.
    UPLOAD_MAX_BYTES: Count = 25 * 1024 * 1024
    #: Each web process writes the visits that it counted after a request, at most once in so many seconds. 0: after every request with a
    #: visit. A process that is killed loses the visits that it has not written.
    VISIT_WRITE_INTERVAL: Seconds = 10
    #: Whether files of operators (templates, images, fonts, badge images) are checked by a child process, which has limits of time and
    #: memory. Without it, a hostile file can stop the process that checks it.
    CHECK_FILES_IN_CHILD: bool = True
    #: Enrolment modes that earn course certificates.
    EARNING_MODES: Sequence[str] = (
        "honor",
        "verified",
        "professional",
        "no-id-professional",
        "masters",
        "executive-education",
        "paid-executive-education",
        "paid-bootcamp",
    )
    #: Whether a course certificate needs an approved identity verification, in the modes that are not exempt.
    IDENTITY_REQUIRED: bool = False
    #: Enrolment modes that are never asked for an identity verification.
    IDENTITY_EXEMPT_MODES: Sequence[str] = ("honor", "audit", "no-id-professional")
    #: Whether learners may request credentials at all; each context has a switch of its own beside this one.
    ALLOW_SELF_GENERATION: bool = True
    #: User names, beside staff, that may ask for any learner's certificate status.
    LEARNER_STATUS_WORKERS: Sequence[str] = field(default_factory=list)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the current settings.

    Raises:
        ConfigurationError: ``LEARNING_CREDENTIALS`` is no dict, has an unknown key, or a value of the wrong type; each mistake is named.
    """
    found = _read()
    if isinstance(found, str):
        raise ConfigurationError(found)
    return found


def _read() -> Settings | str:
    """The settings, or what is wrong with them. It raises nothing: reports of errors show variables, and here these are the secrets."""
    values = getattr(django_settings, SETTING_NAME, {})
    if not isinstance(values, dict):
        return f"{SETTING_NAME} must be a dict, not {type(values).__name__}"
    try:
        return Settings(**values)
    except ValidationError as error:
        return "; ".join(dict.fromkeys(_describe(item) for item in error.errors(include_url=False)))


def _describe(item: Any) -> str:
    # The key, what is within a typed dict, and positions in a list; the rest of the location names branches of a union.
    location = item["loc"]
    is_typed = location[:1] == ("PDF_SIGNER",)
    path = "".join(
        f"[{part!r}]" for index, part in enumerate(location) if index == 0 or is_typed or isinstance(part, int)
    )
    message = (
        "unknown key" if item["type"] == "unexpected_keyword_argument" else item["msg"].removeprefix("Value error, ")
    )
    return f"{SETTING_NAME}{path}: {message}"


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {SETTING_NAME, "BASE_DIR", "STORAGES", "MEDIA_ROOT"}:
        get_settings.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.conf")
