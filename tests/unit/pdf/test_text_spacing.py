"""Space between letters, and the direction of what is set with it."""

import unicodedata

import pytest

from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.page.text_layout import place_text
from learning_credentials.pdf.page.text_style import TextStyle
from learning_credentials.pdf.template.geometry import Geometry
from learning_credentials.pdf.text.lines import make_line

from .support import make_assets, make_pdf, read_with_pdfium, render

FONTS = (get_builtin_font("NotoSans"),)


def list_glyphs(text, *, is_spaced):
    line, missing = make_line(text, FONTS, is_spaced=is_spaced)
    assert missing == ()
    return [cluster.glyphs for run in line.runs for cluster in run.clusters]


@pytest.mark.parametrize("text", ["محمد علي", "आदित्य क्षत्रिय", "রবি ঠাকুর", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ"])
def test_scripts_whose_letters_touch_get_space_only_between_words(text):
    line, _ = make_line(text, FONTS, is_spaced=True)
    spaced = [cluster.text for run in line.runs for cluster in run.clusters if cluster.is_spaced]
    assert spaced == [" "]
    assert list_glyphs(text, is_spaced=True) == list_glyphs(text, is_spaced=False)


@pytest.mark.parametrize("text", ["น้ำใจดีที่", "ສົມຊາຍ", "தமிழ்", "മലയാളം", "လူငယ်", "שָׁלוֹם", "Z\u1ecd\u0308e", "ក្រុម", "සිංහල"])
def test_elsewhere_it_stands_between_clusters_and_never_in_them(text):
    line, _ = make_line(text, FONTS, is_spaced=True)
    clusters = [cluster for run in line.runs for cluster in run.clusters]
    assert all(cluster.is_spaced for cluster in clusters)
    parts = [cluster.text for cluster in (reversed(clusters) if line.runs[0].is_rtl else clusters)]
    assert "".join(parts) == text
    assert not any(unicodedata.category(part[0]) == "Mn" for part in parts)
    assert line.measure(10, 3) == pytest.approx(line.measure(10) + 3 * (len(parts) - 1))


def test_ligatures_give_way_to_space():
    fonts = (get_builtin_font("NotoSerif"),)
    counts = [
        len([cluster for run in make_line("ffi", fonts, is_spaced=is_spaced)[0].runs for cluster in run.clusters])
        for is_spaced in (False, True)
    ]
    assert counts[1] == 3
    assert counts[0] <= 3


@pytest.mark.parametrize("name", ["محمد علي", "आदित्य", "สมชาย", "Ada", "לאה"])
def test_spaced_names_can_be_read_back(name):
    elements = {"name": {"char_space": 4}, "context": False, "date": False}
    assets = make_assets(template=make_pdf(600, 400, text=""))
    artifact = render({"template": "template", "text_elements": elements}, assets, user_full_name=name)
    assert artifact.warnings == ()
    assert name in read_with_pdfium(artifact.content)


def place(text, align="center", **options):
    element = TextStyle(size=20, y=100, align=align, **options)
    lines, _ = place_text(element, text, FONTS, Geometry(600, 400, (1, 0, 0, 1, 0, 0)), "")
    return lines


@pytest.mark.parametrize("text", ["Ada Example", "محمد عبد الله", "לאה Smith", "123 אב"])
def test_text_is_aligned_to_its_place_whichever_way_it_runs(text):
    for align, part in (("left", 0), ("center", 0.5), ("right", 1)):
        (item,) = place(text, align, char_space=2)
        assert item.x + part * item.line.measure(20, 2) == pytest.approx(300)
