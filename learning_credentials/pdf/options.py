"""Define the options of the PDF generator, and find the mistakes in them that only show together with the assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import OptionProblem
from learning_credentials.pdf.design_options import DesignOptions
from learning_credentials.pdf.elements.text import list_fonts_of_readers
from learning_credentials.pdf.page.notes import shorten
from learning_credentials.pdf.placeholders import list_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning_credentials.options import OptionsContext
    from learning_credentials.pdf.assets.option_checks import OptionChecks


class PDFOptions(DesignOptions):
    """Options of ``generate_pdf_credential``. Without a template, a built-in one is used."""

    def find_problems(self, context: OptionsContext) -> Iterator[OptionProblem]:
        """Yield mistakes that only show together with the assets: missing ones, wrong kinds, elements off the page."""
        # Imported here to keep the engine out of Django's start-up.
        from learning_credentials.pdf.assets.option_checks import OptionChecks

        checks = OptionChecks(context.assets, context.fields)
        for path, slug in self.list_templates().items():
            yield from checks.find_template_problem(path, slug)
        if self.uses_builtin_template:
            checks.add_builtin_page()
        if self.background:
            checks.add_page(self.background.width, self.background.height)
            yield from checks.find_image_problem("background.asset", self.background.asset)
        for index in range(len(self.page_alternative_texts)):
            yield from checks.find_page_problems(f"page_alternative_texts.{index}", index + 2)
        yield from self._find_font_problems(checks)
        yield from self._find_place_problems(checks)
        yield from self._find_field_problems(checks)
        yield from self._find_name_problems()
        if self.signatories is not None and self.uses_builtin_template:
            yield OptionProblem(
                "signatories",
                "is for your own template or background. The built-in page has its own places for signatories",
            )
        if self.bleed and self.template:
            yield OptionProblem(
                "bleed",
                "is for the built-in page and a background only. Make your template with a bleed outside of its crop box",
            )
        if self.claims_pdf_ua:
            yield from self._find_claim_problems(checks)

    def _find_place_problems(self, checks: OptionChecks) -> Iterator[OptionProblem]:
        for path, element, room in self.list_elements(checks.form_fields):
            if path.startswith("template."):
                continue
            # A form field is where the template has it.
            is_placed = room is not None and bool(room.field)
            places = {f"{path}.{name}" for name in ("x", "y", "max_width", "page")} if is_placed else ()
            for problem in (
                *checks.find_page_problems(f"{path}.page", element.page),
                *element.find_problems(path, checks),
            ):
                if problem.path not in places:
                    yield problem

    def _find_name_problems(self) -> Iterator[OptionProblem]:
        """Yield the problem of a name that is only on pages that documents do not always have."""
        owners = {table.continues_on: name for name, table in self.list_tables().items() if table.continues_on}
        pages = {name: text.page for name, text in self.list_texts().items() if "name" in list_fields(str(text.text))}
        if pages and owners.keys() >= set(pages.values()):
            name, page = next(iter(pages.items()))
            yield OptionProblem(
                f"text_elements.{name}.page",
                f"documents in which the table '{owners[page]}' ends before page {page} do not have that page. Print the name on another "
                "page too",
            )

    def _find_field_problems(self, checks: OptionChecks) -> Iterator[OptionProblem]:
        for name, said in self.text_elements.items():
            if said is not None and said.field and said.field not in {field.name for field in checks.form_fields}:
                known = (
                    ", ".join(sorted({f"'{field.name}'" for field in checks.form_fields if field.is_text})) or "none"
                )
                yield OptionProblem(
                    f"text_elements.{name}.field",
                    f"the template has no form field '{said.field}' for texts. It has: {known}",
                )

    def _find_font_problems(self, checks: OptionChecks) -> Iterator[OptionProblem]:
        yield from checks.find_font_problems("defaults", self.defaults.font, self.defaults.fonts)
        for name, said in self.text_elements.items():
            if said is not None:
                yield from checks.find_font_problems(f"text_elements.{name}", said.font, said.fonts)
        if self.signatories is not None:
            yield from checks.find_font_problem("signatories.font", self.signatories.font)
        for name, table in self.tables.items():
            if table is not None:
                yield from checks.find_font_problems(f"tables.{name}", table.font, table.fonts)
                if table.heading_font is not None:
                    yield from checks.find_font_problem(f"tables.{name}.heading_font", table.heading_font)

    def _find_claim_problems(self, checks: OptionChecks) -> Iterator[OptionProblem]:
        """Yield what is known to be against PDF/UA. What is left to people is in the how-to on accessible certificates."""
        for path, slug in self.list_templates().items():
            if text := checks.read_template_text(slug).strip():
                yield OptionProblem(
                    "claims_pdf_ua",
                    f"{path} has text of its own, which is not tagged: '{shorten(text)}'. Remove the text from the template, "
                    "and print it with text_elements",
                )
        named = {f"text_elements.{name}": text.font_names for name, text in self.list_texts().items()}
        named |= {f"tables.{name}": table.all_font_names for name, table in self.list_tables().items()}
        if self.signatories is not None:
            named["signatories"] = [self.signatories.font]
        for path, names in named.items():
            if fonts := list_fonts_of_readers(names):
                yield OptionProblem(
                    "claims_pdf_ua",
                    f"{path} has the font {fonts[0]}, which is not embedded. Choose an embedded font, such as NotoSans",
                )

    def list_advice(self, context: OptionsContext) -> Iterator[OptionProblem]:
        """Yield what screen readers leave out, and names of months that are not known."""
        from learning_credentials.pdf.assets.option_checks import OptionChecks

        checks = OptionChecks(context.assets)
        for path, slug in () if self.template_alternative_text else self.list_templates().items():
            if text := checks.read_template_text(slug).strip():
                yield OptionProblem(
                    "template_alternative_text",
                    f"screen readers leave out the text in {path}: '{shorten(text)}'. Enter what it says here, or print it "
                    "with text_elements",
                )
        yield from self._list_field_advice(checks, context)
        if self.background:
            yield from self.background.list_advice("background", checks, self.bleed)
        for path, element, _ in self.list_elements():
            yield from element.list_advice(path)
        for name, item in self.list_texts().items():
            yield from item.list_language_advice(f"text_elements.{name}", self.language or "")

    def _list_field_advice(self, checks: OptionChecks, context: OptionsContext) -> Iterator[OptionProblem]:
        for path, slug in self.list_templates().items():
            fillings = self.find_fillings(checks.read_form_fields(slug), context.fields)
            if removed := sorted({f"'{filling.field.name}'" for filling in fillings if filling.is_empty}):
                yield OptionProblem(
                    path,
                    f"nothing fills the form fields {', '.join(removed)}, so they are removed. Give each the name of a text element, a "
                    "placeholder or a custom field, or make it read-only to keep its look",
                )
