"""Makes example credentials for a made-up learner, so that staff see that making credentials works before learners ask for them.

A set is committed as ``started`` before anything is rendered. If the process dies, it stays so until `fail_abandoned_examples` ends it.
Call `create_examples` outside any transaction.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from learning_credentials.exceptions import ConfigurationError, CredentialNotFoundError, CredentialsError
from learning_credentials.filenames import make_file_name
from learning_credentials.folding import compose
from learning_credentials.models import (
    CourseCertificate,
    CredentialConfiguration,
    ExampleCredential,
    ExampleCredentialSet,
)
from learning_credentials.models.certificates import DEFAULT_MODE
from learning_credentials.services.common import (
    Folder,
    delete_files,
    drop_broken_connection,
    get_actor_id,
    get_claim_timeout,
    get_examples_root,
    list_files,
    note_strays,
    open_file,
    parse_uuid,
)
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.credentials import describe_error
from learning_credentials.services.issuing import previews

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.files.base import File

    from learning_credentials.lms import LearningContext
    from learning_credentials.services.common import Actor
    from learning_credentials.services.credentials import Snapshot

logger = logging.getLogger(__name__)

ExampleStatus = ExampleCredential.Status

#: How many sets are kept for each context. Older ones are deleted with their files.
KEPT_SETS = 5
ABANDONED = "abandoned"


def create_examples(context_key: str, *, actor: Actor = None) -> ExampleCredentialSet:
    """Make one set of examples: one for each configuration of the context, enabled or not.

    Returns:
        The set. Each example has the status ``success``, or ``error`` with a code and a reason.

    Raises:
        ConfigurationError: the context has no configuration.
    """
    context_key = compose(context_key)
    rows = CredentialConfiguration.objects.filter(learning_context_key=context_key)
    configurations = list(rows.select_related("credential_type__issuer__logo").order_by("pk"))
    if not configurations:
        msg = f"there is no configuration for the learning context '{context_key}'"
        raise ConfigurationError(msg)
    context = previews.find_context(context_key)
    default_mode = _get_default_mode(context_key)
    with transaction.atomic():
        example_set = ExampleCredentialSet.objects.create(
            learning_context_key=context_key, requested_by_id=get_actor_id(actor)
        )
        started = [_start(example_set, configuration, context, default_mode) for configuration in configurations]
    for example, snapshot in started:
        # Show that the examples that still wait are not abandoned either.
        example_set.examples.filter(status=ExampleStatus.STARTED).update(modified=timezone.now())
        _run(example, snapshot)
    _delete_old_sets(context_key)
    return example_set


def find_latest_set(context_key: str) -> ExampleCredentialSet | None:
    """Return the newest set of a context, or None."""
    return ExampleCredentialSet.objects.filter(learning_context_key=context_key).order_by("-pk").first()


def get_latest_example_status(context_key: str) -> str | None:
    """Return the status of the newest set of examples.

    Returns:
        ``started`` if one of its examples is, ``success`` if all succeeded, else ``error``. None: there are no examples.
    """
    context_key = compose(context_key)
    newest = find_latest_set(context_key)
    statuses = set(newest.examples.order_by().values_list("status", flat=True)) if newest else set()
    for status in (ExampleStatus.STARTED, ExampleStatus.ERROR, ExampleStatus.SUCCESS):
        if status in statuses:
            return status.value
    return None


def can_offer_self_generation(context_key: str) -> bool:
    """Return whether to offer self-generation to staff: whether all of the newest examples succeeded. Nothing enforces it."""
    context_key = compose(context_key)
    return get_latest_example_status(context_key) == ExampleStatus.SUCCESS


def open_example_artifact(example_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Return an example's open file, its media type, and a name to save it under. It is for staff only.

    Raises:
        CredentialNotFoundError: there is no such example, or it has no artifact.
        StorageUnavailableError: the file could not be opened.
    """
    key = parse_uuid(example_uuid)
    rows = ExampleCredential.objects.filter(status=ExampleStatus.SUCCESS).exclude(artifact_name="")
    example = rows.filter(uuid=key).select_related("configuration__credential_type").first() if key else None
    if example is None:
        msg = "no example has this id"
        raise CredentialNotFoundError(msg)
    extension = example.artifact_name.rpartition(".")[2]
    filename = make_file_name("Example", example.configuration.credential_type.name, extension=extension)
    return open_file(example.artifact_name), example.artifact_media_type, filename


def fail_abandoned_examples() -> int:
    """Set the examples of lost processes to ``error``. Return how many."""
    left = ExampleCredential.objects.filter(
        status=ExampleStatus.STARTED, modified__lt=timezone.now() - get_claim_timeout()
    )
    with transaction.atomic():
        note_strays(_get_directory(set_id) for set_id in sorted(set(left.values_list("example_set_id", flat=True))))
        return left.update(
            status=ExampleStatus.ERROR,
            error_code=ABANDONED,
            error_reason="the worker that made it stopped",
            modified=timezone.now(),
        )


def _get_default_mode(context_key: str) -> str:
    runs = CourseCertificate.objects.filter(course_key=context_key)
    return runs.values_list("certificate_type", flat=True).first() or DEFAULT_MODE


def _start(
    example_set: ExampleCredentialSet,
    configuration: CredentialConfiguration,
    context: LearningContext,
    default_mode: str,
) -> tuple[ExampleCredential, Snapshot]:
    mode = default_mode if issues_course_certificates(configuration) else ""
    snapshot = previews.make_dummy_snapshot(configuration, context, mode=mode)
    example = ExampleCredential.objects.create(
        example_set=example_set,
        configuration=configuration,
        mode=mode,
        full_name=snapshot.user_full_name,
        inputs=previews.describe_inputs(configuration, snapshot),
    )
    return example, snapshot


def _run(example: ExampleCredential, snapshot: Snapshot) -> None:
    directory = _get_directory(example.example_set_id)
    folder = Folder(directory)
    try:
        artifact = previews.render(example.configuration, snapshot, issued_at=example.created)
        name = folder.store(artifact)
    except Exception as error:  # a plug-in can raise any error, and the operator must see it
        if not isinstance(error, CredentialsError):
            logger.exception("The example %s failed unexpectedly", example.uuid)
        code, reason = describe_error(error)
        drop_broken_connection()
        with transaction.atomic():
            _finish(example, status=ExampleStatus.ERROR, error_code=code, error_reason=reason)
            if doubtful := folder.take_doubtful():
                note_strays([directory], file_names=doubtful)
        return
    if not _finish(example, status=ExampleStatus.SUCCESS, artifact_name=name, artifact_media_type=artifact.media_type):
        note_strays([directory])
        delete_files([name])


def _finish(example: ExampleCredential, **values: str) -> bool:
    """Write the outcome, unless the example was given up or deleted meanwhile. Return whether it was written."""
    mine = ExampleCredential.objects.filter(pk=example.pk, status=ExampleStatus.STARTED)
    return bool(mine.update(**values, modified=timezone.now()))


def note_deleted_examples(configuration_id: int) -> None:
    """Note the files of a configuration's examples, in the transaction that deletes the configuration."""
    rows = ExampleCredential.objects.filter(configuration_id=configuration_id)
    names: dict[int, list[str]] = {}
    for set_id, name in rows.order_by("example_set_id").values_list("example_set_id", "artifact_name"):
        names.setdefault(set_id, []).append(name)
    for set_id, found in names.items():
        note_strays([_get_directory(set_id)], file_names=[name for name in found if name])


def _delete_old_sets(context_key: str) -> None:
    sets = ExampleCredentialSet.objects.filter(learning_context_key=context_key).order_by("-pk")
    for old in sets[KEPT_SETS:]:
        directory = _get_directory(old.pk)
        names = [name for name in old.examples.values_list("artifact_name", flat=True) if name]
        with transaction.atomic():
            note_strays([directory], file_names=names)
            old.delete()
        delete_files(sorted({*list_files(directory), *names}))


def _get_directory(set_id: int) -> str:
    return f"{get_examples_root()}{set_id}"
