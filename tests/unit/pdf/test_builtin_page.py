"""The built-in page: whatever its texts are, nothing touches anything else."""

from itertools import combinations

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdfium2 import raw

from learning_credentials.data import IssuerData, SignatoryData
from learning_credentials.exceptions import GenerationError
from learning_credentials.pdf.content.graphics import PlacedImage, TextLine
from learning_credentials.pdf.page.text_style import LEAST_SIZE
from learning_credentials.pdf.rendering import get_renderer

from .script_samples import SAMPLES
from .support import make_assets, make_credential, make_png, read_with_pdfium, render

ASSETS = make_assets(image=make_png(300, 200), image_logo=make_png(900, 100))
#: What the template draws: within the frame, beside the seal, around the ornament below the issuer.
FRAME = (36.35, 36.35, 841.89 - 36.35, 595.28 - 36.35)
ORNAMENTS = [(57, 50, 135, 142), (299, 459, 543, 471)]

WORDS = {
    "latin": ["Ada", "Élodie-Marguerite", "Wolfeschlegelsteinhausenbergerdorff", "Ğüneş", "van", "Jäger", "Ångström"],
    "arabic": ["محمد", "عبدالرحمن", "بن", "فاطمة", "الزهراء"],
    "thai": ["สมชาย", "ปริญญารัตน์", "ณ", "ผู้ทรงคุณวุฒิ"],
    "burmese": ["အောင်", "ဆန်းစုကြည်", "ဒေါ်", "မြန်မာနိုင်ငံ"],
    "devanagari": ["प्रियंका", "श्रीकृष्ण", "विश्वविद्यालय", "राष्ट्रीय"],
    "wide": ["WWWWWWWWWW", "MMMM", "ÄÖÜ", "Ŵ"],
    "hebrew": ["שלום", "ירושלים"],
    "khmer": ["សាកលវិទ្យាល័យ", "ភ្នំពេញ"],
    **{font: sample.split() for font, sample in SAMPLES.items()},
}


#: Its signs are three times as wide as letters, so eight columns have room for one word in each line.
WIDEST = {"NotoSansCuneiform"}
#: Codes below the QR code, the widest letters and digits only among them.
CODES = ("7K3QF-9XW2M", "WWWWW-WWWWW", "11111-11111", "72359-04618")


@st.composite
def texts(draw, longest):
    """Words of one script up to a length; with or without spaces between them."""
    words = WORDS[draw(st.sampled_from(sorted(WORDS)))]
    glue = draw(st.sampled_from([" ", " ", ""]))
    length = draw(st.sampled_from([1, 20, 60, 120, longest]) | st.integers(1, longest))
    text = ""
    for index in range(length):
        text += words[(index * 7 + length) % len(words)] + glue
        if len(text) >= length:
            break
    return text[: min(length, longest)].strip() or words[0]


@st.composite
def people(draw, longest, least=0):
    return tuple(
        SignatoryData(
            draw(texts(longest)),
            draw(st.just("") | texts(longest)),
            draw(st.just("") | texts(longest)),
            draw(st.sampled_from(["", "image"])),
        )
        for _ in range(draw(st.integers(least, 8)))
    )


def lay_out(options=None, **values):
    _, placed = get_renderer(options or {}, ASSETS).lay_out(make_credential(assets=ASSETS, **values))
    return [graphic for element in placed for graphic in element.graphics if element.page == 0]


def touch(one, other):
    left, bottom, right, top = one
    return left < other[2] and other[0] < right and bottom < other[3] and other[1] < top


def check(drawings):
    """Nothing touches anything else, the frame or the ornaments, and nothing is too small to be read."""
    boxes = [(item, item.box) for item in drawings]
    for item, (left, bottom, right, top) in boxes:
        assert (left >= FRAME[0], bottom >= FRAME[1], right <= FRAME[2], top <= FRAME[3]) == (True,) * 4, item
        assert not any(touch((left, bottom, right, top), ornament) for ornament in ORNAMENTS), item
        if isinstance(item, TextLine):
            assert item.size >= LEAST_SIZE - 1e-6, item.line.text
    for (one, box), (other, other_box) in combinations(boxes, 2):
        assert not touch(box, other_box), (one, other)


BOUNDED = settings(
    max_examples=settings().max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@BOUNDED
@given(texts(255), texts(255), texts(255), texts(255), st.integers(0, 200))
def test_no_length_of_a_text_makes_it_touch_anything(name, context, kind, issuer, length):
    url = (
        f"https://credentials.example.org/{'path-of-a-site/' * 20}"[: length + 32]
        + "/8a6e0804-2bd0-4672-b79d-d97027f9071a/"
    )
    drawings = lay_out(
        user_full_name=name,
        learning_context_name=context,
        credential_type_name=kind,
        issuer=IssuerData(name=issuer, logo="image_logo"),
        signatories=(SignatoryData("Prof. Max Muster", "Dean", "Faculty of Examples", "image"),) * 2,
        verify_url=url,
    )

    check(drawings)


@BOUNDED
@given(people(60), texts(255), texts(255))
def test_up_to_eight_signatories_fit(signatories, name, context):
    values = {"user_full_name": name, "learning_context_name": context, "signatories": signatories}
    if len(signatories) > 4:
        # More text than there is room for, or capitals in all of it, is refused.
        try:
            drawings = lay_out(**values)
        except GenerationError:
            with pytest.raises(GenerationError, match="the signatories"):
                lay_out(**values)
            return
    else:
        drawings = lay_out(**values)

    check(drawings)
    assert sum(isinstance(item, PlacedImage) for item in drawings) == sum(bool(item.signature) for item in signatories)


@BOUNDED
@given(people(255, least=1), texts(255), texts(255), texts(255), texts(255), st.sampled_from(CODES))
def test_all_texts_together_fit_or_are_refused(signatories, name, context, kind, issuer, code):
    values = {
        "user_full_name": name,
        "learning_context_name": context,
        "credential_type_name": kind,
        "issuer": IssuerData(name=issuer, logo="image_logo"),
        "signatories": signatories,
        "verify_code": code,
    }
    try:
        drawings = lay_out(**values)
    except GenerationError:
        with pytest.raises(GenerationError, match="the signatories") as caught:
            lay_out(**values)
        assert caught.value.code == "text_does_not_fit"
        assert len(signatories) > 1
        return

    check(drawings)
    assert any(isinstance(item, TextLine) and item.line.text.strip("\u200e") == code for item in drawings)
    pictures = 1 + sum(bool(person.signature) for person in signatories)
    assert sum(isinstance(item, PlacedImage) for item in drawings) == pictures


@pytest.mark.parametrize("script", WORDS)
def test_eight_signatories_fit_in_every_script(script):
    words = WORDS[script]
    text = words[0] if script in WIDEST else " ".join(words * 3)[:18].strip()
    person = SignatoryData(text, text, text, "image")

    check(lay_out(signatories=(person,) * 8, user_full_name=text, learning_context_name=text))


@pytest.mark.slow
@pytest.mark.parametrize("script", WORDS)
@pytest.mark.parametrize("glue", [" ", ""])
def test_the_longest_name_fits_in_every_script(script, glue):
    name = (glue.join(WORDS[script] * 60))[:255].strip()

    check(lay_out(user_full_name=name, learning_context_name=name, credential_type_name=name))


@pytest.mark.parametrize("count", range(1, 9))
def test_usual_signatories_fit_in_any_number(count):
    person = SignatoryData(
        "Prof. Dr. Maria-Antonia Fernández de la Vega",
        "Vice-Dean for International Affairs",
        "Faculty of Mathematics and Natural Sciences",
        "image",
    )

    drawings = lay_out(signatories=(person,) * count)

    check(drawings)
    assert sum(isinstance(item, PlacedImage) for item in drawings) == count


@pytest.mark.parametrize("count", [1, 2])
def test_the_longest_texts_of_one_or_two_signatories_fit(count):
    text = ("Commissioner for Examinations and Teaching " * 6)[:255]

    check(lay_out(signatories=(SignatoryData(text, text, text, "image"),) * count))


def test_more_text_than_the_page_has_room_for_is_an_error_that_names_it():
    text = ("Commissioner for Examinations and Teaching " * 6)[:255]
    with pytest.raises(GenerationError, match="the signatories: their names, titles") as caught:
        render({}, signatories=(SignatoryData(text, text, text),) * 8)
    assert caught.value.code == "text_does_not_fit"

    options = {"text_elements": {"verification_label": {"text": "Verify this credential at " * 40}}}
    with pytest.raises(GenerationError, match=r"text_elements.verification_label: 'Verify this .*…' cannot be printed"):
        render(options)


def test_a_ninth_signatory_is_left_out_with_a_warning():
    artifact = render({}, signatories=tuple(SignatoryData(f"Person {number}") for number in range(1, 10)))

    assert artifact.warnings == ("the type has 9 signatories, and the page has space for 8: the others are left out",)
    assert "Person 8" in read_with_pdfium(artifact.content)
    assert "Person 9" not in read_with_pdfium(artifact.content)


def test_many_line_breaks_in_a_name_of_a_course_are_given_up_before_it_is_refused():
    check(lay_out(learning_context_name="\n".join("ab" * 40)))


@pytest.mark.parametrize("element", ["intro", "completed", "date", "date_label", "issuer", "heading"])
def test_longer_words_of_an_operator_stay_in_their_place(element):
    check(lay_out({"text_elements": {element: {"text": "This is to certify, as a matter of record, " * 3}}}))


def test_an_element_with_another_place_is_on_its_own():
    moved = lay_out({"text_elements": {"name": {"y": 281.5, "size": 60}}}, user_full_name="Ågje")

    assert [item.y for item in moved if isinstance(item, TextLine) and item.line.text == "Ågje"] == [281.5]


@pytest.mark.parametrize(
    "values",
    [
        {"user_full_name": "Maria de los Angeles " * 12},
        {"learning_context_name": "Introduction to the Foundations of Marine Biology " * 5},
        {
            "signatories": (SignatoryData("Prof. Dr. Maria Fernández", "Vice-Dean for Studies", "Faculty of Examples"),)
            * 8
        },
        {"issuer": IssuerData(name="University of Examples and Samples " * 7)},
    ],
    ids=["name", "course", "signatories", "issuer"],
)
def test_readers_find_the_lines_where_the_layout_put_them(values):
    content = render({}, **values).content
    lines = [item for item in lay_out(**values) if isinstance(item, TextLine)]

    with pypdfium2.PdfDocument(content) as document:
        page = document[0].get_textpage()
        found = [
            (page.get_text_range(index, 1), page.get_charbox(index), raw.FPDFText_GetFontSize(page.raw, index))
            for index in range(page.count_chars())
        ]
    letters = [letter for letter in found if letter[0].strip()]
    assert len(letters) > 150
    seen = set()
    for text, (left, bottom, right, top), size in letters:
        at = [
            index
            for index, item in enumerate(lines)
            if item.box[0] - 1 < left and right < item.box[2] + 1 and item.box[1] < (bottom + top) / 2 < item.box[3]
        ]
        assert len(at) == 1, text
        assert bottom > lines[at[0]].box[1] - 0.8
        assert top < lines[at[0]].box[3] + 0.8
        assert size == pytest.approx(lines[at[0]].size, abs=0.1)
        assert size >= LEAST_SIZE - 0.01
        seen.update(at)
    assert len(seen) == len(lines)
