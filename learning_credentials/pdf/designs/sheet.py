"""Put the parts of a design on a sheet of paper.

Designs are written for A4, in points from the bottom left corner. On Letter the places move with the size of the paper. Shapes such as
circles keep their proportion. For languages that run from right to left everything changes sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from learning_credentials.pdf.template.geometry import A4_LONG, A4_SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

Align = Literal["left", "center", "right"]
Point = tuple[float, float]

_LETTER_LONG, _LETTER_SHORT = 792.0, 612.0
#: The short and the long side of the papers, in points.
PAPERS = {"A4": (A4_SHORT, A4_LONG), "Letter": (_LETTER_SHORT, _LETTER_LONG)}
_OTHER_SIDE: dict[str, Any] = {"left": "right", "right": "left"}


class Sheet(NamedTuple):
    """A sheet of paper, and how it differs from A4."""

    width: float
    height: float
    across: float
    """By what places on A4 are multiplied to get places on the sheet."""
    up: float
    is_rtl: bool

    @property
    def scale(self) -> float:
        """Return by what sizes are multiplied that keep their proportion."""
        return min(self.across, self.up)

    def move(self, x: float, y: float) -> Point:
        """Return where a point of A4 is on the sheet."""
        x *= self.across
        return round(self.width - x if self.is_rtl else x, 2), round(y * self.up, 2)

    def move_box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        """Return where a box of A4 is on the sheet: left and bottom edge, width and height."""
        left, bottom = self.move(x + width if self.is_rtl else x, y)
        return left, bottom, round(width * self.across, 2), round(height * self.up, 2)

    def turn(self, align: str) -> Any:
        """Return the alignment on the sheet."""
        return _OTHER_SIDE.get(align, align) if self.is_rtl else align


def get_sheet(paper: str, *, is_landscape: bool, is_rtl: bool) -> Sheet:
    """Return a sheet of a paper in `PAPERS`."""
    short, long = PAPERS[paper]
    width, height = (long, short) if is_landscape else (short, long)
    usual_width, usual_height = (A4_LONG, A4_SHORT) if is_landscape else (A4_SHORT, A4_LONG)
    return Sheet(width, height, width / usual_width, height / usual_height, is_rtl)


class Layout:
    """Collects the options of a design. Its methods take places on A4."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.options: dict[str, Any] = {"text_elements": {}}

    def text(
        self,
        name: str,
        text: str,
        place: tuple[float, float],
        size: float,
        room: tuple[float, float],
        *,
        width: float,
        align: Align = "center",
        **options: Any,
    ) -> None:
        """Add a text.

        Args:
            name: of the element.
            text: with placeholders.
            place: what it is aligned to, and its baseline.
            size: of its letters.
            room: its lowest and highest level.
            width: at most.
            align: its alignment.
            options: others of the element.
        """
        sheet = self._sheet
        x, y = sheet.move(*place)
        (_, bottom), (_, top) = sheet.move(0, room[0]), sheet.move(0, room[1])
        self.options["text_elements"][name] = {
            "text": text,
            "x": x,
            "y": y,
            "align": sheet.turn(align),
            "size": round(size * sheet.scale, 2),
            "max_width": round(width * sheet.across, 2),
            "bottom": bottom,
            "top": top,
            **options,
        }

    def logo(self, box: tuple[float, float, float, float]) -> None:
        """Add the issuer's logo. It is in the middle of its box."""
        x, y, width, height = self._sheet.move_box(*box)
        self.options["image"] = {"issuer_logo": True, "x": x, "y": y, "width": width, "height": height}

    def code(self, centre: Point, size: float, colour: str) -> None:
        """Add the QR code."""
        x, y = self._sheet.move(*centre)
        size = round(size * self._sheet.scale, 2)
        self.options["qr"] = {"x": round(x - size / 2, 2), "y": round(y - size / 2, 2), "size": size, "color": colour}

    def signatories(self, box: tuple[float, float, float, float], align: str = "center", **options: Any) -> None:
        """Add the signatories."""
        x, y, width, height = self._sheet.move_box(*box)
        self.options["signatories"] = {
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "align": self._sheet.turn(align),
            **options,
        }

    def table(
        self, name: str, box: tuple[float, float, float, float], columns: Sequence[dict[str, Any]], **options: Any
    ) -> None:
        """Add a table."""
        x, y, width, height = self._sheet.move_box(*box)
        place = {"x": x, "y": round(y + height, 2), "width": width, "bottom": y}
        self.options.setdefault("tables", {})[name] = {**options, **place, "columns": list(columns)}
