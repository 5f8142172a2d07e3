"""Texts that are turned around a point."""

import io
from math import cos, radians, sin

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.exceptions import GenerationError, OptionsError
from learning_credentials.pdf.content.graphics import Turn

from .support import assert_sound, find_ink, make_assets, make_pdf, read_with_pdfium, render

ASSETS = make_assets(template_a=make_pdf(600, 400, text=""))
RED = (255, 0, 0)


def make(**element):
    texts = {"name": {"color": "#f00", "x": 300, "y": 200, **element}, "context": False, "date": False}
    return render({"template": "template_a", "text_elements": texts}, ASSETS)


def find_box(**element):
    """Return the box of the name in points, from the lower left."""
    left, top, right, bottom = find_ink(make(**element).content, RED)
    return left, 400 - bottom, right, 400 - top


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_a_quarter_turn_runs_upwards_from_the_point(align):
    left, bottom, right, top = find_box(align=align)
    turned = find_box(align=align, rotation=90)
    # A quarter turn maps (x, y) to (300 - (y - 200), 200 + (x - 300)).
    assert turned == pytest.approx((500 - top, left - 100, 500 - bottom, right - 100), abs=2)


def test_a_whole_turn_changes_nothing():
    assert find_box(rotation=360) == pytest.approx(find_box(), abs=1)
    assert find_box(rotation=-180) == pytest.approx(find_box(rotation=180), abs=1)


@pytest.mark.parametrize("rotation", [30, 90, -90, 180])
@pytest.mark.parametrize("name", ["Ada Example", "ليلى النجار", "आदित्य शर्मा"])
def test_it_is_the_same_text(rotation, name):
    texts = {"name": {"x": 300, "y": 200, "rotation": rotation, "font": "NotoSans", "size": 14}}
    artifact = render({"template": "template_a", "text_elements": texts}, ASSETS, user_full_name=name)
    assert artifact.warnings == ()
    assert_sound(artifact.content)
    found = "".join(sorted(read_with_pdfium(artifact.content)))
    assert all(letter in found for letter in name.split()[0])


@given(
    degrees=st.floats(-360, 360),
    point=st.tuples(st.floats(0, 600), st.floats(0, 400)),
    corner=st.tuples(st.floats(0, 300), st.floats(0, 300)),
    size=st.tuples(st.floats(0, 300), st.floats(0, 100)),
)
def test_the_box_holds_every_corner(degrees, point, corner, size):
    box = (*corner, corner[0] + size[0], corner[1] + size[1])
    left, bottom, right, top = Turn(degrees, *point).surround(box)
    for x in box[::2]:
        for y in box[1::2]:
            dx, dy, angle = x - point[0], y - point[1], radians(degrees)
            at = (point[0] + dx * cos(angle) - dy * sin(angle), point[1] + dx * sin(angle) + dy * cos(angle))
            assert left - 1e-6 <= at[0] <= right + 1e-6
            assert bottom - 1e-6 <= at[1] <= top + 1e-6


def test_links_surround_the_turned_text():
    content = make(rotation=90, link="https://example.edu/").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        left, bottom, right, top = (float(side) for side in pdf.pages[0].Annots[0].Rect)
    assert top - bottom > 3 * (right - left)
    with pypdfium2.PdfDocument(content) as document:
        assert document[0].get_size() == (600, 400)


def test_a_text_that_leaves_the_page_is_a_warning():
    [warning] = make(rotation=90, y=390).warnings
    assert "does not fit on the page" in warning


def test_a_name_that_nobody_sees_is_an_error():
    with pytest.raises(GenerationError) as caught:
        make(rotation=180, x=0, align="left")
    assert caught.value.code == "name_off_page"


@pytest.mark.parametrize("rotation", [361, -361, "90", True])
def test_other_turns_are_refused(rotation):
    with pytest.raises(OptionsError, match=r"text_elements\.name\.rotation"):
        make(rotation=rotation)
