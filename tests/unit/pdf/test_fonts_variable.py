"""Variable fonts at the weight that the options name."""

import io

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from fontTools.cffLib import CFFFontSet

from learning_credentials.exceptions import AssetError
from tests.factories import CredentialAssetFactory, CredentialTypeFactory, UserFactory

from .font_making import (
    BLACK_WIDTH,
    THIN_WIDTH,
    list_problems,
    make_variable_font,
    make_variable_postscript_font,
    one_line,
    only,
    read_fonts,
    read_shipped,
)
from .support import assert_sound, draw, find_ink, list_font_names, make_assets, read_with_pdfium, render

ELASTIC = make_variable_font()
ASSETS = make_assets(
    font_e=ELASTIC, font_ps=make_variable_postscript_font(), font_static=read_shipped("NotoSansThai-Regular")
)
#: From the thinnest to the blackest the width grows evenly.
REGULAR_WIDTH = THIN_WIDTH + (BLACK_WIDTH - THIN_WIDTH) * 300 / 800
BOLD_WIDTH = THIN_WIDTH + (BLACK_WIDTH - THIN_WIDTH) * 600 / 800


@pytest.mark.parametrize(
    ("name", "width", "ps_name"),
    [
        ("font_e", REGULAR_WIDTH, "Elastic-Regular"),
        ("font_e#Regular", REGULAR_WIDTH, "Elastic-Regular"),
        ("font_e#wght=400", REGULAR_WIDTH, "Elastic-Regular"),
        ("font_e#Thin", THIN_WIDTH, "Elastic-Thin"),
        ("font_e#Bold", BOLD_WIDTH, "Elastic-FullyBold"),
        ("font_e# bold ", BOLD_WIDTH, "Elastic-FullyBold"),
        ("font_e#wght=700", BOLD_WIDTH, "Elastic-FullyBold"),
        ("font_e#wght=500", 800, "Elastic_500wght"),
        ("font_e#wght=512.25", 812, "Elastic_512.25wght"),
        ("font_e#WideBold", BOLD_WIDTH + THIN_WIDTH, "Elastic-WideBold"),
        ("font_e#wdth=200", REGULAR_WIDTH + THIN_WIDTH, "Elastic_400wght_200wdth"),
        ("font_e#wght=700, wdth=50", BOLD_WIDTH - THIN_WIDTH / 2, "Elastic_700wght_50wdth"),
        ("font_e#Wide Bold,wdth=100", BOLD_WIDTH, "Elastic-FullyBold"),
        ("font_e#1,Bold", BOLD_WIDTH, "Elastic-FullyBold"),
        ("font_e#Elastic-Thin", THIN_WIDTH, "Elastic-Thin"),
        ("font_e#Elastic-FullyBold", BOLD_WIDTH, "Elastic-FullyBold"),
        ("font_e#Elastic-Thin,Bold", BOLD_WIDTH, "Elastic-FullyBold"),
        ("font_ps", REGULAR_WIDTH, "ElasticPS-Regular"),
        ("font_ps#Thin", THIN_WIDTH, "ElasticPS-Thin"),
        ("font_ps#Bold", BOLD_WIDTH, "ElasticPS-Bold"),
        ("font_ps#wght=500", 800, "ElasticPS_500wght"),
    ],
)
def test_text_is_drawn_at_the_weight_that_is_named(name, width, ps_name):
    options = one_line("ABab", font=name, size=50, color="#ff0000")
    assert list_problems(options, ASSETS) == []
    artifact = render(options, ASSETS)
    assert read_fonts(artifact.content) == {ps_name: {width}}
    assert read_with_pdfium(artifact.content).strip() == "ABab"
    assert artifact.warnings == ()
    assert_sound(artifact.content)
    # The letters are boxes with a gap of 100 after each.
    left, _, right, _ = find_ink(artifact.content, "#ff0000")
    assert right - left == pytest.approx((width * 4 - 100) * 50 / 1000, abs=2)


def test_two_weights_of_one_file_are_two_fonts_on_the_page():
    lines = {
        key: {"text": "ABab", "y": y, "font": f"font_e{fragment}", "size": 40}
        for key, y, fragment in (("a", 100, ""), ("b", 200, "#Bold"), ("c", 300, "#wght=650"), ("d", 400, "#wght=400"))
    }
    content = render(only(**lines), ASSETS).content
    names = list_font_names(content)
    assert len(names) == len(read_fonts(content)) == 3
    assert len({name.partition("+")[0] for name in names}) == 3
    assert read_with_pdfium(content).split() == ["ABab"] * 4


def test_a_fallback_can_have_a_weight():
    artifact = render(one_line("AB ก", font="font_static", fonts=["font_e#Bold"]), ASSETS)
    assert read_fonts(artifact.content)["Elastic-FullyBold"] == {BOLD_WIDTH}
    assert artifact.warnings == ()


def test_the_weight_decides_about_the_weight_of_shipped_fallbacks():
    content = render(
        only(a={"text": "AЖ", "y": 100, "font": "font_e#Bold"}, b={"text": "aЖ", "y": 200, "font": "font_e"}), ASSETS
    ).content
    assert {"NotoSans-Bold", "NotoSans-Regular"} <= set(read_fonts(content))


def test_a_large_variable_font_is_drawn_like_a_small_one():
    large = make_variable_font(padding=5 * 2**20)
    assets = make_assets(font_e=large)
    for fragment in ("", "#Bold", "#wght=820"):
        options = one_line("ABab", font=f"font_e{fragment}", size=50)
        content = render(options, assets).content
        assert read_fonts(content) == read_fonts(render(options, ASSETS).content)
        assert draw(content).tobytes() == draw(render(options, ASSETS).content).tobytes()
        assert len(content) < 100_000


KNOWN = "Its instances are Thin, Regular, Bold, Wide Bold. Its axes are wght from 100 to 900, wdth from 50 to 200"
WRONG = {
    "font_e#Bolt": f"'#Bolt': 'Bolt' is neither a face nor an instance of the font. {KNOWN}",
    "font_e#wght=950": "'#wght=950': the axis wght goes from 100 to 900",
    "font_e#wght=nan": "'#wght=nan': 'nan' is not a number for the axis wght",
    "font_e#wght=inf": "'#wght=inf': the axis wght goes from 100 to 900",
    "font_e#wght=": "'#wght=': '' is not a number for the axis wght",
    "font_e#wght=700,wght=800": "'#wght=700,wght=800': the axis wght is set twice",
    "font_e#opsz=12": f"'#opsz=12': there is no axis 'opsz'. {KNOWN}",
    "font_e#Bold,Thin": "'#Bold,Thin': there is more than one instance",
    "font_e#1,1": "'#1,1': there is more than one face",
    "font_e#": "'#': a face, an instance or a setting such as wght=700 is missing after the #",
    "font_e#Bold,": "'#Bold,': a face, an instance or a setting such as wght=700 is missing after the #",
    "font_e#2": "'#2': there is no face 2. The file has only one face",
    "font_e#0": "'#0': there is no face 0. The file has only one face",
    "font_e#Bold#Thin": f"'#Bold#Thin': 'Bold#Thin' is neither a face nor an instance of the font. {KNOWN}",
    "font_static#Bold": "'#Bold': 'Bold' is neither a face nor an instance of the font. The font is not variable",
    "font_static#wght=700": "'#wght=700': there is no axis 'wght'. The font is not variable",
    "NotoSans#Bold": "'#Bold': the built-in font NotoSans has only one face. Remove the part after the #",
    "Helvetica#Bold": "'#Bold': the built-in font Helvetica has only one face. Remove the part after the #",
    "NotoSnas#Bold": "'NotoSnas' is neither a built-in font nor the slug of a font asset. Did you mean 'NotoSans'?",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_weight_is_found_with_its_path(name):
    assert list_problems({"text_elements": {"name": {"font": name}}}, ASSETS) == [
        f"text_elements.name.font: {WRONG[name]}"
    ]
    assert list_problems({"defaults": {"font": name}}, ASSETS) == [f"defaults.font: {WRONG[name]}"]
    assert list_problems({"text_elements": {"name": {"fonts": ["Helvetica", name]}}}, ASSETS) == [
        f"text_elements.name.fonts.1: {WRONG[name]}"
    ]
    with pytest.raises(AssetError):
        render({"text_elements": {"name": {"font": name}}}, ASSETS)


def test_only_fonts_take_a_weight():
    problems = list_problems(
        {"template": "font_e#Bold", "image": {"asset": "font_e#1", "x": 0, "y": 0, "width": 9}}, ASSETS
    )
    assert problems == [
        "template: there is no asset with the slug 'font_e#Bold'",
        "image.asset: there is no asset with the slug 'font_e#1'",
    ]


def test_what_varies_is_embedded_as_it_stands_at_its_weight():
    """PDF knows no outlines that vary: what is embedded is a font of one design."""
    with pikepdf.open(io.BytesIO(render(one_line("ABab", font="font_ps#Bold"), ASSETS).content)) as pdf:
        (font,) = (font for font in pdf.pages[0].Resources.Font.values() if "/DescendantFonts" in font)
        (descendant,) = font.DescendantFonts
        assert (descendant.Subtype, descendant.FontDescriptor.FontFile3.Subtype) == ("/CIDFontType0", "/CIDFontType0C")
        outlines = CFFFontSet()
        outlines.decompile(io.BytesIO(descendant.FontDescriptor.FontFile3.read_bytes()), None)
    (design,) = outlines
    assert not hasattr(design, "VarStore")
    assert design.ROS == ("Adobe", "Identity", 0)


@pytest.fixture
def elastic(db):
    return CredentialAssetFactory(slug="elastic", kind="font", content=ELASTIC)


def make_type(font, make=CredentialTypeFactory.build):
    return make(
        generation_func="learning_credentials.generators.generate_pdf_credential",
        custom_options={"text_elements": {"name": {"font": font}}},
    )


@pytest.mark.usefixtures("elastic")
def test_a_type_is_saved_only_with_a_weight_that_the_font_has():
    make_type("elastic#Bold").full_clean(exclude=["issuer"])
    with pytest.raises(ValidationError) as caught:
        make_type("elastic#Blod").full_clean(exclude=["issuer"])
    (message,) = caught.value.message_dict["custom_options"]
    assert message == f"text_elements.name.font: '#Blod': 'Blod' is neither a face nor an instance of the font. {KNOWN}"


@pytest.mark.usefixtures("elastic")
def test_the_admin_names_the_place_of_a_wrong_weight(client):
    client.force_login(UserFactory(superuser=True))
    response = client.post(
        reverse("admin:learning_credentials_credentialtype_add"),
        {
            "name": "Honours",
            "slug": "honours",
            "retrieval_func": "tests.plugins.retrieve_everyone",
            "generation_func": "learning_credentials.generators.generate_pdf_credential",
            "custom_options": '{"defaults": {"font": "elastic#wght=7000"}}',
            "type_signatories-TOTAL_FORMS": "0",
            "type_signatories-INITIAL_FORMS": "0",
        },
    )
    (message,) = response.context["adminform"].form.errors["custom_options"]
    assert message == "defaults.font: '#wght=7000': the axis wght goes from 100 to 900"


def test_an_asset_that_is_named_with_a_weight_is_in_use(elastic, client):
    make_type("elastic#Bold", CredentialTypeFactory)
    client.force_login(UserFactory(superuser=True))
    page = client.get(reverse("admin:learning_credentials_credentialasset_delete", args=[elastic.pk])).content.decode()
    assert "custom_options.text_elements.name.font" in page
