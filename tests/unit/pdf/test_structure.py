"""The structure of a document, which tells screen readers what to read, in which order and in which language."""

import io
from types import MappingProxyType

import pikepdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from learning_credentials.data import SignatoryData
from learning_credentials.exceptions import OptionsError
from learning_credentials.pdf.locales import find_other_language

from .structures import list_marks, read_structure
from .support import VERIFY_URL, edit_pdf, make_assets, make_pdf, make_png, render

#: Made-up names in scripts of different directions and kinds.
NAMES = {
    "Latn": "Zoë Adjei-Łukasiewicz",
    "Arab": "ليلى النجار",
    "Hebr": "דנה כהן",
    "Deva": "आदित्य शर्मा",
    "Cyrl": "Ольга Примерова",
    "Grek": "Ελένη Παραδείγματος",
    "Thai": "สมชาย ตัวอย่าง",
    "Beng": "অনিতা সেন",
    "Taml": "கவிதா ராமன்",
    "Armn": "Արամ Օրինակյան",
    "Geor": "ნინო მაგალიშვილი",
    "Ethi": "ሰላም ምሳሌ",
}
SIGNATORIES = (
    SignatoryData("Prof. Max Muster", "Dean", "Faculty of Examples", "image_signature"),
    SignatoryData("Dr. Ada Example", "Course director"),
)


def read(options=None, assets=None, **values):
    return read_structure(render(options or {}, assets, **values).content)


def say(document):
    """What a screen reader says of each part of the page."""
    return [child.said.strip() for child in document.children]


def test_the_builtin_page_is_read_from_the_title_to_the_code():
    assets = make_assets(image_signature=make_png())
    document = read(assets=assets, signatories=SIGNATORIES, user_full_name="Ada Example")
    assert [(child.list_roles(), child.said.strip()) for child in document.children] == [
        (["P"], "EXAMPLE UNIVERSITY"),
        (["H1"], "Certificate of Achievement"),
        (["P"], "This is to certify that"),
        (["P"], "Ada Example"),
        (["P"], "has successfully completed"),
        (["H2"], "Marine Biology"),
        (["P"], "November 22, 2026"),
        (["P"], "Date of issue"),
        (["Figure"], "Signature of Prof. Max Muster"),
        (["P"], "Prof. Max Muster"),
        (["P"], "Dean"),
        (["P"], "Faculty of Examples"),
        (["P"], "Dr. Ada Example"),
        (["P"], "Course director"),
        (["P"], "Verify this credential at this address, or by its code"),
        (["P", "Link"], VERIFY_URL),
        (["P"], "7K3QF-9XW2M"),
        (["P", "Link", "Figure"], "QR code with the address at which anyone can verify this credential"),
    ]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_are_said_in_the_order_of_their_letters(name):
    assert name in say(read(user_full_name=name))


@pytest.mark.parametrize("language", ["ar", "es", "fr"])
def test_texts_in_other_languages_than_the_document_say_so(language):
    """The course and the issuer are named in the site's language, and the address is no word of Arabic."""
    document = read(language=language, user_full_name=NAMES["Arab"])
    languages = {child.said.strip(): child.language for child in document.children}
    assert languages["Marine Biology"] == "en"
    assert languages[NAMES["Arab"]] == ""
    assert "Marine Biology" in say(document)
    assert VERIFY_URL in say(document)


@pytest.mark.parametrize(
    ("name", "language"),
    [(NAMES["Arab"], "ar"), (NAMES["Deva"], "hi"), (NAMES["Thai"], "th"), (NAMES["Cyrl"], "ru")],
)
def test_letters_of_another_script_are_marked_with_their_language(name, language):
    content = render({"protection": "none"}, user_full_name=f"Ada {name}").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = [
            str(operands[1].Lang)
            for operands, operator in pikepdf.parse_content_stream(pdf.pages[0])
            if str(operator) == "BDC" and "/Lang" in operands[1]
        ]
    assert set(found) == {language}


@pytest.mark.parametrize(
    ("script", "language", "other"),
    [
        ("Hani", "en", "zh"),
        ("Hira", "en", "ja"),
        ("Hang", "en", "ko"),
        ("Latn", "ar", "en"),
        ("Latn", "fr", ""),
        ("Hani", "ja", ""),
        ("Kana", "ja", ""),
        ("Hani", "ko", ""),
        ("Hani", "zh-hant", ""),
        ("Cyrl", "sr", ""),
        ("Latn", "sr-Latn", ""),
        ("Arab", "", ""),
    ],
)
def test_languages_are_known_by_their_scripts(script, language, other):
    assert find_other_language(script, language) == other


@given(
    name=st.lists(st.sampled_from(sorted(NAMES.values())), min_size=1, max_size=6).map(" ".join),
    course=st.lists(st.sampled_from([*NAMES.values(), "Foundations of Marine Biology", "\n"]), min_size=1, max_size=8),
    language=st.sampled_from(["en", "ar", "he", "fr", ""]),
    people=st.integers(0, 8),
)
@example(name="Ada", course=["a"], language="ar", people=8)
def test_everything_is_said_once_and_in_the_order_of_the_page(name, course, language, people):
    course = " ".join(course)
    signatories = tuple(SignatoryData(f"Dr. Number {number}", "Dean") for number in range(people))
    content = render(
        {}, user_full_name=name, learning_context_name=course, language=language, signatories=signatories
    ).content
    document = read_structure(content)
    said = say(document)
    wanted = [name, *[" ".join(course.split())] * bool(course.split())]
    wanted += [word for person in signatories for word in (person.name, "Dean")]
    wanted += [VERIFY_URL]
    assert [part for part in said if part in wanted] == wanted
    # Everything on the page is either read or decoration, and each mark has one element.
    marks = list_marks(content)
    assert None not in marks
    in_tree = sorted(mark for element in document.walk() for mark in element.marks)
    assert in_tree == sorted({mark for mark in marks if mark != "Artifact"}) == list(range(len(in_tree)))


@pytest.mark.parametrize(
    "name",
    [
        "มหาวิทยาลัยตัวอย่างแห่งทะเลลึกและชายฝั่งอันไกลโพ้น" * 4,
        "Oberunterammergau-" * 16 + "Weitenfelden",
        "extra\N{SOFT HYPHEN}ordinarily" * 20,
    ],
    ids=["Thai", "hyphens", "soft hyphens"],
)
def test_a_name_that_is_broken_into_lines_is_said_without_spaces_in_it(name):
    said = say(read_structure(render({}, user_full_name=name).content))
    assert name.replace("\N{SOFT HYPHEN}", "") in said


class TestOptions:
    TEMPLATE = MappingProxyType({"template": "template_a"})
    ASSETS = make_assets(template_a=make_pdf(842, 595), image_a=make_png())

    def test_on_a_template_texts_are_read_from_the_top_down(self):
        document = read(
            {
                **self.TEMPLATE,
                "text_elements": {
                    "low": {"text": "At the bottom", "y": 30},
                    "right": {"text": "On the right", "y": 500, "x": 700, "align": "left"},
                    "left": {"text": "On the left", "y": 500, "x": 20, "align": "left"},
                },
            },
            self.ASSETS,
        )
        assert say(document) == [
            "On the left",
            "On the right",
            "Ada Example",
            "Marine Biology",
            "November 22, 2026",
            "At the bottom",
        ]
        assert [child.role for child in document.children] == ["P", "P", "P", "H1", "P", "P"]

    def test_roles_are_chosen(self):
        roles = {"name": {"role": "title"}, "context": {"role": "heading"}, "date": {"role": "decoration"}}
        document = read({**self.TEMPLATE, "text_elements": roles}, self.ASSETS)
        assert [(child.role, child.said) for child in document.children] == [
            ("H1", "Ada Example"),
            ("H2", "Marine Biology"),
        ]

    def test_headings_begin_at_the_first_level(self):
        document = read({**self.TEMPLATE, "text_elements": {"context": {"role": "heading"}}}, self.ASSETS)
        assert [child.role for child in document.children] == ["P", "H1", "P"]

    @pytest.mark.parametrize("text", ["", None])
    def test_an_image_without_a_text_is_decoration(self, text):
        image = {"asset": "image_a", "x": 10, "y": 10, "width": 50}
        image |= {} if text is None else {"alternative_text": text}
        content = render({**self.TEMPLATE, "image": image}, self.ASSETS).content
        assert "Figure" not in [element.role for element in read_structure(content).walk()]
        assert (
            list_marks(content).count("Artifact")
            == list_marks(render(self.TEMPLATE, self.ASSETS).content).count("Artifact") + 1
        )

    def test_an_image_with_a_text_is_a_figure(self):
        image = {"asset": "image_a", "x": 10, "y": 500, "width": 50, "alternative_text": "Coat of arms: a red square"}
        document = read({**self.TEMPLATE, "image": image}, self.ASSETS)
        assert (document.children[0].role, document.children[0].said) == ("Figure", "Coat of arms: a red square")

    def test_a_template_can_have_a_text_of_its_own(self):
        document = read({**self.TEMPLATE, "template_alternative_text": "Certificate with a blue frame"}, self.ASSETS)
        assert say(document)[:2] == ["Certificate with a blue frame", "Ada Example"]

    def test_a_text_that_a_credential_does_not_have_leaves_no_element(self):
        options = {**self.TEMPLATE, "text_elements": {"until": {"text": "Until {expiry_date}", "y": 90}}}
        assert len(read(options, self.ASSETS).children) == 3


class TestLinks:
    ASSETS = make_assets(template_a=make_pdf(842, 595))

    def list_links(self, options=None, assets=None, **values):
        content = render(options or {}, assets, **values).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            annotations = list(pdf.pages[0].obj.get("/Annots", []))
            return [
                (str(item.A.URI), str(item.Contents), [round(float(side)) for side in item.Rect])
                for item in annotations
            ]

    def test_the_address_and_the_code_are_links(self):
        (text, code) = self.list_links()
        assert text[:2] == (VERIFY_URL, VERIFY_URL)
        assert text[2] == pytest.approx([269, 51, 573, 59], abs=2)
        assert code[0] == VERIFY_URL
        assert code[1].startswith("QR code")
        assert code[2] == [704, 56, 788, 140]

    def test_a_template_without_an_address_has_no_links(self):
        assert self.list_links({"template": "template_a"}, self.ASSETS) == []

    def test_links_are_chosen(self):
        texts = {
            "date": {"link": "https://example.edu/dates?day={issue_date}"},
            "name": {"link": "mailto:registrar@example.edu"},
            "address": {"text": "{verify_url}", "y": 30, "link": ""},
        }
        links = self.list_links({"template": "template_a", "text_elements": texts}, self.ASSETS)
        assert sorted(address for address, _, _ in links) == [
            "https://example.edu/dates?day=November%2022,%202026",
            "mailto:registrar@example.edu",
        ]

    @pytest.mark.parametrize(
        "address", ["example.edu", "javascript:alert(1)", "file:///etc/passwd", "{name}", "http://"]
    )
    def test_only_addresses_of_pages_and_mailboxes_are_links(self, address):
        with pytest.raises(OptionsError, match=r"text_elements\.name\.link: .*is not an address"):
            render({"text_elements": {"name": {"link": address}}})

    def test_a_placeholder_that_is_unknown_is_named(self):
        with pytest.raises(OptionsError, match=r"text_elements\.name\.link: .*unknown placeholder \{nobody\}"):
            render({"text_elements": {"name": {"link": "https://example.edu/{nobody}"}}})

    @pytest.mark.parametrize("turn", [90, 180, 270])
    def test_links_are_where_the_text_is_on_a_rotated_page(self, turn):
        def rotate(pdf, page):
            page.obj.Rotate = turn

        assets = make_assets(template_a=edit_pdf(make_pdf(842, 595), rotate))
        qr = {"x": 10, "y": 20, "size": 50}
        ((_, _, box),) = self.list_links({"template": "template_a", "qr": qr}, assets)
        expected = {
            90: [842 - 70, 10, 842 - 20, 60],
            180: [842 - 60, 595 - 70, 842 - 10, 595 - 20],
            270: [20, 595 - 60, 70, 595 - 10],
        }
        assert box == pytest.approx(expected[turn], abs=1)
