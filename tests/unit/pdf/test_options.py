import pytest

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import OptionsError
from learning_credentials.generators import generate_pdf_credential
from learning_credentials.options import OptionsContext, describe, find_problems, merge, parse
from learning_credentials.pdf import PDFOptions

from .support import edit_pdf, make_assets, make_pdf, make_png
from .test_assets import THAI

ASSETS = make_assets(
    template=make_pdf(600, 400),
    template_small=make_pdf(200, 150),
    template_turned=edit_pdf(make_pdf(600, 400), lambda _, page: page.obj.update({"/Rotate": 90})),
    image=make_png(),
    font=THAI,
)


def list_problems(options, assets=ASSETS):
    return [str(problem) for problem in find_problems(options, [PDFOptions], OptionsContext(assets))]


GOOD = [
    {},
    {"template": "template"},
    {"template": "template", "template_multiline": "template_turned"},
    {"template": "template", "defaults": {"font": "font", "color": "fff", "size": 20, "line_height": 1.5}},
    {"template": "template", "text_elements": {"name": False, "context": False, "date": False}},
    {"template": "template", "text_elements": {"name": {"y": 250, "uppercase": True, "char_space": 0.5}}},
    {"template": "template", "text_elements": {"extra": {"text": "{{{name}}}: {verify_uuid}", "y": 30, "size": 8}}},
    {
        "template": "template",
        "text_elements": {"name": {"fonts": ["Times-Roman", "font"], "max_width": 300, "fit": "wrap"}},
    },
    {"template": "template", "text_elements": {"name": {"x": 10, "align": "left"}}},
    {"template": "template", "qr": {"x": 10, "y": 10, "size": 90, "color": "#123"}},
    {"template": "template", "qr": False, "image": False, "images": {"logo": False}},
    {"template": "template", "image": {"asset": "image", "x": 0, "y": 0, "width": 50}},
    {"template": "template", "images": {"a": {"signatory": 1, "x": 0, "y": 0, "height": 50}}},
    {"template": "template", "language": "pt-BR"},
    {"qr": False, "signatures": False, "text_elements": {"heading": {"text": "Diploma"}, "intro": False}},
    {"qr": {"size": 60}},
    {"background": {"asset": "image"}, "bleed": 8.5, "qr": {"x": 1, "y": 1}},
    {"background": {"asset": "image", "fit": "contain", "width": 612, "height": 792}},
    {"background": False},
]


@pytest.mark.parametrize("options", GOOD, ids=str)
def test_good_options_have_no_problem(options):
    assert list_problems(options) == []
    assert parse(PDFOptions, options)


def text(**values):
    return {"template": "template", "text_elements": {"name": values}}


def custom(**values):
    return {"template": "template", "text_elements": {"extra": values}}


NUMBER = "Input should be a valid number"
STRING = "Input should be a valid string"
LEAST = "Input should be greater than or equal to 1"
HIDE = "must be an object, or false to hide the element"
KNOWN = "unknown option. The known options are "

BAD = [
    # wrong types
    ({"template": 1}, f"template: {STRING}"),
    ({"template": "template", "template_multiline": ["a"]}, f"template_multiline: {STRING}"),
    ({"template": "template", "defaults": []}, "defaults: must be an object"),
    ({"template": "template", "defaults": {"size": "12"}}, f"defaults.size: {NUMBER}"),
    ({"template": "template", "defaults": {"size": True}}, f"defaults.size: {NUMBER}"),
    ({"template": "template", "defaults": {"size": None}}, f"defaults.size: {NUMBER}"),
    ({"template": "template", "defaults": {"uppercase": "yes"}}, "defaults.uppercase: Input should be a valid boolean"),
    ({"template": "template", "defaults": {"uppercase": 1}}, "defaults.uppercase: Input should be a valid boolean"),
    ({"template": "template", "defaults": {"font": 3}}, f"defaults.font: {STRING}"),
    ({"template": "template", "defaults": {"color": 0}}, f"defaults.color: {STRING}"),
    ({"template": "template", "text_elements": []}, "text_elements: Input should be a valid dictionary"),
    ({"template": "template", "text_elements": {"name": True}}, f"text_elements.name: {HIDE}"),
    ({"template": "template", "text_elements": {"name": None}}, f"text_elements.name: {HIDE}"),
    ({"template": "template", "text_elements": {"name": "{name}"}}, f"text_elements.name: {HIDE}"),
    (text(y="290"), f"text_elements.name.y: {NUMBER}"),
    (text(y=False), f"text_elements.name.y: {NUMBER}"),
    (text(x="left"), f"text_elements.name.x: {NUMBER}"),
    (text(char_space="1"), f"text_elements.name.char_space: {NUMBER}"),
    (text(text=5), f"text_elements.name.text: {STRING}"),
    (text(fonts="Helvetica"), "text_elements.name.fonts: Input should be a valid list"),
    (text(fonts=["Helvetica", 1]), f"text_elements.name.fonts.1: {STRING}"),
    (text(align="middle"), "text_elements.name.align: Input should be 'left', 'center' or 'right'"),
    (text(fit="cut"), "text_elements.name.fit: Input should be 'shrink' or 'wrap'"),
    ({"template": "template", "qr": True}, f"qr: {HIDE}"),
    ({"template": "template", "image": "image"}, f"image: {HIDE}"),
    ({"template": "template", "signatures": "no"}, "signatures: Input should be a valid boolean"),
    ({"background": "image"}, f"background: {HIDE}"),
    ({"background": {}}, "background.asset: a value is required"),
    ({"background": {"asset": "image", "fit": "fill"}}, "background.fit: Input should be 'cover', 'contain' or 'stretch'"),
    ({"background": {"asset": "image", "width": 10}}, "background.width: Input should be greater than or equal to 36"),
    ({"background": {"asset": "nowhere"}}, "background.asset: there is no asset with the slug 'nowhere'"),
    (
        {"template": "template", "background": {"asset": "image"}},
        "background: is instead of a template. Remove template and template_multiline, or the background",
    ),
    ({"background": {"asset": "image"}, "text_elements": {"intro": {"y": 9}}}, "text_elements.intro.text: a value is required"),
    ({"background": {"asset": "image"}, "qr": {"y": 60}}, "qr.x: a value is required"),
    # sizes and numbers
    (text(size=-1), f"text_elements.name.size: {LEAST}"),
    (text(size=0), f"text_elements.name.size: {LEAST}"),
    (text(size=float("nan")), "text_elements.name.size: Input should be a finite number"),
    (text(y=float("inf")), "text_elements.name.y: Input should be a finite number"),
    (text(line_height=0), "text_elements.name.line_height: Input should be greater than or equal to 0.1"),
    (text(max_width=-5), f"text_elements.name.max_width: {LEAST}"),
    ({"template": "template", "defaults": {"size": -3}}, f"defaults.size: {LEAST}"),
    ({"template": "template", "qr": {"x": 0, "y": 0, "size": 5}}, "qr.size: Input should be greater than or equal to 30"),
    # colours
    (text(color="purplish"), "text_elements.name.color: 'purplish' is not a colour. Use a hex value such as #1a2b3c"),
    (text(color="#12345"), "text_elements.name.color: '#12345' is not a colour. Use a hex value such as #1a2b3c"),
    ({"template": "template", "defaults": {"color": ""}}, "defaults.color: '' is not a colour. Use a hex value such as #1a2b3c"),
    ({"template": "template", "qr": {"x": 1, "y": 1, "color": "red"}}, "qr.color: 'red' is not a colour. Use a hex value such as #1a2b3c"),
    # unknown keys
    ({"template": "template", "defaults": {"colour": "#fff"}}, "defaults.colour: unknown option. Did you mean defaults.color?"),
    ({"template": "template", "defaults": {"y": 3}}, "defaults.y: unknown option"),
    (text(colour="#fff"), "text_elements.name.colour: unknown option. Did you mean text_elements.name.color?"),
    ({"template": "template", "qr": {"x": 1, "y": 1, "content": "a"}}, "qr.content: unknown option"),
    # custom elements
    (custom(y=10), "text_elements.extra.text: a value is required"),
    (custom(text="a"), "text_elements.extra.y: a value is required"),
    ({"template": "template", "text_elements": {"heading": {"size": 20, "text": "a"}}}, "text_elements.heading.y: a value is required"),
    ({"template": "template", "qr": {"y": 1}}, "qr.x: a value is required"),
    # images
    (
        {"template": "template", "image": {"x": 1, "y": 1, "width": 5}},
        "image: must have exactly one of asset, signatory and issuer_logo",
    ),
    (
        {"template": "template", "images": {"a": {"asset": "image", "signatory": 1, "x": 1, "y": 1, "width": 5}}},
        "images.a: must have exactly one of asset, signatory and issuer_logo",
    ),
    ({"template": "template", "image": {"asset": "image", "x": 1, "y": 1}}, "image: must have width, height or both"),
    # assets
    ({"template": "nothing"}, "template: there is no asset with the slug 'nothing'"),
    ({"template": "image"}, "template: 'image' is an image, not a PDF template"),
    ({"template": "template", "template_multiline": "font"}, "template_multiline: 'font' is a font, not a PDF template"),
    (
        {"template": "template", "defaults": {"font": "Helvetca"}},
        "defaults.font: 'Helvetca' is neither a built-in font nor the slug of a font asset. Did you mean 'Helvetica'?",
    ),
    (text(font="template"), "text_elements.name.font: 'template' is a PDF template, not a font"),
    (
        text(fonts=["Helvetica", "zzz"]),
        "text_elements.name.fonts.1: 'zzz' is neither a built-in font nor the slug of a font asset",
    ),
    (
        {"template": "template", "image": {"asset": "font", "x": 1, "y": 1, "width": 5}},
        "image.asset: 'font' is a font, not an image",
    ),
    (
        {"template": "template", "images": {"a": {"asset": "none", "x": 1, "y": 1, "width": 5}}},
        "images.a.asset: there is no asset with the slug 'none'",
    ),
    # places
    (text(y=-1), "text_elements.name.y: -1 puts the text off the page, which is 400 points high"),
    (text(y=400), "text_elements.name.y: 400 puts the text off the page, which is 400 points high"),
    (text(x=601), "text_elements.name.x: 601 is off the page, which is 600 points wide"),
    (text(max_width=700), "text_elements.name.max_width: 700 is wider than the page, which is 600 points wide"),
    (
        {"template": "template_turned", "text_elements": {"name": {"x": 450}}},
        "text_elements.name.x: 450 is off the page, which is 400 points wide",
    ),
    (
        {"template": "template_small", "text_elements": {"context": False}},
        "text_elements.name.y: 290 puts the text off the page, which is 150 points high",
    ),
    (
        {"template": "template", "template_multiline": "template_small", "text_elements": {"name": False, "context": False,
        "date": {"y": 145}}},
        "text_elements.date.y: 145 puts the text off the page, which is 150 points high",
    ),
    ({"template": "template", "qr": {"x": 550, "y": 0}}, "qr.x: 550 is off the page, which is 600 points wide"),
    ({"template": "template", "qr": {"x": 0, "y": -2}}, "qr.y: -2 is off the page, which is 400 points high"),
    (
        {"template": "template", "image": {"asset": "image", "x": 0, "y": 390, "height": 20}},
        "image.y: 390 is off the page, which is 400 points high",
    ),
    # languages
    ({"template": "template", "language": "klingonish"}, "language: 'klingonish' is not a known language"),
    ({"template": "template", "language": ""}, "language: '' is not a known language"),
    ({"template": "template", "language": 3}, f"language: {STRING}"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "problem"), BAD, ids=[problem for _, problem in BAD])
def test_each_mistake_is_found_with_its_path(options, problem):
    assert list_problems(options) == [problem]


def test_an_unknown_top_level_key_is_named_with_what_is_known():
    (problem,) = list_problems({"template": "template", "text_element": {}})
    assert problem.startswith(
        "text_element: unknown option. Did you mean text_elements? The known options are attach_badge, background, bleed, "
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "{nmae}",
            "unknown placeholder {nmae}. The known placeholders are {name}, {context_name}, {issue_date}, {verify_uuid},",
        ),
        ("{name.__class__}", "unknown placeholder {name.__class__}"),
        ("{name!r}", "unknown placeholder {name!r}"),
        ("{name:>30}", "unknown placeholder {name:>30}"),
        ("{}", "unknown placeholder {}"),
        ("{0}", "unknown placeholder {0}"),
        ("{ name }", "unknown placeholder { name }"),
        ("{signatory_0_name}", "unknown placeholder {signatory_0_name}"),
        ("100 {", "'{' at character 5 has no partner. Write '{{' for a single brace"),
        ("} {name}", "'}' at character 1 has no partner. Write '}}' for a single brace"),
        ("{name", "'{' at character 1 has no partner. Write '{{' for a single brace"),
    ],
)
def test_a_wrong_placeholder_is_named(value, message):
    (problem,) = list_problems(text(text=value))
    assert problem.startswith(f"text_elements.name.text: {message}")


def test_all_mistakes_are_found_at_once():
    options = {
        "template": "template",
        "language": "xx-nowhere",
        "defaults": {"color": "blue"},
        "text_elements": {"name": {"size": "big", "oops": 1}, "extra": {"text": "{nobody}"}},
        "qr": {"size": 3},
    }
    assert {problem.partition(":")[0] for problem in list_problems(options)} == {
        "language",
        "defaults.color",
        "text_elements.name.size",
        "text_elements.name.oops",
        "text_elements.extra.text",
        "text_elements.extra.y",
        "qr.size",
        "qr.x",
        "qr.y",
    }


def test_preparing_refuses_what_validation_refuses():
    with pytest.raises(
        OptionsError, match=r"text_elements\.name\.color: 'purplish' is not a colour. Use a hex value such as #1a2b3c"
    ):
        generate_pdf_credential.prepare(text(color="purplish"), ASSETS)


def sizes(*layers):
    return {name: element.size for name, element in parse(PDFOptions, merge(*layers)).list_texts().items()}


def test_sizes_follow_the_documented_precedence():
    template = {"template": "template"}
    plain = {"x": {"text": "x", "y": 1}}
    assert sizes(template, {"text_elements": plain}) == {"name": 32, "context": 28, "date": 12, "x": 12}
    assert sizes(template, {"text_elements": plain, "defaults": {"size": 20}}) == dict.fromkeys(
        ("name", "context", "date", "x"), 20
    )
    assert sizes(template, {"defaults": {"size": 12}})["name"] == 12, (
        "said explicitly, although it is the built-in value"
    )
    assert sizes(template, {"defaults": {"color": "#fff"}})["name"] == 32
    assert sizes(template, {"defaults": {"size": 20}, "text_elements": {"name": {"size": 9}}})["name"] == 9
    assert sizes({"text_elements": {"name": {"size": 9}}}, template, {"text_elements": {"name": {"y": 5}}})["name"] == 9


def test_a_configuration_can_show_again_what_its_type_hides():
    assert "name" not in sizes({"text_elements": {"name": False}})
    assert "name" in sizes({"text_elements": {"name": False}}, {"text_elements": {"name": {}}})


def test_every_option_is_described():
    described = {item.name: item for item in describe(PDFOptions)}
    assert {"template", "template_multiline", "defaults", "text_elements", "qr", "image", "language"} <= set(described)
    assert all(item.help for item in described.values())
    assert not any(item.is_required for item in described.values())


def test_the_function_names_its_model():
    assert generate_pdf_credential.options_model is PDFOptions
    assert ASSETS.get("font").kind == AssetKind.FONT
