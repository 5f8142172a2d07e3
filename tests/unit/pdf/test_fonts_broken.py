"""Fonts that are damaged: refused on upload, or drawn with; past the check, the error names the font."""

import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import AssetError, CredentialsError
from learning_credentials.generators import generate_pdf_credential
from learning_credentials.pdf import check_asset

from .font_making import list_problems, make_collection, read_shipped
from .support import assert_sound, make_assets, make_credential

LAO = read_shipped("NotoSansLao-Regular")
TABLES = [
    struct.unpack(">4sLLL", LAO[at : at + 16]) for at in range(12, 12 + 16 * struct.unpack(">H", LAO[4:6])[0], 16)
]
#: In each table, the bytes that are changed: its head and what is counted in it.
_DEPTH = 400
OPTIONS = {"text_elements": {"name": {"font": "font_lao"}, "context": {"font": "font_lao"}}}
TEXTS = {"user_full_name": "ສົມຊາຍ ດີ ກຸ້ງ ໝາ", "learning_context_name": "ຫຼັກສູດ ວຽງຈັນ 123"}


def change(*changes):
    content = bytearray(LAO)
    for place, value in changes:
        content[place] = value
    return bytes(content)


@st.composite
def list_changes(draw):
    """Places in the font with what is written there."""
    changes = []
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 6)) == 0:
            place = draw(st.integers(12, 12 + 16 * len(TABLES) - 1))
        else:
            _, _, start, length = draw(st.sampled_from(TABLES))
            place = start + draw(st.integers(0, min(length, _DEPTH) - 1))
        value = st.one_of(st.sampled_from((0, 0x7F, 0x80, 0xFF)), st.integers(0, 255))
        changes.append((place, draw(value)))
    return changes


TAG_NO_LETTER = [(14, 248)]  # in the name of a table
EM_OF_NOTHING = [(314, 128)]  # in head
GLYPH_OUT_OF_RANGE = [(1237, 177), (1238, 255)]  # in cmap
BROKEN = {"a table's name": TAG_NO_LETTER, "head": EM_OF_NOTHING, "cmap": GLYPH_OUT_OF_RANGE}


@settings(max_examples=settings().max_examples // 2, deadline=None)
@example(changes=TAG_NO_LETTER)
@example(changes=EM_OF_NOTHING)
@example(changes=GLYPH_OUT_OF_RANGE)
@given(changes=list_changes())
@pytest.mark.filterwarnings("ignore")
def test_a_font_that_is_accepted_can_be_drawn_with(changes):
    content = change(*changes)
    try:
        check_asset(AssetKind.FONT, content)
    except AssetError as error:
        assert str(error)  # noqa: PT017
        return
    assets = make_assets(font_lao=content)
    artifact = generate_pdf_credential(make_credential(assets=assets, **TEXTS), OPTIONS)
    assert_sound(artifact.content)


@pytest.mark.parametrize("name", BROKEN)
def test_a_font_that_cannot_be_drawn_with_is_refused_where_it_is_uploaded_and_named(name):
    content = change(*BROKEN[name])
    with pytest.raises(AssetError, match=r"the font .*is broken"):
        check_asset(AssetKind.FONT, content)
    (problem,) = {problem.partition(": ")[2] for problem in list_problems(OPTIONS, make_assets(font_lao=content))}
    assert "is broken" in problem


def test_a_face_that_is_named_is_tried_when_the_options_are_saved():
    broken = make_collection(read_shipped("NotoSansThai-Regular"), LAO)
    assert list_problems({"defaults": {"font": "font_a#2"}}, make_assets(font_a=broken)) == []
    place = broken.index(b"head", broken.index(b"head") + 1)
    start = struct.unpack(">L", broken[place + 8 : place + 12])[0]
    broken = broken[: start + 14] + b"\x80" + broken[start + 15 :]
    check_asset(AssetKind.FONT, broken)
    (problem,) = list_problems({"defaults": {"font": "font_a#2"}}, make_assets(font_a=broken))
    assert problem.startswith("defaults.font: the font 'NotoSansLao-Regular' is broken")


@pytest.mark.parametrize("name", BROKEN)
def test_a_font_that_was_stored_before_is_named_by_the_error(name):
    """Nothing but an error of the app may come out, and never one without the font's name."""
    assets = make_assets(font_lao=change(*BROKEN[name]))
    with pytest.raises(CredentialsError) as caught:
        generate_pdf_credential(make_credential(assets=assets, **TEXTS), OPTIONS)
    assert caught.value.code == "asset_unusable"
    assert "'font_lao'" in str(caught.value)


def test_a_font_whose_letters_show_nothing_is_refused():
    from .test_assets import make_font

    def empty(font):
        for glyph in font["glyf"].glyphs.values():
            glyph.numberOfContours = 0
            glyph.__dict__.pop("data", None)

    with pytest.raises(AssetError, match="its letters are empty"):
        check_asset(AssetKind.FONT, make_font(empty))
