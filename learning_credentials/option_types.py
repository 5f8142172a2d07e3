"""Provide types of options for which the admin has a form field, and `ShownAs` for types of your own.

Any option of a plug-in has a form field already: numbers, texts, switches, choices, lists, nested models. The types here say what a value
means, so that the form can show a share as per cent or suggest courses::

    class BookOptions(Options):
        share: Percent = Field(0.8, title="Share of the book", description="How much learners must read.")
        course: CourseKey = Field(description="The course with the book.")
        until: Duration | None = Field(None, description="How long learners can read it.")

Options are stored as JSON. The types change what people see, not what is stored: 80 per cent is still ``0.8``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, StrictStr, WithJsonSchema

from learning_credentials.periods import Period

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

#: The key of JSON schemas under which `ShownAs` says how a value is shown.
SCHEMA_KEY = "x-shown"

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


class Look(StrEnum):
    """How the form shows a value."""

    #: A number from 0 to 1, entered as a number from 0 to 100.
    PERCENT = "percent"
    #: A hex colour, with a picker.
    COLOUR = "colour"
    #: A period in words, such as "18 months".
    PERIOD = "period"
    #: A date, stored as ``2026-12-31``.
    DATE = "date"
    #: The key of a course run or learning path, found by its title.
    CONTEXT = "context"
    #: The name of an assignment category, from the grading policies of courses.
    CATEGORY = "category"
    #: The tag of a language, such as "fr".
    LANGUAGE = "language"
    #: The slug of an asset. ``asset_kind`` limits the suggestions.
    ASSET = "asset"
    #: A text with several lines.
    LONG_TEXT = "long_text"
    #: Part of a layout: the form does not show it, because another tab edits it.
    LAYOUT = "layout"


@dataclass(frozen=True)
class ShownAs:
    """Say how the form shows a value: ``Annotated[float, ShownAs(Look.PERCENT)]``.

    Args:
        look: how the value is shown. None: the form decides by its type.
        keys: how the keys of a mapping are shown, for ``dict[str, ...]``: `Look.CONTEXT`, `Look.CATEGORY` or `Look.LANGUAGE`.
        labels: texts for the values of a choice.
        help: the text below the field. Without it, the form shows the description.
        asset_kind: for `Look.ASSET`: ``pdf_template``, ``image``, ``font`` or ``badge_image``.
        unit: what the number counts, such as "points". Shown after the input.
    """

    look: Look | None = None
    keys: Look | None = None
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    help: str = ""
    asset_kind: str = ""
    unit: str = ""

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add the look to the JSON schema of the value."""
        schema = dict(handler(core_schema))
        said = {name: getattr(self, name) for name in ("look", "keys", "help", "asset_kind", "unit")}
        said = {name: str(value) for name, value in said.items() if value}
        if self.labels:
            said["labels"] = {str(value): str(text) for value, text in self.labels.items()}
        schema[SCHEMA_KEY] = {**schema.get(SCHEMA_KEY, {}), **said}
        return schema


def _check_colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        msg = f"'{value[:50]}' is not a colour. Use a hex value such as #1a2b3c"
        raise ValueError(msg)
    return value


def _read_period(value: object) -> Period:
    if isinstance(value, Period):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a period in words, such as '1 year 6 months'")  # noqa: TRY004 -- pydantic reports a ValueError
    return Period.read(value)


#: A share from 0 to 1.
Percent = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False), ShownAs(Look.PERCENT)]
#: A hex colour, such as ``#1a2b3c``.
Colour = Annotated[StrictStr, AfterValidator(_check_colour), ShownAs(Look.COLOUR)]
#: A `Period`, written in words such as "18 months", or in ISO 8601.
Duration = Annotated[
    Period,
    PlainValidator(_read_period),
    PlainSerializer(Period.describe, return_type=str),
    WithJsonSchema({"type": "string"}),
    ShownAs(Look.PERIOD),
]
#: The key of a course run or learning path.
CourseKey = Annotated[StrictStr, Field(min_length=1, max_length=255), ShownAs(Look.CONTEXT)]
#: The name of an assignment category.
CategoryName = Annotated[StrictStr, Field(min_length=1, max_length=255), ShownAs(Look.CATEGORY)]
#: Shares by assignment category.
CategoryPercents = Annotated[dict[str, Percent], ShownAs(keys=Look.CATEGORY)]
#: A text with several lines.
LongText = Annotated[StrictStr, Field(max_length=10_000), ShownAs(Look.LONG_TEXT)]
#: Texts by language, such as ``{"fr": "Bonjour"}``.
TextsByLanguage = Annotated[dict[str, Annotated[StrictStr, Field(max_length=10_000)]], ShownAs(keys=Look.LANGUAGE)]
