"""Templates with several pages: each has its own size, rotation, elements and links, and a place in the structure."""

import io

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import GenerationError
from learning_credentials.options import OptionsContext, find_problems
from learning_credentials.pdf import AttachedFile, PDFOptions, prepare_renderer
from tests.unit.pdf.drawn import list_drawn

from .structures import check_parent_tree, list_marks, read_structure
from .support import (
    VERIFY_URL,
    assert_sound,
    draw,
    edit_pdf,
    find_ink,
    make_assets,
    make_credential,
    make_pdf,
    make_png,
    read_with_pdfium,
    read_with_pypdf,
    render,
)

RED = (255, 0, 0)


def make_template(pages=3, annotate=False):
    """Return a PDF: a wide page, then a high one that is rotated, then one with an offset; and the rest like the first."""

    def edit(pdf, _page):
        if pages > 1:
            pdf.pages[1].obj.update({"/MediaBox": [0, 0, 600, 300], "/Rotate": 90})
        if pages > 2:
            pdf.pages[2].obj.update({"/MediaBox": [100, 50, 500, 650]})
        if annotate:
            for number, page in enumerate(pdf.pages, start=1):
                links = [
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.Annot,
                        Subtype=pikepdf.Name.Link,
                        Rect=[110, 60, 150, 80],
                        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"https://example.org/{number}/{index}"),
                    )
                    for index in range(number)
                ]
                page.obj.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(link) for link in links]))

    return edit_pdf(make_pdf(842, 595, pages), edit)


ASSETS = make_assets(
    template_a=make_template(), template_l=make_template(annotate=True), template_s=make_pdf(), image_a=make_png()
)
OPTIONS = {
    "template": "template_a",
    "text_elements": {
        "date": {"page": 2, "y": 500},
        "rank": {"text": "Grade {grade}", "page": 2, "y": 300, "size": 20, "color": "#f00"},
        "rules": {"text": "Rules of the course", "page": 3, "y": 550, "role": "heading"},
        "address": {"text": "{verify_url}", "page": 3, "y": 100, "size": 8},
    },
    "image": {"asset": "image_a", "page": 3, "x": 20, "y": 300, "width": 60, "alternative_text": "A red box"},
    "qr": {"page": 3, "x": 300, "y": 20, "size": 80},
}


def list_boxes(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [([float(side) for side in page.obj.MediaBox], int(page.obj.get("/Rotate", 0))) for page in pdf.pages]


def list_links(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [[str(note.A.URI) for note in page.obj.get("/Annots", [])] for page in pdf.pages]


class TestDrawing:
    def test_elements_are_on_the_pages_that_they_name(self):
        content = render(OPTIONS, ASSETS).content
        assert_sound(content, pages=3)
        texts = [read_with_pdfium(content, page) for page in (1, 2, 3)]
        assert [text.count("Template") for text in texts[:2]] == [1, 1]
        assert "Ada Example" in texts[0]
        assert "Marine Biology" in texts[0]
        assert "November 22, 2026" in texts[1]
        assert "Grade 92%" in texts[1]
        assert "Rules of the course" in texts[2]
        assert VERIFY_URL in texts[2]
        assert "Ada Example" not in texts[1] + texts[2]
        assert "Rules" not in texts[0] + texts[1]
        assert [read_with_pypdf(content, page).count("Ada Example") for page in (1, 2, 3)] == [1, 0, 0]

    def test_each_page_keeps_its_boxes_and_its_rotation(self):
        assert list_boxes(render(OPTIONS, ASSETS).content) == [
            ([0, 0, 842, 595], 0),
            ([0, 0, 600, 300], 90),
            ([100, 50, 500, 650], 0),
        ]

    def test_places_are_those_of_the_page_that_the_element_names(self):
        """The second page is 300 points wide and 600 high as a viewer shows it."""
        content = render(OPTIONS, ASSETS).content
        left, top, right, bottom = find_ink(content, RED, page=2)
        assert (left + right) / 2 == pytest.approx(150, abs=2)
        assert pytest.approx(bottom, abs=3) == 600 - 300
        assert top < bottom
        assert find_ink(content, RED, page=1) is None

    def test_paper_with_the_template_on_it_stays_empty(self):
        content = render({**OPTIONS, "print_template": False}, ASSETS).content
        assert_sound(content, pages=3)
        assert all("Template" not in read_with_pdfium(content, page) for page in (1, 2, 3))
        assert draw(content, page=3).getpixel((2, 2)) == (255, 255, 255)

    @pytest.mark.parametrize("protection", ["no_changes", "none"])
    def test_files_are_attached_and_protection_holds(self, protection):
        renderer = prepare_renderer({**OPTIONS, "protection": protection}, ASSETS)
        file = AttachedFile("badge.json", "application/json", b"{}", "A badge")
        content = renderer(make_credential(assets=ASSETS), file).content
        assert_sound(content, pages=3)
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert pdf.is_encrypted == (protection == "no_changes")
            assert list(pdf.attachments) == ["badge.json"]

    def test_what_is_drawn_is_laid_out_page_by_page(self):
        renderer = prepare_renderer(OPTIONS, ASSETS)
        credential = make_credential(assets=ASSETS)
        assert [len(list_drawn(renderer, credential, number)) for number in (1, 2, 3)] == [2, 2, 4]
        assert len(list_drawn(renderer, credential)) == 2

    def test_learners_share_what_is_the_same_and_nothing_else(self):
        renderer = prepare_renderer(OPTIONS, ASSETS)
        for name, grade in (("Ada Example", 0.92), ("Max Muster", 0.5), ("Ada Example", 0.92)):
            evidence = {"current_grades": {"Total": grade}}
            content = renderer(make_credential(user_full_name=name, evidence=evidence, assets=ASSETS)).content
            assert name in read_with_pdfium(content)
            assert f"Grade {grade:.0%}" in read_with_pdfium(content, 2)
            check_parent_tree(content)


class TestStructure:
    def test_pages_are_read_one_after_the_other(self):
        content = render(OPTIONS, ASSETS).content
        said = [[child.said.strip() for child in read_structure(content, page).children] for page in (1, 2, 3)]
        assert said == [
            ["Ada Example", "Marine Biology"],
            ["November 22, 2026", "Grade 92%"],
            [
                "Rules of the course",
                "A red box",
                VERIFY_URL,
                "QR code with the address at which anyone can verify this credential",
            ],
        ]

    def test_marks_are_numbered_page_by_page(self):
        content = render({**OPTIONS, "template_alternative_text": "A frame"}, ASSETS).content
        assert check_parent_tree(content) == [
            ("Figure", 0),
            ("P", 0),
            ("H1", 0),
            ("P", 1),
            ("H2", 2),
            ("Figure", 2),
            ("Link", 2),
            ("Figure", 2),
        ]
        for page in (1, 2, 3):
            marks = [mark for mark in list_marks(content, page) if mark != "Artifact"]
            assert sorted(set(marks)) == list(range(len(set(marks))))

    def test_each_page_of_the_template_can_have_a_text(self):
        options = {**OPTIONS, "page_alternative_texts": ["", "Rules of the university"]}
        content = render(options, ASSETS).content
        check_parent_tree(content)
        assert [read_structure(content, page).children[0].said for page in (1, 2, 3)][1:] == [
            "November 22, 2026",
            "Rules of the university",
        ]

    def test_links_of_the_template_and_of_elements_are_on_their_pages(self):
        content = render({**OPTIONS, "template": "template_l"}, ASSETS).content
        assert list_links(content) == [
            ["https://example.org/1/0"],
            ["https://example.org/2/0", "https://example.org/2/1"],
            [f"https://example.org/3/{index}" for index in range(3)] + [VERIFY_URL, VERIFY_URL],
        ]
        check_parent_tree(content)

    @given(
        pages=st.integers(1, 8),
        texts=st.lists(st.tuples(st.integers(1, 8), st.booleans(), st.booleans()), max_size=12),
        annotate=st.booleans(),
    )
    @settings(max_examples=25, deadline=None)
    def test_every_text_is_once_on_its_page_and_in_the_structure(self, pages, texts, annotate):
        """Texts of the cohort and of the learner take turns on any pages, with links and without."""
        assets = make_assets(template_a=make_template(pages, annotate))
        elements = {
            f"text{index}": {
                "text": f"Text {index}." + (" {name}" if is_own else ""),
                "page": 1 + (page - 1) % pages,
                "y": 30 + 20 * index,
                **({"link": "https://example.org/"} if is_link else {}),
            }
            for index, (page, is_own, is_link) in enumerate(texts)
        }
        content = render({"template": "template_a", "text_elements": elements}, assets).content
        assert_sound(content, pages)
        check_parent_tree(content)
        found = [read_with_pdfium(content, page) for page in range(1, pages + 1)]
        for index, (page, *_) in enumerate(texts):
            assert [text.count(f"Text {index}.") for text in found] == [
                int(number == (page - 1) % pages) for number in range(pages)
            ]


class TestMistakes:
    def list_problems(self, options, assets=ASSETS):
        return [str(problem) for problem in find_problems(options, [PDFOptions], OptionsContext(assets))]

    def test_right_options_have_no_problems(self):
        assert self.list_problems(OPTIONS) == []

    @pytest.mark.parametrize(
        ("element", "problem"),
        [
            (
                {"text_elements": {"name": {"page": 4}}},
                "text_elements.name.page: there is no page 4. the template 'template_a' has 3 pages",
            ),
            (
                {"qr": {"page": 5, "x": 1, "y": 1}},
                "qr.page: there is no page 5. the template 'template_a' has 3 pages",
            ),
            (
                {"image": {"asset": "image_a", "page": 0, "x": 1, "y": 1, "width": 9}},
                "image.page: Input should be greater",
            ),
            (
                {"text_elements": {"name": {"page": 9}}},
                "text_elements.name.page: Input should be less than or equal to 8",
            ),
            ({"text_elements": {"name": {"page": "2"}}}, "text_elements.name.page: Input should be a valid integer"),
            (
                {"text_elements": {"name": {"page": 2, "x": 301}}},
                "text_elements.name.x: 301 is off the page, which is 300 points wide",
            ),
            (
                {"images": {"seal": {"asset": "image_a", "page": 3, "x": 380, "y": 1, "width": 30}}},
                "images.seal.x: 380 is off the page, which is 400 points wide",
            ),
            ({"qr": {"page": 2, "x": 250, "y": 1}}, "qr.x: 250 is off the page, which is 300 points wide"),
            ({"page_alternative_texts": ["a"] * 8}, "page_alternative_texts: List should have at most 7 items"),
            (
                {"page_alternative_texts": ["a", "b", "c"]},
                "page_alternative_texts.2: there is no page 4. the template 'template_a' has 3 pages",
            ),
        ],
        ids=str,
    )
    def test_mistakes_are_found_with_their_path(self, element, problem):
        (found,) = self.list_problems({"template": "template_a", **element})
        assert found.startswith(problem)

    def test_the_builtin_template_has_one_page(self):
        assert self.list_problems({"text_elements": {"name": {"page": 2}}}) == [
            "text_elements.name.page: there is no page 2. the built-in template has only one page"
        ]

    def test_both_templates_must_have_the_page(self):
        options = {**OPTIONS, "template_multiline": "template_s", "text_elements": {"date": {"page": 3, "y": 300}}}
        del options["qr"], options["image"]
        assert self.list_problems(options) == [
            "text_elements.date.page: there is no page 3. the template 'template_s' has only one page"
        ]

    def test_the_template_for_several_lines_can_have_other_pages(self):
        options = {"template": "template_a", "template_multiline": "template_s"}
        assert_sound(render(options, ASSETS).content, pages=3)
        assert_sound(render(options, ASSETS, learning_context_name="Two\nlines").content, pages=1)

    def test_an_element_on_a_page_that_is_gone_is_a_warning(self):
        """The template was replaced by one with fewer pages after the options were saved."""
        options = {"template": "template_s", "text_elements": {"rules": {"text": "Rules", "page": 2, "y": 50}}}
        artifact = render(options, ASSETS)
        assert artifact.warnings == ("text_elements.rules: the template has no page 2, so nobody sees this element",)
        assert_sound(artifact.content)

    def test_a_name_on_a_page_that_is_gone_is_an_error(self):
        options = {"template": "template_s", "text_elements": {"name": {"page": 2}}}
        with pytest.raises(GenerationError, match=r"text_elements\.name: the template has no page 2") as caught:
            render(options, ASSETS)
        assert caught.value.code == "name_off_page"

    def test_the_text_of_each_page_is_advised_about(self):
        def edit(pdf, _page):
            del pdf.pages[0].Contents

        assets = make_assets(template_a=edit_pdf(make_pdf(pages=2), edit))
        assert assets.get("template_a").kind is AssetKind.PDF_TEMPLATE
        options = PDFOptions.model_validate({"template": "template_a"})
        (advice, *_) = options.list_advice(OptionsContext(assets))
        assert str(advice).startswith(
            "template_alternative_text: screen readers leave out the text in template: 'Template'"
        )
