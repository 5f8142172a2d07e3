"""Define the tables of a small LMS: courses and runs, grading policies, learning paths and learners' records.

Scores, weights and shares are whole per cent, so that sums are exact.
"""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone


class PercentField(models.PositiveSmallIntegerField):
    """A whole number from 0 to 100."""

    default_validators = [MaxValueValidator(100)]  # noqa: RUF012


class Course(models.Model):
    """A course, independent of its runs."""

    key = models.CharField(max_length=100, unique=True)
    uuid = models.UUIDField(unique=True, default=uuid4)
    name = models.CharField(max_length=200)
    summary = models.TextField(blank=True)

    class Meta:
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name


class CourseRun(models.Model):
    """One run of a course, with its grading policy in `AssignmentCategory`."""

    class Pacing(models.TextChoices):
        SELF = "self", "self-paced"
        INSTRUCTOR = "instructor", "instructor-paced"

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="runs")
    key = models.CharField(max_length=150, unique=True)
    uuid = models.UUIDField(unique=True, default=uuid4)
    name = models.CharField(max_length=200)
    pacing = models.CharField(max_length=20, choices=Pacing.choices, default=Pacing.INSTRUCTOR)
    shows_certificates_early = models.BooleanField(default=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    pass_mark = PercentField(default=60)
    organisation = models.CharField(max_length=200, blank=True)
    effort = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("name", "key")

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Somebody of a run's course team. In the app's admin, the team reaches its runs only."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="course_teams")

    class Meta:
        ordering = ("run", "pk")
        constraints = (models.UniqueConstraint(fields=("run", "user"), name="demo_lms_team_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.run}"


class AssignmentCategory(models.Model):
    """A kind of graded work with its share of the total. The sum of a run's weights is 100."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(max_length=100)
    weight = PercentField()
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("run", "position")
        verbose_name_plural = "assignment categories"
        constraints = (models.UniqueConstraint(fields=("run", "name"), name="demo_lms_category_once"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.weight} %)"


class LearningPath(models.Model):
    """Several course runs that form a programme."""

    key = models.CharField(max_length=150, unique=True)
    uuid = models.UUIDField(unique=True, default=uuid4)
    name = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    runs = models.ManyToManyField(CourseRun, through="PathStep", related_name="paths")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class PathStep(models.Model):
    """The position of a run in a path. An excluded run is part of the path but does not count towards it."""

    path = models.ForeignKey(LearningPath, on_delete=models.CASCADE, related_name="steps")
    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="path_steps")
    position = models.PositiveSmallIntegerField(default=1)
    is_excluded = models.BooleanField(default=False)

    class Meta:
        ordering = ("path", "position")
        constraints = (models.UniqueConstraint(fields=("path", "run"), name="demo_lms_step_once"),)

    def __str__(self) -> str:
        return f"{self.position}. {self.run}"


class LearnerProfile(models.Model):
    """What the LMS knows about a person in addition to the account."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="learner_profile")
    display_name = models.CharField(max_length=255)
    language = models.CharField(max_length=20, blank=True)
    certificates_allowed = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.display_name


class IdentityVerification(models.Model):
    """The result of an identity check."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identity_verification"
    )
    is_approved = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"identity of {self.user}"

    @property
    def holds(self) -> bool:
        """Return whether the verification is approved and has not expired."""
        return self.is_approved and (self.expires_at is None or self.expires_at > timezone.now())


class Mode(models.TextChoices):
    """The mode of an enrolment."""

    HONOR = "honor", "honor code"
    VERIFIED = "verified", "verified"
    AUDIT = "audit", "audit"


class Enrolment(models.Model):
    """A learner's enrolment in a course run."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments")
    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="enrolments")
    mode = models.CharField(max_length=20, choices=Mode.choices, default=Mode.HONOR)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("run", "user")
        constraints = (models.UniqueConstraint(fields=("run", "user"), name="demo_lms_enrolment_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.run}"


class PathEnrolment(models.Model):
    """A learner's enrolment in a learning path."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="path_enrolments")
    path = models.ForeignKey(LearningPath, on_delete=models.CASCADE, related_name="enrolments")
    mode = models.CharField(max_length=20, choices=Mode.choices, default=Mode.HONOR)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("path", "user")
        constraints = (models.UniqueConstraint(fields=("path", "user"), name="demo_lms_path_enrolment_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.path}"


class Score(models.Model):
    """A learner's score in one category. Empty if it was never attempted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scores")
    category = models.ForeignKey(AssignmentCategory, on_delete=models.CASCADE, related_name="scores")
    percent = PercentField(null=True, blank=True)

    class Meta:
        ordering = ("category", "user")
        constraints = (models.UniqueConstraint(fields=("category", "user"), name="demo_lms_score_once"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.category.name}"


class Completion(models.Model):
    """How much of a run a learner completed, and when the learner last did so."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="completions")
    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="completions")
    percent = PercentField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("run", "user")
        constraints = (models.UniqueConstraint(fields=("run", "user"), name="demo_lms_completion_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.run}: {self.percent} %"
