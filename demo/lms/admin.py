"""Show the LMS's own tables in the admin. Change a score, a mode or an identity and see how the app reacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin

from demo.lms import events
from demo.lms.models import (
    AssignmentCategory,
    Completion,
    CourseRun,
    Enrolment,
    IdentityVerification,
    LearnerProfile,
    LearningPath,
    PathEnrolment,
    PathStep,
    Score,
    TeamMember,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest


class AssignmentCategoryInline(admin.TabularInline):
    """Edit the grading policy of a run."""

    model = AssignmentCategory
    extra = 0


class TeamMemberInline(admin.TabularInline):
    """Edit the course team. It administers the credentials of the run."""

    model = TeamMember
    extra = 0
    autocomplete_fields = ("user",)


class PathStepInline(admin.TabularInline):
    """Edit the runs of a path."""

    model = PathStep
    extra = 0


@admin.register(CourseRun)
class CourseRunAdmin(admin.ModelAdmin):
    """Manage course runs."""

    list_display = ("name", "key", "pacing", "starts_at", "ends_at")
    search_fields = ("name", "key")
    inlines = (AssignmentCategoryInline, TeamMemberInline)


@admin.register(LearningPath)
class LearningPathAdmin(admin.ModelAdmin):
    """Manage learning paths."""

    list_display = ("name", "key")
    search_fields = ("name", "key")
    inlines = (PathStepInline,)


@admin.register(LearnerProfile)
class LearnerProfileAdmin(admin.ModelAdmin):
    """Manage learners."""

    list_display = ("display_name", "user", "language", "certificates_allowed")
    list_filter = ("certificates_allowed", "language")
    list_select_related = ("user",)
    search_fields = ("display_name", "user__username")
    autocomplete_fields = ("user",)


class RecordAdmin(admin.ModelAdmin):
    """Base of tables about one learner in one run."""

    autocomplete_fields: ClassVar = ("user", "run")
    list_select_related: ClassVar = ("user", "run")
    search_fields: ClassVar = ("user__username", "run__key")


@admin.register(Enrolment)
class EnrolmentAdmin(RecordAdmin):
    """Manage enrolments in runs."""

    list_display = ("user", "run", "mode", "is_active")
    list_filter = ("run", "mode", "is_active")

    def save_model(self, request: HttpRequest, obj: Enrolment, form: ModelForm, change: bool) -> None:
        """Save. If the mode changed, send the app a signal."""
        super().save_model(request, obj, form, change)
        if form.has_changed():
            events.tell_mode(obj)


@admin.register(IdentityVerification)
class IdentityVerificationAdmin(admin.ModelAdmin):
    """Manage identity verifications."""

    list_display = ("user", "is_approved", "expires_at")
    list_filter = ("is_approved",)
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    search_fields = ("user__username",)

    def save_model(self, request: HttpRequest, obj: IdentityVerification, form: ModelForm, change: bool) -> None:
        """Save. If the identity is verified now, send the app a signal."""
        super().save_model(request, obj, form, change)
        events.tell_identity(obj)


@admin.register(Completion)
class CompletionAdmin(RecordAdmin):
    """Manage progress in runs."""

    list_display = ("user", "run", "percent", "finished_at")
    list_filter = ("run",)


@admin.register(PathEnrolment)
class PathEnrolmentAdmin(RecordAdmin):
    """Manage enrolments in paths."""

    list_display = ("user", "path", "mode", "is_active")
    list_filter = ("path", "mode", "is_active")
    autocomplete_fields = ("user", "path")
    list_select_related = ("user", "path")
    search_fields = ("user__username", "path__key")


@admin.register(Score)
class ScoreAdmin(admin.ModelAdmin):
    """Manage scores by category."""

    list_display = ("user", "category", "percent")
    list_filter = ("category__run",)
    list_select_related = ("user", "category")
    autocomplete_fields = ("user",)
    search_fields = ("user__username", "category__name")

    def save_model(self, request: HttpRequest, obj: Score, form: ModelForm, change: bool) -> None:
        """Save, and send the app a signal about the grade."""
        super().save_model(request, obj, form, change)
        events.tell_grades([obj])

    def delete_model(self, request: HttpRequest, obj: Score) -> None:
        """Delete, and send the app a signal about the grade."""
        super().delete_model(request, obj)
        events.tell_grades([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Score]) -> None:
        """Delete many scores, and send the app signals about the grades."""
        scores = list(queryset.select_related("category__run"))
        super().delete_queryset(request, queryset)
        events.tell_grades(scores)
