"""The options of the PDF generator, typed. Sizes and places are in PDF points, from the bottom left of the page as a viewer shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from learning_credentials.grades import DECIMALS_HELP, MAX_DECIMALS
from learning_credentials.options import Options, OptionsContext, StrictOptions
from learning_credentials.pdf.default_elements import BUILTIN_ELEMENTS, BUILTIN_QR, ELEMENTS
from learning_credentials.pdf.option_types import (
    LONGEST_TEXT,
    LONGEST_TEXTS,
    MOST_ELEMENTS,
    MOST_FONTS,
    CharSpace,
    Colour,
    ElementName,
    Extent,
    FontName,
    FontSize,
    Language,
    LineHeight,
    Place,
    PlaceholderText,
    Slug,
)
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES

if TYPE_CHECKING:
    from learning_credentials.exceptions import OptionProblem


def _allow_false(value: Any) -> Any:
    """``false`` hides an element. None stands for it in the model, so JSON's null is not accepted."""
    if value is False:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("must be an object, or false to hide the element")  # noqa: TRY004
    return value


def _require_object(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("must be an object")  # noqa: TRY004
    return value


class TextDefaults(StrictOptions):
    """What all text elements share unless they say otherwise."""

    font: FontName = Field(
        "Helvetica",
        description="Built-in font or slug of a font asset; after a # a weight or face of it, such as my-font#Bold.",
    )
    fonts: list[FontName] = Field(
        default_factory=list,
        max_length=MOST_FONTS,
        description="Fonts tried after `font` for characters that it lacks, in order; the shipped ones and the server's follow. "
        f"At most {MOST_FONTS}.",
    )
    color: Colour = Field("#000000", description="Hex colour of 3 or 6 digits; the # is optional.")
    size: FontSize = Field(12, description="Font size in points, from 1 to 2000.")
    char_space: CharSpace = Field(0, description="Extra space between characters in points, from -100 to 100.")
    uppercase: StrictBool = Field(False, description="Whether to print in capitals.")
    line_height: LineHeight = Field(
        1.1, description="Distance of lines as a multiple of the font size, from 0.1 to 10."
    )


class TextElement(TextDefaults):
    """One text on the page."""

    text: PlaceholderText = Field(
        "",
        description="The text, with placeholders such as {name}; \\n starts a new line. "
        f"At most {LONGEST_TEXT:,} characters, and {LONGEST_TEXTS:,} in all elements.",
    )
    y: Place = Field(0, description="Baseline of the first line, in points from the bottom edge.")
    x: Place | None = Field(
        None, description="What the text is aligned to, in points from the left edge. Default: the centre of the page."
    )
    align: Literal["left", "center", "right"] = Field(
        "center", description="Which part of the text stands at x: left, center or right."
    )
    max_width: Extent | None = Field(None, description="Greatest width in points. Default: what the page has room for.")
    fit: Literal["shrink", "wrap"] = Field(
        "shrink", description="What happens to a text wider than max_width: shrink the font or wrap the line."
    )


class QRElement(StrictOptions):
    """A QR code with the verification URL, its quiet zone within ``size``."""

    x: Place = Field(0, description="Left edge in points.")
    y: Place = Field(0, description="Bottom edge in points.")
    size: Annotated[float, Field(strict=True, ge=30, le=2000, allow_inf_nan=False)] = Field(
        72, description="Width and height in points, the white margin included; at least 30, so that it can be read."
    )
    color: Colour = Field("#000000", description="Hex colour of the modules.")


class ImageElement(StrictOptions):
    """An image, scaled to fit its box without distortion. Its source is one of ``asset``, ``signatory`` and ``issuer_logo``."""

    asset: Slug | None = Field(None, description="Slug of an image asset.")
    signatory: Annotated[StrictInt, Field(ge=1, le=MAX_SIGNATORIES)] | None = Field(
        None, description="Position of the signatory whose signature is drawn, from 1."
    )
    issuer_logo: StrictBool = Field(False, description="Whether to draw the issuer's logo.")
    x: Place = Field(description="Left edge in points.")
    y: Place = Field(description="Bottom edge in points.")
    width: Extent | None = Field(None, description="Greatest width in points.")
    height: Extent | None = Field(None, description="Greatest height in points.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.asset is not None) + (self.signatory is not None) + self.issuer_logo != 1:
            raise ValueError("needs exactly one of asset, signatory and issuer_logo")
        if self.width is None and self.height is None:
            raise ValueError("needs width, height or both")
        return self


Text = Annotated[TextElement | None, BeforeValidator(_allow_false)]
QR = Annotated[QRElement | None, BeforeValidator(_allow_false)]
Image = Annotated[ImageElement | None, BeforeValidator(_allow_false)]


class PDFOptions(Options):
    """Options of ``generate_pdf_credential``. Without a template, a built-in one is used."""

    template: Slug | None = Field(
        None, description="Slug of a PDF asset. Without it a built-in A4 landscape page is used."
    )
    template_multiline: Slug | None = Field(
        None, description="Slug of the PDF asset used instead where the context name has a line break."
    )
    language: Language | None = Field(
        None,
        description="Language of the app's texts, of dates and of the direction, such as en, pt-BR or ar. Default: the learner's "
        "on the built-in page without words of yours, if the app has its texts in that language; else the site's.",
    )
    undrawable_text: Literal["refuse", "print"] = Field(
        "refuse",
        description="What happens to a credential with a text that no font can draw: refuse it with the error undrawable_text, "
        "or print it with a replacement character and a warning.",
    )
    defaults: Annotated[TextDefaults, BeforeValidator(_require_object)] = Field(
        default_factory=TextDefaults, description="What all text elements share unless they say otherwise."
    )
    text_elements: dict[ElementName, Text] = Field(
        default_factory=dict,
        max_length=MOST_ELEMENTS,
        description="Texts by name. name, context and date are there by default; false hides one. Others need text and y. "
        f"At most {MOST_ELEMENTS}.",
    )
    qr: QR | None = Field(
        None,
        description="QR code of the verification URL: x, y, size, color. false hides that of the built-in template.",
    )
    image: Image | None = Field(None, description="An image: asset, x, y, width, height.")
    images: dict[ElementName, Image] = Field(
        default_factory=dict,
        max_length=MOST_ELEMENTS,
        description=f"More images, by name; false hides one. At most {MOST_ELEMENTS}.",
    )
    signatures: StrictBool = Field(
        True,
        description="Whether the built-in template shows the type's signatories.",
    )
    grade_decimals: StrictInt = Field(0, ge=0, le=MAX_DECIMALS, description=DECIMALS_HELP)

    @field_validator("text_elements", mode="wrap")
    @classmethod
    def _check_custom_elements(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        """A custom element must say text and y; reported along with the other mistakes, not after them."""
        known = ELEMENTS if info.data.get("template") else BUILTIN_ELEMENTS
        missing = [
            _missing((name, key), element)
            for name, element in (value.items() if isinstance(value, Mapping) else ())
            if isinstance(element, Mapping) and name not in known
            for key in ("text", "y")
            if key not in element
        ]
        return _validate_all(handler, value, missing)

    @field_validator("text_elements", mode="after")
    @classmethod
    def _check_length(cls, value: dict[str, TextElement | None]) -> dict[str, TextElement | None]:
        length = sum(len(element.text) for element in value.values() if element)
        if length > LONGEST_TEXTS:
            msg = f"the texts have {length:,} characters; at most {LONGEST_TEXTS:,} are accepted"
            raise ValueError(msg)
        return value

    @field_validator("qr", mode="wrap")
    @classmethod
    def _check_qr_place(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        """Only the built-in template has a place for the code."""
        needed = ("x", "y") if info.data.get("template") and isinstance(value, Mapping) else ()
        return _validate_all(handler, value, [_missing((key,), value) for key in needed if key not in value])

    @property
    def uses_builtin_template(self) -> bool:
        """Whether the page is the built-in one, which has places for more elements."""
        return self.template is None

    @property
    def element_defaults(self) -> Mapping[str, Mapping[str, Any]]:
        """What the elements are that render by default."""
        return BUILTIN_ELEMENTS if self.uses_builtin_template else ELEMENTS

    def list_texts(self) -> dict[str, TextElement]:
        """Every text element that is not hidden, with all of its options settled.

        What is said for the element wins, then what ``defaults`` says explicitly, then the element's built-in default, then the
        general one.
        """
        shared = {name: getattr(self.defaults, name) for name in self.defaults.model_fields_set}
        if "fonts" in shared and "font" not in shared:
            shared["font"] = ""
        found: dict[str, TextElement] = {}
        for name in (*self.element_defaults, *(key for key in self.text_elements if key not in self.element_defaults)):
            said = self.text_elements.get(name, TextElement())
            if said is None:
                continue
            own = {key: getattr(said, key) for key in said.model_fields_set}
            inherited = {**self.element_defaults.get(name, {}), **shared}
            if "fonts" in own and "font" not in own:
                own["font"] = ""
            elif "font" in own and "fonts" not in own:
                own["fonts"] = []
            found[name] = TextElement.model_construct(**{**inherited, **own})
        return found

    def find_qr(self) -> QRElement | None:
        """The QR code to draw, if any, with its place settled."""
        if self.qr is None and ("qr" in self.model_fields_set or not self.uses_builtin_template):
            return None
        said = {key: getattr(self.qr, key) for key in self.qr.model_fields_set} if self.qr else {}
        return QRElement.model_construct(**{**(BUILTIN_QR if self.uses_builtin_template else {}), **said})

    def list_images(self) -> dict[str, ImageElement]:
        """Every image that is not hidden, by its path in the options."""
        named = {"image": self.image, **{f"images.{name}": image for name, image in self.images.items()}}
        return {path: image for path, image in named.items() if image is not None}

    def find_problems(self, context: OptionsContext) -> Iterable[OptionProblem]:
        """Yield mistakes that only the assets show: missing ones, wrong kinds, elements off the page."""
        from learning_credentials.pdf.problems import find_problems

        return find_problems(self, context.assets)


def _missing(path: tuple[str, ...], value: object) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("missing", "Field required"), loc=path, input=value)


def _validate_all(handler: ValidatorFunctionWrapHandler, value: Any, extra: list[InitErrorDetails]) -> Any:
    try:
        result = handler(value)
    except ValidationError as error:
        found = [
            InitErrorDetails(type=PydanticCustomError(item["type"], item["msg"]), loc=item["loc"], input=item["input"])
            for item in error.errors(include_url=False, include_context=False)
        ]
        raise ValidationError.from_exception_data("PDFOptions", found + extra) from None
    if extra:
        raise ValidationError.from_exception_data("PDFOptions", extra)
    return result
