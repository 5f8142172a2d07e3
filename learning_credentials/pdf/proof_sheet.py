"""Draw a proof sheet: small pictures of several certificates on one page, each with a few lines of text below it.

The texts are drawn like those of certificates. The certificates are not pixels, so a reader can enlarge them.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, StreamObject
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.data import Asset, AssetKind, CredentialData, StaticAssets
from learning_credentials.exceptions import GenerationError
from learning_credentials.pdf.rendering import get_renderer
from learning_credentials.pdf.template.colors import INK, MUTED
from learning_credentials.pdf.template.geometry import A4_LONG, A4_SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypdf import PageObject

#: The size of the sheet, its margins and the gaps between pictures, in points.
_WIDTH, _HEIGHT, _MARGIN, _GAP = A4_SHORT, A4_LONG, 36.0, 14.0
#: The space above the pictures.
_HEAD = 74.0
#: A text that does not fit is cut to this part, so often at most.
_CUT, _MOST_CUTS = 0.7, 200
_LONGEST_LINE = 400
_TEMPLATE = "sheet"
_QUARTER, _FULL = 90, 360


class Tile(NamedTuple):
    """One certificate on a proof sheet, as a PDF, with a title and a note. Without a PDF there is an empty frame."""

    content: bytes
    title: str
    note: str


class _Grid(NamedTuple):
    """Columns and rows, and the space below each picture for its title and its note."""

    columns: int
    rows: int
    title: float
    note: float


_LANDSCAPE, _UPRIGHT = _Grid(2, 4, 15.0, 28.0), _Grid(4, 2, 26.0, 54.0)


class _Place(NamedTuple):
    """The box of a picture, and the levels of the texts below it."""

    x: float
    y: float
    width: float
    height: float


def draw_proof_sheet(heading: str, summary: str, tiles: Sequence[Tile]) -> bytes:
    """Return a PDF with one page.

    Args:
        heading: of the sheet.
        summary: the text below it.
        tiles: the certificates, at most eight.
    """
    pages = [_open(tile.content) for tile in tiles]
    grid = _choose_grid(next((page for page in pages if page is not None), None))
    places = _list_places(grid, len(tiles))
    writer = PdfWriter(clone_from=io.BytesIO(_draw_texts(heading, summary, tiles, places, grid)))
    sheet = writer.pages[0]
    resources: Any = sheet["/Resources"].get_object()
    if "/XObject" not in resources:
        resources[NameObject("/XObject")] = DictionaryObject()
    drawn: list[str] = []
    for number, (page, place) in enumerate(zip(pages, places, strict=True)):
        shown = place
        if page is not None:
            name = f"/Proof{number}"
            form, shown, matrix = _make_form(page, place, writer)
            resources["/XObject"].get_object()[NameObject(name)] = writer._add_object(form)  # noqa: SLF001
            drawn.append(f"q {' '.join(f'{value:.5f}' for value in matrix)} cm {name} Do Q")
        drawn.append(f"{shown.x:.2f} {shown.y:.2f} {shown.width:.2f} {shown.height:.2f} re S")
    content = StreamObject()
    # For screen readers the pictures are decoration: the texts below them say what matters.
    content._data = f"/Artifact BMC\nq 0.6 G 0.5 w\n{chr(10).join(drawn)}\nQ\nEMC\n".encode()  # noqa: SLF001
    before = sheet["/Contents"]
    raw = sheet.raw_get("/Contents")
    streams = list(before) if isinstance(before, ArrayObject) else [raw]
    sheet[NameObject("/Contents")] = ArrayObject([*streams, writer._add_object(content)])  # noqa: SLF001
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _open(content: bytes) -> PageObject | None:
    """Return the first page of a certificate."""
    if not content:
        return None
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        reader.decrypt("")  # the app encrypts with an empty password, so that readers cannot change documents
    return reader.pages[0]


def _measure(page: PageObject) -> tuple[float, float]:
    """Return the width and height of a page as readers show it."""
    width, height = float(page.cropbox.width), float(page.cropbox.height)
    return (height, width) if page.rotation % (2 * _QUARTER) else (width, height)


def _choose_grid(first: PageObject | None) -> _Grid:
    width, height = _measure(first) if first is not None else (A4_LONG, A4_SHORT)
    return _LANDSCAPE if width >= height else _UPRIGHT


def _list_places(grid: _Grid, count: int) -> list[_Place]:
    """Return the boxes of the pictures, from the top left on."""
    columns, rows, title, note = grid
    across = (_WIDTH - 2 * _MARGIN - _GAP * (columns - 1)) / columns
    up = (_HEIGHT - 2 * _MARGIN - _HEAD - _GAP * (rows - 1)) / rows
    texts = title + note
    return [
        _Place(
            _MARGIN + number % columns * (across + _GAP),
            _HEIGHT - _MARGIN - _HEAD - number // columns * (up + _GAP) - up + texts,
            across,
            up - texts,
        )
        for number in range(count)
    ]


def _make_form(
    page: PageObject, place: _Place, writer: PdfWriter
) -> tuple[StreamObject, _Place, tuple[float, float, float, float, float, float]]:
    """Return the page as a form, the part of its place that it fills, and the matrix that puts it there."""
    box = page.cropbox
    form = StreamObject()
    contents = page.get_contents()
    form._data = contents.get_data() if contents is not None else b""  # noqa: SLF001
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in (box.left, box.bottom, box.right, box.top))
    resources: Any = page.get("/Resources", DictionaryObject())
    form[NameObject("/Resources")] = resources.get_object().clone(writer)
    width, height = _measure(page)
    scale = min(place.width / width, place.height / height)
    shown = _Place(place.x, place.y + place.height - height * scale, width * scale, height * scale)
    left, bottom, right, top = (float(side) for side in (box.left, box.bottom, box.right, box.top))
    # /Rotate turns to the right.
    a, b, c, d, x, y = {
        0: (1, 0, 0, 1, -left, -bottom),
        90: (0, -1, 1, 0, -bottom, right),
        180: (-1, 0, 0, -1, right, top),
        270: (0, 1, -1, 0, top, -left),
    }[page.rotation % _FULL]
    matrix = (a * scale, b * scale, c * scale, d * scale, x * scale + shown.x, y * scale + shown.y)
    return form.flate_encode(), shown, matrix


def _draw_texts(heading: str, summary: str, tiles: Sequence[Tile], places: Sequence[_Place], grid: _Grid) -> bytes:
    """Return the page with all texts, drawn by the engine."""
    whole = _WIDTH - 2 * _MARGIN
    top = _HEIGHT - _MARGIN
    elements: dict[str, Any] = {
        "name": False,
        "context": False,
        "date": False,
        "heading": _make_text(heading, (_MARGIN, top - 14), 15, (top - 24, top), whole, "NotoSans-Bold", INK)
        | {"role": "title"},
        "summary": _make_text(summary, (_MARGIN, top - 36), 8.5, (top - _HEAD + 8, top - 27), whole, "NotoSans", MUTED),
    }
    for number, (tile, place) in enumerate(zip(tiles, places, strict=True)):
        below = place.y
        for part, text, font, colour, (bottom, upper), size in (
            ("title", tile.title, "NotoSans-Bold", INK, (below - grid.title, below - 2), 8.5),
            ("note", tile.note, "NotoSans", MUTED, (below - grid.title - grid.note, below - grid.title), 7.5),
        ):
            if text:
                elements[f"{part}{number}"] = _make_text(
                    text, (place.x, upper - size), size, (bottom, upper), place.width, font, colour
                )
    options = {
        "template": _TEMPLATE,
        "language": "en",
        "protection": "none",
        "undrawable_text": "print",
        "text_elements": elements,
    }
    assets = StaticAssets({_TEMPLATE: Asset.of(_TEMPLATE, AssetKind.PDF_TEMPLATE, _make_empty_page())})
    now = datetime.now(UTC)
    credential = CredentialData(
        verify_uuid=UUID(int=0),
        verify_url="",
        verify_code="",
        user_full_name="",
        learning_context_key="",
        learning_context_name="",
        credential_type_name=heading,
        issued_at=now,
        issue_date=date(now.year, now.month, now.day),
        assets=assets,
        is_sample=True,
    )
    return _draw_what_fits(options, assets, credential)


def _draw_what_fits(options: dict[str, Any], assets: StaticAssets, credential: CredentialData) -> bytes:
    """Return the page. Texts that do not fit, such as long errors, are cut."""
    for _ in range(_MOST_CUTS):
        try:
            return bytes(get_renderer(options, assets)(credential).content)
        except GenerationError as error:
            name = str(error).partition(":")[0].removeprefix("text_elements.")
            element = options["text_elements"].get(name)
            if error.code != "text_does_not_fit" or not element:
                raise
            text = element["text"].replace("{{", "{").replace("}}", "}")
            options["text_elements"][name] = {**element, "text": _escape(f"{text[: int(len(text) * _CUT)]}…")}
    raise GenerationError("the texts of the proof sheet do not fit", code="text_does_not_fit")


def _make_text(
    text: str, place: tuple[float, float], size: float, room: tuple[float, float], width: float, font: str, colour: str
) -> dict[str, Any]:
    short = text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"
    return {
        "text": _escape(short),
        "x": place[0],
        "y": place[1],
        "align": "left",
        "size": size,
        "max_width": width,
        "bottom": room[0],
        "top": room[1],
        "fit": "wrap",
        "font": font,
        "color": colour,
    }


def _escape(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _make_empty_page() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
