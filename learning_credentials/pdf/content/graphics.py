"""Graphics objects: what is on the page, where it is, and the operators that draw it. Coordinates are those of the visible page.

Every graphics object has a ``box``, which is what it covers at most, and ``draw``, which returns its operators. `streams` puts q and Q
around them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import TYPE_CHECKING, NamedTuple, Protocol

from learning_credentials.pdf.objects.syntax import format_colour, format_number, format_numbers
from learning_credentials.qr_codes import QUIET_ZONE, find_modules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.data import Asset
    from learning_credentials.pdf.content.page_content import DrawingResource, ImageResource
    from learning_credentials.pdf.text.shaping import Line

RULE_WIDTH = 0.6
_EM = 1000

#: The left, lower, right and upper edge of what is drawn, in points.
Box = tuple[float, float, float, float]


class Turn(NamedTuple):
    """A rotation to the left around a point."""

    degrees: float
    x: float
    y: float

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """Return the transformation matrix."""
        sine, cosine = sin(radians(self.degrees)), cos(radians(self.degrees))
        x, y = self.x, self.y
        return cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y

    def surround(self, box: Box) -> Box:
        """Return the box around a box that is turned."""
        a, b, c, d, e, f = self.matrix
        corners = [(x, y) for x in box[::2] for y in box[1::2]]
        xs = [a * x + c * y + e for x, y in corners]
        ys = [b * x + d * y + f for x, y in corners]
        return min(xs), min(ys), max(xs), max(ys)


class Resources(Protocol):
    """Interface of the page content in which graphics objects are drawn."""

    def write_text(self, item: TextLine) -> Iterable[str]:
        """Return the operators of a line of text."""
        ...

    def measure_image(self, asset: Asset) -> tuple[float, float]:
        """Return the width and height of an image, in any unit."""
        ...

    def add_image(self, asset: Asset, longer_side: float) -> ImageResource | DrawingResource:
        """Add an image to the resources. ``longer_side`` is the longer side of its box in points."""
        ...


class Graphic(Protocol):
    """A graphics object."""

    @property
    def box(self) -> Box:
        """Return the box that contains the whole object."""
        ...

    def draw(self, resources: Resources) -> Iterable[str]:
        """Return the operators of the object."""
        ...


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text that starts at ``x``, ``y``."""

    line: Line
    x: float
    y: float
    size: float
    color: str
    char_space: float
    language: str = ""
    """The tag of its language. Runs in a script that the language does not use are marked with another language."""
    turn: Turn | None = None

    @property
    def box(self) -> Box:
        """Return the box around the letters."""
        low, high = (level * self.size / _EM for level in self.line.ink)
        width = self.line.measure(self.size, self.char_space)
        box = self.x, self.y + low, self.x + width, self.y + high
        return self.turn.surround(box) if self.turn else box

    def draw(self, resources: Resources) -> Iterable[str]:
        """Return a text object."""
        return resources.write_text(self)


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image in the middle of a box, scaled without distortion. If ``width`` or ``height`` is 0, only the other one counts."""

    asset: Asset
    x: float
    y: float
    width: float
    height: float

    @property
    def box(self) -> Box:
        """Return the box into which the image is scaled."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def draw(self, resources: Resources) -> Iterable[str]:
        """Return the operators that paint an image or form XObject, which covers the unit square."""
        image = resources.add_image(self.asset, max(self.width, self.height))
        width, height = image.width, image.height
        scale = min(side / pixels for side, pixels in ((self.width, width), (self.height, height)) if side)
        drawn_width, drawn_height = width * scale, height * scale
        x = self.x + ((self.width - drawn_width) / 2 if self.width else 0)
        y = self.y + ((self.height - drawn_height) / 2 if self.height else 0)
        return (f"{format_numbers((drawn_width, 0, 0, drawn_height, x, y))} cm /{image.resource} Do",)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """An image that covers a box, or stays inside it. What is outside of the box is cut off.

    ``fit`` is ``cover``, ``contain`` or ``stretch``: see `fit_picture`.
    """

    asset: Asset
    x: float
    y: float
    width: float
    height: float
    fit: str

    @property
    def box(self) -> Box:
        """Return the box."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def draw(self, resources: Resources) -> Iterable[str]:
        """Return the operators that paint the image inside of the box."""
        width, height = fit_picture(resources.measure_image(self.asset), (self.width, self.height), self.fit)
        image = resources.add_image(self.asset, max(width, height))
        x, y = self.x + (self.width - width) / 2, self.y + (self.height - height) / 2
        return (
            f"{format_numbers((self.x, self.y, self.width, self.height))} re W n",
            f"{format_numbers((width, 0, 0, height, x, y))} cm /{image.resource} Do",
        )


def fit_picture(size: tuple[float, float], room: tuple[float, float], fit: str) -> tuple[float, float]:
    """Return the width and height of a picture in a room.

    Args:
        size: of the picture, in any unit.
        room: width and height.
        fit: ``cover`` if the picture fills the room, ``contain`` if all of it is in the room, or ``stretch`` for the room's proportion.
    """
    if fit == "stretch":
        return room
    scale = (max if fit == "cover" else min)(room[0] / size[0], room[1] / size[1])
    return size[0] * scale, size[1] * scale


@dataclass(frozen=True, slots=True)
class QRCode:
    """A QR code whose box starts at ``x``, ``y``."""

    content: str
    x: float
    y: float
    size: float
    color: str

    @property
    def box(self) -> Box:
        """Return the box of the code with its white margin."""
        return self.x, self.y, self.x + self.size, self.y + self.size

    def draw(self, resources: Resources) -> Iterable[str]:  # noqa: ARG002
        """Return rectangles: one for each horizontal run of dark modules, in units of modules."""
        width, runs = find_modules(self.content)
        module = self.size / (width + 2 * QUIET_ZONE)
        left, bottom = self.x + QUIET_ZONE * module, self.y + QUIET_ZONE * module
        operators = [
            f"1 g {format_numbers((self.x, self.y, self.size, self.size))} re f",
            f"{format_colour(self.color)} rg {module:.5f} 0 0 {module:.5f} {format_numbers((left, bottom))} cm",
        ]
        operators += [f"{start} {width - 1 - row} {length} 1 re" for row, start, length in runs]
        operators.append("f")
        return operators


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line. ``thickness`` is in points."""

    x: float
    y: float
    width: float
    color: str
    thickness: float = RULE_WIDTH

    @property
    def box(self) -> Box:
        """Return the box of the line."""
        return self.x, self.y - self.thickness / 2, self.x + self.width, self.y + self.thickness / 2

    def draw(self, resources: Resources) -> Iterable[str]:  # noqa: ARG002
        """Return a path."""
        y = format_number(self.y)
        start, end = format_number(self.x), format_number(self.x + self.width)
        return (f"{format_colour(self.color)} RG {format_number(self.thickness)} w {start} {y} m {end} {y} l S",)
