"""The designer in a real browser: what is dragged is where it was dropped, in the issued file too."""

from __future__ import annotations

import json

import pypdfium2
import pytest
from django.urls import reverse

from learning_credentials import api
from learning_credentials.lms.fake import fake_lms
from learning_credentials.storages import get_storage
from tests.factories import (
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    CredentialTypeFactory,
    TypeSignatoryFactory,
    UserFactory,
    make_png,
)

PDF = "learning_credentials.generators.generate_pdf_credential"
SIZE = {"width": 1200, "height": 900}
TABLET = {"width": 820, "height": 1180}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'"
TEXT = "text_elements.place"
OWN = {"text_elements": {"place": {"text": "Harbour", "x": 300, "y": 180, "size": 20, "font": "NotoSans"}}}


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


@pytest.fixture
def world(transactional_db):
    with fake_lms() as fake:
        yield fake


@pytest.fixture
def course(world):
    row = CredentialConfigurationFactory(credential_type__generation_func=PDF, custom_options=OWN)
    world.add_course_run(row.learning_context_key, "Marine Biology")
    return row


def url(row, page="change"):
    return reverse(f"admin:learning_credentials_{row._meta.model_name}_{page}", args=[row.pk])


def open_designer(visit, row, operator, **look):
    page = visit(url(row), user=operator, **{"size": SIZE, **look})
    page.locator("#id_custom_options-tab-design").click()
    page.locator("[data-drawn]").wait_for()
    settle(page)
    return page


def settle(page):
    """Wait until the page is drawn with the present options."""
    is_idle = "() => document.querySelector('.lcred-designer').getAttribute('aria-busy') === 'false'"
    page.wait_for_timeout(120)
    page.wait_for_function(is_idle)


def read_options(page):
    return json.loads(page.locator("#id_custom_options").input_value())


def box(page, path):
    return page.locator(f".lcred-designer-box[data-path='{path}']")


def field(page, name):
    return page.locator(f".lcred-designer-panel [data-option='{name}']")


def drag(page, target, dx, dy, *, key=""):
    """Drag by pixels. Alt keeps the element from snapping to others."""
    frame = target.bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    if key:
        page.keyboard.down(key)
    for share in (0.3, 0.7, 1):
        page.mouse.move(x + dx * share, y + dy * share)
    page.mouse.up()
    if key:
        page.keyboard.up(key)
    settle(page)


def save(page):
    page.locator("input[name=_continue]").first.click()
    page.wait_for_load_state()
    assert page.locator(".success").count() == 1, page.locator(".errornote, .errorlist").all_inner_texts()


def find_text(content, text):
    """Return the left, bottom, right and upper edge of a text of a PDF."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0].get_textpage()
        start = page.get_text_range().index(text)
        boxes = [page.get_charbox(index) for index in range(start, start + len(text))]
    finally:
        document.close()
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def issue(world, course):
    user = UserFactory()
    world.enrol(user.pk, course.learning_context_key)
    row = api.issue_credential(course.pk, user.pk)
    with get_storage().open(row.artifact_name) as file:
        return file.read()


def test_a_text_is_printed_where_it_was_dropped(visit, operator, world, course):
    before = find_text(issue(world, course), "Harbour")
    page = open_designer(visit, course, operator)
    zoom = page.locator(".lcred-designer-page").bounding_box()["width"] / 841.89
    drag(page, box(page, TEXT), 83, -47, key="Alt")
    seen = box(page, TEXT).bounding_box()
    frame = page.locator(".lcred-designer-page").bounding_box()
    save(page)
    after = find_text(issue(world, course), "Harbour")
    assert after[0] - before[0] == pytest.approx(83 / zoom, abs=0.5)
    assert after[1] - before[1] == pytest.approx(47 / zoom, abs=0.5)
    # The box on the page is where the letters are.
    assert (after[0] + after[2]) / 2 == pytest.approx((seen["x"] + seen["width"] / 2 - frame["x"]) / zoom, abs=1)
    middle = frame["y"] + frame["height"] - (seen["y"] + seen["height"] / 2)
    assert (after[1] + after[3]) / 2 == pytest.approx(middle / zoom, abs=1)


def test_a_text_of_the_built_in_page_is_moved_from_where_it_is(visit, operator, world, course):
    # Its room has moved and shrunk it, so its place is not the one in the defaults.
    page = open_designer(visit, course, operator)
    target = box(page, "text_elements.name")
    before = target.bounding_box()
    target.focus()
    page.keyboard.press("Shift+ArrowUp")
    settle(page)
    after = target.bounding_box()
    zoom = page.locator(".lcred-designer-page").bounding_box()["width"] / 841.89
    assert before["y"] - after["y"] == pytest.approx(10 * zoom, abs=1)
    # A configuration has the change only. Everything else is inherited or a default.
    assert read_options(page)["text_elements"]["name"] == {"y": 300}


def test_everything_works_by_keyboard_alone(visit, operator, course):
    page = open_designer(visit, course, operator)
    page.locator("#id_custom_options-tab-design").focus()
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        path = page.evaluate("() => document.activeElement.dataset.path || ''")
        if path == TEXT and "lcred-designer-box" in page.evaluate("() => document.activeElement.className"):
            break
        seen.add(path)
    assert {"text_elements.name", "text_elements.heading"} <= seen
    page.keyboard.press("Enter")
    settle(page)
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    settle(page)
    assert read_options(page)["text_elements"]["place"] == {**OWN["text_elements"]["place"], "x": 302, "y": 189}
    assert page.locator(".lcred-designer-status").inner_text() == "place: x 302, y 189"
    page.keyboard.press("Control+d")
    settle(page)
    copied = read_options(page)["text_elements"]
    assert copied["place_2"] == {**OWN["text_elements"]["place"], "x": 314, "y": 177}
    page.keyboard.press("Delete")
    settle(page)
    assert "place_2" not in read_options(page)["text_elements"]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    settle(page)
    assert read_options(page) == OWN
    page.keyboard.press("Control+y")
    settle(page)
    assert read_options(page)["text_elements"]["place"]["x"] == 302
    # From the list into the panel.
    page.locator(".lcred-designer-entry[data-path='text_elements.place']").focus()
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('[data-option=size]') !== null"):
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("31.5")
    page.keyboard.press("Enter")
    settle(page)
    assert read_options(page)["text_elements"]["place"]["size"] == 31.5


def test_json_and_picture_are_two_views_of_one_thing(visit, operator):
    text = '{"text_elements": {"place": {"y": 180.0, "text": "A",   "x": 300}},\n "required_completion": 0.50}'
    row = CredentialTypeFactory(
        generation_func=PDF,
        retrieval_func="learning_credentials.processors.retrieve_completions",
        custom_options=json.loads(text),
    )
    page = open_designer(visit, row, operator)
    page.locator("#id_custom_options-tab-json").click()
    page.locator("#id_custom_options").fill(text)
    page.locator("#id_custom_options-tab-design").click()
    settle(page)
    box(page, TEXT).focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    # Nothing else has changed: order, spaces and digits.
    assert page.locator("#id_custom_options").input_value() == text.replace('"x": 300', '"x": 301')
    page.keyboard.press("Control+z")
    assert page.locator("#id_custom_options").input_value() == text
    page.locator("#id_custom_options-tab-json").click()
    page.locator("#id_custom_options").fill(text.replace('"A"', '"Harbour"'))
    page.locator("#id_custom_options-tab-design").click()
    settle(page)
    assert page.locator(".lcred-designer-entry[data-path='text_elements.place']").inner_text().endswith("Harbour")


def test_each_mistake_is_marked_with_the_sentence_of_the_save(visit, operator):
    row = CredentialTypeFactory(generation_func=PDF, custom_options=OWN)
    page = open_designer(visit, row, operator)
    box(page, TEXT).click()
    settle(page)
    field(page, "color").locator("input[type=text]").fill("purplish")
    page.keyboard.press("Enter")
    settle(page)
    field(page, "size").locator("input").fill("0")
    page.keyboard.press("Enter")
    settle(page)
    sentences = page.locator(".lcred-designer-listing .lcred-designer-problem").all_inner_texts()
    assert len(sentences) == 2
    assert "text_elements.place.color: 'purplish' is not a colour. Use a hex value such as #1a2b3c" in sentences
    assert "lcred-designer-wrong" in box(page, TEXT).get_attribute("class")
    assert field(page, "color").locator(".lcred-designer-problem").inner_text() in sentences
    assert box(page, "text_elements.name").count() == 1  # everything else is drawn
    page.locator("input[name=_continue]").first.click()
    page.wait_for_load_state()
    said = page.locator(".errorlist").first.inner_text()
    for sentence in sentences:
        assert sentence in said


def test_elements_are_added_aligned_hidden_and_shown(visit, operator):
    row = CredentialTypeFactory(generation_func=PDF, custom_options=OWN)
    CredentialAssetFactory(slug="crest", content=make_png(40, 20))
    page = open_designer(visit, row, operator)
    for kind in ("text", "image", "table"):
        page.locator(f"[data-add={kind}]").click()
        settle(page)
    options = read_options(page)
    assert options["images"]["image"] == {"asset": "crest", "x": 370.94, "y": 247.64, "width": 100, "height": 100}
    assert options["tables"]["table"]["rows"] == "grades"
    drag(page, page.locator(".lcred-designer-handle").first, 0, 0)
    box(page, TEXT).click()
    box(page, "text_elements.text").click(modifiers=["Shift"])
    page.get_by_role("button", name="Align lower edges").click()
    settle(page)
    boxes = [box(page, path).bounding_box() for path in (TEXT, "text_elements.text")]
    assert boxes[0]["y"] + boxes[0]["height"] == pytest.approx(boxes[1]["y"] + boxes[1]["height"], abs=1.5)
    box(page, "text_elements.issuer").focus()
    page.keyboard.press("Delete")
    settle(page)
    assert read_options(page)["text_elements"]["issuer"] is False
    page.get_by_role("button", name="Show issuer").click()
    settle(page)
    assert "issuer" not in read_options(page)["text_elements"]
    assert box(page, "text_elements.issuer").count() == 1
    save(page)


def test_an_image_is_resized_and_snaps(visit, operator):
    CredentialAssetFactory(slug="crest", content=make_png(40, 20))
    place = {"asset": "crest", "x": 200, "y": 200, "width": 80, "height": 40}
    CredentialAssetFactory(slug="paper", content=make_png(84, 59, "white"))
    hidden = dict.fromkeys(("name", "context", "date"), False)
    options = {"background": {"asset": "paper"}, "text_elements": hidden, "images": {"crest": place}}
    row = CredentialTypeFactory(generation_func=PDF, custom_options=options)
    page = open_designer(visit, row, operator)
    zoom = page.locator(".lcred-designer-page").bounding_box()["width"] / 841.89
    target = box(page, "images.crest")
    target.click()
    drag(page, target.locator("[data-handle=ne]"), 40, -20)
    said = read_options(page)["images"]["crest"]
    assert (said["x"], said["y"]) == (200, 200)
    assert said["width"] == pytest.approx(80 + 40 / zoom, abs=0.6)
    assert said["height"] == pytest.approx(40 + 20 / zoom, abs=0.6)
    # Near the middle of the page it snaps to it.
    middle = 841.89 / 2 - said["width"] / 2
    drag(page, target, (middle - 200) * zoom + 3, -60)
    assert read_options(page)["images"]["crest"]["x"] == pytest.approx(middle, abs=0.02)


def test_samples_are_one_click_away(visit, operator, world, course):
    user = UserFactory(username="zo", first_name="Zo", last_name="Quill")
    longest = UserFactory(username="longest")
    for each, name in ((user, "Zo Quill"), (longest, "Wilhelmina Theodora Ravenscroft-Applewhite")):
        world.set_profile(each.pk, display_name=name)
        world.enrol(each.pk, course.learning_context_key)
    page = open_designer(visit, course, operator)
    shapes = {}
    for sample in ("usual", "arabic", "chinese", "hindi", "long", "longest"):
        page.get_by_label("Drawn for").select_option(sample)
        settle(page)
        frame = box(page, "text_elements.name").bounding_box()
        shapes[sample] = frame["width"], frame["height"]
    assert len(set(shapes.values())) == len(shapes)
    assert shapes["longest"][0] > shapes["usual"][0]
    assert shapes["long"][1] > shapes["usual"][1]  # it has several lines
    page.get_by_label("Find a learner of the course").fill("quil")
    page.get_by_role("button", name="Zo Quill (zo)").click()
    settle(page)
    assert box(page, "text_elements.name").bounding_box()["width"] < shapes["longest"][0]


@pytest.fixture
def list_own_barriers(list_barriers):
    """Return what keeps people out of the designer. Django's own parts of the page are not asked about."""

    def ask(page):
        list_barriers(page)  # loads axe
        found = page.evaluate("() => axe.run('.lcred-options', { resultTypes: ['violations'] })")
        assert len(found["passes"]) > 10
        return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]

    return ask


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anyone_out(visit, list_own_barriers, operator, course, scheme):
    page = open_designer(visit, course, operator, color_scheme=scheme)
    assert list_own_barriers(page) == []
    box(page, TEXT).click()
    settle(page)
    page.get_by_text("Choose by sample").click()
    page.get_by_text("Dates and digits").click()
    assert list_own_barriers(page) == []
    page.get_by_label("Drawn for").select_option("long")
    settle(page)
    assert list_own_barriers(page) == []


def test_it_fits_on_a_tablet(visit, operator, course):
    page = open_designer(visit, course, operator, size=TABLET)
    assert page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]
    box(page, TEXT).click()
    settle(page)
    field(page, "size").locator("input").fill("25")
    page.keyboard.press("Enter")
    settle(page)
    assert read_options(page)["text_elements"]["place"]["size"] == 25


def test_a_strict_policy_lets_it_work(visit, operator, course):
    page = visit(url(course), user=operator, size=SIZE)
    violations = []
    page.on(
        "console",
        lambda message: violations.append(message.text) if "Content Security Policy" in message.text else None,
    )

    def serve(route):
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": POLICY})

    page.route("**/change/", serve)
    page.reload()
    page.locator("#id_custom_options-tab-design").click()
    page.locator("[data-drawn]").wait_for()
    box(page, TEXT).click()
    settle(page)
    field(page, "size").locator("input").fill("25")
    page.keyboard.press("Enter")
    settle(page)
    assert read_options(page)["text_elements"]["place"]["size"] == 25
    painted = page.evaluate("""() => { const canvas = document.querySelector(".lcred-designer-picture");
        return canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3]; }""")
    assert painted == 255
    assert [text for text in violations if "lcred" in text or "designer" in text] == []


def test_signatories_and_kept_texts_are_moved_on_a_page_of_ones_own(visit, operator):
    CredentialAssetFactory(slug="paper", content=make_png(84, 59, "white"))
    kept = {"text": "Harbour", "x": 300, "y": 300, "bottom": 290, "top": 340}
    hidden = dict.fromkeys(("name", "context", "date"), False)
    options = {"background": {"asset": "paper"}, "text_elements": {**hidden, "kept": kept}}
    row = CredentialTypeFactory(generation_func=PDF, custom_options=options)
    TypeSignatoryFactory(credential_type=row)
    page = open_designer(visit, row, operator)
    page.locator("[data-add=signatories]").click()
    settle(page)
    assert read_options(page)["signatories"] == {"x": 126.28, "y": 72, "width": 589.32, "height": 84}
    box(page, "signatories").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Delete")
    settle(page)
    assert "signatories" not in read_options(page)
    box(page, "text_elements.kept").focus()
    page.keyboard.press("Shift+ArrowDown")
    settle(page)
    assert read_options(page)["text_elements"]["kept"] == {**kept, "y": 290, "bottom": 280, "top": 330}
    save(page)
