"""Define the options of a design: what certificates show, and where.

Sizes and places are in points, from the bottom left of the page as a viewer shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from learning_credentials.grades import DECIMALS_HELP, MAX_DECIMALS
from learning_credentials.option_types import Look, ShownAs
from learning_credentials.options import Options
from learning_credentials.pdf.elements.background import Background, BackgroundElement
from learning_credentials.pdf.elements.base import ListedElement
from learning_credentials.pdf.elements.builtin_page import (
    BUILTIN_ELEMENTS,
    BUILTIN_FOOTER,
    BUILTIN_LOGO,
    BUILTIN_QR,
    BUILTIN_ROOMS,
    BUILTIN_RULES,
    ELEMENTS,
)
from learning_credentials.pdf.elements.form_places import fill_fields, find_fillings, find_qr_place
from learning_credentials.pdf.elements.image import ImageElement
from learning_credentials.pdf.elements.option_types import (
    LONGEST_TEXTS,
    MOST_ELEMENTS,
    MOST_TABLES,
    AlternativeText,
    Bleed,
    ElementName,
    Language,
    Slug,
)
from learning_credentials.pdf.elements.qr_code import QRElement
from learning_credentials.pdf.elements.rule import RuleElement
from learning_credentials.pdf.elements.signatories import SignatoriesBox, SignatoriesElement
from learning_credentials.pdf.elements.table import TABLE_SIZE, TableElement, find_continuation_problems
from learning_credentials.pdf.elements.text import TextDefaults, TextElement
from learning_credentials.pdf.template.sheets import MOST_PAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from learning_credentials.pdf.elements.form_places import Filling
    from learning_credentials.pdf.page.text_style import Room
    from learning_credentials.pdf.template.form_fields import FormField


def _allow_false(value: Any) -> Any:
    """Turn ``false``, which hides an element, into None. JSON's null is not accepted."""
    if value is False:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("must be an object, or false to hide the element")  # noqa: TRY004
    return value


def _require_object(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("must be an object")  # noqa: TRY004
    return value


_LAYOUT = ShownAs(Look.LAYOUT)
_TEMPLATE = ShownAs(Look.ASSET, asset_kind="pdf_template")
_PROTECTED = "Readers can open, print and copy an encrypted document, and listen to it. Some application portals refuse encrypted files."
_PROTECTION = {"no_changes": "Encrypted: readers cannot change it", "none": "None"}
_PRINTED = "Choose “No” to print the texts onto paper on which the template is printed already."
_UNDRAWABLE = {"refuse": "Refuse the credential", "print": "Print a replacement character"}

TextOption = Annotated[TextElement | None, BeforeValidator(_allow_false)]
QROption = Annotated[QRElement | None, BeforeValidator(_allow_false)]
TableOption = Annotated[TableElement | None, BeforeValidator(_allow_false)]
ImageOption = Annotated[ImageElement | None, BeforeValidator(_allow_false)]


class DesignOptions(Options):
    """The options of a design. `PDFOptions` adds the checks that need the assets."""

    template: Annotated[Slug, _TEMPLATE] | None = Field(
        None, description="Slug of a PDF asset. Without it a built-in A4 landscape page is used."
    )
    template_multiline: Annotated[Slug, _TEMPLATE] | None = Field(
        None,
        title="Template for titles with a line break",
        description="Slug of the PDF asset to use if the context name has a line break.",
    )
    background: Annotated[Background | None, BeforeValidator(_allow_false), _LAYOUT] = Field(
        None,
        description="A picture that covers the page, instead of a template: asset, fit, width, height, alternative_text.",
    )
    template_alternative_text: AlternativeText = Field(
        "",
        title="Alternative text of the template",
        description="What the template shows and says, for people who cannot see it. Leave it empty if the template is "
        "decoration only. Screen readers then leave it out.",
    )
    page_alternative_texts: list[AlternativeText] = Field(
        title="Alternative texts of further pages",
        default_factory=list,
        max_length=MOST_PAGES - 1,
        description="The same for the second page of the template, and the pages after it, in their order.",
    )
    language: Annotated[Language, ShownAs(Look.LANGUAGE)] | None = Field(
        None,
        description="Language of the app's texts, of dates and of the writing direction, such as en, pt-BR or "
        "ar. The default is the site's language. The built-in page uses the learner's language "
        "instead if the app is translated into it and the options replace none of the page's "
        "texts.",
    )
    protection: Annotated[Literal["no_changes", "none"], ShownAs(labels=_PROTECTION, help=_PROTECTED)] = Field(
        "no_changes",
        description="Whether PDF programs let readers change the document. no_changes encrypts it with AES-256 and an "
        "empty password: everyone can open, print and copy it, and listen to it. Some application portals refuse "
        "encrypted files. Use none for them.",
    )
    claims_pdf_ua: StrictBool = Field(
        False,
        title="Conforms to PDF/UA-2",
        description="Whether the documents say that they conform to PDF/UA-2, the standard for accessible documents. "
        "Turn it on only after a person has checked a certificate of this design.",
    )
    print_template: Annotated[StrictBool, ShownAs(help=_PRINTED)] = Field(
        True,
        description="Whether the template is drawn. Use false to print the texts onto paper on which the template is printed already.",
    )
    bleed: Annotated[Bleed, ShownAs(unit="points")] = Field(
        0,
        description="Points of paper around what is visible on the built-in page or a background, for print shops, from 0 to 72. They "
        "often ask for 3 mm, which are 8.5 points. A template of your own has its own bleed, outside of its crop box.",
    )
    attach_badge: StrictBool = Field(
        False,
        title="Attach the Open Badge",
        description="Whether the signed Open Badge of the credential is attached to the PDF. Programs can then check it "
        "although the file was saved again.",
    )
    undrawable_text: Annotated[
        Literal["refuse", "print"],
        ShownAs(labels=_UNDRAWABLE, help="What happens if no font can draw a text."),
    ] = Field(
        "refuse",
        title="Texts that no font can draw",
        description="What happens if no font can draw a text: refuse the credential with the error "
        "undrawable_text, or print a replacement character and add a warning.",
    )
    defaults: Annotated[TextDefaults, BeforeValidator(_require_object), _LAYOUT] = Field(
        default_factory=TextDefaults, description="Defaults for all text elements."
    )
    text_elements: Annotated[dict[ElementName, TextOption], _LAYOUT] = Field(
        default_factory=dict,
        max_length=MOST_ELEMENTS,
        description="Texts by name. name, context and date are there by default, and false hides one. Others "
        f"need text and y. At most {MOST_ELEMENTS}.",
    )
    tables: Annotated[dict[ElementName, TableOption], _LAYOUT] = Field(
        default_factory=dict,
        max_length=MOST_TABLES,
        description="Tables of results by name, such as a transcript. false hides one. Each needs rows, columns, x, y and width. "
        f"At most {MOST_TABLES}.",
    )
    qr: Annotated[QROption | None, _LAYOUT] = Field(
        None,
        description="QR code of the verification URL: x, y, size, color. false hides the one of the built-in template.",
    )
    image: Annotated[ImageOption | None, _LAYOUT] = Field(None, description="An image: asset, x, y, width, height.")
    images: Annotated[dict[ElementName, ImageOption], _LAYOUT] = Field(
        default_factory=dict,
        max_length=MOST_ELEMENTS,
        description=f"More images, by name. false hides one. At most {MOST_ELEMENTS}.",
    )
    signatures: StrictBool = Field(
        True,
        title="Show the signatories",
        description="Whether the built-in template shows the type's signatories.",
    )
    signatories: Annotated[SignatoriesBox | None, BeforeValidator(_allow_false), _LAYOUT] = Field(
        None,
        description="A box for the type's signatories on your own template or background: x, y, width, height.",
    )
    grade_decimals: StrictInt = Field(0, ge=0, le=MAX_DECIMALS, title="Decimals of grades", description=DECIMALS_HELP)

    @field_validator("background", mode="after")
    @classmethod
    def _check_background(cls, value: Background | None, info: ValidationInfo) -> Background | None:
        if value and (info.data.get("template") or info.data.get("template_multiline")):
            raise ValueError("is instead of a template. Remove template and template_multiline, or the background")
        return value

    @field_validator("text_elements", mode="wrap")
    @classmethod
    def _check_custom_elements(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        """Require text and y of custom elements. These mistakes are reported together with all others."""
        known = ELEMENTS if _has_own_page(info) else BUILTIN_ELEMENTS
        missing = [
            _missing((name, key), element)
            for name, element in (value.items() if isinstance(value, Mapping) else ())
            if isinstance(element, Mapping) and name not in known
            for key in ("text", "y")
            if key not in element and not (key == "y" and "field" in element)
        ]
        return _validate_all(handler, value, missing)

    @field_validator("text_elements", mode="after")
    @classmethod
    def _check_length(cls, value: dict[str, TextElement | None]) -> dict[str, TextElement | None]:
        length = sum(len(element.text) for element in value.values() if element)
        if length > LONGEST_TEXTS:
            msg = f"the texts have {length:,} characters. At most {LONGEST_TEXTS:,} are accepted"
            raise ValueError(msg)
        return value

    @field_validator("tables", mode="after")
    @classmethod
    def _check_continuations(cls, value: dict[str, TableElement | None]) -> dict[str, TableElement | None]:
        problems = [
            InitErrorDetails(
                type=PydanticCustomError("value_error", "{problem}", {"problem": problem}), loc=path, input=None
            )
            for path, problem in find_continuation_problems(value)
        ]
        if problems:
            raise ValidationError.from_exception_data("PDFOptions", problems)
        return value

    @field_validator("qr", mode="wrap")
    @classmethod
    def _check_qr_place(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        """Require a place of the code: only the built-in page has one by default."""
        needed = ("x", "y") if _has_own_page(info) and isinstance(value, Mapping) else ()
        return _validate_all(handler, value, [_missing((key,), value) for key in needed if key not in value])

    @property
    def uses_builtin_template(self) -> bool:
        """Return whether the page is the built-in one, which has more elements."""
        return self.template is None and self.background is None

    @property
    def element_defaults(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the elements that are drawn by default, by name."""
        return BUILTIN_ELEMENTS if self.uses_builtin_template else ELEMENTS

    def list_templates(self) -> dict[str, str]:
        """Return the slugs of the templates, by their paths in the options."""
        named = {"template": self.template, "template_multiline": self.template_multiline}
        return {path: slug for path, slug in named.items() if slug is not None}

    def list_elements(self, fields: Sequence[FormField] = ()) -> Iterator[ListedElement]:
        """Yield every element that is drawn, in drawing order, with all of its options.

        Args:
            fields: the form fields of the template, in which texts and the QR code are placed.
        """
        is_builtin = self.uses_builtin_template
        texts = self.list_texts()
        if is_builtin:
            yield ListedElement("", ImageElement(issuer_logo=True, **BUILTIN_LOGO))
        if self.background and self.print_template:
            yield ListedElement("background", BackgroundElement(background=self.background, bleed=self.bleed))
        images = {"image": self.image, **{f"images.{name}": image for name, image in self.images.items()}}
        yield from (ListedElement(path, image) for path, image in images.items() if image is not None)
        listed = [
            ListedElement(f"text_elements.{name}", element, self._find_room(name)) for name, element in texts.items()
        ]
        if is_builtin:
            yield from self._list_rules(texts)
            # More programs understand what is drawn in the order in which it is read.
            footer = [item for item in listed if item.path in BUILTIN_FOOTER]
            yield from (item for item in listed if item not in footer)
            if self.signatures:
                yield ListedElement("", SignatoriesElement())
            listed = footer
        elif self.signatories is not None:
            yield ListedElement("signatories", self.signatories)
        fillings = self.find_fillings(fields) if fields else []
        yield from self._fill_fields(listed, fillings) if fillings else listed
        yield from (ListedElement(f"tables.{name}", table) for name, table in self.list_tables().items())
        if qr := self._find_qr(fillings):
            yield ListedElement("qr", qr)

    def _fill_fields(self, listed: Sequence[ListedElement], fillings: Sequence[Filling]) -> Iterator[ListedElement]:
        said: dict[str, Collection[str]] = {"": self.defaults.model_fields_set}
        said |= {name: item.model_fields_set if item else () for name, item in self.text_elements.items()}
        return fill_fields(listed, fillings, said, self.element_defaults, self.make_field_text)

    def find_fillings(self, fields: Sequence[FormField], custom: Collection[str] | None = None) -> list[Filling]:
        """Return what fills each form field of the template.

        Args:
            fields: of the template.
            custom: names of the type's custom fields. If it is None, any name can be one.
        """
        named = {name: name for name in (*self.element_defaults, *self.text_elements)}
        named |= {said.field: name for name, said in self.text_elements.items() if said is not None and said.field}
        return find_fillings(fields, named, custom)

    def make_field_text(self, text: str = "") -> TextElement:
        """Return a text that only fills a form field, with the options in ``defaults``."""
        return TextElement.model_construct(**self._list_shared(), text=text)

    @staticmethod
    def _list_rules(texts: Mapping[str, TextElement]) -> Iterator[ListedElement]:
        """Yield the rules of the built-in page below its texts."""
        for name, (x, y, width, color) in BUILTIN_RULES.items():
            if name in texts:
                yield ListedElement("", RuleElement(x=x, y=y, width=width, color=color))

    def list_texts(self) -> dict[str, TextElement]:
        """Return every text element that is not hidden.

        The options of the element win over those in ``defaults``. Then come the element's built-in defaults, then the general ones.
        """
        shared = self._list_shared()
        found: dict[str, TextElement] = {}
        for name in (*self.element_defaults, *(key for key in self.text_elements if key not in self.element_defaults)):
            said = self.text_elements.get(name, TextElement())
            if said is None:
                continue
            inherited = {**self.element_defaults.get(name, {}), **shared}
            found[name] = TextElement.model_construct(**{**inherited, **_list_own(said)})
        return found

    def list_tables(self) -> dict[str, TableElement]:
        """Return every table that is not hidden. The options of the table win over those in ``defaults``."""
        shared = {"size": TABLE_SIZE, **self._list_shared()}
        return {
            name: TableElement.model_construct(**{**shared, **_list_own(said)})
            for name, said in self.tables.items()
            if said is not None
        }

    def _list_shared(self) -> dict[str, Any]:
        """Return the options in ``defaults``."""
        shared = {name: getattr(self.defaults, name) for name in self.defaults.model_fields_set}
        if "fonts" in shared and "font" not in shared:
            shared["font"] = ""
        return shared

    def _find_room(self, name: str) -> Room | None:
        """Return the space for a text on the built-in page. An element that was moved has no limits."""
        said = self.text_elements.get(name)
        if said is not None and said.own_room is not None:
            return said.own_room
        is_moved = said is not None and "y" in said.model_fields_set
        return None if is_moved or not self.uses_builtin_template else BUILTIN_ROOMS.get(name)

    def _find_qr(self, fillings: Sequence[Filling] = ()) -> QRElement | None:
        places = (find_qr_place(filling.field) for filling in fillings if filling.is_qr)
        if "qr" not in self.model_fields_set and (place := next(filter(None, places), None)):
            return QRElement(**place)
        if self.qr is None and ("qr" in self.model_fields_set or not self.uses_builtin_template):
            return None
        said = {key: getattr(self.qr, key) for key in self.qr.model_fields_set} if self.qr else {}
        return QRElement.model_construct(**{**(BUILTIN_QR if self.uses_builtin_template else {}), **said})


def _has_own_page(info: ValidationInfo) -> bool:
    """Return whether the page is not the built-in one, by the options that were checked so far."""
    return bool(info.data.get("template") or info.data.get("background"))


def _list_own(said: TextDefaults) -> dict[str, Any]:
    """Return the options that are set on an element."""
    own = {key: getattr(said, key) for key in said.model_fields_set}
    if "fonts" in own and "font" not in own:
        own["font"] = ""
    elif "font" in own and "fonts" not in own:
        own["fonts"] = []
    return own


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
