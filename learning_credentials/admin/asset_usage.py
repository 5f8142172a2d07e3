"""Find where assets are used. Options name them by slug, and other fields by foreign key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.text import capfirst

from learning_credentials.admin.base import get_url, link
from learning_credentials.models import CredentialConfiguration, CredentialType, Issuer, Signatory, TypeBadgeImage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models import Model
    from django.utils.safestring import SafeString

#: Foreign keys to assets.
REFERENCES = ((CredentialType, "image"), (Issuer, "logo"), (Signatory, "signature_image"))


@dataclass(frozen=True, slots=True)
class Usage:
    """A place that refers to an asset: the row, and the path in its options or the field."""

    row: Model
    where: str

    @property
    def text(self) -> str:
        """Return the place in words."""
        return f"{capfirst(self.row._meta.verbose_name)} “{self.row}” ({self.where})"  # noqa: SLF001

    @property
    def html(self) -> SafeString:
        """Return the place in words, with a link to the row."""
        meta = self.row._meta  # noqa: SLF001
        return format_html(
            "{} {} ({})",
            capfirst(meta.verbose_name),
            link(get_url(f"{meta.model_name}_change", self.row.pk), self.row),
            self.where,
        )


def list_usages(slugs: Collection[str], *, with_references: bool = False) -> list[Usage]:
    """Return the places whose options name one of the slugs.

    With ``with_references`` also return the rows whose foreign keys point to these assets. Every text in options that equals a slug (up to
    the ``#`` of a font's weight) counts, because only the generator knows which of its options name assets. An unnecessary warning is
    better than a broken certificate.
    """
    wanted = set(slugs)
    usages = [
        Usage(row, ".".join(["custom_options", *path]))
        for row in _rows_with_options()
        for path, text in _walk(row.custom_options, [])
        if text.partition("#")[0] in wanted
    ]
    if with_references:
        usages += [
            Usage(row, field)
            for model, field in REFERENCES
            for row in model._default_manager.filter(**{f"{field}__slug__in": wanted})  # noqa: SLF001
        ]
        usages += [
            Usage(place.credential_type, f"image of the mode {place.mode}")
            for place in TypeBadgeImage.objects.filter(image__slug__in=wanted).select_related("credential_type")
        ]
    return usages


def _rows_with_options() -> Iterator[CredentialType | CredentialConfiguration]:
    yield from CredentialType.objects.only("name", "custom_options")
    yield from (
        CredentialConfiguration.objects.select_related("credential_type").only(
            "learning_context_key", "custom_options", "credential_type__name"
        )
    )


def _walk(value: Any, path: list[str]) -> Iterator[tuple[list[str], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, [*path, key])
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(item, [*path, str(number)])
