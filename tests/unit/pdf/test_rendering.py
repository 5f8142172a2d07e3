import io
import itertools
import unicodedata
from datetime import UTC, date, datetime

import pikepdf
import pypdf
import pypdfium2
import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf.constants import UserAccessPermissions

from learning_credentials.data import (
    AssetKind,
    ContextData,
    FieldData,
    FieldKind,
    IssuerData,
    SignatoryData,
    StaticAssets,
)
from learning_credentials.exceptions import AssetNotFoundError, GenerationError
from learning_credentials.generators import generate_pdf_credential
from learning_credentials.pdf import list_placeholders
from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.page.text_layout import place_text
from learning_credentials.pdf.page.text_style import TextStyle
from learning_credentials.pdf.rendering import get_renderer
from learning_credentials.pdf.template.geometry import Geometry
from learning_credentials.pdf.text.cleaning import clean_line
from learning_credentials.pdf.text.clusters import split_clusters
from learning_credentials.pdf.text.lines import make_line, wrap

from .support import (
    VERIFY_URL,
    VERIFY_UUID,
    assert_sound,
    draw,
    find_ink,
    list_font_names,
    make_assets,
    make_credential,
    make_pdf,
    make_png,
    read_with_pdfium,
    read_with_pypdf,
    render,
)
from .test_assets import THAI, make_collection, make_postscript_font

ASSETS = make_assets(template=make_pdf(600, 400, text=""), image=make_png(), font=THAI)
TEMPLATE = {"template": "template"}

NAMES = {
    "Latin": "Zoë Adjei-Łukasiewicz",
    "Vietnamese": "Nguyễn Thị Ánh",
    "punctuation": "O’Brien–D’Souza",
    "Greek": "Αλέξανδρος Παπαδόπουλος",
    "Cyrillic": "Игорь Щукин",
    "Armenian": "Արամ Խաչատրյան",
    "Georgian": "გიორგი ბერიძე",
    "Hebrew": "לאה כהן",
    "Hebrew with points": "לאה שָׁלוֹם",
    "Arabic": "محمد عبد الله",
    "Arabic with lam-alef": "علاء سلامة",
    "Persian": "پریسا گلچین",
    "Urdu": "ڈاکٹر ٹیپو",
    "Devanagari": "आदित्य क्षत्रिय",
    "Bengali": "রবি ঠাকুর",
    "Tamil": "தமிழ் செல்வி",
    "Telugu": "రాముడు శర్మ",
    "Kannada": "ಕನ್ನಡ ಗೌಡ",
    "Malayalam": "മലയാളം നായർ",
    "Gujarati": "ગુજરાતી પટેલ",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Sinhala": "සිංහල පෙරේරා",
    "Thai": "สมชาย ใจดี",
    "Lao": "ສົມຊາຍ ດີ",
    "Khmer": "សុខ ចាន់",
    "Myanmar": "အောင် မြင့်",
    "Ethiopic": "አበበ ቢቂላ",
    "one letter": "X",
}


@pytest.fixture(scope="module")
def renderer():
    return generate_pdf_credential.prepare({}, StaticAssets())


@pytest.fixture(scope="module")
def standard():
    """A credential over an operator's template in Helvetica, where every other script needs a fallback."""
    return generate_pdf_credential.prepare(TEMPLATE, ASSETS)


@pytest.mark.parametrize("script", NAMES)
def test_names_can_be_read_back(script, renderer, standard):
    name = NAMES[script]
    for make in (renderer, standard):
        artifact = make(make_credential(user_full_name=name))
        assert artifact.warnings == ()
        assert_sound(artifact.content)
        for read in (read_with_pypdf, read_with_pdfium):
            found, wanted = unicodedata.normalize("NFC", read(artifact.content)), unicodedata.normalize("NFC", name)
            if script == "Hebrew with points" and read is read_with_pdfium:
                # pdfium guesses blanks from distances, and finds some around points that are set beside their letter's middle.
                found, wanted = "".join(found.split()), "".join(wanted.split())
            assert wanted in found


def test_both_forms_of_a_name_print_alike(standard):
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"
    for name in (composed, decomposed):
        content = standard(make_credential(user_full_name=name)).content
        assert composed in read_with_pypdf(content)
        assert list_font_names(content) == {"/Helvetica"}


def test_a_name_is_drawn_in_one_font_where_one_has_it(standard):
    content = standard(make_credential(user_full_name="Nguyễn Thị Ánh")).content
    assert {name.partition("+")[2] or name for name in list_font_names(content)} == {
        "/Helvetica",
        "NotoSans-Regular",
    }


def test_a_name_in_two_scripts_has_every_character_and_no_warning(standard):
    artifact = standard(make_credential(user_full_name="مريم Smith (مدير)"))
    assert artifact.warnings == ()
    for read in (read_with_pypdf, read_with_pdfium):
        assert {"مريم", "Smith", "مدير"} <= set(
            read(artifact.content).replace("(", " ").replace(")", " ").replace("Smith", " Smith ").split()
        )


@pytest.mark.parametrize(("name", "points"), [("王小明", "U+738B"), ("𞊐𞊮 Ada", "U+1E290 U+1E2AE")])
def test_a_character_that_no_font_has_is_an_error_or_a_warning(name, points, standard):
    with pytest.raises(GenerationError) as caught:
        standard(make_credential(user_full_name=name))
    assert caught.value.code == "undrawable_text"
    artifact = render({**TEMPLATE, "undrawable_text": "print"}, ASSETS, user_full_name=name)
    (warning,) = artifact.warnings
    assert warning == str(caught.value)
    assert warning.startswith("no font can draw these characters of the learner's name: ")
    assert points in warning
    assert "\N{REPLACEMENT CHARACTER}" in read_with_pypdf(artifact.content)


def test_compatibility_characters_fall_back_to_their_plain_form(standard):
    artifact = standard(make_credential(user_full_name="Ａｄａ 𝐁yron"))
    assert artifact.warnings == ()
    assert "Ada Byron" in read_with_pypdf(artifact.content)


def test_control_characters_and_direction_overrides_are_dropped(standard):
    content = standard(make_credential(user_full_name="Ada\u202e\x00\tLovelace\n Jr\u200b")).content
    assert "Ada Lovelace Jr" in read_with_pypdf(content)


def test_a_learners_data_is_no_template(standard):
    content = standard(make_credential(user_full_name="{verify_uuid} {x} }{")).content
    assert "{verify_uuid} {x} }{" in read_with_pypdf(content)


def test_a_learner_without_a_name_is_an_error_of_that_learner(standard):
    for name in ("", " \n"):
        with pytest.raises(GenerationError, match="so no name is printed") as caught:
            standard(make_credential(user_full_name=name))
        assert caught.value.code == "name_missing"
    options = {**TEMPLATE, "text_elements": {"name": False}}
    assert render(options, ASSETS, user_full_name="").content


def test_the_document_says_what_it_is(renderer):
    content = renderer(make_credential(language="es")).content
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.metadata.title == "Certificate of Achievement: Marine Biology"
    assert reader.metadata.author == "Example University"
    assert reader.metadata.subject == "Ada Example, Marine Biology"
    assert reader.metadata["/Keywords"] == VERIFY_URL
    assert reader.trailer["/Root"]["/Lang"] == "es"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Certificate of Achievement: Marine Biology"
        assert list(metadata["dc:language"]) == ["es"]


def test_encryption_keeps_the_permissions(renderer):
    content = renderer(make_credential()).content
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.is_encrypted
    assert reader.user_access_permissions == UserAccessPermissions(0xFFFFFAD4)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.encryption.R == 6
        assert pdf.encryption.bits == 256
        assert pdf.encryption.P == 0xFFFFFAD4 - 2**32
        assert pdf.user_password_matched
        assert not pdf.owner_password_matched
        assert pdf.allow.print_highres
        assert pdf.allow.accessibility
        assert pdf.allow.extract
        assert not pdf.allow.modify_other


def test_dates_follow_the_language(standard):
    def read(options=(), **values):
        return read_with_pypdf(render({**TEMPLATE, **dict(options)}, ASSETS, **values).content)

    assert "November 22, 2026" in read()
    assert "November 22, 2026" in read(language="de"), "the words of a template are in one language"
    assert "22 novembre 2026" in read({"language": "fr"}, language="de")
    assert "22 de novembro de 2026" in read({"language": "pt-BR"})
    assert "November 22, 2026" in read(language="xx-unknown")
    assert "22. November 2026" in read({"language": "de-CH"})


def test_a_right_to_left_language_turns_the_document(standard):
    content = render({**TEMPLATE, "language": "ar"}, ASSETS, user_full_name="محمد").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.ViewerPreferences.Direction == "/R2L"


def test_every_placeholder_is_filled():
    names = [placeholder.name for placeholder in list_placeholders() if "signatory" not in placeholder.name]
    names += ["signatory_1_name", "signatory_1_title", "signatory_1_organisation", "signatory_2_name"]
    elements = {
        f"line_{index}": {"text": f"<{{{name}}}>", "y": 20 + 12 * index, "size": 6} for index, name in enumerate(names)
    }
    artifact = render(
        {**TEMPLATE, "text_elements": {"name": False, "context": False, "date": False, **elements}},
        ASSETS,
        expires_at=datetime(2029, 1, 2, tzinfo=UTC),
        issue_date=date(2026, 1, 2),
        given_name="Ada",
        family_name="Example",
        context=ContextData("BIO101", "Faculty of Biology", date(2025, 9, 1), date(2025, 12, 19), "4 hours a week"),
    )
    assert set(read_with_pdfium(artifact.content).split("\n")) == {
        "<Ada Example>",
        "<Marine Biology>",
        "<January 2, 2026>",
        f"<{VERIFY_UUID}>",
        f"<{VERIFY_URL}>",
        "<7K3QF-9XW2M>",
        "<92%>",
        "<Certificate of Achievement>",
        "<January 2, 2029>",
        "<Example University>",
        "<Prof. Max Muster>",
        "<Dean>",
        "<Faculty of Examples>",
        "<Ada>",
        "<Example>",
        "<course-v1:demo+bio+1>",
        "<BIO101>",
        "<Faculty of Biology>",
        "<September 1, 2025>",
        "<December 19, 2025>",
        "<4 hours a week>",
    }


def test_an_element_with_nothing_to_say_is_left_out_and_an_unknown_grade_is_a_warning():
    elements = {
        "until": {"text": "Valid until {expiry_date}", "y": 40},
        "grade": {"text": "Grade: {grade}", "y": 20},
    }
    artifact = render({**TEMPLATE, "text_elements": elements}, ASSETS, evidence={})
    assert artifact.warnings == ("the grade is unknown, so no grade is printed",)
    assert "Valid until" not in read_with_pypdf(artifact.content)
    assert "Grade" not in read_with_pypdf(artifact.content)


def read_lines(options, **values):
    """Text, left, bottom and right of each line as pdfium sees it."""
    content = render({**TEMPLATE, "text_elements": options}, ASSETS, **values).content
    lines = []
    with pypdfium2.PdfDocument(content) as document:
        page = document[0].get_textpage()
        for index in range(page.count_rects()):
            left, bottom, right, top = page.get_rect(index)
            lines.append((page.get_text_bounded(left, bottom, right, top).strip(), left, bottom, right))
    return lines


ONLY_NAME = {"context": False, "date": False}


@pytest.mark.parametrize(
    ("place", "left", "right"),
    [
        ({}, None, None),
        ({"x": 100, "align": "left"}, 100, None),
        ({"x": 500, "align": "right"}, None, 500),
    ],
)
def test_text_is_aligned_to_its_place(place, left, right):
    ((text, start, _, end),) = read_lines({**ONLY_NAME, "name": {"size": 20, **place}})
    assert text == "Ada Example"
    if left is None and right is None:
        assert (start + end) / 2 == pytest.approx(300, abs=1)
    if left is not None:
        assert start == pytest.approx(left, abs=1)
    if right is not None:
        assert end == pytest.approx(right, abs=1.5)


def test_character_space_widens_and_stays_centred():
    ((_, start, _, end),) = read_lines({**ONLY_NAME, "name": {"size": 20}})
    ((_, wide_start, _, wide_end),) = read_lines({**ONLY_NAME, "name": {"size": 20, "char_space": 5}})
    assert wide_end - wide_start == pytest.approx(end - start + 10 * 5, abs=1)
    assert (wide_start + wide_end) / 2 == pytest.approx((start + end) / 2, abs=0.5)


@pytest.mark.parametrize("line_height", [1.1, 2])
def test_lines_go_down_by_size_times_line_height(line_height):
    lines = read_lines(
        {"name": False, "date": False, "context": {"size": 20, "line_height": line_height}},
        learning_context_name="HHH\nHHH\r\nHHH",
    )
    bottoms = [bottom for _, _, bottom, _ in lines]
    assert bottoms[0] == pytest.approx(220, abs=0.5)
    assert [a - b for a, b in itertools.pairwise(bottoms)] == pytest.approx([20 * line_height] * 2, abs=0.2)


LONG = "Maximiliana Wolfeschlegelsteinhausen Featherstonehaugh of Llanfairpwll"


def test_a_long_name_shrinks_to_the_page_by_default():
    ((text, start, _, end),) = read_lines(ONLY_NAME, user_full_name=LONG)
    assert text == LONG
    assert start >= 17
    assert end <= 583


def test_max_width_shrinks_or_wraps():
    options = {**ONLY_NAME, "name": {"max_width": 300, "size": 16}}
    ((_, start, _, end),) = read_lines(options, user_full_name=LONG)
    assert end - start <= 300.5
    options["name"]["fit"] = "wrap"
    lines = read_lines(options, user_full_name=LONG)
    assert len(lines) > 1
    assert all(end - start <= 300.5 for _, start, _, end in lines)
    assert " ".join(text for text, *_ in lines) == LONG


def test_a_word_wider_than_the_page_stays_on_it():
    lines = read_lines(ONLY_NAME, user_full_name="W" * 400)
    assert "".join(text for text, *_ in lines) == "W" * 400
    assert all(start >= 17 and end <= 583 for _, start, _, end in lines)


def test_uppercase_follows_the_language():
    options = {**TEMPLATE, "text_elements": {"name": {"uppercase": True}}}
    assert "STRASSE FIT" in read_with_pypdf(render(options, ASSETS, user_full_name="Straße fit").content)
    turkish = render({**options, "language": "tr"}, ASSETS, user_full_name="Deniz ışık").content
    assert "DENİZ IŞIK" in read_with_pypdf(turkish)


def test_an_operators_font_is_used_where_it_has_the_characters():
    options = {**TEMPLATE, "defaults": {"font": "font"}}
    artifact = render(options, ASSETS, user_full_name="สมชาย")
    assert any("NotoSansThai" in name for name in list_font_names(artifact.content))
    assert {"สมชาย", "Marine Biology"} <= set(read_with_pdfium(artifact.content).split("\n"))


def test_the_first_font_of_a_chain_that_has_the_text_wins():
    options = {**TEMPLATE, "text_elements": {**ONLY_NAME, "name": {"fonts": ["Courier", "NotoSerif"]}}}
    assert list_font_names(render(options, ASSETS, user_full_name="Ada").content) == {"/Courier"}
    (name,) = list_font_names(render(options, ASSETS, user_full_name="Łada").content)
    assert "NotoSerif" in name


@pytest.mark.parametrize("options", [{}, {**TEMPLATE, "qr": {"x": 20, "y": 20, "size": 84}}])
def test_the_qr_code_leads_to_the_verification(options):
    content = render(options, ASSETS).content
    (code,) = zxingcpp.read_barcodes(draw(content, dpi=150))
    assert code.text == VERIFY_URL
    assert code.format == zxingcpp.BarcodeFormat.QRCode


@pytest.mark.parametrize("options", [TEMPLATE, {"qr": False}])
def test_there_is_no_qr_code_unless_wanted(options):
    assert zxingcpp.read_barcodes(draw(render(options, ASSETS).content, dpi=150)) == []


def test_the_qr_code_keeps_its_quiet_zone_on_a_dark_page():
    assets = make_assets(template=make_pdf(600, 400, color="#000000"))
    content = render({**TEMPLATE, "qr": {"x": 20, "y": 20, "size": 90}}, assets).content
    (code,) = zxingcpp.read_barcodes(draw(content, dpi=150))
    assert code.text == VERIFY_URL
    left, top, right, bottom = find_ink(content, (255, 255, 255), dpi=144)
    assert (left / 2, top / 2, right / 2, bottom / 2) == pytest.approx((20, 290, 110, 380), abs=0.6)


def test_an_image_fits_its_box_without_distortion():
    options = {**TEMPLATE, "image": {"asset": "image", "x": 100, "y": 100, "width": 80, "height": 80}}
    content = render(options, ASSETS).content
    assert_sound(content)
    assert find_ink(content, (200, 30, 30)) == pytest.approx((100, 400 - 160, 180, 400 - 120), abs=1)


def test_signatures_and_logo_come_from_the_credential():
    people = (SignatoryData("A", signature="image"), SignatoryData("B"), SignatoryData("C", signature="image_gone"))
    options = {
        **TEMPLATE,
        "images": {
            "first": {"signatory": 1, "x": 10, "y": 10, "width": 40},
            "second": {"signatory": 2, "x": 110, "y": 10, "width": 40},
            "third": {"signatory": 3, "x": 210, "y": 10, "width": 40},
            "logo": {"issuer_logo": True, "x": 310, "y": 10, "width": 40},
        },
    }
    issuer = IssuerData(name="Example University", logo="image")
    artifact = render(options, ASSETS, signatories=people, issuer=issuer)
    assert artifact.warnings == ("the signature of C is left out: there is no asset with the slug 'image_gone'",)
    image = draw(artifact.content)
    pixels = [image.getpixel((x + 20, 380)) for x in (10, 110, 210, 310)]
    assert [pixel == (200, 30, 30) for pixel in pixels] == [True, False, False, True]


def test_a_large_image_is_embedded_at_print_resolution():
    assets = make_assets(template=make_pdf(), image=make_png(3000, 1500))
    content = render({**TEMPLATE, "image": {"asset": "image", "x": 0, "y": 0, "width": 72}}, assets).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        (image,) = (item for item in pdf.pages[0].Resources.XObject.values() if item.Subtype == "/Image")
        assert image.Width == 300


def test_the_builtin_certificate_shows_everything_and_hides_what_is_told():
    content = render({}).content
    text = read_with_pdfium(content)
    for part in (
        "EXAMPLE UNIVERSITY",
        "Certificate of Achievement",
        "Ada Example",
        "Marine Biology",
        "November 22, 2026",
        "Prof. Max Muster",
        "Dean",
        VERIFY_URL,
    ):
        assert part in text
    assert draw(content).size == (842, 596)
    hidden = read_with_pdfium(render({"signatures": False, "text_elements": {"heading": {"text": "Diploma"}}}).content)
    assert "Prof. Max Muster" not in hidden
    assert "Diploma" in hidden


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 9])
def test_the_builtin_certificate_has_room_for_eight_signatories(count):
    people = tuple(SignatoryData(f"Person {number}", "Head", signature="image") for number in range(1, count + 1))
    artifact = render({}, ASSETS, signatories=people)
    text = read_with_pdfium(artifact.content)
    assert [f"Person {number}" in text for number in range(1, 10)] == [
        number <= min(count, 8) for number in range(1, 10)
    ]
    assert len(zxingcpp.read_barcodes(draw(artifact.content, dpi=150))) == 1


def test_an_asset_that_vanished_is_an_error_of_the_configuration():
    with pytest.raises(AssetNotFoundError, match="there is no asset with the slug 'gone'"):
        generate_pdf_credential.prepare({"template": "gone"}, ASSETS)


def test_a_plain_call_makes_what_a_prepared_renderer_makes():
    credential = make_credential(assets=ASSETS)
    direct = generate_pdf_credential(credential, TEMPLATE)
    prepared = generate_pdf_credential.prepare(TEMPLATE, ASSETS)(credential)
    assert read_with_pypdf(direct.content) == read_with_pypdf(prepared.content)
    assert (direct.media_type, direct.extension) == ("application/pdf", "pdf")


def test_two_fonts_with_one_name_do_not_meet():
    """Two different fonts that call themselves the same, in one document."""
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(THAI))
    glyphs = font["cmap"].getBestCmap()
    for table in font["cmap"].tables:
        table.cmap[ord("ก")] = glyphs[ord("ฮ")]
    buffer = io.BytesIO()
    font.save(buffer)
    assets = make_assets(template=make_pdf(600, 400, text=""), font=THAI, font_other=buffer.getvalue())
    elements = {
        **dict.fromkeys(("name", "context", "date"), False),
        "a": {"text": "ก", "x": 100, "y": 100, "font": "font", "size": 60},
        "b": {"text": "ก", "x": 300, "y": 100, "font": "font_other", "size": 60},
        "c": {"text": "ฮ", "x": 500, "y": 100, "font": "font", "size": 60},
    }
    image = draw(render({**TEMPLATE, "text_elements": elements}, assets).content)
    first, second, third = (image.crop((x - 40, 220, x + 40, 340)).tobytes() for x in (100, 300, 500))
    assert first != second
    assert second == third
    assert assets.get("font").kind == AssetKind.FONT


def save_image(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def make_turned_photo():
    """A tall picture, stored lying with an orientation that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return save_image(Image.new("RGB", (80, 40), (200, 30, 30)), "JPEG", exif=exif)


def make_palette_image():
    image = Image.new("P", (40, 40), 0)
    image.putpalette([200, 30, 30, 0, 0, 255])
    image.paste(1, (20, 0, 40, 40))
    return save_image(image, "PNG", transparency=1)


RED = (200, 30, 30)
BEHIND = (238, 238, 238)
IMAGES = {
    "JPEG": (lambda: save_image(Image.new("RGB", (40, 40), RED), "JPEG"), RED, RED),
    "CMYK JPEG": (lambda: save_image(Image.new("CMYK", (40, 40), (0, 0, 0, 255)), "JPEG"), (35, 31, 32), (35, 31, 32)),
    "grey with alpha": (lambda: save_image(Image.new("LA", (40, 40), (0, 255)), "PNG"), (0, 0, 0), (0, 0, 0)),
    "16 bit grey": (lambda: save_image(Image.new("I;16", (40, 40), 0x8000), "PNG"), (128,) * 3, (128,) * 3),
    "palette with a transparent colour": (make_palette_image, RED, BEHIND),
    "transparent": (lambda: make_png(40, 40, (0, 0, 0, 0)), BEHIND, BEHIND),
    "turned photo": (make_turned_photo, RED, RED),
    "WebP": (lambda: save_image(Image.new("RGB", (40, 40), RED), "WEBP"), RED, RED),
    "transparent WebP": (lambda: save_image(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "WEBP"), BEHIND, BEHIND),
}


@pytest.mark.parametrize("kind", IMAGES)
def test_images_of_every_mode_are_drawn_right(kind):
    make, left, right = IMAGES[kind]
    assets = make_assets(template=make_pdf(600, 400), image=make())
    renderer = generate_pdf_credential.prepare(
        {**TEMPLATE, "image": {"asset": "image", "x": 100, "y": 20, "height": 40}}, assets
    )
    for _ in range(2):
        content = renderer(make_credential(assets=assets)).content
        assert_sound(content)
        image = draw(content)
        for x, expected in ((105, left), (115 if kind == "turned photo" else 135, right)):
            assert image.getpixel((x, 360)) == pytest.approx(expected, abs=40)


def test_a_turned_photo_stands_upright():
    assets = make_assets(template=make_pdf(600, 400), image=make_turned_photo())
    content = render({**TEMPLATE, "image": {"asset": "image", "x": 100, "y": 20, "height": 40}}, assets).content
    assert find_ink(content, RED) == pytest.approx((100, 340, 120, 380), abs=1)


@settings(max_examples=settings().max_examples // 2, deadline=None)
@example(name="\U00010c80\U00018d09", language="")
@example(name="\u05d0\u2067\u2029\u061c(", language="he")
@given(name=st.text(min_size=1, max_size=30), language=st.sampled_from(["", "en", "ar", "zh-hant", "yue", "tr", "??"]))
def test_no_name_breaks_a_certificate(standard, name, language):
    if not name.split():
        return
    try:
        artifact = standard(make_credential(user_full_name=name, language=language))
    except GenerationError as error:
        assert error.code in {"name_missing", "undrawable_text"}  # noqa: PT017
    else:
        assert_sound(artifact.content)


def test_a_character_beyond_the_basic_plane_can_be_read_back():
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

    font = TTFont(io.BytesIO(THAI))
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.cmap = {**font.getBestCmap(), ord("𠮷"): font.getBestCmap()[ord("ก")]}
    font["cmap"].tables.append(table)
    buffer = io.BytesIO()
    font.save(buffer)
    assets = make_assets(template=make_pdf(600, 400), font=buffer.getvalue())
    artifact = render({**TEMPLATE, "defaults": {"font": "font"}}, assets, user_full_name="𠮷ก")
    assert artifact.warnings == ()
    assert "𠮷ก" in read_with_pypdf(artifact.content)
    assert "𠮷ก" in read_with_pdfium(artifact.content)


def test_hiding_an_element_of_the_builtin_certificate_hides_its_rule():
    from learning_credentials.pdf.elements.builtin_page import BUILTIN_RULES

    _, y, _, _ = BUILTIN_RULES["name"]
    shown, hidden = (
        draw(render({"text_elements": elements}).content, dpi=144).getpixel((300, round((595.28 - y) * 2)))
        for elements in ({}, {"name": False})
    )
    assert shown != hidden


@pytest.mark.parametrize("make", [make_postscript_font, make_collection])
def test_fonts_of_other_kinds_draw_the_same(make):
    assets = make_assets(template=make_pdf(600, 400, text=""), font=THAI, font_other=make())
    pictures = []
    for font in ("font", "font_other"):
        options = {**TEMPLATE, "text_elements": {**ONLY_NAME, "name": {"font": font, "size": 60}}}
        artifact = render(options, assets, user_full_name="สมชาย ใจดี น้ำ")
        assert artifact.warnings == ()
        assert_sound(artifact.content)
        assert "สมชาย ใจดี น้ำ" in read_with_pdfium(artifact.content)
        pictures.append(draw(artifact.content))
    difference = ImageChops.difference(*pictures).convert("L")
    assert sum(difference.histogram()[96:]) < 20


SHIPPED_CLUSTERS = [cluster for name in NAMES.values() for cluster in split_clusters(name)] + [*"()-’1 "]


@settings(max_examples=settings().max_examples // 2, deadline=None)
@given(
    name=st.lists(st.sampled_from(SHIPPED_CLUSTERS), min_size=1, max_size=30).map("".join),
    fit=st.sampled_from(["shrink", "wrap"]),
    char_space=st.sampled_from([0, 2]),
)
def test_no_text_is_wider_than_it_may_be_or_loses_anything(name, fit, char_space):
    text = clean_line(name)
    fonts = (get_builtin_font("Helvetica"),)
    element = TextStyle(max_width=150, size=24, fit=fit, char_space=char_space)
    lines, missing = place_text(element, text, fonts, Geometry(600, 400, (1, 0, 0, 1, 0, 0)), "")
    assert missing == []
    assert all(
        item.line.measure(item.size, item.char_space) <= 150.5 or len([*split_clusters(item.line.text)]) == 1
        for item in lines
    )

    def read(parts):
        unseen = "\u200b\u200c\u200d "
        return "".join(letter for part in parts for letter in part if letter not in unseen)

    assert read(item.line.text for item in lines) == read([text])
    for item in lines:
        drawn = sorted(read(cluster.text for run in item.line.runs for cluster in run.clusters))
        assert drawn == sorted(read([item.line.text]))
        assert all(glyph.number for run in item.line.runs for cluster in run.clusters for glyph in cluster.glyphs)


def test_space_between_letters_does_not_tear_joined_ones():
    fonts = (get_builtin_font("NotoNaskhArabic"),)
    line, _ = make_line("محمد علي", fonts, is_spaced=True)
    assert line.spaces == 1
    line, _ = make_line("Ada B", (get_builtin_font("NotoSans"),), is_spaced=True)
    assert line.spaces == 4


def test_lines_break_where_scripts_allow_it():
    fonts = (get_builtin_font("NotoSans"), get_builtin_font("NotoSansThai"))
    lines, _ = wrap("Anna-Maria Muster", fonts, 10, 60, 0)
    assert [line.text for line in lines] == ["Anna-Maria", "Muster"]
    lines, _ = wrap("Anna-Maria", fonts, 10, 40, 0)
    assert [line.text for line in lines] == ["Anna-", "Maria"]
    lines, _ = wrap("เเก้วน้ำ", fonts, 20, 15, 0)
    assert [line.text for line in lines] == [*split_clusters("เเก้วน้ำ")]


def test_brackets_go_with_what_they_enclose():
    line, _ = make_line("אב (a) ג", (get_builtin_font("NotoSansHebrew"), get_builtin_font("NotoSans")))
    assert "".join(cluster.text for run in line.runs for cluster in run.clusters) == "ג )a( בא"


def make_variable_font():
    """A thin upright bar for A, which grows by 400 units from weight 100 to 900."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib.tables.TupleVariation import TupleVariation

    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    for corner in ((50, 700), (100, 700), (100, 0)):
        pen.lineTo(corner)
    pen.closePath()
    bar = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A"])
    builder.setupCharacterMap({65: "A"})
    builder.setupGlyf({".notdef": bar, "A": bar})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "A"), (500, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Bar", "styleName": "Thin", "psName": "Bar-Thin"})
    builder.setupOS2()
    builder.setupPost()
    builder.setupFvar([("wght", 100, 100, 900, "Weight")], [])
    moves = [(0, 0), (0, 0), (400, 0), (400, 0), (0, 0), (400, 0), (0, 0), (0, 0)]
    builder.setupGvar({"A": [TupleVariation({"wght": (0, 1, 1)}, moves)]})
    buffer = io.BytesIO()
    builder.font.save(buffer)
    return buffer.getvalue()


def test_a_variable_font_is_drawn_at_its_regular_weight():
    assets = make_assets(template=make_pdf(600, 400, text="", color="#ffffff"), font=make_variable_font())
    name = {"font": "font", "size": 100, "align": "left", "x": 100, "y": 100}
    artifact = render({**TEMPLATE, "text_elements": {**ONLY_NAME, "name": name}}, assets, user_full_name="A")
    assert artifact.warnings == ()
    assert find_ink(artifact.content, (0, 0, 0)) == pytest.approx((105, 230, 125, 300), abs=1)


class TestCustomFields:
    """What a cohort shares is drawn once, also with custom fields; only a learner's own value is drawn for the learner."""

    OPTIONS = {  # noqa: RUF012
        **TEMPLATE,
        "text_elements": {
            "hours": {"text": "Hours: {field.hours}", "y": 60},
            "licence": {"text": "{field.licence}", "y": 30},
        },
    }

    @staticmethod
    def fields(licence="", *, own_hours=None):
        hours = FieldData("hours", "Hours", FieldKind.NUMBER, own_hours or 1200, is_own=bool(own_hours))
        licences = [FieldData("licence", "Licence", FieldKind.TEXT, licence, is_own=True)] if licence else []
        return (hours, *licences)

    def test_values_are_printed_in_the_language(self):
        text = read_with_pypdf(render(self.OPTIONS, ASSETS, custom_fields=self.fields("AB-1")).content)
        assert "Hours: 1,200" in text
        assert "AB-1" in text
        german = {**self.OPTIONS, "language": "de"}
        assert "Hours: 1.200" in read_with_pypdf(render(german, ASSETS, custom_fields=self.fields()).content)

    def test_values_that_differ_make_no_more_cohorts(self):
        renderer = get_renderer({**self.OPTIONS, "template_alternative_text": "A renderer of its own"}, ASSETS)
        for number in range(30):
            renderer(make_credential(assets=ASSETS, custom_fields=self.fields(f"AB-{number}")))
        assert len(renderer._shared) == 1
        renderer(make_credential(assets=ASSETS, custom_fields=self.fields("AB-1", own_hours=7)))
        assert len(renderer._shared) == 2, "those with hours of their own are a cohort too"
        for hours in range(8, 20):
            content = renderer(
                make_credential(assets=ASSETS, custom_fields=self.fields("AB-1", own_hours=hours))
            ).content
            assert f"Hours: {hours}" in read_with_pypdf(content)
        assert len(renderer._shared) == 2

    def test_a_field_that_the_credential_lacks_prints_nothing(self):
        assert "Hours" not in read_with_pypdf(render(self.OPTIONS, ASSETS).content)

    def test_text_that_no_font_can_draw_is_refused_as_everywhere(self):
        with pytest.raises(GenerationError) as caught:
            render(self.OPTIONS, ASSETS, custom_fields=self.fields("\U000e0fff\U0001ffff"))
        assert caught.value.code == "undrawable_text"
