"""Form fields of a template are places for texts: filled by their names, in their size, alignment and direction."""

import io

import pikepdf
import pypdf
import pytest
from pikepdf import Array, Dictionary, Name
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

from learning_credentials.data import FieldData, FieldKind
from learning_credentials.exceptions import GenerationError
from learning_credentials.options import OptionsContext, parse
from learning_credentials.pdf.options import PDFOptions

from .support import assert_sound, draw, edit_pdf, find_ink, make_assets, make_form, make_pdf, read_with_pdfium, render

RED, GREEN, BLUE, GREY = "#c00000", "#00a000", "#0000c0", "#808080"
HOURS = FieldData(name="hours", label="Hours", kind=FieldKind.NUMBER, value=40, is_own=False)


def add_fields(*fields, form=None, rotate=0):
    """A PDF with fields by pikepdf, which are given as dictionaries."""

    def edit(pdf, page):
        page.obj.Rotate = rotate
        made = [pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, **field)) for field in fields]
        page.obj.Annots = Array(made)
        pdf.Root.AcroForm = Dictionary(Fields=Array(made), **(form or {}))

    return edit_pdf(make_pdf(600, 400, text="", color="#ffffff"), edit)


def fill(template, options=None, **values):
    made = render({"template": "template_form", **(options or {})}, make_assets(template_form=template), **values)
    assert_sound(made.content)
    return made


def is_inside(ink, box, height=400):
    left, bottom, width, up = box
    return left <= ink[0] and ink[2] <= left + width and height - bottom - up <= ink[1] and ink[3] <= height - bottom


def test_fields_are_filled_by_the_names_of_elements_placeholders_and_custom_fields():
    boxes = {"Name": (100, 300, 400, 40), "issue date": (50, 200, 150, 20), "hours": (300, 200, 60, 20)}
    colours = dict(zip(boxes, (RED, GREEN, BLUE), strict=True))
    form = make_form(*((name, box, {"fontSize": 14, "color": colours[name]}) for name, box in boxes.items()))
    content = fill(form, {"text_elements": {"context": False}}, custom_fields=(HOURS,)).content
    said = read_with_pdfium(content).replace("\n", " ")
    assert sorted(said.split()) == sorted(["Ada", "Example", "November", "22,", "2026", "40"])
    for name, box in boxes.items():
        assert is_inside(find_ink(content, colours[name]), box), name


def test_no_form_is_left():
    content = fill(
        make_form(("name", (100, 300, 400, 40), {}), ("other", (100, 100, 90, 20), {"value": "typed"}))
    ).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert "/AcroForm" not in pdf.Root
        assert "/Annots" not in pdf.pages[0]
    assert "typed" not in read_with_pdfium(content)


def test_read_only_fields_keep_their_look():
    form = make_form(("name", (100, 60, 100, 20), {"value": "Senate", "flags": "readOnly"}))
    content = fill(form, {"text_elements": {"context": False, "date": False}}).content
    assert read_with_pdfium(content).split("\n") == ["Senate", "Ada Example"]  # the name is at its usual place
    assert is_inside(find_ink(content, RED), (100, 60, 100, 20))


@pytest.mark.parametrize(("number", "edge"), [(0, "left"), (1, "middle"), (2, "right")])
def test_the_alignment_of_a_field_counts(number, edge):
    form = make_form(("name", (100, 300, 400, 40), {"fontSize": 14}))
    form = edit_pdf(form, lambda _, page: set_alignment(page, number))
    left, _, right, _ = find_ink(fill(form).content, RED)
    place = {"left": left - 102, "middle": (left + right) / 2 - 300, "right": 498 - right}[edge]
    assert abs(place) < 3


def set_alignment(page, number):
    page.obj.Annots[0].Q = number


def test_long_texts_shrink_and_break_into_lines_inside_of_their_field():
    box = (100, 200, 120, 60)
    form = make_form(("context", box, {"fontSize": 18, "flags": "multiline"}))
    options = {"text_elements": {"name": False, "date": False}}
    content = fill(form, options, learning_context_name="Foundations of Marine Biology for Everyone").content
    assert "Biology for" in read_with_pdfium(content).replace("\n", " ")
    assert is_inside(find_ink(content, RED), box)
    single = make_form(("context", (100, 200, 120, 20), {"fontSize": 18}))
    content = fill(single, options, learning_context_name="Foundations of Marine Biology for Everyone").content
    assert is_inside(find_ink(content, RED), (100, 200, 120, 20))


def test_a_text_that_never_fits_is_an_error_that_names_the_field():
    form = make_form(("context", (100, 200, 20, 8), {"fontSize": 18}))
    with pytest.raises(GenerationError, match="form field 'context' of the template") as caught:
        fill(form, learning_context_name="Foundations of Marine Biology for Everyone")
    assert caught.value.code == "text_does_not_fit"


def test_every_script_is_written():
    form = make_form(("name", (100, 300, 400, 60), {"fontSize": 30}))
    made = fill(form, user_full_name="نور المثال")
    assert made.warnings == ()
    assert is_inside(find_ink(made.content, RED), (100, 300, 400, 60))


TURNED = {
    0: ([100, 150, 300, 180], (100, 220, 300, 250)),
    90: ([100, 150, 130, 350], (150, 100, 350, 130)),
    180: ([100, 150, 300, 180], (300, 150, 500, 180)),
    270: ([100, 150, 130, 350], (50, 470, 250, 500)),
}


@pytest.mark.parametrize("turn", TURNED)
def test_fields_on_turned_pages_are_upright_if_their_widgets_are(turn):
    rect, (left, top, right, bottom) = TURNED[turn]
    field = {"FT": Name.Tx, "T": "name", "DA": "/Helv 14 Tf 0.7529 0 0 rg", "Rect": rect, "MK": Dictionary(R=turn)}
    content = fill(add_fields(field, rotate=turn)).content
    assert draw(content).size == ((400, 600) if turn % 180 else (600, 400))
    ink = find_ink(content, RED)
    assert ink[2] - ink[0] > 2 * (ink[3] - ink[1])
    assert left <= ink[0] <= ink[2] <= right
    assert top <= ink[1] <= ink[3] <= bottom


def test_a_field_that_is_not_turned_with_its_page_is_read_from_the_side():
    field = {"FT": Name.Tx, "T": "name", "DA": "/Helv 14 Tf 0.7529 0 0 rg", "Rect": [100, 150, 300, 180]}
    left, top, right, bottom = find_ink(fill(add_fields(field, rotate=90)).content, RED)
    assert bottom - top > 2 * (right - left)


def test_what_parents_and_the_form_say_counts():
    def edit(pdf, page):
        parent = pdf.make_indirect(Dictionary(T="field", FT=Name.Tx, DA="/Helv 0 Tf 0.7529 0 0 rg", Q=1))
        kid = pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Widget, T="hours", Parent=parent, Rect=[100, 100, 300, 130])
        )
        parent.Kids = Array([kid])
        page.obj.Annots = Array([kid])
        pdf.Root.AcroForm = Dictionary(Fields=Array([parent]))

    content = fill(edit_pdf(make_pdf(600, 400, text=""), edit), custom_fields=(HOURS,)).content
    left, top, right, bottom = find_ink(content, RED)
    assert (left + right) / 2 == pytest.approx(200, abs=2)
    assert bottom - top > 12  # the size follows from the height of the field


def test_a_form_of_pypdf_is_filled():
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf(600, 400, text="")))
    field = DictionaryObject(
        {
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): TextStringObject("Full Name"),
            NameObject("/DA"): TextStringObject("0 1 1 0.2471 k /Helv 12 Tf"),
            NameObject("/Rect"): ArrayObject(map(FloatObject, (100, 100, 300, 130))),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(field)])
    buffer = io.BytesIO()
    writer.write(buffer)
    content = fill(buffer.getvalue(), {"text_elements": {"name": {"field": "Full Name"}}}).content
    assert is_inside(find_ink(content, RED), (100, 100, 200, 30))


def test_options_of_the_element_win_over_the_field():
    form = make_form(("name", (100, 300, 400, 40), {"fontSize": 30}))
    content = fill(form, {"text_elements": {"name": {"color": BLUE, "size": 20, "align": "right"}}}).content
    _, top, right, bottom = find_ink(content, BLUE)
    assert abs(498 - right) < 3
    assert bottom - top < 22
    moved = fill(form, {"text_elements": {"name": {"y": 20, "color": BLUE}}}).content
    assert find_ink(moved, BLUE)[1] > 350
    assert "Ada" not in read_with_pdfium(fill(form, {"text_elements": {"name": False}}).content)


def test_an_own_element_fills_the_field_that_it_names():
    form = make_form(("Text1", (100, 300, 400, 40), {"fontSize": 12}))
    options = {"text_elements": {"degree": {"text": "Bachelor {grade}", "field": "Text1"}, "context": False}}
    content = fill(form, options).content
    assert "Bachelor 92%" in read_with_pdfium(content)
    assert is_inside(find_ink(content, RED), (100, 300, 400, 40))


def test_what_a_field_prints_is_not_printed_twice():
    form = make_form(
        ("context_name", (100, 300, 400, 40), {}), ("name", (100, 200, 400, 40), {}), ("name", (100, 20, 400, 40), {})
    )
    said = read_with_pdfium(fill(form).content)
    assert said.count("Marine Biology") == 1
    assert said.count("Ada Example") == 2  # in both places


def test_a_field_for_the_qr_code():
    form = make_form(("qr", (480, 20, 100, 80), {}))
    image = draw(fill(form).content)
    assert image.getpixel((530, 350)) in {(0, 0, 0), (255, 255, 255)}
    dark = image.crop((490, 300, 570, 380)).convert("1").histogram()
    assert dark[0] > 1000


def test_a_template_that_is_on_the_paper_already_still_places_the_texts():
    form = make_form(("name", (100, 300, 400, 40), {}))
    content = fill(form, {"print_template": False}).content
    assert is_inside(find_ink(content, RED), (100, 300, 400, 40))


BROKEN = {
    "no box": {"FT": Name.Tx, "T": "name"},
    "half a box": {"FT": Name.Tx, "T": "name", "Rect": [1, 2]},
    "an empty box": {"FT": Name.Tx, "T": "name", "Rect": [9, 9, 9, 9]},
    "no name": {"FT": Name.Tx, "Rect": [100, 100, 200, 120]},
    "a long name": {"FT": Name.Tx, "T": "name" * 100, "Rect": [100, 100, 200, 120]},
    "hidden": {"FT": Name.Tx, "T": "name", "Rect": [100, 100, 200, 120], "F": 2},
    "a password": {"FT": Name.Tx, "T": "name", "Rect": [100, 100, 200, 120], "Ff": 1 << 13},
    "a box to tick": {"FT": Name.Btn, "T": "name", "Rect": [100, 100, 200, 120]},
    "a choice": {"FT": Name.Ch, "T": "name", "Rect": [100, 100, 200, 120]},
    "a signature": {"FT": Name.Sig, "T": "name", "Rect": [100, 100, 200, 120]},
    "odd values": {"FT": Name.Tx, "T": "name", "Rect": [100, 100, 200, 120], "Q": Name.Left, "DA": 5, "MK": 3},
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_filled_is_removed(name):
    content = fill(add_fields(BROKEN[name])).content
    assert read_with_pdfium(content).count("Ada Example") == 1
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert "/Annots" not in pdf.pages[0]


def find_problems(options, fields=frozenset(), **contents):
    context = OptionsContext(assets=make_assets(**contents), fields=fields)
    parsed = parse(PDFOptions, {"template": "template_form", **options})
    return [str(problem) for problem in parsed.find_problems(context)], [
        str(item) for item in parsed.list_advice(context)
    ]


def test_operators_hear_which_fields_nothing_fills():
    form = make_form(*((name, (10, 10, 100, 20), {}) for name in ("name", "hours", "credits", "issue_date", "seal")))
    problems, advice = find_problems({}, frozenset({"hours"}), template_form=form)
    assert problems == []
    (said,) = advice
    assert said.startswith(
        "template: nothing fills the form fields 'credits', 'seal', so they are removed. Give each the name"
    )


def test_a_field_that_is_not_there_is_a_mistake():
    form = make_form(("Text1", (10, 10, 100, 20), {}))
    problems, _ = find_problems({"text_elements": {"extra": {"text": "a", "field": "Text2"}}}, template_form=form)
    assert problems == ["text_elements.extra.field: the template has no form field 'Text2' for texts. It has: 'Text1'"]


def test_a_field_along_the_side_of_a_page_is_no_mistake():
    field = {"FT": Name.Tx, "T": "name", "DA": "/Helv 14 Tf 0.7529 0 0 rg", "Rect": [20, 10, 590, 40]}
    form = add_fields(field, rotate=90)
    assert find_problems({"text_elements": {"context": False}}, template_form=form)[0] == []
    left, top, right, bottom = find_ink(fill(form).content, RED)
    assert bottom - top > 2 * (right - left)


def test_elements_in_fields_may_be_off_a_small_page_by_default():
    form = make_form(
        ("name", (10, 10, 100, 20), {}), ("context", (10, 40, 100, 20), {}), ("date", (10, 70, 100, 20), {}), height=100
    )
    assert find_problems({}, template_form=form) == ([], [])
