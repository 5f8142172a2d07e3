"""Place the signatories. Each has a rule, with the signature above and name, title and organisation below.

Usually they are beside the date. For longer texts, and for more than four people, the rules are moved up, and signatures and letters get
smaller, down to `LEAST_SIZE`. The text above leaves space for them. On other pages, the options give a box for them.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.content.graphics import Rule, TextLine
from learning_credentials.pdf.page.signatory_areas import Area, Looks
from learning_credentials.pdf.page.text_layout import place_text
from learning_credentials.pdf.page.text_style import LEAST_SIZE, DoesNotFitError, Room, TextStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from learning_credentials.data import SignatoryData
    from learning_credentials.pdf.fonts.classes import GetFonts
    from learning_credentials.pdf.template.geometry import Geometry


#: Below this level are the label and the address of the verification.
_FLOOR = 72.0
#: The gap between a rule and the text below it, and between two rows.
_GAP = 2.0
#: Sizes of letters to try, as parts of the usual size.
_SHARES = (1.0, 0.85, 0.72, 0.63)


class Slot(NamedTuple):
    """A place to sign: centre and width in points."""

    x: float
    width: float


#: Slots beside the date, by the number of people in a row.
_SLOTS: tuple[tuple[Slot, ...], ...] = (
    (),
    (Slot(600, 150),),
    (Slot(242, 150), Slot(600, 150)),
    (Slot(242, 150), Slot(559, 92), Slot(656, 92)),
    (Slot(186, 92), Slot(283, 92), Slot(559, 92), Slot(656, 92)),
)
_WIDE_SLOTS = ((), (Slot(602, 190),), (Slot(242, 190), Slot(602, 190)), *_SLOTS[3:])
_MOST_IN_ROW = 4
#: In an area: the width of a slot at most, the least gap between two, the usual depth of texts and height of signatures, and the parts
#: of the height that texts take.
_WIDEST, _SLOT_GAP, _DEPTH, _IMAGE_HEIGHT = 190.0, 14.0, 42.0, 38.0
_USUAL_PART, _PARTS = 0.55, (0.6, 0.7, 0.8)


class Arrangement(NamedTuple):
    """The levels of the rules from the top row on, how far texts reach below them, and the height of signatures above them."""

    levels: tuple[float, ...]
    depth: float
    image_height: float
    slots: tuple[tuple[Slot, ...], ...] = _WIDE_SLOTS

    @property
    def top(self) -> float:
        """Return the highest point of the signatories."""
        return self.levels[0] + 1 + self.image_height


def _arrange_rows(rule: float, image_height: float) -> Arrangement:
    """Return two rows. ``rule`` is the level of the rules in the lower one."""
    depth = rule - _FLOOR
    return Arrangement((rule + 1 + image_height + _GAP + depth, rule), depth, image_height)


#: From the usual arrangement to the one with most room for texts.
_ONE_ROW = (
    Arrangement((114.0,), 42.0, 38.0, _SLOTS),
    *(Arrangement((level,), level - _FLOOR, height) for level, height in ((134, 34), (154, 28), (174, 22), (190, 18))),
)
_TWO_ROWS = tuple(_arrange_rows(level, height) for level, height in ((102, 22), (108, 20), (116, 18), (121, 15)))


class Place(NamedTuple):
    """The texts of one signatory, each with its lines, the place of the signature, and the clusters that no font has."""

    signatory: SignatoryData
    rule: Rule
    image_height: float
    texts: list[tuple[str, list[TextLine]]]
    missing: list[str]


_USUAL_LOOKS = Looks()


class _Surroundings(NamedTuple):
    get_fonts: GetFonts
    page: Geometry
    language: str
    looks: Looks


class SignatoryBlock(NamedTuple):
    """All signatories. None of them reaches above ``top``."""

    places: list[Place]
    top: float


def place_signatories(
    signatories: Sequence[SignatoryData],
    get_fonts: GetFonts,
    page: Geometry,
    language: str,
    area: Area | None = None,
    looks: Looks = _USUAL_LOOKS,
) -> SignatoryBlock:
    """Place the signatories, in the largest letters that fit.

    Args:
        signatories: to place.
        get_fonts: returns the fonts of some names.
        page: the page.
        language: of their texts.
        area: for them. Without it they get their places on the built-in page.
        looks: their fonts and colours.

    Raises:
        DoesNotFitError: there is too much text.
    """
    if not signatories:
        return SignatoryBlock([], 0.0)
    usual = _ONE_ROW if len(signatories) <= _MOST_IN_ROW else _TWO_ROWS
    arrangements = usual if area is None else _arrange_in(area, len(signatories))
    around = _Surroundings(get_fonts, page, language, looks)
    for share, arrangement in product(_SHARES, arrangements):
        try:
            places = [
                _place(person, slot, level, arrangement, share, around)
                for person, slot, level in _assign(signatories, arrangement)
            ]
        except DoesNotFitError:
            continue
        return SignatoryBlock(places, arrangement.top)
    raise DoesNotFitError


def _arrange_in(area: Area, count: int) -> tuple[Arrangement, ...]:
    """Return the arrangements for an area, from the usual one to the one with most room for texts."""
    rows = 1 if count <= _MOST_IN_ROW else 2
    height = (area.height - _GAP * (rows - 1)) / rows
    slots = tuple(_make_slots(area, number) for number in range(_MOST_IN_ROW + 1))
    found = []
    for depth in (min(_DEPTH, height * _USUAL_PART), *(height * part for part in _PARTS)):
        image_height = min(_IMAGE_HEIGHT, height - depth - 1)
        base = area.y + depth
        levels = tuple(base + (height + _GAP) * row for row in reversed(range(rows)))
        found.append(Arrangement(levels, depth, image_height, slots))
    return tuple(found)


def _make_slots(area: Area, count: int) -> tuple[Slot, ...]:
    """Return the slots of a row in an area."""
    if not count:
        return ()
    width = min(_WIDEST, (area.width - _SLOT_GAP * (count - 1)) / count)
    if area.align == "spread" and count > 1:
        step = (area.width - width) / (count - 1)
        return tuple(Slot(area.x + width / 2 + step * index, width) for index in range(count))
    step = width + _SLOT_GAP
    rest = area.width - step * count + _SLOT_GAP
    start = area.x + {"left": 0.0, "right": rest}.get(area.align, rest / 2)
    return tuple(Slot(start + width / 2 + step * index, width) for index in range(count))


def _assign(
    signatories: Sequence[SignatoryData], arrangement: Arrangement
) -> Iterator[tuple[SignatoryData, Slot, float]]:
    """Yield each signatory with a slot and the level of the rule, row by row."""
    rows = len(arrangement.levels)
    most = -(-len(signatories) // rows)
    for row, level in enumerate(arrangement.levels):
        people = signatories[row * most : (row + 1) * most]
        for person, slot in zip(people, arrangement.slots[len(people)], strict=True):
            yield person, slot, level


def _place(
    signatory: SignatoryData,
    slot: Slot,
    level: float,
    arrangement: Arrangement,
    share: float,
    around: _Surroundings,
) -> Place:
    looks = around.looks
    rule = Rule(slot.x - slot.width / 2, level, slot.width, looks.line)
    texts: list[tuple[str, list[TextLine]]] = []
    missing: list[str] = []
    top, bottom = level - _GAP, level - arrangement.depth
    baseline = level - 13.0
    for text, size, color, font, step in (
        (signatory.name, 9.5, looks.ink, looks.name_font, 11.0),
        (signatory.title, 8.0, looks.muted, looks.text_font, 10.0),
        (signatory.organisation, 8.0, looks.muted, looks.text_font, 10.0),
    ):
        if not text:
            continue
        style = TextStyle(x=slot.x, y=baseline, size=max(size * share, LEAST_SIZE), color=color, max_width=slot.width)
        found, unknown = place_text(
            style, text, around.get_fonts((font,)), around.page, around.language, Room(bottom, top)
        )
        # If lines were moved up to fit, the next text has less room, and the error comes from there.
        texts.append((text, found))
        missing += unknown
        if found:
            baseline = found[-1].y - step * max(share, found[-1].size / size)
            top = min(line.box[1] for line in found) - 0.5
    return Place(signatory, rule, arrangement.image_height, texts, missing)
