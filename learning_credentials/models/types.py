"""Define the models of issuers, signatories, credential types and their configurations for learning contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials import discovery
from learning_credentials.custom_fields import (
    find_definition_problems,
    find_value_problems,
    parse_definitions,
)
from learning_credentials.exceptions import ConfigurationError, OptionProblem, OptionsError
from learning_credentials.folding import compose
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.models.assets import CredentialAsset
from learning_credentials.models.fields import KeyField, MomentField, PeriodField
from learning_credentials.models.fixed import FrozenOnceAwarded
from learning_credentials.options import Options, OptionsContext, find_problems, list_advice, merge
from learning_credentials.page_options import find_page_problems
from learning_credentials.periods import Period
from learning_credentials.translations import find_translation_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM_VALIDITY, MAXIMUM_VALIDITY = Period(days=1), Period(years=100)
MINIMUM_INTERVAL, MAXIMUM_INTERVAL = Period(minutes=1), Period(years=1)


class Issuer(TimeStampedModel):
    """The organisation that issues credentials."""

    name = models.CharField(_("name"), max_length=255)
    url = models.URLField(_("URL"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    logo = models.ForeignKey(
        CredentialAsset, verbose_name=_("logo"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    key_ids = models.JSONField(
        _("key ids"),
        default=list,
        blank=True,
        help_text=_("Ids of the signing keys in the settings that sign for this issuer."),
    )

    class Meta:
        db_table = "lcred_issuer"
        verbose_name = _("issuer")
        verbose_name_plural = _("issuers")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse addresses that no browser can open, because pages and badges link to them."""
        super().clean()
        if self.url and not self.url.lower().startswith(("https://", "http://")):
            raise ValidationError({"url": _("Enter an address that begins with https:// or http://.")})


class Signatory(TimeStampedModel):
    """A person whose name and signature are on credentials."""

    name = models.CharField(_("name"), max_length=255)
    title = models.CharField(_("title"), max_length=255, blank=True)
    organisation = models.CharField(_("organisation"), max_length=255, blank=True)
    signature_image = models.ForeignKey(
        CredentialAsset,
        verbose_name=_("signature image"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        db_table = "lcred_signatory"
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name}, {self.title}" if self.title else self.name


class CredentialType(FrozenOnceAwarded, TimeStampedModel):
    """A kind of credential: how learners earn it and how it is made.

    The fields with function paths have no ``choices``, because each host's plug-ins would then appear in migrations.
    """

    FIXED = ("retrieval_func", "generation_func", "slug")
    PATH_FROM_CREDENTIAL = "configuration__credential_type"

    class DownloadPolicy(models.TextChoices):
        PUBLIC = "public", _("anyone")
        OWNER = "owner", _("the learner and staff")

    name = models.CharField(_("name"), max_length=255, unique=True)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    issuer = models.ForeignKey(
        Issuer,
        verbose_name=_("issuer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="credential_types",
    )
    signatories = models.ManyToManyField(
        Signatory, through="TypeSignatory", verbose_name=_("signatories"), related_name="credential_types"
    )
    retrieval_func = models.CharField(
        _("who gets it"), max_length=200, help_text=_("Dotted path of the function that finds who is eligible.")
    )
    generation_func = models.CharField(
        _("what they get"), max_length=200, help_text=_("Dotted path of the function that makes the file.")
    )
    custom_options = models.JSONField(
        _("options"), default=dict, blank=True, help_text=_("Options of both functions, as a JSON object.")
    )
    custom_fields = models.JSONField(
        _("custom fields"),
        default=list,
        blank=True,
        help_text=_("Values that certificates print in addition to the built-in ones, as a JSON list of objects."),
    )
    valid_for = PeriodField(
        _("valid for"),
        null=True,
        blank=True,
        minimum=MINIMUM_VALIDITY,
        maximum=MAXIMUM_VALIDITY,
        help_text=_(
            "How long a credential is valid after its issue, such as “1 year”, “18 months” or “90 days”. "
            "Leave empty if it never expires."
        ),
    )
    description = models.TextField(
        _("description"), blank=True, help_text=_("What holders achieved, for the public page and the badge.")
    )
    criteria = models.TextField(
        _("criteria"),
        blank=True,
        help_text=_("What a learner must do to earn it. Leave empty, and the app writes it from the options."),
    )
    translations = models.JSONField(
        _("other languages"),
        default=dict,
        blank=True,
        help_text=_("Name, description and criteria in other languages, as a JSON object by language code."),
    )
    image = models.ForeignKey(
        CredentialAsset,
        verbose_name=_("badge image"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_(
            "A badge image from the assets. The badge and the public page show it. Leave empty to use "
            "the built-in image."
        ),
    )
    badge_shows_results = models.BooleanField(
        _("badge shows results"), default=False, help_text=_("Whether the badge contains the grade or the completion.")
    )
    download_policy = models.CharField(
        _("downloads"),
        max_length=10,
        choices=DownloadPolicy.choices,
        default=DownloadPolicy.PUBLIC,
        help_text=_("Who can download the file from the public page."),
    )
    page_options = models.JSONField(
        _("page options"),
        default=dict,
        blank=True,
        help_text=_("How the public page looks, as a JSON object. The documentation lists the page options."),
    )

    class Meta:
        db_table = "lcred_type"
        verbose_name = _("credential type")
        verbose_name_plural = _("credential types")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def is_offered_in(self, context_key: str) -> bool:
        """Return whether a learning context can use the type: it belongs to no context, or to this one."""
        if not self.pk:
            return True
        keys = set(self.contexts.values_list("context_key", flat=True))
        return not keys or compose(context_key) in keys

    def clean(self) -> None:
        """Check the functions, the custom fields and the options, also with the options and values of each configuration."""
        super().clean()
        if self.image and self.image.kind != CredentialAsset.Kind.BADGE_IMAGE:
            raise ValidationError({"image": _("'%s' is not a badge image.") % self.image})
        errors = _function_errors(self.retrieval_func, self.generation_func)
        if field_problems := find_definition_problems(self.custom_fields):
            errors["custom_fields"] = [str(problem) for problem in field_problems]
        elif self.pk and (value_problems := self._find_stored_value_problems()):
            errors["custom_fields"] = [str(problem) for problem in value_problems]
        if not errors:
            errors = _as_errors(self.find_own_option_problems())
        if page_problems := find_page_problems(self.page_options):
            errors["page_options"] = [str(problem) for problem in page_problems]
        originals = {"name": self.name, "description": self.description, "criteria": self.criteria}
        if text_problems := find_translation_problems(self.translations, originals, has_name=True):
            errors["translations"] = [str(problem) for problem in text_problems]
        if errors:
            raise ValidationError(errors)

    def find_own_option_problems(self, *, with_configurations: bool = True) -> list[OptionProblem]:
        """Return every mistake in the type's options and, if wanted, in those of its configurations with them.

        Raises:
            ConfigurationError: one of the functions is unknown.
        """
        problems = self._find_problems(self.custom_options, is_partial=True)
        return problems or (self._find_configuration_problems() if self.pk and with_configurations else [])

    def find_field_problems(self, values: object) -> list[OptionProblem]:
        """Return every mistake in a configuration's values of this type's custom fields. Definitions with mistakes accept every value."""
        try:
            definitions = parse_definitions(self.custom_fields)
        except OptionsError:
            return []
        return find_value_problems(definitions, values)

    def find_option_problems(self, custom_options: object) -> list[OptionProblem]:
        """Return every mistake in a configuration's options after merging them over this type's.

        Raises:
            ConfigurationError: one of the type's functions is unknown.
        """
        if not isinstance(custom_options, dict):
            return [OptionProblem("", "must be a JSON object")]
        return self._find_problems(merge(self.custom_options, custom_options), is_partial=False)

    def list_option_advice(self, custom_options: Mapping[str, Any]) -> list[OptionProblem]:
        """Return what could be better in a configuration's options after merging them over this type's. Options with mistakes get none."""
        options = merge(self.custom_options, custom_options)
        try:
            return list_advice(options, self._list_option_models(), self._make_context())
        except (ConfigurationError, OptionsError):
            return []

    def _find_problems(self, options: object, *, is_partial: bool) -> list[OptionProblem]:
        return find_problems(options, self._list_option_models(), self._make_context(), is_partial=is_partial)

    def _list_option_models(self) -> list[type[Options] | None]:
        return [
            discovery.get_processor(self.retrieval_func).options_model,
            discovery.get_generator(self.generation_func).options_model,
        ]

    def _make_context(self) -> OptionsContext:
        defined = self.custom_fields if isinstance(self.custom_fields, list) else []
        fields = frozenset(str(item["name"]) for item in defined if isinstance(item, dict) and item.get("name"))
        return OptionsContext(assets=DatabaseAssets(), fields=fields)

    def _find_stored_value_problems(self) -> list[OptionProblem]:
        return [
            _locate(problem, configuration)
            for configuration in self.configurations.only("learning_context_key", "field_values")
            for problem in self.find_field_problems(configuration.field_values)
        ]

    def _find_configuration_problems(self) -> list[OptionProblem]:
        return [
            _locate(problem, configuration)
            for configuration in self.configurations.only("learning_context_key", "custom_options")
            for problem in self.find_option_problems(configuration.custom_options)
        ]


class TypeSignatory(models.Model):
    """The position of a signatory on a type's credentials."""

    credential_type = models.ForeignKey(CredentialType, on_delete=models.CASCADE, related_name="type_signatories")
    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, related_name="type_signatories")
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        db_table = "lcred_type_signatory"
        verbose_name = _("signatory of a type")
        verbose_name_plural = _("signatories of a type")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("credential_type", "signatory"), name="lcred_type_signatory_once"),
        )

    def __str__(self) -> str:
        return f"{self.position}. {self.signatory}"


class CredentialConfiguration(FrozenOnceAwarded, TimeStampedModel):
    """The use of a credential type in one learning context, with its schedule."""

    FIXED = ("credential_type", "learning_context_key")
    PATH_FROM_CREDENTIAL = "configuration"

    learning_context_key = KeyField(
        _("learning context"), max_length=255, help_text=_("Key of a course run or of a learning path.")
    )
    credential_type = models.ForeignKey(
        CredentialType, verbose_name=_("credential type"), on_delete=models.PROTECT, related_name="configurations"
    )
    custom_options = models.JSONField(
        _("options"),
        default=dict,
        blank=True,
        help_text=_("Options that override the type's, as a JSON object. Nested objects are merged."),
    )
    field_values = models.JSONField(
        _("values of custom fields"),
        default=dict,
        blank=True,
        help_text=_(
            "Values of the type's custom fields here, as a JSON object. A learner's own values replace them, if the "
            "LMS or the function under “Who gets it” gives any."
        ),
    )
    is_enabled = models.BooleanField(
        _("enabled"), default=False, help_text=_("Whether the schedule issues credentials.")
    )
    interval = PeriodField(
        _("interval"),
        default=Period(days=1),
        minimum=MINIMUM_INTERVAL,
        maximum=MAXIMUM_INTERVAL,
        help_text=_("How often the schedule looks for learners who are now eligible, such as “12 hours” or “1 week”."),
    )
    next_run_at = MomentField(
        _("next run"), null=True, blank=True, db_index=True, help_text=_("Leave empty to run at the next tick.")
    )
    allow_self_generation = models.BooleanField(
        _("self-generation"),
        default=False,
        help_text=_("Whether eligible learners can request the credential themselves."),
    )

    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("What holders achieved here, for the public page and the badge. Leave empty to use the type's."),
    )
    criteria = models.TextField(
        _("criteria"),
        blank=True,
        help_text=_(
            "What a learner must do to earn it here. Leave empty to use the type's. If that is empty too, the app "
            "writes it from the options."
        ),
    )
    translations = models.JSONField(
        _("other languages"),
        default=dict,
        blank=True,
        help_text=_("Description and criteria in other languages, as a JSON object by language code."),
    )

    class Meta:
        db_table = "lcred_configuration"
        verbose_name = _("configuration")
        verbose_name_plural = _("configurations")
        ordering = ("learning_context_key", "credential_type")
        permissions = (("start_run", _("Can start runs and make examples")),)
        constraints = (
            models.UniqueConstraint(
                fields=("learning_context_key", "credential_type"), name="lcred_configuration_context_type"
            ),
        )

    def __str__(self) -> str:
        return f"{self.credential_type} in {self.learning_context_key}"

    @property
    def options(self) -> dict[str, Any]:
        """Return the type's options with this configuration's options merged over them."""
        return merge(self.credential_type.custom_options, self.custom_options)

    def clean(self) -> None:
        """Check the options as they will be used: merged over the type's options. Check the values of custom fields."""
        super().clean()
        if self.credential_type_id is None:
            return
        try:
            problems = self.credential_type.find_option_problems(self.custom_options)
        except ConfigurationError as error:
            raise ValidationError({"credential_type": str(error)}) from error
        errors = _as_errors(problems)
        if not self.credential_type.is_offered_in(self.learning_context_key):
            errors["credential_type"] = [str(_("This type belongs to other learning contexts."))]
        if field_problems := self.credential_type.find_field_problems(self.field_values):
            errors["field_values"] = [str(problem) for problem in field_problems]
        originals = {"description": self.description, "criteria": self.criteria}
        if text_problems := find_translation_problems(self.translations, originals, has_name=False):
            errors["translations"] = [str(problem) for problem in text_problems]
        if errors:
            raise ValidationError(errors)


def _locate(problem: OptionProblem, configuration: CredentialConfiguration) -> OptionProblem:
    return OptionProblem(
        problem.path, f"{problem.message} (in the configuration for {configuration.learning_context_key})"
    )


def _function_errors(retrieval_func: str, generation_func: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for field, path, get in (
        ("retrieval_func", retrieval_func, discovery.get_processor),
        ("generation_func", generation_func, discovery.get_generator),
    ):
        try:
            get(path)
        except ConfigurationError as error:
            errors[field] = [str(error)]
    return errors


def _as_errors(problems: list[OptionProblem]) -> dict[str, list[str]]:
    return {"custom_options": [str(problem) for problem in problems]} if problems else {}
