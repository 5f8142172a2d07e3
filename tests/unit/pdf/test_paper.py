"""Certificates on paper: a bleed for print shops, and texts alone for paper on which the template is printed already."""

import io

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops, ImageStat
from reportlab.lib.pagesizes import A4, landscape

from learning_credentials.exceptions import OptionsError
from learning_credentials.options import OptionsContext, find_problems
from learning_credentials.pdf import PDFOptions

from .structures import read_structure
from .support import assert_sound, make_assets, make_pdf, read_with_pdfium, render

WIDTH, HEIGHT = landscape(A4)
ASSETS = make_assets(template_a=make_pdf(842, 595, color="#ff0000"))


def get_page(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        names = ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox")
        return {name: [float(side) for side in page.obj[name]] for name in names if name in page.obj}


def draw(content, *, crops=True):
    """Return the page as a picture: what is visible, or everything."""
    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        if not crops:
            page.set_cropbox(*page.get_mediabox())
        return page.render(scale=1).to_pil().convert("RGB")


class TestBleed:
    def test_the_page_has_paper_around_what_is_visible(self):
        content = render({"bleed": 8.5}).content
        assert_sound(content)
        boxes = get_page(content)
        assert boxes["/MediaBox"] == boxes["/BleedBox"] == pytest.approx([0, 0, WIDTH + 17, HEIGHT + 17], abs=0.01)
        assert boxes["/CropBox"] == boxes["/TrimBox"] == pytest.approx([8.5, 8.5, WIDTH + 8.5, HEIGHT + 8.5], abs=0.01)
        paper = draw(render({}).content).getpixel((5, 5))
        whole = draw(content, crops=False)
        for corner in ((1, 1), (whole.width - 2, 1), (1, whole.height - 2), (whole.width - 2, whole.height - 2)):
            assert whole.getpixel(corner) == paper != (255, 255, 255)

    def test_what_is_visible_stays_where_it_is(self):
        plain, with_bleed = draw(render({}).content), draw(render({"bleed": 10}).content)
        assert plain.size == with_bleed.size
        assert max(ImageStat.Stat(ImageChops.difference(plain, with_bleed)).mean) < 1

    def test_links_follow(self):
        def find_box(options):
            with pikepdf.open(io.BytesIO(render(options).content)) as pdf:
                return [float(side) for side in pdf.pages[0].Annots[-1].Rect]

        assert find_box({"bleed": 10}) == pytest.approx([side + 10 for side in find_box({})])

    @pytest.mark.parametrize("bleed", [-1, 73, "3mm", None])
    def test_other_sizes_are_refused(self, bleed):
        with pytest.raises(OptionsError, match="bleed: "):
            render({"bleed": bleed})

    def test_a_template_has_its_own(self):
        [problem] = find_problems({"template": "template_a", "bleed": 8.5}, [PDFOptions], OptionsContext(ASSETS))
        assert str(problem).startswith("bleed: is for the built-in page and a background only")


class TestStock:
    @pytest.mark.parametrize("options", [{}, {"template": "template_a"}])
    def test_only_the_texts_are_printed(self, options):
        full, content = render(options, ASSETS).content, render({**options, "print_template": False}, ASSETS).content
        assert_sound(content)
        page = draw(content)
        assert page.getpixel((3, 3)) == (255, 255, 255) != draw(full).getpixel((3, 3))
        assert "Ada Example" in read_with_pdfium(content)
        assert page.size == draw(full).size
        said = [[child.said for child in read_structure(found).children] for found in (full, content)]
        assert said[0] == said[1]

    def test_the_template_is_not_hidden_in_the_file(self):
        content = render({"template": "template_a", "print_template": False, "protection": "none"}, ASSETS).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
            assert not any(
                b"(Template)" in item.read_bytes()
                for item in streams
                if "/Subtype" not in item or item.Subtype != "/Image"
            )
        assert "Template" not in read_with_pdfium(content)
