"""The designs that operators start from: in every colour, on every paper and for every name, they are readable and nothing touches."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.data import Asset, AssetKind, IssuerData, SignatoryData, StaticAssets
from learning_credentials.options import OptionsContext, parse
from learning_credentials.pdf import DESIGN_NAMES, DESIGN_PAPERS, check_asset, make_design
from learning_credentials.pdf.content.graphics import PagePicture, QRCode, TextLine
from learning_credentials.pdf.designs.palette import WHITE, find_contrast, make_palette, read_hex
from learning_credentials.pdf.options import PDFOptions
from learning_credentials.pdf.page.text_style import LEAST_SIZE
from learning_credentials.pdf.rendering import get_renderer
from tests.unit.pdf.drawn import list_drawn

from .script_samples import SAMPLES
from .structures import read_structure
from .support import draw, make_credential, make_png, read_with_pdfium

PERSON = SignatoryData("Prof. Dr. Max Muster-Beispiel", "Dean of the Faculty", "Faculty of Examples", "signature")
LONG_NAME = (
    "Maximiliana Konstantinopolitanische-Sesquipedalia von und zu Hinterzartenbach-Oberunterammergau-Weitenfelden"
)
LONG_COURSE = (
    "Foundations of Marine Biology: Habitats, Food Webs and the Long-Term Monitoring of Coastal and Estuarine Ecosystems "
    "under Changing Conditions"
)
LONG = {
    "user_full_name": LONG_NAME,
    "learning_context_name": LONG_COURSE,
    "credential_type_name": "Professional Certificate of Advanced Studies in Marine Sciences",
    "issuer": IssuerData("Example University of Marine, Coastal and Polar Sciences", logo="logo"),
}
RESULTS = {
    "transcript": {"steps": {f"course-{number}": {"name": f"Course {number}", "grade": 0.9} for number in range(1, 9)}},
    "report": {"categories": [{"name": f"Homework {number}", "grade": 0.8, "weight": 0.2} for number in range(1, 6)]},
}
COLOURS = ("#1f4e79", "#ffd400", "#000000", "#ffffff", "#e11d48", "#00ff7f")


def start(name, colour="#1f4e79", paper="A4", language="en"):
    """A design, with assets for it."""
    made = make_design(name, colour=colour, paper=paper, language=language)
    images = {made.slug: made.drawing, "logo": make_png(300, 90), "signature": make_png(200, 60)}
    return made, StaticAssets({slug: Asset.of(slug, AssetKind.IMAGE, content) for slug, content in images.items()})


def certify(assets, **values):
    usual = {"signatories": (PERSON,) * 2, "issuer": IssuerData("Example University", logo="logo"), "is_sample": True}
    return make_credential(assets=assets, **(usual | values))


def lay_out(made, assets, **values):
    """What is drawn on the page, without the drawing behind it."""
    graphics = list_drawn(get_renderer(made.options, assets), certify(assets, **values))
    return [item for item in graphics if not isinstance(item, PagePicture)]


def touch(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def check(made, graphics):
    page = made.options["background"]
    for item in graphics:
        left, bottom, right, top = item.box
        assert left >= 0, item
        assert bottom >= 0, item
        assert right <= page["width"], item
        assert top <= page["height"], item
        if isinstance(item, TextLine):
            assert item.size >= LEAST_SIZE - 1e-6, item.line.text
    for one, other in combinations(graphics, 2):
        assert not touch(one.box, other.box), (one, other)


@pytest.mark.parametrize("paper", DESIGN_PAPERS)
@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_a_design_is_issued_without_a_problem_on_each_paper(name, paper):
    made, assets = start(name, paper=paper)
    check_asset(AssetKind.IMAGE, made.drawing)
    assert len(made.drawing) < 64 * 1024
    options, context = parse(PDFOptions, made.options), OptionsContext(assets)
    assert list(options.find_problems(context)) == []
    assert list(options.list_advice(context)) == []

    for values in ({}, {"signatories": ()}, {"signatories": (PERSON,) * 5}, {"issuer": IssuerData("A")}, LONG):
        check(made, lay_out(made, assets, **values))
    artifact = get_renderer(made.options, assets)(certify(assets))
    assert artifact.warnings == ()
    text = read_with_pdfium(artifact.content).casefold()
    for printed in (
        "Ada Example",
        "Marine Biology",
        "Certificate of",
        "Example University",
        "7K3QF-9XW2M",
        "November 22, 2026",
    ):
        assert printed.casefold() in text


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_names_in_every_shipped_script_fit_into_a_design(name):
    made, assets = start(name)
    for index, sample in enumerate(SAMPLES.values()):
        if index % len(DESIGN_NAMES) == DESIGN_NAMES.index(name):
            check(made, lay_out(made, assets, user_full_name=sample, learning_context_name=sample))


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGN_NAMES)
@pytest.mark.parametrize("paper", DESIGN_PAPERS)
@pytest.mark.parametrize("glue", [" ", ""])
def test_the_longest_names_in_every_script_fit_into_every_design(name, paper, glue):
    made, assets = start(name, paper=paper)
    for font, sample in SAMPLES.items():
        if font == "NotoSansCuneiform":
            continue  # its signs are three times as wide as letters, and such long texts are refused
        text = glue.join([sample] * 60)
        check(made, lay_out(made, assets, user_full_name=text[:255].strip(), learning_context_name=text[:120].strip()))


@given(st.sampled_from(DESIGN_NAMES), st.integers(1, 255), st.integers(1, 160), st.integers(1, 120), st.integers(0, 8))
def test_names_of_any_length_fit(name, long, course, kind, people):
    made, assets = start(name)
    words = "Élodie-Marguerite van Wolfeschlegelsteinhausenbergerdorff Gjøa Ğüneş " * 8

    graphics = lay_out(
        made,
        assets,
        user_full_name=words[:long].strip(),
        learning_context_name=words[:course].strip(),
        credential_type_name=words[:kind].strip(),
        signatories=(PERSON,) * people,
    )

    check(made, graphics)


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_every_text_is_readable_on_the_drawing_in_any_colour(name):
    for colour in COLOURS:
        made, assets = start(name, colour)
        page = made.options["background"]
        shown = {"background": page, "text_elements": {"name": False, "context": False, "date": False}}
        picture = draw(get_renderer(shown, assets)(certify(assets)).content)
        for item in lay_out(made, assets, **LONG):
            if not isinstance(item, TextLine):
                continue
            left, bottom, right, top = item.box
            area = picture.crop(
                (int(left), int(page["height"] - top), int(right) + 1, int(page["height"] - bottom) + 1)
            )
            # Fine lines behind a text are as pale as the paper, or a few pixels of its box.
            behind = area.resize((max(area.width // 4, 1), max(area.height // 4, 1))).getcolors(
                area.width * area.height
            )
            for _count, (red, green, blue) in behind:
                found = find_contrast(read_hex(item.color), (red / 255, green / 255, blue / 255))
                assert found >= 4.5, (colour, item.line.text, found)


@given(st.integers(0, 0xFFFFFF))
def test_texts_get_a_shade_with_enough_contrast(number):
    colours = make_palette(f"#{number:06x}")
    assert colours.accent == f"#{number:06x}"
    for text, least in ((colours.strong, 4.5), (colours.muted, 5.5), (colours.deep, 11), (colours.ink, 11)):
        assert find_contrast(read_hex(text), WHITE) >= least
        assert find_contrast(read_hex(text), read_hex(colours.paper)) >= least * 0.9


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_a_design_for_a_language_that_runs_from_right_to_left_changes_sides(name):
    left, usual = start(name)
    right, assets = start(name, language="ar")
    width = right.options["background"]["width"]
    assert right.options["language"] == "ar"
    assert (
        right.options["text_elements"]["verification_label"]["text"]
        != left.options["text_elements"]["verification_label"]["text"]
    )
    for key, element in left.options["text_elements"].items():
        mirrored = right.options["text_elements"][key]
        assert mirrored["x"] == pytest.approx(width - element["x"], abs=0.02)
        assert {element["align"], mirrored["align"]} in ({"left", "right"}, {"center"})
    graphics = lay_out(right, assets, language="ar", user_full_name="ليلى بنت سالم الزهراني")
    check(right, graphics)
    (code,) = [item for item in graphics if isinstance(item, QRCode)]
    (other,) = [item for item in lay_out(left, usual) if isinstance(item, QRCode)]
    assert code.box[0] == pytest.approx(width - other.box[2], abs=0.05)


@pytest.mark.parametrize(("name", "printed"), [("transcript", "Course 8"), ("report", "Homework 5")])
def test_results_are_in_a_table_with_the_final_grade(name, printed):
    made, assets = start(name)
    values = {"evidence": {**RESULTS[name], "grade": 0.86}, "is_sample": False}
    check(made, lay_out(made, assets, **values))
    artifact = get_renderer(made.options, assets)(certify(assets, **values))
    assert artifact.warnings == ()
    text = read_with_pdfium(artifact.content)
    assert printed in text
    assert "Final grade" in text
    assert "86%" in text


def test_screen_readers_read_a_design_with_its_title_first_and_without_the_drawing():
    made, assets = start("modern")
    elements = list(read_structure(get_renderer(made.options, assets)(certify(assets)).content).walk())
    said = " ".join(element.said for element in elements if not element.children)
    for text in ("Certificate of Achievement", "Ada Example", "Marine Biology", "Logo of Example University"):
        assert text in said
    titles = [element.said for element in elements if element.role in {"H1", "Title"}]
    assert titles == ["Certificate of Achievement"]


def test_the_same_choice_makes_the_same_drawing():
    one, other = (make_design("classic", colour="#1f4e79") for _ in range(2))
    assert (one.slug, one.drawing) == (other.slug, other.drawing)
    assert make_design("classic", colour="#1f4e7a").slug != one.slug
