"""The layout says where elements are, as the PDF has them."""

from __future__ import annotations

import pypdfium2
import pytest

from learning_credentials.pdf import lay_out
from tests.unit.pdf.support import make_assets, make_credential, make_form, make_pdf, make_png, render


def find(layout, path):
    return next(element for element in layout.elements if element.path == path)


def lay_out_with(options, assets=None, **values):
    assets = assets or make_assets()
    return lay_out(options, assets, make_credential(assets=assets, **values))


def find_letters(content, text):
    """Return the box around the letters of a text, as PDFium finds it."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0].get_textpage()
        start = page.get_text_range().index(text)
        boxes = [page.get_charbox(index) for index in range(start, start + len(text)) if text[index - start] != " "]
    finally:
        document.close()
    return tuple(choose(box[index] for box in boxes) for index, choose in enumerate((min, min, max, max)))


def test_boxes_are_where_the_letters_are():
    options = {"protection": "none", "text_elements": {"own": {"text": "Harbour", "x": 300, "y": 180, "size": 20}}}
    layout = lay_out_with(options)
    assert layout.pages == [pytest.approx((841.89, 595.28), abs=0.01)]
    own = find(layout, "text_elements.own")
    assert own.anchor == (300, 180)
    assert own.kind == "text"
    assert own.values["size"] == 20
    assert not own.base
    [(page, box)] = own.boxes
    assert page == 0
    left, bottom, right, top = find_letters(render(options).content, "Harbour")
    assert (box[0], box[2]) == pytest.approx((left, right), abs=2)
    assert box[1] <= bottom < top <= box[3] <= top + 6


def test_a_text_in_a_room_has_the_place_at_which_it_is():
    name = "Wilhelmina Theodora Ravenscroft-Applewhite and all her many friends from the harbour"
    layout = lay_out_with({}, user_full_name=name)
    found = find(layout, "text_elements.name")
    # It has two lines, and the first one is higher than the option says.
    assert found.anchor[1] > found.values["y"] == 290
    assert found.base["text"] == "{name}"
    assert find(layout, "signatures").boxes


def test_images_without_a_height_have_the_proportion_of_the_file():
    assets = make_assets(image_logo=make_png(60, 30))
    layout = lay_out_with({"images": {"logo": {"asset": "image_logo", "x": 10, "y": 20, "width": 120}}}, assets)
    assert find(layout, "images.logo").boxes == [(0, pytest.approx((10, 20, 130, 80)))]


def test_form_fields_are_named():
    assets = make_assets(template_own=make_form(("name", (100, 200, 300, 40), {})))
    layout = lay_out_with({"template": "template_own"}, assets)
    found = find(layout, "text_elements.name")
    assert found.field == "name"
    [(_, box)] = found.boxes
    assert 100 <= box[0] <= box[2] <= 400
    assert 200 <= box[1] <= box[3] <= 240


def test_every_page_has_its_elements():
    assets = make_assets(template_own=make_pdf(pages=2))
    options = {"template": "template_own", "text_elements": {"back": {"text": "Back", "y": 100, "page": 2}}}
    layout = lay_out_with(options, assets)
    assert layout.pages == [(600, 400), (600, 400)]
    assert find(layout, "text_elements.back").page == 2
    assert [page for page, _ in find(layout, "text_elements.back").boxes] == [1]


def test_hidden_and_empty_elements_are_known():
    options = {
        "text_elements": {"date": False, "expiry": {"text": "{expiry_date}", "y": 90}},
        "qr": False,
        "signatures": False,
    }
    layout = lay_out_with(options)
    assert layout.hidden == ["text_elements.date", "qr", "signatures"]
    assert find(layout, "text_elements.expiry").is_empty
    assert find(layout, "text_elements.expiry").boxes
