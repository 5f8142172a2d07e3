"""The signatories on the built-in template: a rule each, with the signature above and name, title and organisation below."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.default_elements import INK, MUTED
from learning_credentials.pdf.layout import Rule
from learning_credentials.pdf.options import TextElement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from learning_credentials.data import SignatoryData

RULE_Y = 114.0
_IMAGE_HEIGHT = 38.0


class Slot(NamedTuple):
    """A place to sign: centre and width in points."""

    x: float
    width: float


#: Places beside the date, by the number of signatories; more than the last have no room and are left out.
_SLOTS: tuple[tuple[Slot, ...], ...] = (
    (),
    (Slot(600, 150),),
    (Slot(242, 150), Slot(600, 150)),
    (Slot(242, 150), Slot(559, 92), Slot(656, 92)),
    (Slot(186, 92), Slot(283, 92), Slot(559, 92), Slot(656, 92)),
)


class SignatureBox(NamedTuple):
    """Where a signature image goes."""

    signatory: SignatoryData
    x: float
    y: float
    width: float
    height: float


def place_signatories(
    signatories: Sequence[SignatoryData],
) -> Iterator[tuple[Rule, SignatureBox, list[tuple[TextElement, str]]]]:
    """Yield each signatory's rule, the box of the signature and the texts below."""
    slots = _SLOTS[min(len(signatories), len(_SLOTS) - 1)]
    for signatory, slot in zip(signatories, slots, strict=False):
        rule = Rule(slot.x - slot.width / 2, RULE_Y, slot.width, MUTED)
        box = SignatureBox(signatory, rule.x, RULE_Y + 1, slot.width, _IMAGE_HEIGHT)
        lines = [line for line in (signatory.title, signatory.organisation) if line]
        texts = [(_make_text(slot, 101, 9.5, INK, "NotoSerif"), signatory.name)]
        texts += [(_make_text(slot, 90 - 10 * index, 8, MUTED, "NotoSans"), line) for index, line in enumerate(lines)]
        yield rule, box, texts


def _make_text(slot: Slot, y: float, size: float, color: str, font: str) -> TextElement:
    return TextElement(font=font, x=slot.x, y=y, size=size, color=color, max_width=slot.width)
