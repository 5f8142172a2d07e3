"""Read the app's settings from the dict ``LEARNING_CREDENTIALS`` as a typed object.

`get_settings` follows Django's ``setting_changed`` signal, so tests can change settings. The comments on the fields document each key. The
settings reference in the documentation is generated from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from pydantic import AfterValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from learning_credentials.exceptions import ConfigurationError

SETTING_NAME = "LEARNING_CREDENTIALS"


def _check_network(text: str) -> str:
    ip_network(text)  # raises a ValueError that names the mistake
    return text


Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[int, Field(ge=0)]
WholeNumber = Annotated[int, Field(ge=0)]
Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]*/(s|m|h|d)[a-z]*$")]
Network = Annotated[str, AfterValidator(_check_network)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^/\s]+")]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class PDFSigner:
    """Typed view of ``PDF_SIGNER``. Paths of files are absolute or relative to ``BASE_DIR``."""

    #: PKCS #12 archive with the private key, its certificate and the CA certificates.
    pkcs12: Path | None = None
    #: Instead of the archive: the private key and its certificate as PEM files. CA certificates may follow in the certificate's file.
    key: Path | None = None
    certificate: Path | None = None
    #: PEM files with more CA certificates.
    chain: tuple[Path, ...] = ()
    #: File with the passphrase of the archive or of the key.
    passphrase_file: Path | None = None
    #: Address of an RFC 3161 timestamp authority. It certifies when each signature was made.
    timestamp_url: WebAddress | None = None
    #: PDF readers show the reason and the location beside the signature.
    reason: str = ""
    location: str = ""

    @model_validator(mode="after")
    def _check_files(self) -> PDFSigner:
        has_pair = bool(self.key) and bool(self.certificate)
        if bool(self.pkcs12) == has_pair or (self.pkcs12 and (self.key or self.certificate)):
            raise ValueError("must have either 'pkcs12', or both 'key' and 'certificate'")
        return self


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class Settings:
    """Typed view of ``LEARNING_CREDENTIALS``.

    Times are in seconds unless the name says otherwise. ``repr`` leaves out the fields that may contain a secret.
    """

    #: Dotted path of the host's `LMSBackend` subclass. The app asks the LMS through it. There is no default.
    LMS_BACKEND: str = ""
    #: Keyword arguments for the backend's constructor.
    LMS_OPTIONS: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Modules with ``retrieve_*`` functions, in addition to the built-in ones.
    PROCESSOR_MODULES: Sequence[str] = field(default_factory=list)
    #: Modules with ``generate_*`` functions, in addition to the built-in ones.
    GENERATOR_MODULES: Sequence[str] = field(default_factory=list)
    #: Where the app stores artifacts and assets: an alias in Django's ``STORAGES``, or a dict of the same shape (``BACKEND``, ``OPTIONS``).
    #: If None, the app stores files on disk in ``OUTPUT_DIR``. The storage must be private: users get files only through the download view.
    STORAGE: str | dict[str, Any] | None = field(default=None, repr=False)
    #: If ``STORAGE`` is None: the directory for files, relative to ``BASE_DIR``. Otherwise: a folder inside that storage.
    OUTPUT_DIR: str | Path = "learning_credentials_files"
    #: For how many seconds a signed download address of the storage is valid. If 0, the app streams the files itself. It also streams them
    #: if the storage cannot sign addresses.
    DOWNLOAD_URL_LIFETIME: Seconds = 0
    #: Keys that sign badges, each a dict. If there is a key, every credential has a badge. See :doc:`/howtos/badges`.
    SIGNING_KEYS: Sequence[dict[str, Any]] = field(default_factory=list, repr=False)
    #: The certificate that signs every PDF of `generate_pdf_credential`. The app signs after it encrypts. If None, PDFs are not signed.
    #: Otherwise give a dict with ``pkcs12``, or with ``key`` and ``certificate``. Optional keys are ``chain``, ``passphrase_file``,
    #: ``timestamp_url``, ``reason`` and ``location``. ``pkcs12``, ``key``, ``certificate``, ``chain`` and ``passphrase_file`` are paths of
    #: files. Needs the extra ``sign``. See :doc:`/howtos/signatures`.
    PDF_SIGNER: PDFSigner | None = None
    #: Font files on the server for characters that are in neither the element's own fonts nor the shipped fonts, such as Chinese. Paths are
    #: absolute or relative to ``BASE_DIR``. A face or weight can follow after ``#``. The app reads a file when it first needs it.
    FALLBACK_FONTS: Sequence[str] = field(default_factory=list)
    #: A file to which the app appends every revocation, one JSON object a line, for ``manage.py after_restore``. Keep it outside the
    #: backups of the database. The path is absolute or relative to ``BASE_DIR``. Web processes and workers must be able to write the file.
    #: If None, the app keeps no log. See :doc:`/howtos/restore`.
    REVOCATION_LOG: str | Path | None = None
    #: Public address of the site: scheme and host, without a trailing slash. Verification URLs, QR codes and links in e-mails start with
    #: it.
    BASE_URL: str = ""
    #: Former values of ``BASE_URL``, oldest first, that still lead to the app. Badges that were issued under these addresses can then still
    #: be verified there. See :ref:`move-a-site`.
    FORMER_BASE_URLS: Sequence[str] = field(default_factory=list)
    #: How many credentials one issuing task makes. ``ELIGIBILITY_BATCH_SIZE`` should be a multiple of it. Otherwise the last chunk of each
    #: batch is smaller.
    CHUNK_SIZE: Count = 250
    #: For how many learners the app asks the LMS or a processor in one call.
    ELIGIBILITY_BATCH_SIZE: Count = 500
    #: If a worker does not renew its claim or its run for this long, the app treats it as lost. The sweep then continues the work.
    CLAIM_TIMEOUT: Seconds = 15 * 60
    #: How many attempts a credential gets before its status becomes ERROR.
    MAX_ATTEMPTS: Count = 5
    #: For how long the app retries a credential when only something outside fails, such as the storage. During this time ``MAX_ATTEMPTS``
    #: does not count.
    OUTAGE_TIMEOUT: Seconds = 3 * 24 * 60 * 60
    #: How long a request waits for the broker when it enqueues a task. If the broker does not answer, the periodic tasks find the work.
    BROKER_TIMEOUT: Count = 2
    #: For how long the app retries a message from or to the host that fails. After that, an operator has to retry it in the admin.
    MESSAGE_TIMEOUT: Seconds = 7 * 24 * 60 * 60
    #: If an operator revokes more than this number of credentials at once, a second person must confirm it. Only another user with the
    #: same permission can. If None, one person is enough. See :ref:`second-person`.
    CONFIRM_REVOCATIONS_ABOVE: WholeNumber | None = None
    #: For how long the file that a job made can be downloaded, such as a ZIP file of certificates. Then the sweep deletes it.
    JOB_FILE_LIFETIME: Count = 24 * 60 * 60
    #: For how long the app keeps the rows of a job that has ended. They contain what the operator entered: user names, e-mail addresses
    #: and names. The numbers of the job stay.
    JOB_ROWS_LIFETIME: Count = 90 * 24 * 60 * 60
    #: Whether the app e-mails learners when a credential is issued.
    NOTIFY_LEARNERS: bool = True
    #: How long the e-mail about a credential waits if staff caused it: by a run that they started, or by issuing, retrying, reissuing or
    #: renewing. Until then, staff can call it back. Then the next periodic announcement sends it. E-mails of scheduled runs, and about
    #: credentials that a learner requested, do not wait. If 0, no e-mail waits.
    MAIL_DELAY: Seconds = 10 * 60
    #: For how long a worker can claim e-mails without renewing the claim. After that, another worker sends those that were not begun. If a
    #: worker dies while it sends an e-mail, that e-mail is sent again after twelve times as long. This is also the pause after an e-mail
    #: failed. The pause doubles with each failure. The value must be longer than the mail server usually takes for one e-mail.
    NOTIFICATION_CLAIM_TIMEOUT: Count = 5 * 60
    #: How many requests one anonymous caller or learner can make to the public endpoints, in the syntax of DRF's throttles. If None, there
    #: is no limit.
    PUBLIC_THROTTLE_RATE: Rate | None = "60/min"
    #: How many verification codes that fail one caller can try, in the same syntax. Callers are told apart by their address, and those with
    #: IPv6 by the first 64 bits of it. Codes that lead to a credential do not count. Pages and REST count together. If None, there is no
    #: limit.
    FAILED_CODES_RATE: Rate | None = "20/hour"
    #: How many verification codes that no credential has all callers together can try. Until the time is over, nobody can verify by code.
    #: Files, ids and addresses still work. If None, there is no limit.
    FAILED_CODES_SITE_RATE: Rate | None = "1000/hour"
    #: How many requests a learner can make to the status endpoints for their own data. If None, there is no limit.
    LEARNER_THROTTLE_RATE: Rate | None = "120/min"
    #: Largest file, in bytes, that people can upload for verification. The app refuses larger files before it reads them.
    UPLOAD_MAX_BYTES: Count = 25 * 1024 * 1024
    #: Shortest time between two writes of counted visits by one web process. The process counts visits in memory and writes them after a
    #: request. If 0, it writes after every request with a visit. A process that is killed loses the visits that it has not written.
    VISIT_WRITE_INTERVAL: Seconds = 10
    #: Whether a child process with limits of time and memory checks the files that operators upload (templates, images, fonts, badge
    #: images). If False, a hostile file can stop the process that checks it.
    CHECK_FILES_IN_CHILD: bool = True
    #: Enrolment modes in which learners can receive course certificates.
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
    #: Whether a course certificate needs an approved identity verification. ``IDENTITY_EXEMPT_MODES`` lists the exceptions.
    IDENTITY_REQUIRED: bool = False
    #: Enrolment modes that never need an identity verification.
    IDENTITY_EXEMPT_MODES: Sequence[str] = ("honor", "audit", "no-id-professional")
    #: Whether learners can request credentials at all. Each context has its own switch in addition.
    ALLOW_SELF_GENERATION: bool = True
    #: User names of accounts that, like staff, can ask for any learner's certificate status.
    LEARNER_STATUS_WORKERS: Sequence[str] = field(default_factory=list)
    #: Whether each act of the admin needs its own permission. By default the permission to view or change credentials, configurations or
    #: statuses is enough too, as it was before the acts had permissions.
    ACTS_NEED_OWN_PERMISSIONS: bool = False
    #: What happens when an account is deleted. With ``keep``, its credentials stay valid and keep the name that they print. With
    #: ``retire``, they are withdrawn and the data of the learner is erased, as `retire_learner` does.
    ON_ACCOUNT_DELETED: Literal["keep", "retire"] = "keep"
    #: Networks that webhooks can reach besides public addresses, such as ``10.20.0.0/16``. Only there an address can begin with ``http://``.
    WEBHOOK_NETWORKS: Sequence[Network] = field(default_factory=list)
    #: How long the app waits for the answer to a webhook.
    WEBHOOK_TIMEOUT: Count = 10
    #: For how many days the app keeps the log of webhook deliveries that ended.
    WEBHOOK_LOG_DAYS: Count = 30


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the current settings.

    Raises:
        ConfigurationError: ``LEARNING_CREDENTIALS`` is not a dict, has an unknown key, or has a value of the wrong type. The message
            names each mistake.
    """
    found = _read()
    if isinstance(found, str):
        raise ConfigurationError(found)
    return found


def _read() -> Settings | str:
    """Return the settings, or a text that says what is wrong with them.

    It returns errors and does not raise them: error reports show local variables, and these variables contain the secrets.
    """
    values = getattr(django_settings, SETTING_NAME, {})
    if not isinstance(values, dict):
        return f"{SETTING_NAME} must be a dict, not {type(values).__name__}"
    try:
        return Settings(**values)
    except ValidationError as error:
        return "; ".join(dict.fromkeys(_describe(item) for item in error.errors(include_url=False)))


def _describe(item: Any) -> str:
    # Name the key, the parts inside a typed dict and the positions in a list. The other parts name branches of a union and mean nothing to
    # people.
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
