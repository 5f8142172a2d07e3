"""What holds for every text: it is drawn, it stays in its box, nothing of it is lost, and its lines end where they may."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from uniseg.linebreak import line_break_breakables

from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.page.text_layout import place_text
from learning_credentials.pdf.page.text_style import TextStyle
from learning_credentials.pdf.template.geometry import Geometry
from learning_credentials.pdf.text.casing import capitalise
from learning_credentials.pdf.text.cleaning import clean
from learning_credentials.pdf.text.clusters import is_ignorable, split_clusters
from learning_credentials.pdf.text.line_breaks import Break, split_at_breaks
from learning_credentials.pdf.text.lines import REPLACEMENT, make_line, wrap

from .test_rendering import NAMES

PAGE = Geometry(600, 400, (1, 0, 0, 1, 0, 0))
LANGUAGES = ["", "en", "ar", "ja", "zh-Hant", "zh-Hans", "ko", "th", "tr", "az", "el", "lt", "hy", "ga", "ka", "ur-PK"]
CHAINS = [
    ("Helvetica",),
    ("NotoSans",),
    ("NotoSerif-Bold", "NotoSans"),
    ("NotoNaskhArabic",),
    ("Times-Roman", "NotoSansThai"),
]

#: Letters and marks of all scripts that ship; what joins, ties, parts and hides; ideographs, kana, Hangul and emoji; punctuation.
LETTERS = "".join(sorted({*"".join(NAMES.values())}))
TIES = "\u200b\u200c\u200d\u2060\u00ad\u00a0\u202f\u200e\u200f\u034f\ufe0f\ufeff"
EAST = "王小明東京國语あゃっーカ々김철수。、「」（）！"
MARKS = "\u0301\u0308\u0323\u05b8\u064e\u093c\u094d\u0e48\u0f39\u17d2\u1039\u103a\u20e3"
EMOJI = "👩🏽🎓👨❤🇳🇱"
SIGNS = " \n\t()[]«»“”‘’-–—/.,:;!?%$€0123456789٣٤०१"
characters = st.sampled_from(LETTERS + TIES + EAST + MARKS + EMOJI + SIGNS)
words = st.sampled_from([word for name in NAMES.values() for word in name.split()])
texts = st.one_of(
    st.lists(st.one_of(characters, words), max_size=40).map("".join),
    st.lists(words, min_size=1, max_size=12).map(" ".join),
    st.text(characters, max_size=30),
    st.text(max_size=30),
).map(clean)
chains = st.sampled_from([tuple(map(get_builtin_font, chain)) for chain in CHAINS])
elements = st.builds(
    TextStyle,
    size=st.sampled_from([6, 24, 80]),
    max_width=st.sampled_from([None, 1, 40, 150, 500]),
    fit=st.sampled_from(["shrink", "wrap"]),
    align=st.sampled_from(["left", "center", "right"]),
    char_space=st.sampled_from([0, 0.5, 4]),
    uppercase=st.booleans(),
    y=st.just(200),
)


def list_seen(text):
    """What is seen of a text, cluster by cluster, without blanks; as plain as fonts may write it."""
    kept = (
        "".join(letter for letter in cluster if not is_ignorable(letter) and not letter.isspace())
        for cluster in split_clusters(text)
    )
    return [cluster for cluster in kept if cluster]


@example(
    element=TextStyle(max_width=40),
    text="\u200cสbخ\u200c \u200da",
    fonts=(get_builtin_font("NotoSans"),),
    language="",
)
@given(element=elements, text=texts, fonts=chains, language=st.sampled_from(LANGUAGES))
def test_every_text_stays_in_its_box(element, text, fonts, language):
    lines, _ = place_text(element, text, fonts, PAGE, language)
    for item in lines:
        width = item.line.measure(item.size, item.char_space)
        assert width <= (element.max_width or PAGE.width) + 0.001
        start = {"left": 0, "center": width / 2, "right": width}[element.align]
        assert item.x + start == pytest.approx(PAGE.width / 2)
        assert 0 < item.size <= element.size
    assert [item.y for item in lines] == sorted({item.y for item in lines}, reverse=True)


def find_ends(text, lines, missing):
    """Where in the text each line ends; fails if the lines do not say all of it, in order."""
    clusters = [*split_clusters(text)]
    unknown = {"".join(list_seen(cluster)) for cluster in missing}
    ends = []
    at = place = 0
    for line in lines:
        said = "".join(list_seen(line.text))
        while said:
            cluster = clusters[at]
            seen = "".join(list_seen(cluster))
            forms = [seen, "".join(list_seen(unicodedata.normalize("NFKC", cluster)))]
            forms += [REPLACEMENT] * (seen in unknown)
            form = next((form for form in forms if said.startswith(form)), None)
            assert form is not None, (said, cluster)
            said = said.removeprefix(form)
            at, place = at + 1, place + len(cluster)
            if said == "-" and "\u00ad" in cluster:
                said = ""
        while at < len(clusters) and not list_seen(clusters[at]):
            at, place = at + 1, place + len(clusters[at])
        ends.append(place)
    assert "".join(list_seen("".join(clusters[at:]))) == ""
    return ends


@given(
    text=texts,
    fonts=chains,
    width=st.sampled_from([0.01, 20, 60, 200]),
    char_space=st.sampled_from([0, 2]),
    language=st.sampled_from(LANGUAGES),
)
def test_lines_say_all_of_the_text_and_end_where_they_may(text, fonts, width, char_space, language):
    if "\u00ad" in text:
        # Its own hyphens could not be told from those that show where a line ends at a soft one.
        text = text.replace("-", "")
    for part in text.split("\n"):
        lines, missing = wrap(part, fonts, 12, width, char_space, language)
        ends = find_ends(part, lines, missing)
        for line in lines:
            drawn = sorted("".join(cluster.text for run in line.runs for cluster in run.clusters))
            assert [*filter(list_seen, drawn)] == [*filter(list_seen, sorted(line.text))]
            assert line.measure(12, char_space) <= width or len(list_seen(line.text.rstrip("-"))) <= 1
        start = 0
        for unit in split_at_breaks(part, language, Break.LEGAL):
            stop = start + len(unit)
            inside = [end for end in ends if list_seen(part[start:end]) and list_seen(part[max(start, end) : stop])]
            if inside:
                alone, _ = make_line(unit.strip(), fonts, language, is_spaced=bool(char_space))
                assert alone.measure(12, char_space) > width * 0.98, (unit, ends)
            start = stop


@given(text=texts, language=st.sampled_from(LANGUAGES))
def test_breaks_are_those_of_unicode_and_between_syllables_of_scripts_without_spaces(text, language):
    for part in text.split("\n"):
        legal = {place for place, may_break in enumerate(line_break_breakables(part)) if may_break}
        place = 0
        for level in (Break.WORD, Break.PHRASE, Break.LEGAL, Break.CLUSTER):
            assert "".join(split_at_breaks(part, language, level)) == part
        assert [*split_at_breaks(part, language, Break.CLUSTER)] == [*split_clusters(part)]
        for unit in split_at_breaks(part, language, Break.LEGAL):
            assert (
                place in legal
                or not place
                or re.fullmatch(
                    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uaa60-\uaa7f]{2}", part[place - 1] + part[place]
                )
            )
            place += len(unit)


@given(text=texts, language=st.sampled_from(LANGUAGES))
def test_capitals_stay_capitals(text, language):
    once = capitalise(text, language)
    assert unicodedata.is_normalized("NFC", once)
    assert language == "ga" or capitalise(once, language) == once


@given(text=texts)
def test_clusters_are_all_of_a_text(text):
    clusters = [*split_clusters(text)]
    assert "".join(clusters) == text
    assert all(clusters)
    assert not any(unicodedata.combining(cluster[0]) for cluster in clusters[1:])
