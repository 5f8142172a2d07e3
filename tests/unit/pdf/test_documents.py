"""Documents are assembled from prepared objects: each must be whole, its learner's own, and up to date."""

import io
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.data import IssuerData, StaticAssets
from learning_credentials.exceptions import GenerationError
from learning_credentials.generators import generate_pdf_credential
from learning_credentials.pdf.objects.encryption import FileKey
from learning_credentials.pdf.objects.writer import ObjectWriter, WrittenObjects

from .support import (
    VERIFY_URL,
    assert_sound,
    draw,
    find_ink,
    make_assets,
    make_credential,
    make_pdf,
    make_png,
    read_with_pdfium,
    read_with_pypdf,
    render,
)

KEY = FileKey()
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
}


@given(
    stages=st.lists(
        st.lists(st.one_of(st.binary(max_size=3000), st.text(st.characters(max_codepoint=127), max_size=40))),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_written_in_stages_is_read_back(stages):
    stage = WrittenObjects(KEY)
    draft = ObjectWriter(stage)
    encryption = draft.add_plain(KEY.dictionary)
    catalog, pages, page, late = (draft.reserve() for _ in range(4))
    written = {}
    for values in stages:
        for value in values:
            if isinstance(value, bytes):
                written[draft.add_stream(b"/Kind /Binary", value)] = value
            else:
                written[draft.add(b"<%s>" % value.encode().hex().encode())] = value.encode()
        draft = ObjectWriter(draft.freeze())
    draft.add(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 99 99] /Resources << >> >>" % pages, page)
    draft.add(b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % page, pages)
    draft.add_plain(b"<< /Type /Catalog /Pages %d 0 R >>" % pages, catalog)
    information = draft.add(b"<< /Title (Written last) >>", late)
    content = draft.finish(catalog=catalog, information=information, encryption=encryption)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert str(pdf.docinfo.Title) == "Written last"
        for number, value in written.items():
            found = pdf.get_object(number, 0)
            assert (found.read_bytes() if isinstance(found, pikepdf.Stream) else bytes(found)) == value


def test_documents_of_one_cohort_share_nothing_of_their_learners():
    assets = make_assets(template=make_pdf())
    make = generate_pdf_credential.prepare({"template": "template"}, assets)
    names = [f"Learner {number}" for number in range(12)]
    made = [make(make_credential(user_full_name=name, assets=assets)).content for name in names]
    for name, content in zip(names, made, strict=True):
        assert_sound(content)
        assert [other for other in names if other in read_with_pypdf(content).splitlines()] == [name]
    identifiers = set()
    for content in made:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            identifiers.add(bytes(pdf.trailer.ID[0]))
    assert len(identifiers) == len(names)


def test_what_is_encrypted_again_looks_different():
    """Though documents share a key: no initialisation vector is used twice."""
    made = []
    for _ in range(20):
        encrypt = KEY.start()
        made += [encrypt(b"Ada Example" * 10) for _ in range(20)]
    blocks = [one[start : start + 16] for one in made for start in range(0, len(one), 16)]
    assert len(set(blocks)) == len(blocks)


def test_threads_share_a_renderer():
    assets = make_assets(template=make_pdf())
    make = generate_pdf_credential.prepare({"template": "template", "defaults": {"font": "NotoSans"}}, assets)

    def work(number):
        name = f"Łukasz Żółć {number}"
        context = f"Course {number % 3}"
        content = make(make_credential(user_full_name=name, learning_context_name=context, assets=assets)).content
        found = read_with_pypdf(content)
        return name in found and context in found

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(64)))


@pytest.mark.parametrize("slug", ["template", "image", "font"])
def test_an_edited_asset_is_never_served_stale(slug):
    from importlib.resources import files

    fonts = files("learning_credentials.pdf") / "fonts"
    first = {"template": make_pdf(color="#eeeeee"), "image": make_png(), "font": _read(fonts, "NotoSans-Regular")}
    changed = {
        "template": make_pdf(color="#88eeee"),
        "image": make_png(color=(30, 30, 200, 255)),
        "font": _read(fonts, "NotoSerif-Regular"),
    }
    options = {
        "template": "template",
        "image": {"asset": "image", "x": 20, "y": 20, "width": 60},
        "defaults": {"font": "font"},
    }
    before = draw(render(options, make_assets(**first)).content)
    after = draw(render(options, make_assets(**{**first, slug: changed[slug]})).content)
    assert before.tobytes() != after.tobytes()
    assert draw(render(options, make_assets(**first)).content).tobytes() == before.tobytes()


def _read(fonts, name):
    return (fonts / f"{name}.ttf").read_bytes()


def test_an_edited_logo_is_never_served_stale():
    """It is named by the credential, not by the options."""
    for color in ((200, 30, 30), (30, 30, 200), (200, 30, 30)):
        assets = make_assets(image_logo=make_png(200, 40, (*color, 255)))
        content = render({}, assets, issuer=IssuerData("Example University", logo="image_logo")).content
        assert find_ink(content, color) is not None


def test_a_logo_that_is_gone_is_a_warning_of_every_credential():
    make = generate_pdf_credential.prepare({}, StaticAssets())
    for number in range(3):
        issuer = IssuerData("Example University", logo="image_logo")
        artifact = make(make_credential(user_full_name=f"Learner {number}", issuer=issuer))
        assert [warning for warning in artifact.warnings if "the issuer's logo is left out" in warning]


def test_what_no_font_has_in_a_shared_text_is_said_of_every_credential():
    refuse = generate_pdf_credential.prepare({}, StaticAssets())
    for _ in range(2):
        with pytest.raises(GenerationError, match="U\\+1F700"):
            refuse(make_credential(learning_context_name="\U0001f700 Alchemy"))
    make = generate_pdf_credential.prepare({"undrawable_text": "print"}, StaticAssets())
    made = [make(make_credential(learning_context_name="\U0001f700 Alchemy")) for _ in range(2)]
    assert all("U+1F700" in " ".join(artifact.warnings) for artifact in made)


def test_texts_are_read_in_the_order_of_the_page():
    """Whether they are a learner's own or shared."""
    options = {
        "template": "template",
        "text_elements": {
            "name": {"y": 300},
            "context": {"y": 250, "text": "{context_name} {{shared}}"},
            "own": {"text": "own {verify_uuid}", "y": 200, "size": 8},
            "later": {"text": "shared {issuer_name}", "y": 150},
        },
    }
    found = read_with_pypdf(render(options, make_assets(template=make_pdf())).content)
    places = [found.index(part) for part in ("Ada Example", "Marine", "November", "own", "shared Example")]
    assert places == sorted(places)


def test_what_is_said_of_the_document_is_the_same_in_both_places():
    name = "Ada <Example> & \ufffe Söhne"
    options = {"undrawable_text": "print"}
    content = render(options, user_full_name=name, learning_context_name="A > B\nand C", language="fr-CH").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        info = {str(key): str(value) for key, value in pdf.docinfo.items()}
        xmp = ElementTree.fromstring(pdf.Root.Metadata.read_bytes())  # noqa: S314
        assert str(pdf.Root.Lang) == "fr-CH"

    def find(path):
        return xmp.find(f".//{path}", NAMESPACES).text

    assert info["/Title"] == find("dc:title//rdf:li") == "Certificate of Achievement: A > B and C"
    assert info["/Author"] == find("dc:creator//rdf:li") == "Example University"
    assert find("dc:description//rdf:li") == info["/Subject"].replace("\ufffe", "\ufffd")
    assert info["/Keywords"] == find("pdf:Keywords") == VERIFY_URL
    assert find("dc:language//rdf:li") == "fr-CH"
    assert info["/Producer"] == find("pdf:Producer")
    moment = find("xmp:CreateDate")
    assert info["/CreationDate"] == f"D:{moment[:19].translate(str.maketrans('', '', '-:T'))}Z"
    assert moment.endswith("+00:00")


def test_no_conformance_is_claimed_that_a_validator_would_deny():
    with pikepdf.open(io.BytesIO(render({}).content)) as pdf:
        metadata = pdf.Root.Metadata.read_bytes()
        assert b"pdfaid" not in metadata
        assert b"pdfuaid" not in metadata


def test_conformance_to_pdf_ua_is_claimed_on_request():
    with pikepdf.open(io.BytesIO(render({"claims_pdf_ua": True}).content)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "2"
        assert metadata["pdfuaid:rev"] == "2024"


def test_right_to_left_documents_say_so():
    content = render({}, language="ar", learning_context_name="علم الأحياء").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.ViewerPreferences.Direction) == "/R2L"
    assert "علم" in read_with_pdfium(content)


@pytest.mark.parametrize("name", ["", "  ", "\u200d", "\u200b\u2060"])
def test_a_name_that_shows_nothing_is_no_name(name):
    with pytest.raises(GenerationError) as caught:
        render({}, user_full_name=name)
    assert caught.value.code == "name_missing"


def test_text_that_runs_off_the_page_is_a_warning():
    options = {
        "template": "template",
        "text_elements": {"context": {"y": 40, "size": 24, "fit": "wrap", "max_width": 120}},
    }
    assets = make_assets(template=make_pdf())
    assert render(options, assets, learning_context_name="Short").warnings == ()
    long = render(options, assets, learning_context_name="Foundations of Marine Biology for Beginners")
    assert [warning for warning in long.warnings if "does not fit on the page: its end is below the page" in warning]
