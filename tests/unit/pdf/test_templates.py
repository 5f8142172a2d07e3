"""Whatever a template's page boxes and rotation, text stands where it would on a plain page of the size that a viewer shows."""

import io

import pikepdf
import pypdfium2
import pytest

from .support import (
    assert_sound,
    draw,
    edit_pdf,
    find_ink,
    make_assets,
    make_pdf,
    read_with_pdfium,
    read_with_pypdf,
    render,
)

RED = (255, 0, 0)
OPTIONS = {
    "template": "template",
    "text_elements": {
        "name": {"y": 200, "color": "f00", "text": "{name}", "size": 40},
        "context": {"y": 100},
        "date": {"y": 50},
    },
}


def plain(width, height):
    return make_pdf(width, height)


def offset(_width, _height):
    return edit_pdf(make_pdf(1000, 1000), lambda _, page: page.obj.update({"/MediaBox": [50, -60, 650, 340]}))


def cropped(_width, _height):
    return edit_pdf(make_pdf(1000, 1000), lambda _, page: page.obj.update({"/CropBox": [150, 250, 750, 650]}))


def crop_beyond_media(_width, _height):
    return edit_pdf(make_pdf(600, 400), lambda _, page: page.obj.update({"/CropBox": [-100, -100, 900, 900]}))


def upside_down_box(_width, _height):
    return edit_pdf(make_pdf(600, 400), lambda _, page: page.obj.update({"/MediaBox": [600, 400, 0, 0]}))


def rotated(degrees, **boxes):
    def make(_width, _height):
        sides = (400, 600) if degrees % 180 else (600, 400)

        def edit(_, page):
            page.obj["/Rotate"] = degrees
            for name, corners in boxes.items():
                page.obj[f"/{name}"] = corners

        return edit_pdf(make_pdf(*(sides if not boxes else (1000, 1000))), edit)

    return make


def inherited(_width, _height):
    def edit(pdf, page):
        tree = pdf.Root.Pages
        tree.MediaBox = pikepdf.Array([20, 30, 620, 430])
        tree.Resources = page.obj.Resources
        tree.Rotate = 180
        del page.obj["/MediaBox"], page.obj["/Resources"]
        if "/Rotate" in page.obj:
            del page.obj["/Rotate"]

    return edit_pdf(make_pdf(600, 400), edit)


def encrypted(_width, _height):
    return edit_pdf(make_pdf(600, 400), lambda *_: None, encryption=pikepdf.Encryption(owner="secret", user="", R=4))


def object_streams(_width, _height):
    return edit_pdf(make_pdf(600, 400), lambda *_: None, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def unbalanced(_width, _height):
    """Content that leaves its graphics state open and scaled, in two streams cut within an operator."""

    def edit(pdf, page):
        page.obj["/Contents"] = pikepdf.Array(
            [
                pdf.make_stream(b"q 0.5 0 0 0.5 100 100 cm 1 0 0 RG q 3 Tr BT /F1 12 Tf 5 Tc ET 0 0 5"),
                pdf.make_stream(b"5 re W n"),
            ]
        )

    return edit_pdf(make_pdf(600, 400), edit)


def no_content(_width, _height):
    def edit(_, page):
        del page.obj["/Contents"], page.obj["/Resources"]

    return edit_pdf(make_pdf(600, 400), edit)


TEMPLATES = {
    "offset": offset,
    "cropped": cropped,
    "crop box beyond the media box": crop_beyond_media,
    "corners swapped": upside_down_box,
    "rotated 90": rotated(90),
    "rotated 180": rotated(180),
    "rotated 270": rotated(270),
    "rotated -90": rotated(-90),
    "rotated 450": rotated(450),
    "rotated 90, cropped": rotated(90, CropBox=[100, 200, 500, 800]),
    "rotated 270, offset": rotated(270, MediaBox=[-30, 40, 370, 640]),
    "rotated 180, offset and cropped": rotated(180, MediaBox=[-100, -100, 900, 900], CropBox=[10, 20, 610, 420]),
    "inherited from the page tree": inherited,
    "encrypted with an empty password": encrypted,
    "object streams": object_streams,
    "unbalanced content": unbalanced,
    "no content": no_content,
}


def list_char_boxes(content):
    """Boxes of the red name's characters in the coordinates of the page as shown."""
    scale = 4
    box = find_ink(content, RED, dpi=72 * scale)
    return [value / scale for value in box]


@pytest.fixture(scope="module")
def expected():
    return list_char_boxes(render(OPTIONS, make_assets(template=plain(600, 400))).content)


@pytest.mark.parametrize("name", TEMPLATES)
def test_text_stands_where_it_would_on_a_plain_page(name, expected):
    content = render(OPTIONS, make_assets(template=TEMPLATES[name](600, 400))).content
    assert_sound(content)
    assert draw(content).size == (600, 400)
    assert list_char_boxes(content) == pytest.approx(expected, abs=0.5)
    assert "Ada Example" in read_with_pdfium(content)
    assert "Ada Example" in read_with_pypdf(content)


def test_characters_stand_at_the_baseline_and_around_the_middle():
    content = render({**OPTIONS, "defaults": {"font": "Helvetica"}}, make_assets(template=plain(600, 400))).content
    with pypdfium2.PdfDocument(content) as document:
        page = document[0].get_textpage()
        start = page.get_text_bounded().replace("\r\n", "\n").index("Ada Example")
        text = page.get_text_range()
        start = text.index("Ada Example")
        first, last = page.get_charbox(start, loose=True), page.get_charbox(start + 10, loose=True)
        tight = page.get_charbox(start)
    assert (first[0] + last[2]) / 2 == pytest.approx(300, abs=0.5)
    assert tight[1] == pytest.approx(200, abs=0.5)


def test_the_template_stays_visible_and_readable():
    content = render(OPTIONS, make_assets(template=make_pdf(text="Printed before", color="#3366cc"))).content
    assert draw(content).getpixel((300, 10)) == (0x33, 0x66, 0xCC)
    assert "Printed before" in read_with_pdfium(content)
    assert "Printed before" in read_with_pypdf(content)


def test_the_multiline_template_serves_names_with_a_line_break():
    assets = make_assets(template=make_pdf(color="#ff0000"), template_multiline=make_pdf(color="#0000ff"))
    options = {"template": "template", "template_multiline": "template_multiline"}
    one, two = (
        render(options, assets, learning_context_name=name).content for name in ("Marine Biology", "Marine\nBiology")
    )
    assert draw(one).getpixel((5, 5)) == (255, 0, 0)
    assert draw(two).getpixel((5, 5)) == (0, 0, 255)


def test_an_edited_template_is_not_served_stale():
    for color, expected in (("#00ff00", (0, 255, 0)), ("#0000ff", (0, 0, 255))):
        content = render({"template": "template"}, make_assets(template=make_pdf(color=color))).content
        assert draw(content).getpixel((5, 5)) == expected


def test_links_of_the_template_stay():
    def edit(pdf, page):
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 100, 20],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://university.example.org/"),
        )
        page.obj["/Annots"] = pikepdf.Array([pdf.make_indirect(link)])

    content = render({"template": "template"}, make_assets(template=edit_pdf(make_pdf(), edit))).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.pages[0].Annots[0].A.URI) == "https://university.example.org/"


def test_hidden_layers_stay_hidden():
    def edit(pdf, page):
        layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Draft"))
        pdf.Root.OCProperties = pikepdf.Dictionary(
            OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer], Order=[layer], BaseState=pikepdf.Name.ON)
        )
        page.obj.Resources.Properties = pikepdf.Dictionary(L0=layer)
        page.obj["/Contents"] = pdf.make_stream(b"/OC /L0 BDC 1 0 0 rg 0 0 600 400 re f EMC")

    content = render({"template": "template"}, make_assets(template=edit_pdf(make_pdf(), edit))).content
    assert draw(content).getpixel((5, 5)) == (255, 255, 255)


def test_a_nul_is_a_blank():
    """Programs for drawings write it after names (ISO 32000-2, 7.2.3)."""

    def edit(pdf, page):
        palette = pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, 1, b"\xff\0\0\0\0\xff"])
        image = pdf.make_stream(b"\1", Width=1, Height=1, BitsPerComponent=8, ColorSpace=palette)
        image.Subtype = pikepdf.Name.Image
        page.obj.Resources.XObject = pikepdf.Dictionary(Dot=image)
        page.obj["/Contents"] = pdf.make_stream(b"600 0 0 400 0 0 cm /Dot Do")

    template = edit_pdf(make_pdf(), edit, compress_streams=False)
    with_nul = template.replace(b"/DeviceRGB 1 ", b"/DeviceRGB\x001\x00")
    assert with_nul != template

    content = render({"template": "template"}, make_assets(template=with_nul)).content
    assert draw(content).getpixel((5, 5)) == (0, 0, 255)
    assert_sound(content)
