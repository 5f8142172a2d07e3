"""A picture as the page: it covers the page as its fit says, and nothing else changes."""

import io

import pikepdf
import pytest
from PIL import Image

from learning_credentials.options import OptionsContext, parse
from learning_credentials.pdf.options import PDFOptions

from .drawn_svgs import make_svg
from .structures import read_structure
from .support import assert_sound, draw, find_ink, make_assets, make_pdf, make_png, read_with_pdfium, render

RED, BLUE = "#c00000", "#0000c0"
HIDDEN = {"name": False, "context": False, "date": False}
PAGE = {"width": 400, "height": 200}


def make_halves(width=200, height=200, kind="PNG", **options):
    """A picture with a red left and a blue right half."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def show(content=None, **background):
    options = {"background": {"asset": "image_paper", **PAGE, **background}, "text_elements": HIDDEN}
    return render(options, make_assets(image_paper=content or make_halves())).content


@pytest.mark.parametrize(
    ("fit", "red", "blue"),
    [
        ("cover", (0, 0, 200, 200), (200, 0, 400, 200)),
        ("contain", (100, 0, 200, 200), (200, 0, 300, 200)),
        ("stretch", (0, 0, 200, 200), (200, 0, 400, 200)),
    ],
)
def test_the_picture_fits_the_page(fit, red, blue):
    content = show(fit=fit)
    assert_sound(content)
    assert (find_ink(content, RED), find_ink(content, BLUE)) == (red, blue)


def test_cover_cuts_off_and_stretch_does_not():
    tall = io.BytesIO()
    image = Image.new("RGB", (100, 200), RED)
    image.paste(BLUE, (0, 0, 100, 40))
    image.save(tall, "PNG")
    assert find_ink(show(tall.getvalue(), fit="cover"), BLUE) is None
    assert find_ink(show(tall.getvalue(), fit="stretch"), BLUE) == (0, 0, 400, 40)


def test_the_page_is_a4_by_default_and_has_the_elements_of_a_template():
    made = render({"background": {"asset": "image_paper"}}, make_assets(image_paper=make_halves()))
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert [float(value) for value in pdf.pages[0].MediaBox] == pytest.approx([0, 0, 841.89, 595.28], abs=0.01)
    assert read_with_pdfium(made.content).split("\n") == ["Ada Example", "Marine Biology", "November 22, 2026"]


def test_the_picture_covers_the_bleed():
    content = render(
        {"background": {"asset": "image_paper", **PAGE}, "bleed": 10, "text_elements": HIDDEN},
        make_assets(image_paper=make_halves()),
    ).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        assert [float(value) for value in page.TrimBox] == [10, 10, 410, 210]
        del page.CropBox
        whole = io.BytesIO()
        pdf.save(whole)
    assert find_ink(whole.getvalue(), RED) == (0, 0, 210, 220)


def test_paper_on_which_it_is_printed_shows_only_the_texts():
    options = {"background": {"asset": "image_paper", **PAGE, "alternative_text": "A frame"}, "print_template": False}
    options["text_elements"] = {**HIDDEN, "name": {"y": 100}}
    content = render(options, make_assets(image_paper=make_halves())).content
    assert draw(content).size == (400, 200)
    assert find_ink(content, RED) is None
    assert read_with_pdfium(content) == "Ada Example"


def test_screen_readers_hear_the_alternative_text_first():
    options = {"background": {"asset": "image_paper", "alternative_text": "Awarded by the senate"}}
    document = read_structure(render(options, make_assets(image_paper=make_halves())).content)
    assert document.children[0].role == "Figure"
    assert document.children[0].alternative == "Awarded by the senate"


def test_a_drawing_can_be_the_page():
    content = show(make_svg('<path d="M0 0h50v50H0z" fill="#c00000"/>', "0 0 100 50"))
    assert find_ink(content, RED) == pytest.approx((0, 0, 200, 200), abs=1)


def test_photos_that_are_too_fine_are_made_smaller_and_stay_photos():
    noise = Image.effect_noise((3000, 1500), 60).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG", quality=90)
    content = show(buffer.getvalue())
    with pikepdf.open(io.BytesIO(content)) as pdf:
        (image,) = [item for item in pdf.pages[0].Resources.XObject.values() if item.Subtype == "/Image"]
        assert (image.Filter, image.Width, image.Height) == ("/DCTDecode", 1666, 833)
    assert len(content) < 3_000_000


def test_a_photo_on_its_side_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    content = show(make_halves(100, 400, "JPEG", exif=exif), fit="contain")
    assert find_ink(content, RED)[2] - find_ink(content, RED)[0] > 150


def find_problems(options, **contents):
    context = OptionsContext(assets=make_assets(**contents))
    parsed = parse(PDFOptions, options)
    return [str(problem) for problem in parsed.find_problems(context)], [
        str(item) for item in parsed.list_advice(context)
    ]


def test_the_picture_is_checked_even_if_it_is_not_printed():
    for prints in (True, False):
        problems, _ = find_problems(
            {"background": {"asset": "template_a"}, "print_template": prints}, template_a=make_pdf()
        )
        assert problems == ["background.asset: 'template_a' is a PDF template, not an image"]


def test_advice_names_too_few_pixels_and_a_missing_description():
    options = {"background": {"asset": "image_paper"}, "bleed": 8.5}
    _, advice = find_problems(options, image_paper=make_png(842, 595))
    assert advice[0].startswith("background.alternative_text: screen readers leave the background out")
    (pixels,) = advice[1:]
    assert pixels.startswith(
        "background.asset: the picture has 842 x 595 pixels, which are 70 dots per inch on this page"
    )
    assert pixels.endswith("Use one with 3,610 x 2,551 pixels")
    _, advice = find_problems(
        {"background": {"asset": "image_paper", "alternative_text": ""}}, image_paper=make_png(2000, 1414)
    )
    assert advice == []


def test_elements_are_checked_against_the_page():
    options = {"background": {"asset": "image_paper", **PAGE}, "text_elements": {**HIDDEN, "name": {"y": 300}}}
    assert find_problems(options, image_paper=make_png())[0] == [
        "text_elements.name.y: 300 puts the text off the page, which is 200 points high"
    ]
