"""Names look in our PDFs as a browser sets them in the same fonts; and the comparison would notice if they did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.pdf_names import CJK, NAMES, Name
from tests.services.pdf_pictures import (
    compare,
    draw_ours,
    draw_unshaped,
    draw_with_browser,
    draw_with_mupdf,
    draw_with_poppler,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL.Image import Image

pytestmark = pytest.mark.services

#: Edges are smoothed differently, which alone makes a difference of up to a tenth where strokes are thin. Mistakes make a larger one.
ALIKE, UNLIKE = 0.875, 0.85
#: Its letters have one shape each, so that whoever writes them backwards from left to right gets it right.
RIGHT_BACKWARDS = "Hebrew"
#: How a single letter is spoilt.
NEIGHBOURS = {"one letter": "Y", "one ideograph": "季"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image]:
    pictures = draw_with_browser(list(NAMES.values()), tmp_path_factory.mktemp("browser"))
    return dict(zip(NAMES, pictures, strict=True))


@pytest.mark.parametrize("key", NAMES)
def test_a_name_looks_as_a_browser_sets_it(key: str, browser: dict[str, Image]) -> None:
    ours, theirs = draw_ours(NAMES[key]), browser[key]
    assert ours.width == pytest.approx(theirs.width, rel=0.003, abs=2)
    assert ours.height == pytest.approx(theirs.height, abs=2)
    assert compare(ours, theirs) > ALIKE


@pytest.mark.parametrize("key", NAMES)
def test_a_name_looks_alike_in_other_programs(key: str, tmp_path: Path) -> None:
    ours = draw_ours(NAMES[key])
    assert compare(ours, draw_with_poppler(NAMES[key], tmp_path)) > ALIKE
    assert compare(ours, draw_with_mupdf(NAMES[key], tmp_path)) > ALIKE


@pytest.mark.parametrize("key", NAMES)
def test_a_name_that_is_drawn_wrongly_does_not(key: str, browser: dict[str, Image]) -> None:
    spoilt = dict(_spoil(key, NAMES[key]))
    assert spoilt
    scores = {mistake: compare(picture, browser[key]) for mistake, picture in spoilt.items()}
    assert max(scores.values()) < UNLIKE, scores


def _spoil(key: str, name: Name) -> Iterator[tuple[str, Image]]:
    backwards = name.text[::-1]
    if key in NEIGHBOURS:
        yield "another letter", draw_ours(Name(NEIGHBOURS[key], name.fonts))
    elif CJK in name.fonts:
        yield "backwards", draw_ours(Name(backwards, name.fonts))
    elif key != RIGHT_BACKWARDS:
        yield "backwards and letter by letter", draw_unshaped(backwards, name.fonts[0])
    if name.is_shaped:
        yield "letter by letter", draw_unshaped(name.text, name.fonts[0])


def test_the_first_letter_decides_where_a_line_begins(tmp_path: Path) -> None:
    name = NAMES["Arabic and Latin"]
    right, wrong = (draw_with_browser([name], tmp_path, direction=direction)[0] for direction in ("rtl", "ltr"))
    ours = draw_ours(name)
    assert compare(ours, right) > ALIKE
    assert compare(ours, wrong) < UNLIKE
