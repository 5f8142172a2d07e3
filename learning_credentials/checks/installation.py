"""Check the settings. Each message names what is wrong and has a hint how to correct it.

E001: the settings dict. E002: the LMS backend. E003 and E004: plug-in modules. E005: the base URL. E006: the storage. E007: the fallback
fonts. E008: the keys of badges. E009: the signer of PDFs. E010: ``USE_TZ`` is off.

W001: plain http. W002: a publicly served storage. W003: missing periodic tasks. W004: badges that nobody else can verify. W005: badges
without a key to sign them. W006: a certificate that expires soon. W007: a request limit that anyone can evade. W008: a private key that
others can read. W012: a configuration that was changed after it issued. W020: a validity or an interval out of range.
W037: scans that are PDFs are not read.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from celery import current_app
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError
from rest_framework.settings import api_settings

from learning_credentials import discovery
from learning_credentials.badges.keys import load_keys
from learning_credentials.beat import REQUIRED_TASKS
from learning_credentials.checks.tags import TAG
from learning_credentials.conf import SETTING_NAME, get_settings
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms import get_lms
from learning_credentials.scans import can_read_pdfs
from learning_credentials.storages import get_prefix, get_storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.core.files.storage import Storage
    from django.db.models import Model

_BADGE_GENERATOR = "learning_credentials.generators.generate_open_badge"
#: How long before its expiry an operator should replace a certificate.
_SOON = timedelta(days=30)


def _id(code: str) -> str:
    return f"{TAG}.{code}"


@register(TAG)
def check_all(**_kwargs: object) -> list[CheckMessage]:
    """Check the settings. If they can be read, also check everything that they name."""
    try:
        get_settings()
    except (ConfigurationError, TypeError) as error:
        return [Error(str(error), hint=f"Correct the dict {SETTING_NAME} in the settings.", id=_id("E001"))]
    checks: Iterable[Callable[[], list[CheckMessage]]] = (
        _check_lms,
        _check_plugins,
        _check_time_zones,
        _check_base_url,
        _check_signing_keys,
        _check_pdf_signer,
        _check_storage,
        _check_fonts,
        _check_beat,
    )
    return [message for check in checks for message in check()]


@register(TAG, deploy=True)
def check_limits(**_kwargs: object) -> list[CheckMessage]:
    """Warn if the request limits cannot tell callers apart.

    This check runs only with ``check --deploy``: a development server has no visitors.
    """
    try:
        settings = get_settings()
    except (ConfigurationError, TypeError):
        return []  # another check reports it
    limits = [name for name in ("PUBLIC_THROTTLE_RATE", "FAILED_CODES_RATE") if getattr(settings, name)]
    if not limits or api_settings.NUM_PROXIES is not None:
        return []
    message = f"NUM_PROXIES is not set in REST_FRAMEWORK, so callers can avoid {' and '.join(limits)}."
    hint = (
        "Set it to the number of proxies in front of Django, or to 0 if there are none. Otherwise callers are "
        "told apart by the header X-Forwarded-For, and they can write anything into this header."
    )
    return [CheckWarning(message, hint=hint, id=_id("W007"))]


@register(TAG, deploy=True)
def check_scans(**_kwargs: object) -> list[CheckMessage]:
    """Warn if the QR codes in scans that are PDFs cannot be read. This check runs only with ``check --deploy``."""
    if can_read_pdfs():
        return []
    message = "pypdfium2 is not installed, so people cannot verify scans that are PDFs. Photos work without it."
    hint = "Install it again: pip install pypdfium2."
    return [CheckWarning(message, hint=hint, id=_id("W037"))]


@register(TAG, Tags.database)
def check_types(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn about types that issue badges without a key to sign them.

    This check runs only with ``check --database``. It is a warning because ``migrate`` runs the check too and must continue.
    """
    try:
        if not databases or get_settings().SIGNING_KEYS:
            return []
    except (ConfigurationError, TypeError):
        return []  # another check reports it
    from learning_credentials.models import CredentialType

    try:
        names = list(
            CredentialType.objects.filter(generation_func=_BADGE_GENERATOR, configurations__isnull=False)
            .order_by("name")
            .distinct()
            .values_list("name", flat=True)
        )
    except DatabaseError:
        return []  # not migrated yet
    if not names:
        return []
    message = f"These types issue badges, but there is no key to sign them: {', '.join(names)}."
    hint = f"Make a key with `manage.py create_signing_key` and put it into {SETTING_NAME}['SIGNING_KEYS']."
    return [CheckWarning(message, hint=hint, id=_id("W005"))]


@register(TAG, Tags.database)
def check_periods(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn about stored periods that the forms would refuse. This check runs only with ``check --database``."""
    if not databases:
        return []
    from learning_credentials.models import CredentialConfiguration, CredentialType

    columns: tuple[tuple[type[Model], str, str], ...] = (
        (CredentialType, "valid_for", "The type issues nothing until you enter another period."),
        (
            CredentialConfiguration,
            "interval",
            "The app uses the nearest period that is allowed until you enter another one.",
        ),
    )
    messages: list[CheckMessage] = []
    for model, name, consequence in columns:
        field: Any = model._meta.get_field(name)  # noqa: SLF001
        try:
            rows = [row for row in model._default_manager.exclude(**{name: None}) if not _is_in_bounds(row, name)]  # noqa: SLF001
        except DatabaseError:
            return []  # not migrated yet
        for row in rows:
            message = f"{row}: {field.verbose_name} is “{getattr(row, name).describe()}”. {consequence}"
            hint = f"Enter a period from {field.minimum.describe()} to {field.maximum.describe()} in the admin."
            messages.append(CheckWarning(message, hint=hint, id=_id("W020")))
    return messages


def _is_in_bounds(row: Model, name: str) -> bool:
    field: Any = row._meta.get_field(name)  # noqa: SLF001
    return bool(getattr(row, name).is_within(field.minimum, field.maximum))


@register(TAG, Tags.database)
def check_moved(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn about configurations whose type or context was changed after they issued credentials.

    This check runs only with ``check --database``.
    """
    if not databases:
        return []
    from learning_credentials.models import Credential, CredentialConfiguration
    from learning_credentials.models.moved import count_moved

    try:
        moved = count_moved(Credential.objects.all())
        rows = list(CredentialConfiguration.objects.filter(pk__in=moved).select_related("credential_type"))
    except DatabaseError:
        return []  # not migrated yet
    hint = (
        "The learners of these credentials count as holders and are issued nothing. Make a new configuration "
        "for the present context and type, and disable this one."
    )
    return [
        CheckWarning(
            f"The context or type of the configuration “{row}” was changed after it issued {moved[row.pk]} of "
            "its credentials.",
            hint=hint,
            id=_id("W012"),
        )
        for row in rows
    ]


def _check_lms() -> list[CheckMessage]:
    try:
        backend = get_lms()
    except (ConfigurationError, TypeError) as error:
        hint = (
            f"Set {SETTING_NAME}['LMS_BACKEND'] to the dotted path of your LMSBackend subclass, and "
            "LMS_OPTIONS to its arguments."
        )
        return [Error(str(error), hint=hint, id=_id("E002"))]
    return backend.check()


def _check_plugins() -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for setting, code, find in (
        ("PROCESSOR_MODULES", "E003", discovery.list_processors),
        ("GENERATOR_MODULES", "E004", discovery.list_generators),
    ):
        try:
            find()
        except ConfigurationError as error:
            hint = f"Correct or remove the module in {SETTING_NAME}['{setting}']."
            messages.append(Error(f"{setting}: {error}", hint=hint, id=_id(code)))
    return messages


def _check_time_zones() -> list[CheckMessage]:
    if django_settings.USE_TZ:
        return []
    hint = (
        "Remove USE_TZ = False from the settings. Django's documentation says how to convert dates that "
        "are already stored."
    )
    return [Error("USE_TZ is off, so the app cannot store when a credential was issued.", hint=hint, id=_id("E010"))]


def _check_base_url() -> list[CheckMessage]:
    url = get_settings().BASE_URL
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        hint = f"Set {SETTING_NAME}['BASE_URL'] to the public address of the site, such as 'https://lms.example.org'."
        message = (
            (f"BASE_URL is {url!r}, so the app cannot make verification URLs and QR codes.")
            if url
            else "BASE_URL is not set."
        )
        return [Error(message, hint=hint, id=_id("E005"))]
    if (
        parts.scheme != "https"
        and not django_settings.DEBUG
        and parts.hostname not in {"localhost", "127.0.0.1", "::1"}
    ):
        hint = "Serve the site over https. Otherwise others can change on the way what a verifier reads."
        return [CheckWarning(f"BASE_URL '{url}' does not begin with https.", hint=hint, id=_id("W001"))]
    return []


def _check_signing_keys() -> list[CheckMessage]:
    settings = get_settings()
    try:
        keys = load_keys(settings)
    except ConfigurationError as error:
        hint = "Make a key with `manage.py create_signing_key`. One of the keys must have 'is_active': True."
        return [Error(str(error), hint=hint, id=_id("E008"))]
    parts = urlsplit(settings.BASE_URL)
    if not keys.listed or django_settings.DEBUG or (parts.scheme == "https" and _is_public(parts.hostname or "")):
        return []
    message = f"The site signs badges, but others cannot fetch its keys at BASE_URL '{settings.BASE_URL}'."
    hint = (
        "Set BASE_URL to the public address of the site. Badges name the site as did:web, and verifiers "
        "fetch its keys from outside over https."
    )
    return [CheckWarning(message, hint=hint, id=_id("W004"))]


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))


def _check_pdf_signer() -> list[CheckMessage]:
    if get_settings().PDF_SIGNER is None:
        return []
    from learning_credentials.pdf import check_signer

    messages = _check_secret_files()
    try:
        expires = check_signer()
    except ConfigurationError as error:
        hint = f"Correct {SETTING_NAME}['PDF_SIGNER']. If you remove it, certificates are not signed."
        return [*messages, Error(str(error), hint=hint, id=_id("E009"))]
    if expires - datetime.now(UTC) > _SOON:
        return messages
    message = (
        f"The certificate in PDF_SIGNER expires on {expires:%Y-%m-%d}. After that, no signed certificate can be issued."
    )
    hint = "Replace it with a new certificate. The app uses the new one without a restart. Signed files stay signed."
    return [*messages, CheckWarning(message, hint=hint, id=_id("W006"))]


def _check_secret_files() -> list[CheckMessage]:
    signer = get_settings().PDF_SIGNER
    if signer is None or os.name != "posix":
        return []
    from learning_credentials.pdf import list_secret_files

    hint = "Let only the account of the workers read the file, such as with `chmod 600`."
    return [
        CheckWarning(f"{name}: anyone on this machine can read {path}.", hint=hint, id=_id("W008"))
        for name, path in list_secret_files(signer).items()
        if path.is_file() and path.stat().st_mode & stat.S_IROTH
    ]


def _check_storage() -> list[CheckMessage]:
    try:
        storage = get_storage()
        folder = f"{get_prefix()}.check"
        name = storage.save(f"{folder}/{uuid4().hex}", ContentFile(b"written by a system check"))
        with suppress(FileNotFoundError):  # another process deleted it first
            storage.delete(name)
        _delete_old_probes(storage, folder)
    except Exception as error:
        hint = f"Correct {SETTING_NAME}['STORAGE'] or ['OUTPUT_DIR'], or the permissions of the directory."
        message = f"The app cannot write to the storage for credentials: {type(error).__name__}: {error}"
        return [Error(message, hint=hint, id=_id("E006"))]
    if isinstance(storage, FileSystemStorage) and _is_served(Path(storage.location)):
        hint = "Keep credentials outside MEDIA_ROOT and STATIC_ROOT. The app's download view sends them."
        return [
            CheckWarning(
                f"The web server publishes the storage for credentials, {storage.location}.", hint=hint, id=_id("W002")
            )
        ]
    return []


def _delete_old_probes(storage: Storage, folder: str) -> None:
    """Delete files that earlier checks wrote and could not delete.

    A check that runs at the same time may find its file gone. It ignores that.
    """
    with suppress(Exception):  # not every storage can list
        for file in storage.listdir(folder)[1]:
            with suppress(Exception):
                storage.delete(f"{folder}/{file}")


def _is_served(location: Path) -> bool:
    roots = (getattr(django_settings, name, None) for name in ("MEDIA_ROOT", "STATIC_ROOT"))
    return any(root and location.resolve().is_relative_to(Path(root).resolve()) for root in roots)


def _check_fonts() -> list[CheckMessage]:
    """Check only that the font files exist: opening them would slow down every start."""
    hint = f"Install the font, or correct its path in {SETTING_NAME}['FALLBACK_FONTS']."
    return [
        Error(f"FALLBACK_FONTS: '{name}' cannot be read: there is no such file.", hint=hint, id=_id("E007"))
        for name in get_settings().FALLBACK_FONTS
        if not (Path(getattr(django_settings, "BASE_DIR", "")) / name.partition("#")[0]).is_file()
    ]


def _check_beat() -> list[CheckMessage]:
    if "django_celery_beat" in django_settings.INSTALLED_APPS:
        return []  # the schedule is in the database, and this check must work without it
    scheduled = {entry.get("task") for entry in current_app.conf.beat_schedule.values()}
    missing = [task for task in REQUIRED_TASKS if task not in scheduled]
    if not missing:
        return []
    hint = "Add **learning_credentials.beat.beat_schedule() to your Celery beat_schedule, and run a beat."
    return [CheckWarning(f"The beat has no entry for {', '.join(missing)}.", hint=hint, id=_id("W003"))]
