"""What lies on a template's page is drawn as it looks, and nothing comes along that does something."""

import io

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import ImageChops

from learning_credentials.exceptions import AssetError

from .template_cases import CONTAINERS, Draft, Frame
from .template_features import carries_files
from .test_template_properties import FEW_TEXTS, assert_kept, assert_placed, list_keys, measure, render_over


def save(draft):
    return CONTAINERS["plain"](draft.finish())


def has_form_fields(draft):
    look = draft.make_form(
        b"/Tx BMC 0.8 0.9 1 rg 0 0 80 18 re f BT 0 g /Helv 10 Tf 2 5 Td (typed in) Tj ET EMC",
        box=(0, 0, 80, 18),
        Resources=Dictionary(Font=Dictionary(Helv=draft.make_font("Helvetica"))),
    )
    field = draft.add_annotation(
        Subtype=Name.Widget,
        FT=Name.Tx,
        T="learner",
        V="typed in",
        Ff=1,
        DA="/Helv 10 Tf 0 g",
        F=4,
        Rect=draft.place(0.2, 0.3, 80, 18),
        AP=Dictionary(N=look),
    )
    draft.pdf.Root.AcroForm = Dictionary(
        Fields=[field], DA="/Helv 10 Tf 0 g", DR=Dictionary(Font=Dictionary(Helv=draft.make_font("Helvetica")))
    )


def test_read_only_form_fields_keep_their_look():
    """Also in viewers that draw fields only through the form of their document, which is left behind."""
    draft = Draft(Frame())
    has_form_fields(draft)
    template = save(draft)
    before, after = show_plainly(template), show_plainly(render_over(template, {}))
    assert before.getpixel((130, 395 - 130)) == (204, 230, 255)
    # Fields are drawn with coloured edges of letters, pages with grey ones.
    difference = ImageChops.difference(before.convert("L"), after.convert("L"))
    assert difference.getextrema()[1] < 50


def show_plainly(content):
    with pypdfium2.PdfDocument(content) as document:
        document.init_forms()
        # Without the highlight that the viewer lays over fields that can be typed in.
        pypdfium2.raw.FPDF_SetFormFieldHighlightAlpha(document.formenv, 0)
        return document[0].render(scale=1).to_pil().convert("RGB")


ACTIONS = {
    "script": Dictionary(S=Name.JavaScript, JS="app.alert(1)"),
    "program": Dictionary(S=Name.Launch, F="calc.exe"),
    "form sent": Dictionary(S=Name.SubmitForm, F="https://example.org/"),
    "script after a link": Dictionary(
        S=Name.URI, URI="https://example.org/", Next=Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    ),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_annotations_bring_no_actions_but_links(name):
    draft = Draft(Frame())
    draft.add_annotation(
        Subtype=Name.Link, Rect=[0, 0, 50, 50], A=ACTIONS[name], AA=Dictionary(E=Dictionary(S=Name.JavaScript, JS="1"))
    )
    with pikepdf.open(io.BytesIO(render_over(save(draft), {}))) as pdf:
        keys = {key for value in pdf.objects for key in list_keys(value)}
        assert not keys & {"/JS", "/AA", "/Next"}
        kinds = {
            str(part.get("/S"))
            for value in pdf.objects
            for part in (value, value.get("/A") if isinstance(value, Dictionary) else None)
            if isinstance(part, Dictionary)
        }
        assert not kinds & {"/JavaScript", "/Launch", "/SubmitForm"}


def test_no_file_comes_along():
    draft = Draft(Frame())
    carries_files(draft)
    files = draft.pdf.Root.AF
    draft.add_annotation(Subtype=Name.FileAttachment, Rect=[0, 0, 30, 30], FS=files[0])
    draft.page.obj["/AF"] = files
    with pikepdf.open(io.BytesIO(render_over(save(draft), {}))) as pdf:
        keys = {key for value in pdf.objects for key in list_keys(value)}
    assert not keys & {"/EF", "/AF"}


@pytest.mark.parametrize("corners", [[0, 0, 0, 0], [300, 200, 300, 200]])
def test_an_empty_crop_box_counts_as_none(corners):
    """As viewers do: the media box holds."""
    draft = Draft(Frame())
    draft.page.obj["/CropBox"] = Array(corners)
    template = save(draft)
    assert measure(template) == (600, 400)
    assert_placed(template, FEW_TEXTS, Frame())
    assert_kept(template)


def test_a_crop_box_outside_the_page_is_refused():
    draft = Draft(Frame())
    draft.page.obj["/CropBox"] = Array([1000, 1000, 1200, 1200])
    with pytest.raises(AssetError, match="crop box of the PDF is outside"):
        render_over(save(draft), {})
