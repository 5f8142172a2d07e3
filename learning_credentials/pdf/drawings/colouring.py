"""Choose the paint and the opacity of what is drawn next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.drawings.forms import write_number, write_numbers
from learning_credentials.pdf.drawings.paints import Gradient
from learning_credentials.pdf.drawings.values import CannotDrawError

if TYPE_CHECKING:
    from fontTools.misc.transform import Transform

    from learning_credentials.pdf.drawings.forms import Canvas
    from learning_credentials.pdf.drawings.paints import Paint
    from learning_credentials.pdf.drawings.values import Colour

_NOT_GREY = "a mask has colours. Use black, white and greys in masks"


def set_paint(
    canvas: Canvas, paint: Paint, alpha: float, matrix: Transform, *, is_mask: bool, is_stroke: bool
) -> list[str] | None:
    """Return the operators that choose a paint, or None if nothing would be seen."""
    if paint is None:
        return None
    found: list[str] = []
    if isinstance(paint, Gradient):
        alpha *= paint.alpha
        placed = write_numbers(matrix.transform(paint.matrix))
        if is_mask and not _is_grey_function(paint.colours):
            raise CannotDrawError(_NOT_GREY)
        if paint.opacities:
            mask = canvas.open()
            shading = mask.add("Shading", paint.opacities)
            mask.write(f"{placed} cm {shading} sh")
            form = mask.finish(group="DeviceGray")
            found.append(f"{canvas.add('ExtGState', '<< /SMask << /S /Luminosity /G ', form, ' >> >>')} gs")
        pattern = canvas.add("Pattern", f"<< /PatternType 2 /Matrix [{placed}] /Shading {paint.colours} >>")
        found.append(f"/Pattern CS {pattern} SCN" if is_stroke else f"/Pattern cs {pattern} scn")
    else:
        alpha *= paint.alpha
        _check_grey(paint, is_mask=is_mask)
        found.append(f"{write_numbers(paint[:3])} {'RG' if is_stroke else 'rg'}")
    if not alpha:
        return None
    if alpha < 1:
        found.append(f"{add_opacity(canvas, alpha)} gs")
    return found


def _check_grey(colour: Colour, *, is_mask: bool) -> None:
    if is_mask and not colour.red == colour.green == colour.blue:
        raise CannotDrawError(_NOT_GREY)


def _is_grey_function(shading: str) -> bool:
    """Return whether all colours of a gradient are grey."""
    for part in shading.split("/C")[1:]:
        if part[0] in "01":
            numbers = part[part.index("[") + 1 : part.index("]")].split()
            if len(set(numbers)) > 1:
                return False
    return True


def add_opacity(canvas: Canvas, alpha: float) -> str:
    """Add an opacity to the resources. Return its name."""
    return canvas.add("ExtGState", f"<< /ca {write_number(alpha)} /CA {write_number(alpha)} >>")
