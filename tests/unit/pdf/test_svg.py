"""SVG images: drawn as other programs draw them, as vectors, or refused."""

import io
from importlib.metadata import PackageNotFoundError, version

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from learning_credentials.data import AssetKind, IssuerData, SignatoryData
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf import check_asset

from .drawn_svgs import DRAWN, REFUSED, make_svg
from .support import assert_sound, draw, find_ink, make_assets, make_pdf, render

SIDE = 200
HIDDEN = {"name": False, "context": False, "date": False}
LOGO = make_svg('<path d="M0 0h100v50H0z" fill="#c00000"/>', "0 0 100 50")
KNOWN_DIFFERENCE = 48


def print_image(content, side=SIDE):
    """A page that shows only an image."""
    options = {
        "template": "template_white",
        "text_elements": HIDDEN,
        "image": {"asset": "image_svg", "x": 0, "y": 0, "width": side, "height": side},
    }
    white = make_pdf(side, side, text="", color="#ffffff")
    return render(options, make_assets(template_white=white, image_svg=content)).content


def draw_with_resvg(content, side):
    """The same image, drawn by resvg in the middle of a white square."""
    import resvg_py

    drawn = None
    for longer in ("width", "height"):
        found = resvg_py.svg_to_bytes(svg_string=content.decode(), background="white", dpi=96, **{longer: side})
        drawn = Image.open(io.BytesIO(found)).convert("RGB")
        if max(drawn.size) <= side:
            break
    square = Image.new("RGB", (side, side), "white")
    square.paste(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    return square


def _has_resvg() -> bool:
    try:
        return tuple(map(int, version("resvg-py").split(".")[:2])) >= (0, 5)
    except PackageNotFoundError:
        return False


HAS_RESVG = _has_resvg()


@pytest.mark.skipif(not HAS_RESVG, reason="resvg is not installed, or a version that draws thin strokes differently")
@pytest.mark.parametrize("name", DRAWN)
def test_images_look_as_another_program_draws_them(name):
    content = print_image(DRAWN[name])
    assert_sound(content)
    difference = ImageChops.difference(draw(content, 144), draw_with_resvg(DRAWN[name], 2 * SIDE)).convert("L")
    assert ImageStat.Stat(difference).mean[0] < 2
    # At edges the programs differ by a pixel.
    assert sum(difference.histogram()[KNOWN_DIFFERENCE:]) < 0.01 * difference.width * difference.height


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_drawn_wrong_or_is_not_safe_is_refused_with_its_place(name):
    content, reason = REFUSED[name]
    with pytest.raises(AssetError) as caught:
        check_asset(AssetKind.IMAGE, content)
    assert reason in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding):
    check_asset(AssetKind.IMAGE, LOGO.decode().encode(encoding))


def test_images_are_vectors_and_keep_their_proportion():
    content = print_image(LOGO)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        (form,) = [item for name, item in pdf.pages[0].Resources.XObject.items() if name != "/LCredTemplate"]
        assert form.Subtype == "/Form"
        assert b" l" in form.read_bytes()
    assert find_ink(content, "#c00000") == (0, 50, 200, 150)


def test_logos_and_signatures_are_drawn_too():
    assets = make_assets(image_logo=LOGO, image_name=make_svg('<circle cx="50" cy="50" r="50" fill="#00aa00"/>'))
    people = (SignatoryData("Prof. Max Muster", "Dean", "Faculty of Examples", "image_name"),)
    made = render({}, assets, issuer=IssuerData(name="Example University", logo="image_logo"), signatories=people)
    assert made.warnings == ()
    assert find_ink(made.content, "#c00000")
    assert find_ink(made.content, "#00aa00")


def test_a_broken_logo_is_left_out_with_its_reason():
    assets = make_assets(image_logo=REFUSED["text"][0])
    made = render({}, assets, issuer=IssuerData(name="Example University", logo="image_logo"))
    assert "the issuer's logo is left out: line 2, element 'text'" in made.warnings[0]


_NUMBERS = st.floats(-200, 200).map(lambda value: f"{value:g}")
_COMMANDS = st.tuples(st.sampled_from("MmLlHhVvCcSsQqTtAaZz"), st.lists(_NUMBERS, max_size=8)).map(
    lambda parts: parts[0] + " ".join(parts[1])
)
_PAINTS = st.sampled_from(["none", "red", "url(#g)", "currentColor", "#12345678", "rgb(1,2", "url(#a) blue"])
_ELEMENTS = st.builds(
    '<{} d="{}" points="{}" fill="{}" stroke="{}" opacity="{}" clip-path="{}" mask="{}" transform="{}" {}/>'.format,
    st.sampled_from(["path", "polygon", "polyline", "rect", "circle", "use", "g", "symbol"]),
    st.lists(_COMMANDS, max_size=8).map("".join),
    st.lists(_NUMBERS, max_size=6).map(",".join),
    _PAINTS,
    _PAINTS,
    st.sampled_from(["1", ".5", "0", "50%", "x"]),
    st.sampled_from(["none", "url(#c)", "url(#g)"]),
    st.sampled_from(["none", "url(#m)"]),
    st.sampled_from(["", "scale(0)", "rotate(9) translate(1)", "matrix(1 2 3 4 5 6)", "skewX(90)"]),
    st.sampled_from(
        ['width="9" height="20%"', 'r="9" rx="2" width="50" height="1"', 'href="#c"', 'href="#x" x="5"', 'id="x"']
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_ELEMENTS, max_size=4).map("".join))
def test_any_image_is_drawn_or_refused(body):
    shared = (
        '<linearGradient id="g"><stop/><stop offset=".5" stop-opacity=".5"/></linearGradient><clipPath id="c"><circle r="50"/>'
        '<rect width="50" height="50"/></clipPath><mask id="m"><rect width="50" height="50" fill="#fff"/></mask>'
    )
    try:
        content = print_image(make_svg(shared + body), side=50)
    except AssetError:
        return
    assert_sound(content)
    draw(content)
