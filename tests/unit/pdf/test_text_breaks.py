"""Where lines end, script by script."""

from itertools import pairwise

import pytest

from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.text.clusters import split_clusters
from learning_credentials.pdf.text.line_breaks import Break, split_at_breaks
from learning_credentials.pdf.text.lines import make_line, wrap

FONTS = (get_builtin_font("NotoSans"),)

LEGAL = {
    "spaces": ("Zoë Adjei  of (New) “Old Town”, Dr.", "Zoë |Adjei  |of |(New) |“Old |Town”, |Dr."),
    "hyphens": ("Anna-Maria O’Brien–D’Souza", "Anna-|Maria |O’Brien–|D’Souza"),
    "a hyphen before a number": ("from -5 to 7-8", "from |-5 |to |7-8"),
    "spaces that tie": ("10\u00a0000 km\u202fh 5\u2007m", "10\u00a0000 |km\u202fh |5\u2007m"),
    "word joiner": ("and/\u2060or a\u2060 b", "and/\u2060or |a\u2060 |b"),
    "space of no width": ("super\u200bmarket", "super\u200b|market"),
    "French quotes": ("un « mot » ici", "un |« mot » |ici"),
    "Hebrew": ("לאה כהן-לוי", "לאה |כהן-|לוי"),
    "Arabic": ("محمد عبد الله", "محمد |عبد |الله"),
    "Devanagari": ("आदित्य क्षत्रिय", "आदित्य |क्षत्रिय"),
    "closing marks": ("学。校、ー々", "学。|校、ー々"),
    "opening marks": ("東「京」（と）", "東|「京」|（と）"),
    "small kana": ("チョコッ", "チョ|コッ"),
    "Hangul": ("김철수 씨", "김|철|수 |씨"),
    "Ideographs beside letters": ("A級B", "A|級|B"),
    "Thai": ("สมชาย ใจดี", "สมชาย |ใจ|ดี"),
    "Thai words": ("มหาวิทยาลัยเชียงใหม่", "มหาวิทยาลัย|เชียงใหม่"),
    "Thai repetition": ("ต่าง ๆ กัน", "ต่าง ๆ |กัน"),
    "Lao": ("ສະຖາບັນການທະນາຄານ", "ສະ|ຖາ|ບັນ|ການ|ທະ|ນາ|ຄານ"),
    "Lao leading vowels": ("ຫມາແກວ່ງໄປ", "ຫມາ|ແກວ່ງ|ໄປ"),
    "Khmer": ("សុខចាន់ស្រី", "សុខ|ចាន់|ស្រី"),
    "Burmese": ("မြန်မာနိုင်ငံအင်္ဂလိပ်", "မြန်|မာ|နိုင်|ငံ|အင်္ဂ|လိပ်"),
    "a family": ("👩🏽‍🎓👩‍👩‍👧🇳🇱🇧🇪", "👩🏽‍🎓|👩‍👩‍👧|🇳🇱|🇧🇪"),
}


@pytest.mark.parametrize("case", LEGAL)
def test_lines_end_where_the_script_allows_it(case):
    text, expected = LEGAL[case]
    assert "|".join(split_at_breaks(text, "", Break.LEGAL)) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ja", "高等教育の革新に関する入門講座を修了", "高等教育の|革新に|関する|入門講座を|修了"),
        ("zh-Hans", "课程结业证书", "课程|结业|证书"),
        ("zh-Hant", "國立臺灣大學導論", "國立|臺灣|大學|導論"),
        ("ko", "서울 대학교", "서울 |대학교"),
    ],
)
def test_phrases_stay_together_where_they_can(language, text, expected):
    assert "|".join(split_at_breaks(text, language, Break.PHRASE)) == expected


def list_lines(text, width, size=10, fonts=FONTS, language=""):
    return [line.text for line in wrap(text, fonts, size, width, 0, language)[0]]


def test_a_space_is_a_better_end_than_the_middle_of_a_word():
    assert list_lines("สมชาย ใจดี", 40) == ["สมชาย", "ใจดี"]
    assert list_lines("ใจดี ใจดี", 12) == ["ใจ", "ดี", "ใจ", "ดี"]


def test_a_long_word_is_broken_between_clusters():
    lines = list_lines("Donaudampfschifffahrt", 40)
    assert "".join(lines) == "Donaudampfschifffahrt"
    assert all(make_line(line, FONTS)[0].measure(10) <= 40 for line in lines)
    word = "क्षत्रियक्षत्रिय"
    assert list_lines(word, 1) == [*split_clusters(word)]


def test_what_follows_a_broken_word_goes_on_in_its_last_line():
    assert list_lines("Donaudampf ab", 45)[-1].endswith(" ab")


def test_a_soft_hyphen_shows_only_where_a_line_ends_with_it():
    text = "Donau\u00addampf\u00adschiff\u00ad"
    assert list_lines(text, 1000) == ["Donaudampfschiff"]
    assert list_lines(text, 70) == ["Donaudampf-", "schiff"]
    assert list_lines(text, 40) == ["Donau-", "dampf-", "schiff"]
    assert list_lines("\u00adab \u00adcd", 14) == ["ab", "cd"]
    for name in ("Helvetica", "NotoSans"):
        line, missing = make_line(text, (get_builtin_font(name),))
        assert (line.text, missing) == ("Donaudampfschiff", ())


def test_each_line_holds_as_much_as_fits():
    text = "The quick brown fox jumps over the lazy dog, AVAVA To. " * 4
    lines = wrap(text, FONTS, 10, 120, 0)[0]
    for line, following in pairwise(lines):
        assert line.measure(10) <= 120
        longer = f"{line.text} {following.text.split()[0]}"
        assert make_line(longer, FONTS)[0].measure(10) > 120


def test_space_between_letters_counts():
    text = "a b c d e f g h " * 8
    for line in wrap(text, FONTS, 10, 150, 6)[0][:-1]:
        assert 120 < line.measure(10, 6) <= 150


def test_lines_of_a_mixed_text_run_as_the_whole_does():
    lines = wrap("שלום abc def", FONTS, 10, 30, 0)[0]
    assert [run.is_rtl for run in lines[0].runs] == [True]
    assert "".join(cluster.text for run in lines[-1].runs for cluster in run.clusters) == "def"
