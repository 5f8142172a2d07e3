"""Convert an SVG file to a form XObject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fontTools.misc.transform import Transform

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.drawings.forms import SIDE, Budget, Canvas
from learning_credentials.pdf.drawings.painting import Painter, Place
from learning_credentials.pdf.drawings.values import CannotDrawError, read_share
from learning_credentials.pdf.drawings.viewports import find_size, fit
from learning_credentials.svg_files.reading import parse_checked

if TYPE_CHECKING:
    from learning_credentials.pdf.drawings.forms import Form
    from learning_credentials.svg_files.reading import Drawing

MAX_BYTES = 1024 * 1024


def convert(content: bytes) -> Form:
    """Return a drawing as a form XObject.

    Raises:
        AssetError: it is not safe, too large, or would be drawn wrong. The message names the line and the element.
    """
    if len(content) > MAX_BYTES:
        msg = f"the image has {len(content) / 2**20:.1f} MiB. At most {MAX_BYTES // 2**20} are accepted in an SVG"
        raise AssetError(msg)
    drawing = parse_checked(content)
    try:
        return _draw(drawing)
    except CannotDrawError as error:
        msg = f"{drawing.locate(drawing.root)}: {error}"
        raise AssetError(msg) from None
    except RecursionError:
        raise AssetError("the elements of the image are nested too deeply. Ungroup some of them") from None


def _draw(drawing: Drawing) -> Form:
    root = drawing.root
    size = find_size(root)
    inside = fit(root, size)
    painter = Painter(drawing)
    style = painter.styles.find(root, painter.styles.get_initial())
    effects = (style[key] != "none" for key in ("clip-path", "mask", "filter"))
    if any(effects) or read_share(style["opacity"]) < 1 or "transform" in root.attrib:
        raise CannotDrawError("has effects or a transform. Put them on a group in the image")
    scale = SIDE / max(size)
    canvas = Canvas(size.width * scale, size.height * scale, Budget())
    if inside is not None and style["display"] != "none":
        # The y axis of SVG goes down.
        matrix = Transform(scale, 0, 0, -scale, 0, canvas.height).transform(inside.matrix)
        painter.draw_children(root, style, canvas, Place(matrix, inside.viewport))
    if canvas.is_empty:
        raise CannotDrawError("shows nothing")
    return canvas.finish(is_outermost=True)
