"""Fill the demo LMS. A repeated call changes nothing. A call for more learners adds the missing ones."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from demo.lms import registrar
from demo.lms.catalogue import (
    CONFIGURATIONS,
    ISSUER,
    PATHS,
    RUNS,
    SIGNATORIES,
    TYPES,
    ConfigurationPlan,
    RunPlan,
    TypePlan,
)
from demo.lms.models import (
    AssignmentCategory,
    Completion,
    Course,
    CourseRun,
    Enrolment,
    IdentityVerification,
    LearnerProfile,
    LearningPath,
    PathEnrolment,
    PathStep,
    Score,
)
from demo.lms.people import DEMO_LEARNER_NUMBER, Person, make_cast, make_person, make_username
from learning_credentials.models import (
    CredentialAsset,
    CredentialConfiguration,
    CredentialType,
    Issuer,
    Signatory,
    TypeSignatory,
)

DEFAULT_SEED = 2026
DEFAULT_LEARNERS = 500
ADMIN_USERNAME = "admin"
BADGES = Path(__file__).resolve().parent / "badges"


class SeedResult(NamedTuple):
    """The objects that one call found and added."""

    learners: int
    added: int


def seed_demo(
    learners: int = DEFAULT_LEARNERS,
    seed: int = DEFAULT_SEED,
    *,
    admin_password: str | None = None,
    learner_password: str | None = None,
) -> SeedResult:
    """Create missing courses, learners and configured credentials.

    Args:
        learners: the minimum number of learners, in addition to the cast.
        seed: decides who the learners are and what results they have.
        admin_password: password of the staff account. If None, the account cannot sign in.
        learner_password: password of the learner for visitors. If None, the learner cannot sign in.
    """
    with transaction.atomic():
        admin_id = _seed_admin(admin_password)
        added = _seed_college(learners, seed, learner_password)
    registrar.act(admin_id)
    total = get_user_model().objects.filter(learner_profile__isnull=False).count()
    return SeedResult(total, added)


def _seed_college(learners: int, seed: int, learner_password: str | None) -> int:
    """Create courses, learners and configurations. Return how many learners are new."""
    runs = {plan.key: _seed_run(plan) for plan in RUNS}
    paths = {plan.key: _seed_path(plan.key, runs) for plan in PATHS}
    people = _missing_people(learners, seed)
    if people:
        _add_people(people, runs, paths, learner_password)
    types = {plan.slug: _seed_type(plan) for plan in TYPES}
    for configuration in CONFIGURATIONS:
        _seed_configuration(configuration, types)
    if people:
        # New learners should not wait for tomorrow's run.
        CredentialConfiguration.objects.filter(is_enabled=True).update(next_run_at=None)
    return len(people)


def _stable_uuid(key: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"https://meridian.example/{key}")


def _seed_admin(password: str | None) -> int:
    users = get_user_model().objects
    found = users.filter(username=ADMIN_USERNAME).first()
    return (found or users.create_superuser(ADMIN_USERNAME, "admin@meridian.example", password)).pk


def _seed_run(plan: RunPlan) -> CourseRun:
    course, _ = Course.objects.get_or_create(
        key=plan.course_key,
        defaults={"name": plan.course_name, "summary": plan.summary, "uuid": _stable_uuid(plan.course_key)},
    )
    pacing = CourseRun.Pacing.SELF if plan.is_self_paced else CourseRun.Pacing.INSTRUCTOR
    run, is_new = CourseRun.objects.get_or_create(
        key=plan.key,
        defaults={
            "course": course,
            "uuid": _stable_uuid(plan.key),
            "name": plan.name,
            "pacing": pacing,
            "starts_at": plan.starts_at,
            "ends_at": plan.ends_at,
            "pass_mark": plan.pass_mark,
            "organisation": ISSUER["name"],
            "effort": plan.effort,
        },
    )
    if is_new:
        AssignmentCategory.objects.bulk_create(
            AssignmentCategory(run=run, name=name, weight=weight, position=position)
            for position, (name, weight) in enumerate(plan.weights.items(), start=1)
        )
    return run


def _seed_path(key: str, runs: dict[str, CourseRun]) -> LearningPath:
    plan = next(plan for plan in PATHS if plan.key == key)
    path, is_new = LearningPath.objects.get_or_create(
        key=key, defaults={"uuid": _stable_uuid(key), "name": plan.name, "summary": plan.summary}
    )
    if is_new:
        PathStep.objects.bulk_create(
            PathStep(path=path, run=runs[step.run_key], position=position, is_excluded=step.is_excluded)
            for position, step in enumerate(plan.steps, start=1)
        )
    return path


def _missing_people(learners: int, seed: int) -> list[Person]:
    present = set(LearnerProfile.objects.values_list("user__username", flat=True))
    people = (make_person(seed, number) for number in range(1, learners + 1))
    return [person for person in (*people, *make_cast()) if person.username not in present]


def _add_people(
    people: list[Person], runs: dict[str, CourseRun], paths: dict[str, LearningPath], learner_password: str | None
) -> None:
    user_model = get_user_model()
    now = timezone.now()
    demo_username = make_username(DEMO_LEARNER_NUMBER)
    user_model.objects.bulk_create(
        user_model(
            username=person.username,
            email=f"{person.username}@learners.example",
            first_name=person.name[:150],
            is_active=person.is_active,
            date_joined=now,
            password=make_password(learner_password if person.username == demo_username else None),
        )
        for person in people
    )
    usernames = [person.username for person in people]
    ids = dict(user_model.objects.filter(username__in=usernames).values_list("username", "pk"))
    by_id = {ids[person.username]: person for person in people}
    LearnerProfile.objects.bulk_create(
        LearnerProfile(
            user_id=pk,
            display_name=person.name,
            language=person.language,
            certificates_allowed=person.certificates_allowed,
        )
        for pk, person in by_id.items()
    )
    IdentityVerification.objects.bulk_create(
        IdentityVerification(user_id=pk, is_approved=person.is_verified)
        for pk, person in by_id.items()
        if person.is_verified is not None
    )
    PathEnrolment.objects.bulk_create(
        PathEnrolment(user_id=pk, path=paths[key], mode=mode, is_active=is_active)
        for pk, person in by_id.items()
        for key, (mode, is_active) in person.paths.items()
    )
    _add_records(by_id, runs)


def _add_records(by_id: dict[int, Person], runs: dict[str, CourseRun]) -> None:
    categories = {
        (category.run_id, category.name): category
        for category in AssignmentCategory.objects.filter(run__in=runs.values())
    }
    records = [(pk, runs[key], record) for pk, person in by_id.items() for key, record in person.runs.items()]
    Enrolment.objects.bulk_create(
        Enrolment(user_id=pk, run=run, mode=record.mode, is_active=record.is_active) for pk, run, record in records
    )
    Completion.objects.bulk_create(
        Completion(user_id=pk, run=run, percent=record.completion, finished_at=record.finished_at)
        for pk, run, record in records
        # A learner who has not begun has no row.
        if record.completion
    )
    Score.objects.bulk_create(
        Score(user_id=pk, category=categories[run.pk, name], percent=percent)
        for pk, run, record in records
        for name, percent in record.scores.items()
    )


def _seed_type(plan: TypePlan) -> CredentialType:
    if found := CredentialType.objects.filter(slug=plan.slug).first():
        return found
    issuer, _ = Issuer.objects.get_or_create(name=ISSUER["name"], defaults=ISSUER)
    made = CredentialType(
        slug=plan.slug,
        name=plan.name,
        issuer=issuer,
        retrieval_func=plan.retrieval_func,
        generation_func=plan.generation_func,
        custom_options=plan.options,
        description=plan.description,
        criteria=plan.criteria,
        image=_seed_badge_image(plan.image) if plan.image else None,
        badge_shows_results=bool(plan.image),
        page_options=plan.page_options or {},
        custom_fields=list(plan.custom_fields),
    )
    made.full_clean()
    made.save()
    for position, index in enumerate(plan.signatories, start=1):
        values = SIGNATORIES[index]
        signatory, _ = Signatory.objects.get_or_create(name=values["name"], defaults=values)
        TypeSignatory.objects.create(credential_type=made, signatory=signatory, position=position)
    return made


def _seed_badge_image(name: str) -> CredentialAsset:
    if found := CredentialAsset.objects.filter(slug=name).first():
        return found
    file = ContentFile((BADGES / f"{name}.svg").read_bytes(), name=f"{name}.svg")
    made = CredentialAsset(slug=name, kind=CredentialAsset.Kind.BADGE_IMAGE, file=file)
    made.full_clean()
    made.save()
    return made


def _seed_configuration(plan: ConfigurationPlan, types: dict[str, CredentialType]) -> None:
    credential_type = types[plan.type_slug]
    key = {"learning_context_key": plan.context_key, "credential_type": credential_type}
    if CredentialConfiguration.objects.filter(**key).exists():
        return
    made = CredentialConfiguration(
        **key,
        custom_options=plan.options,
        is_enabled=True,
        allow_self_generation=plan.allows_self_generation,
        field_values=plan.field_values or {},
    )
    made.full_clean()
    made.save()
