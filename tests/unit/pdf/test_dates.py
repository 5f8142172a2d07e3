"""How an element writes dates and numbers: formats, calendars, numerals, and a language of its own."""

import io
from datetime import UTC, date, datetime, timedelta

import pikepdf
import pytest
from babel import Locale
from hijridate import Hijri
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from learning_credentials.data import ContextData, FieldData, FieldKind
from learning_credentials.exceptions import GenerationError
from learning_credentials.options import OptionsContext, find_problems, parse
from learning_credentials.pdf import PDFOptions
from learning_credentials.pdf.calendars.conversion import CALENDARS, DateOutOfRangeError, convert, get_range
from learning_credentials.pdf.calendars.notation import Notation
from learning_credentials.pdf.calendars.numerals import NUMERALS
from learning_credentials.pdf.calendars.patterns import NAMED_FORMATS
from learning_credentials.pdf.calendars.writing import write_day
from learning_credentials.pdf.rendering import get_renderer
from tests.unit.pdf.drawn import list_drawn

from .structures import read_structure
from .support import make_assets, make_credential, make_pdf, read_with_pdfium, render

ASSETS = make_assets(template=make_pdf(600, 400, text=""))
DAY = date(2026, 11, 22)
#: A date on the page without any other text.
ONLY = {"template": "template", "text_elements": {"name": False, "context": False}}


def with_date(document_language="en", **options):
    return {**ONLY, "language": document_language, "text_elements": {**ONLY["text_elements"], "date": options}}


def read(options, **values):
    """Return what the document says, as screen readers hand it out."""
    return [child.said.strip() for child in read_structure(render(options, ASSETS, **values).content).children]


def list_problems(options):
    return [str(problem) for problem in find_problems(options, [PDFOptions], OptionsContext(ASSETS))]


def days_of(calendar):
    first, last = get_range(calendar)
    return st.dates(first, min(last, date(2200, 1, 1)))


# Known days


@pytest.mark.parametrize(
    ("day", "calendar", "expected"),
    [
        # Reingold and Dershowitz, Calendrical Calculations, appendix C (sample data).
        (date(1943, 4, 19), "islamic-civil", (1362, 4, 13)),
        (date(1992, 3, 17), "islamic-civil", (1412, 9, 13)),
        (date(1996, 2, 25), "islamic-civil", (1416, 10, 5)),
        (date(2038, 11, 10), "islamic-civil", (1460, 10, 12)),
        (date(2094, 7, 18), "islamic-civil", (1518, 3, 5)),
        (date(1943, 4, 19), "persian", (1322, 1, 29)),
        (date(1992, 3, 17), "persian", (1370, 12, 27)),
        (date(1996, 2, 25), "persian", (1374, 12, 6)),
        (date(2038, 11, 10), "persian", (1417, 8, 19)),
        (date(2094, 7, 18), "persian", (1473, 4, 28)),
        # Official calendar of Iran: the revolution was on 22 Bahman 1357, and 1403 is a leap year.
        (date(1979, 2, 11), "persian", (1357, 11, 22)),
        (date(2025, 3, 20), "persian", (1403, 12, 30)),
        (date(2025, 3, 21), "persian", (1404, 1, 1)),
        # Umm al-Qura calendar of Saudi Arabia: beginnings of Ramadan 1445, of 1446, and of Shawwal 1446.
        (date(2024, 3, 11), "islamic-umalqura", (1445, 9, 1)),
        (date(2024, 7, 7), "islamic-umalqura", (1446, 1, 1)),
        (date(2025, 3, 30), "islamic-umalqura", (1446, 10, 1)),
        # Gazettes of Japan: Reiwa began on May 1, 2019, and Heisei on January 8, 1989.
        (date(2019, 5, 1), "japanese", (1, 5, 1)),
        (date(2019, 4, 30), "japanese", (31, 4, 30)),
        (date(1989, 1, 7), "japanese", (64, 1, 7)),
        (date(2026, 11, 22), "buddhist", (2569, 11, 22)),
        (date(2026, 11, 22), "roc", (115, 11, 22)),
    ],
)
def test_known_days(day, calendar, expected):
    assert convert(day, calendar)[:3] == expected


@given(days_of("persian"))
def test_a_persian_day_converts_back(day):
    assert JalaliDate(*convert(day, "persian")[:3]).to_gregorian() == day


@given(days_of("islamic-umalqura"))
def test_a_day_of_umm_al_qura_converts_back(day):
    assert Hijri(*convert(day, "islamic-umalqura")[:3]).to_gregorian() == day


@pytest.mark.parametrize("calendar", CALENDARS)
@given(data=st.data())
def test_days_follow_each_other(calendar, data):
    day = data.draw(days_of(calendar).filter(lambda day: day < get_range(calendar)[1]))
    now, then = convert(day, calendar), convert(day + timedelta(days=1), calendar)
    begins = then.day == 1 and 28 <= now.day <= 31
    changes_era = then.era == now.era + 1
    assert changes_era or begins or then == now._replace(day=now.day + 1)


@pytest.mark.parametrize("calendar", [name for name in CALENDARS if name != "gregorian"])
def test_a_calendar_ends_where_it_is_not_known(calendar):
    first, last = get_range(calendar)
    assert convert(first, calendar)
    assert convert(last, calendar)
    outside = [first - timedelta(days=1), *([last + timedelta(days=1)] if last < date.max else [])]
    for day in outside:
        with pytest.raises(
            DateOutOfRangeError, match=f"{day} is outside the calendar '{calendar}', which is known from"
        ):
            convert(day, calendar)


@given(
    calendar=st.sampled_from(CALENDARS),
    name=st.sampled_from(NAMED_FORMATS),
    numerals=st.sampled_from(NUMERALS),
    language=st.sampled_from(
        ["en", "th", "fa", "ar", "ar_EG", "ur", "ja", "zh_Hant_TW", "de", "my", "ckb", "sw", "pa_Arab"]
    ),
    day=st.dates(date(1941, 1, 1), date(2077, 1, 1)),
)
def test_every_format_of_every_calendar_is_written_in_every_language(calendar, name, numerals, language, day):
    written = write_day(day, Locale.parse(language), Notation(name, calendar, numerals))
    assert any(character.isnumeric() for character in written)
    assert "None" not in written


# On the page


@pytest.mark.parametrize(
    ("language", "options", "expected"),
    [
        ("en", {}, "November 22, 2026"),
        ("en", {"date_format": "short"}, "11/22/26"),
        ("en", {"date_format": "medium"}, "Nov 22, 2026"),
        ("en", {"date_format": "full"}, "Sunday, November 22, 2026"),
        ("en-GB", {"date_format": "numeric"}, "22/11/2026"),
        ("en", {"date_format": "numeric"}, "11/22/2026"),
        ("en", {"date_format": "iso"}, "2026-11-22"),
        ("th", {"date_format": "iso", "numerals": "thai"}, "2026-11-22"),
        ("en", {"date_format": "d MMM yyyy"}, "22 Nov 2026"),
        ("pt", {"date_format": "d 'de' MMMM 'de' y"}, "22 de novembro de 2026"),
        ("en", {"date_format": "EEEE d MMMM y G"}, "Sunday 22 November 2026 AD"),
        ("en", {"date_format": "'o''clock' dd.MM.yy"}, "o'clock 22.11.26"),
        ("th", {"calendar": "buddhist", "numerals": "thai"}, "๒๒ พฤศจิกายน ๒๕๖๙"),
        ("th", {"calendar": "buddhist", "date_format": "d MMM G y"}, "22 พ.ย. พ.ศ. 2569"),
        ("en", {"calendar": "buddhist"}, "November 22, 2569 BE"),
        ("ja", {"calendar": "japanese"}, "令和8年11月22日"),
        ("zh-Hant", {"calendar": "roc"}, "民國115年11月22日"),
        ("zh-Hant", {"numerals": "hanidec", "date_format": "y年"}, "二〇二六年"),
        ("fa", {"calendar": "persian", "numerals": "native"}, "۱ آذر ۱۴۰۵"),
        ("fa", {"calendar": "persian", "numerals": "language", "date_format": "numeric"}, "۱۴۰۵/۹/۱"),
        ("en", {"calendar": "persian"}, "Azar 1, 1405 AP"),
        ("ar", {"calendar": "islamic-umalqura", "numerals": "arab"}, "١٢ جمادى الآخرة ١٤٤٨ هـ"),
        ("ar", {"calendar": "islamic-civil"}, "11 جمادى الآخرة 1448 هـ"),
        ("en", {"calendar": "islamic-umalqura", "date_format": "d MMMM y"}, "12 Jumada II 1448"),
        ("hi", {"numerals": "deva"}, "२२ नवंबर २०२६"),
        ("bn", {"numerals": "language"}, "২২ নভেম্বর, ২০২৬"),
        ("de", {"numerals": "native"}, "22. November 2026"),
    ],
    ids=str,
)
def test_a_date_is_written_as_the_element_asks(language, options, expected):
    if language in {"ja", "zh-Hant"}:
        assert write_day(DAY, Locale.parse(language, sep="-"), Notation(**options)) == expected
    else:
        assert read(with_date(language, **options)) == [expected]


def test_each_element_has_its_own_format_and_the_defaults_are_for_all():
    options = {
        **ONLY,
        "language": "th",
        "defaults": {"calendar": "buddhist", "numerals": "thai"},
        "text_elements": {
            **ONLY["text_elements"],
            "date": {},
            "plain": {
                "text": "{issue_date}",
                "y": 90,
                "calendar": "gregorian",
                "numerals": "latn",
                "date_format": "iso",
            },
            "expiry": {"text": "{expiry_date}", "y": 60},
        },
    }
    expires = datetime(2029, 11, 22, 12, tzinfo=UTC)
    assert read(options, expires_at=expires) == ["๒๒ พฤศจิกายน ๒๕๖๙", "2026-11-22", "๒๒ พฤศจิกายน ๒๕๗๒"]


@pytest.mark.parametrize(
    ("language", "numerals", "grade", "expected"),
    [
        ("en", "latn", 0.925, "93%"),
        ("th", "thai", 0.92, "๙๒%"),
        ("fa", "native", 0.92, "۹۲٪"),
        ("en", "thai", 17.5, "๑๗.๕"),
        ("th", "thai", "17 of 20", "17 of 20"),
    ],
)
def test_a_grade_has_the_numerals_of_its_element(language, numerals, grade, expected):
    options = with_date(language, text="{grade}", numerals=numerals)
    (said,) = read(options, evidence={"grade": grade})
    assert said.strip("\u200e\u200f\u061c") == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (FieldKind.DATE, "2026-11-22", "๒๒ พฤศจิกายน ๒๕๖๙"),
        (FieldKind.DATE, "next 22", "next 22"),
        (FieldKind.NUMBER, 12.5, "๑๒.๕"),
        (FieldKind.TEXT, "Room 12", "Room 12"),
    ],
)
def test_custom_fields_are_written_in_the_same_way(kind, value, expected):
    field = FieldData("hours", "Hours", kind, value)
    options = with_date("th", text="{field.hours}", calendar="buddhist", numerals="thai")
    assert read(options, custom_fields=(field,)) == [expected]


def test_a_duration_has_the_numerals_of_its_element():
    field = FieldData("length", "Length", FieldKind.DURATION, "P2W")
    assert read(with_date("en", text="{field.length}", numerals="thai"), custom_fields=(field,)) == ["๒ weeks"]


def test_a_custom_field_can_have_another_language():
    field = FieldData("end", "End", FieldKind.DATE, "2026-11-22")
    assert read(with_date("en", text="{field.end} = {field.end|de}"), custom_fields=(field,)) == [
        "November 22, 2026 = 22. November 2026"
    ]


def test_the_dates_of_a_course_are_written_in_the_same_way():
    context = ContextData(start=date(2026, 3, 21), end=DAY)
    options = with_date("fa", text="{context_start|en} / {context_end|en}", calendar="persian", date_format="d MMMM y")
    (said,) = read(options, context=context)
    assert said.replace("\u200e", "") == "1 Farvardin 1405 / 1 Azar 1405"


def test_learners_with_other_dates_get_their_own():
    options = with_date("fa", calendar="persian", numerals="arabext")
    first, second, again = (read(options, issue_date=day) for day in (DAY, date(2026, 11, 23), DAY))
    assert (first, second) == (["۱ آذر ۱۴۰۵"], ["۲ آذر ۱۴۰۵"])
    assert again == first


# A second language


def test_a_placeholder_can_have_another_language():
    options = with_date("en", text="{issue_date} / {issue_date|de} / {issue_date|fr-CA} / {{issue_date|de}}")
    expected = "November 22, 2026 / 22. November 2026 / 22 novembre 2026 / {issue_date|de}"
    assert read_with_pdfium(render(options, ASSETS).content) == expected


def test_a_placeholder_in_another_language_keeps_calendar_format_and_numerals():
    options = with_date(
        "en", text="{issue_date} – {issue_date|th}", calendar="buddhist", numerals="native", date_format="medium"
    )
    assert read(options) == ["Nov 22, 2569 BE – ๒๒ พ.ย. ๒๕๖๙"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Done {issue_date|ar}.", "Done 2026 نوفمبر 22 ."),
        ("ar", "صدر {issue_date|en}", "November 22, 2026 صدر"),
    ],
)
def test_a_date_of_the_other_direction_keeps_its_order(language, text, expected):
    """The words of each run of the line, from left to right."""
    credential = make_credential(assets=ASSETS)
    (line,) = list_drawn(get_renderer(with_date(language, text=text), ASSETS), credential)
    words = [word.strip("\u200e\u200f") for run in line.line.runs for word in run.text.split()]
    assert " ".join(filter(None, words)) == expected


def test_a_grade_can_have_another_language():
    (said,) = read(with_date("en", text="{grade}, {grade|de}"), evidence={"grade": 0.925}, grade_decimals=1)
    assert said.replace("\xa0", " ") == "92.5%, 92,5 %"


def test_an_element_in_another_language_says_so_to_screen_readers():
    options = with_date("en", text="Ausgestellt am {issue_date}", language="de")
    (child,) = read_structure(render(options, ASSETS).content).children
    assert (child.said.strip(), child.language) == ("Ausgestellt am 22. November 2026", "de")


def test_a_text_of_one_placeholder_is_in_the_language_of_the_placeholder():
    (child,) = read_structure(render(with_date("en", text="({issue_date|de})"), ASSETS).content).children
    assert (child.said.strip(), child.language) == ("(22. November 2026)", "de")


def test_a_line_in_another_script_says_its_language():
    (child,) = read_structure(render(with_date("en", text="{issue_date}\n{issue_date|th}"), ASSETS).content).children
    assert child.language == ""
    content = render({**with_date("en", text="{issue_date}\n{issue_date|th}"), "protection": "none"}, ASSETS).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        streams = b"".join(stream.read_bytes() for stream in pdf.pages[0].Contents)
    assert b"/Lang (th)" in streams


def test_an_element_in_the_language_of_the_document_says_nothing():
    (child,) = read_structure(render(with_date("de", language="de"), ASSETS).content).children
    assert (child.said.strip(), child.language) == ("22. November 2026", "")


def test_capitals_follow_the_language_of_the_element():
    options = with_date("en", text="diploma: {issuer_name}", language="tr", uppercase=True)
    assert read(options)[0].startswith("DİPLOMA: ")


def test_the_texts_of_the_app_are_translated_into_the_language_of_the_element():
    artifact = render({"text_elements": {"intro": {"language": "es"}}})
    texts = [(child.said.strip(), child.language) for child in read_structure(artifact.content).children]
    assert ("Se certifica que", "es") in texts
    assert ("has successfully completed", "") in texts


def test_the_page_follows_the_learner_and_one_date_stays_in_its_language():
    options = {"text_elements": {"second": {"text": "{issue_date}", "y": 140, "language": "cy"}}}
    said = [child.said.strip() for child in read_structure(render(options, language="es").content).children]
    assert "22 de noviembre de 2026" in said
    assert "22 Tachwedd 2026" in said


# Advice


@pytest.mark.parametrize(
    ("language", "element", "has_advice"),
    [
        ("ckb", {"calendar": "persian"}, True),
        ("ckb", {"calendar": "persian", "date_format": "d MMM y"}, True),
        ("ckb", {"calendar": "persian", "date_format": "numeric"}, False),
        ("ckb", {"calendar": "persian", "date_format": "d/MM/y"}, False),
        ("ckb", {"calendar": "persian", "text": "{name}"}, False),
        ("ckb", {"calendar": "buddhist"}, False),
        ("ckb", {}, False),
        ("ckb", {"calendar": "persian", "language": "fa"}, False),
        ("en", {"calendar": "persian", "language": "ckb"}, True),
        ("en", {"calendar": "persian"}, False),
        ("pt", {"calendar": "islamic-civil"}, False),
        ("ur", {"calendar": "islamic-civil"}, False),
    ],
    ids=str,
)
def test_names_of_months_in_latin_letters_are_no_mistake_but_there_is_advice(language, element, has_advice):
    options = with_date(language, **element)
    assert list_problems(options) == []
    advice = [str(item) for item in parse(PDFOptions, options).list_advice(OptionsContext(ASSETS))]
    assert [item.startswith("text_elements.date.calendar: the names of months") for item in advice] == [
        True
    ] * has_advice


# Mistakes


@pytest.mark.parametrize(
    ("element", "path", "message"),
    [
        ({"date_format": "HH:mm"}, "date_format", "the letter H is no part of a date"),
        ({"date_format": "lang"}, "date_format", "Use short, medium, long, full, numeric, iso, or a pattern"),
        ({"date_format": "dddd"}, "date_format", "dddd is too long. At most dd is accepted"),
        ({"date_format": "d 'de MMMM"}, "date_format", "a ' has no partner"),
        ({"date_format": "'only words'"}, "date_format", "there is no letter for a day"),
        ({"date_format": ""}, "date_format", "there is no letter for a day"),
        ({"date_format": "d" * 51}, "date_format", "50"),
        ({"date_format": 5}, "date_format", "string"),
        (
            {"date_format": "iso", "calendar": "persian"},
            "date_format",
            "iso is a format of the Gregorian calendar only",
        ),
        ({"calendar": "mayan"}, "calendar", "'islamic-umalqura'"),
        (
            {"numerals": "roman"},
            "numerals",
            "'roman' is not a known system of digits. Use one of language, native, adlm",
        ),
        ({"language": "xx"}, "language", "'xx' is not a known language"),
        ({"language": "io"}, "language", "dates cannot be written in 'io'"),
        ({"text": "{issue_date|xx}"}, "text", "{issue_date|xx}: 'xx' is not a known language"),
        ({"text": "{issue_date|de@euro}"}, "text", "'de@euro' is not a known language"),
        ({"language": "de_DE.UTF-8"}, "language", "'de_DE.UTF-8' is not a known language"),
        ({"text": "{issue_date|}"}, "text", "'' is not a known language"),
        ({"text": "{name|de}"}, "text", "{name|de} is the same in every language. Only these have a language"),
        ({"text": "{unknown|de}"}, "text", "unknown placeholder {unknown|de}"),
    ],
    ids=str,
)
def test_mistakes_are_refused_with_their_path(element, path, message):
    (problem,) = list_problems({"template": "template", "text_elements": {"date": element}})
    assert problem.startswith(f"text_elements.date.{path}: ")
    assert message in problem


def test_mistakes_in_defaults_are_refused_too():
    (problem,) = list_problems({"template": "template", "defaults": {"calendar": "persian", "date_format": "h"}})
    assert problem.startswith("defaults.date_format: 'h' is not a date format")


def test_a_text_of_the_app_without_a_translation_is_refused():
    (problem,) = list_problems({"text_elements": {"intro": {"language": "de"}}})
    assert problem.startswith("text_elements.intro.language: the app has no translation of 'This is to certify that'")


@given(st.text(max_size=60))
def test_any_pattern_is_accepted_or_explained(pattern):
    problems = list_problems({"template": "template", "text_elements": {"date": {"date_format": pattern}}})
    if problems:
        assert all(problem.startswith("text_elements.date.date_format: ") for problem in problems)
    else:
        assert write_day(DAY, Locale.parse("en"), Notation(pattern, "persian")) or pattern == "iso"
        assert write_day(DAY, Locale.parse("en"), Notation(pattern)) is not None


def test_a_date_that_the_calendar_does_not_have_is_no_certificate():
    options = with_date("ar", text="{expiry_date}", calendar="islamic-umalqura")
    message = r"text_elements\.date: 2078-01-01 is outside the calendar 'islamic-umalqura', which is known from 1924-08-01 to 2077"
    with pytest.raises(GenerationError, match=message) as caught:
        render(options, ASSETS, expires_at=datetime(2078, 1, 1, 12, tzinfo=UTC))
    assert caught.value.code == "date_out_of_range"
