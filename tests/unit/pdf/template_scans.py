"""Make templates that are one large picture, as scanners do."""

from __future__ import annotations

import functools
import io
import random
import zlib

import pikepdf
from pikepdf import Dictionary, Name
from PIL import Image
from PIL.TiffImagePlugin import ROWSPERSTRIP, STRIPBYTECOUNTS, STRIPOFFSETS
from reportlab.lib.pagesizes import A4, portrait

from .template_cases import Draft, Frame, save_plainly


def _encode_as(filter_name, width, height):
    """Return random pixels with about as many bytes as a scan of 2 MB, and the entries for reading them."""
    noise = Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height))
    entries = {"Filter": Name(f"/{filter_name}"), "ColorSpace": Name.DeviceGray, "BitsPerComponent": 8}
    if filter_name == "FlateDecode":
        return zlib.compress(noise.tobytes(), 1), entries
    buffer = io.BytesIO()
    if filter_name == "DCTDecode":
        noise.save(buffer, "JPEG", quality=92)
        return buffer.getvalue(), entries
    noise.point(lambda value: 255 if value > 127 else 0, "1").save(
        buffer, "TIFF", compression="group4", tiffinfo={ROWSPERSTRIP: height}
    )
    with Image.open(buffer) as image:
        (start,), (length,) = image.tag_v2[STRIPOFFSETS], image.tag_v2[STRIPBYTECOUNTS]
    parameters = Dictionary(K=-1, Columns=width, Rows=height)
    return buffer.getvalue()[start : start + length], {**entries, "BitsPerComponent": 1, "DecodeParms": parameters}


#: The filters of a page's picture, and the number of pixels that takes 2 MB with each.
SCANS = {"DCTDecode": (1400, 1800), "FlateDecode": (1240, 1754), "CCITTFaxDecode": (2480, 3508)}


@functools.cache
def make_scan(filter_name):
    """Return a template that is one picture of 2 MB."""
    width, height = SCANS[filter_name]
    draft = Draft(Frame(*portrait(A4)))
    content, entries = _encode_as(filter_name, width, height)
    image = pikepdf.Stream(
        draft.pdf, content, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, **entries
    )
    draft.add("XObject", "Im0", draft.pdf.make_indirect(image))
    draft.write("q 595.276 0 0 841.89 0 0 cm /Im0 Do Q")
    return save_plainly(draft.finish())
