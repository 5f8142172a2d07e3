"""A template that is tagged keeps its tags: screen readers read it as its own program made it, and then our texts."""

import io

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageChops

from learning_credentials.options import OptionsContext, parse
from learning_credentials.pdf.options import PDFOptions

from .structures import list_marks, read_structure
from .support import assert_sound, draw, edit_pdf, make_assets, read_with_pdfium, render
from .tagged_templates import CONTENT, make_tagged

OPTIONS = {"template": "template_tagged", "text_elements": {"date": False, "name": {"y": 290, "font": "NotoSans"}}}


def certify(template, **options):
    content = render({**OPTIONS, **options}, make_assets(template_tagged=template)).content
    assert_sound(content)
    return content


def describe(element):
    return element.role, element.said, element.language


def test_the_elements_of_the_template_are_read_before_ours():
    document = read_structure(certify(make_tagged()))
    section, *own = document.children
    assert describe(section)[::2] == ("Sect", "en")
    assert [describe(child)[:2] for child in section.children] == [
        ("H1", "Diploma"),
        ("P", "Awarded by le senat"),
        ("Figure", "Seal of the senate"),
        ("Link", "example.org"),
        ("Table", "Hours40"),
    ]
    assert section.children[1].children[0].language == "fr"
    assert [describe(child)[:2] for child in own] == [("P", "Ada Example"), ("H2", "Marine Biology")]


def test_all_content_is_marked_or_an_artifact_and_belongs_to_one_element():
    content = certify(make_tagged())
    marks = list_marks(content)
    assert next(mark for mark in marks if mark is not None) == "Artifact"
    document = read_structure(content)
    numbers = [mark for element in document.walk() for mark in element.marks]
    assert sorted(numbers) == sorted(set(numbers))
    assert {mark for mark in marks if isinstance(mark, int)} == set(numbers) == set(range(9))


def test_attributes_roles_classes_and_links_come_along():
    with pikepdf.open(io.BytesIO(certify(make_tagged(), protection="none"))) as pdf:
        root = pdf.Root.StructTreeRoot
        assert dict(root.RoleMap) == {"/Motto": Name.P}  # ours keep their meaning
        assert root.ClassMap.Big.Placement == Name.Block
        ((key, cell),) = zip(*[iter(root.IDTree.Kids[0].Names)] * 2, strict=True)
        assert (str(key), cell.S, cell.A.Scope) == ("head", Name.TH, Name.Column)
        link = pdf.pages[0].Annots[0]
        places = dict(zip(*[iter(root.ParentTree.Nums)] * 2, strict=True))
        owner = places[int(link.StructParent)]
        assert Name.Link == owner.S
        assert owner.K[1].Obj == link
        assert [item.S for item in places[int(pdf.pages[0].StructParents)]][:3] == [Name.H1, Name.Motto, Name.Span]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_page_looks_the_same(rotate):
    tagged = make_tagged(rotate=rotate)
    plain = edit_pdf(tagged, lambda pdf, _: pdf.Root.__delitem__("/StructTreeRoot"))
    difference = ImageChops.difference(draw(certify(tagged), 100), draw(certify(plain), 100))
    assert difference.getbbox() is None


def test_annotations_are_drawn_over_a_tagged_page():
    def add_stamp(tree):
        look = tree.pdf.make_stream(b"0 0.6 0 rg 0 0 50 50 re f")
        for name, value in {"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 50, 50])}.items():
            look[name] = value
        stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[400, 200, 450, 250], AP=Dictionary(N=look))
        tree.page.obj.Annots.append(tree.pdf.make_indirect(stamp))

    content = certify(make_tagged(add_stamp))
    assert draw(content).getpixel((425, 175)) == (0, 153, 0)
    assert "Diploma" in read_structure(content).said


def test_other_words_of_the_operator_replace_the_tags():
    content = certify(make_tagged(), template_alternative_text="A diploma of the senate")
    figure, *own = read_structure(content).children
    assert (figure.role, figure.said) == ("Figure", "A diploma of the senate")
    assert "".join(child.said for child in own).startswith("Ada Example")


def test_paper_with_the_template_on_it_has_only_our_elements():
    content = certify(make_tagged(), print_template=False)
    assert [child.said for child in read_structure(content).children if child.said] == ["Ada Example", "Marine Biology"]
    assert "Diploma" not in read_with_pdfium(content)


def find_problems(template, **options):
    context = OptionsContext(assets=make_assets(template_tagged=template))
    parsed = parse(PDFOptions, {**OPTIONS, **options})
    return [str(item) for item in parsed.find_problems(context)], [str(item) for item in parsed.list_advice(context)]


def test_tagged_text_is_no_problem_and_text_beside_it_is():
    embedded = {"claims_pdf_ua": True, "defaults": {"font": "NotoSans"}}
    assert find_problems(make_tagged(), **embedded) == ([], [])
    problems, advice = find_problems(
        make_tagged(content=CONTENT + "BT /F1 9 Tf 9 9 Td (loose words) Tj ET"), **embedded
    )
    assert "template has text of its own, which is not tagged" in problems[0]
    assert advice[0].startswith("template_alternative_text: ")


def circle(tree):
    tree.document.K.append(tree.document)


def deep(tree):
    parent = tree.document
    for _ in range(200):
        parent = tree.add(parent, "Div", Array())


def many(tree):
    for _ in range(6000):
        tree.add(tree.document, "P", Array())


def rename_fonts(tree):
    fonts = tree.page.obj.Resources.Font
    fonts.LS0 = fonts.F1


def remap_colours(tree):
    tree.page.obj.Resources.ColorSpace = Dictionary(DefaultRGB=Array([Name.CalRGB, Dictionary(WhitePoint=[1, 1, 1])]))


UNUSABLE = {
    "a deep tree": (CONTENT, deep),
    "a large tree": (CONTENT, many),
    "names of ours": (CONTENT, rename_fonts),
    "other colours for everything": (CONTENT, remap_colours),
    "an open state": (CONTENT + "q 1 0 0 1 50 50 cm", None),
    "a closed state": ("Q " + CONTENT, None),
    "a lot of content": (CONTENT + "% nothing is drawn by this line of a comment\n" * 25_000, None),
    "an open mark": (CONTENT + "/P <</MCID 7>> BDC", None),
    "no elements": (CONTENT, lambda tree: tree.root.__setitem__("/K", Array())),
    "an odd root": (CONTENT, lambda tree: tree.pdf.Root.__setitem__("/StructTreeRoot", 5)),
    "an element without a role": (CONTENT, lambda tree: tree.document.K[0].__delitem__("/S")),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_tags_that_cannot_be_used_leave_the_template_as_decoration(name):
    content, change = UNUSABLE[name]
    certificate = certify(make_tagged(change, content=content))
    assert [child.said for child in read_structure(certificate).children if child.role != "P" or child.said] == [
        "Ada Example",
        "Marine Biology",
    ]
    assert "Diploma" in read_with_pdfium(certificate)
    assert find_problems(make_tagged(change, content=content))[1]


def test_circles_and_repeated_marks_are_read_once():
    def change(tree):
        circle(tree)
        tree.add(tree.document, "P", 0)

    document = read_structure(certify(make_tagged(change)))
    assert document.said.count("Diploma") == 1


def test_a_tree_brings_nothing_that_does_something():
    def change(tree):
        script = tree.pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
        file = tree.pdf.make_indirect(Dictionary(Type=Name.Filespec, EF=Dictionary(F=tree.pdf.make_stream(b"a file"))))
        tree.document.K[0].AF = Array([file])
        tree.document.K[0].A = Array([Dictionary(O=Name.UserProperties, P=script), Dictionary(O=Name.Layout, X=file)])

    content = certify(make_tagged(change), protection="none")
    assert b"app.alert" not in content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert not [item for item in pdf.objects if isinstance(item, Dictionary) and ("/JS" in item or "/EF" in item)]


def make_two_pages():
    with pikepdf.open(io.BytesIO(make_tagged())) as pdf:
        second = pdf.add_blank_page(page_size=(600, 400))
        second.obj.Resources = pdf.pages[0].obj.Resources
        second.obj.Contents = pdf.make_stream(b"/P <</MCID 0>> BDC BT /F1 12 Tf 50 50 Td (The rules) Tj ET EMC")
        document = pdf.Root.StructTreeRoot.K
        document.K.append(pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=document, Pg=second.obj, K=0)))
        buffer = io.BytesIO()
        pdf.save(buffer)
    return buffer.getvalue()


def test_pages_are_read_one_after_the_other():
    options = {"text_elements": {"date": {"page": 2, "y": 100}}}
    content = render({"template": "template_tagged", **options}, make_assets(template_tagged=make_two_pages())).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        kids = pdf.Root.StructTreeRoot.K[0].K
        assert [kid.S for kid in kids] == [Name.Sect, Name.P, Name.H2, Name.Sect, Name.P]
        assert [kid.K[0].S for kid in (kids[0], kids[3])] == [Name.H1, Name.P]
        first, second = (
            dict(zip(*[iter(pdf.Root.StructTreeRoot.ParentTree.Nums)] * 2, strict=True))[key] for key in (0, 1)
        )
        assert len(first) == 9
        assert len(second) == 2


def test_a_page_that_a_table_repeats_is_read_once():
    columns = [{"heading": "Course run", "value": "name"}]
    table = {"rows": "steps", "x": 60, "y": 250, "width": 400, "bottom": 150, "columns": columns}
    steps = {f"course-v1:demo+{number}+1": {"name": f"Course {number}"} for number in range(80)}
    options = {"tables": {"steps": {**table, "continues_on": 2, "continued_y": 350}}}
    assets = make_assets(template_tagged=make_two_pages())
    content = render({"template": "template_tagged", **options}, assets, evidence={"steps": steps}).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) > 3
        places = dict(zip(*[iter(pdf.Root.StructTreeRoot.ParentTree.Nums)] * 2, strict=True))
        owners = [places[int(page.StructParents)][0] for page in pdf.pages]
        assert [owner.S if isinstance(owner, Dictionary) else None for owner in owners[:3]] == [Name.H1, Name.P, None]
        assert b"Artifact BMC" in pdf.pages[2].Contents[0].read_bytes()
    with pypdfium2.PdfDocument(content) as document:
        assert "The rules" in document[3].get_textpage().get_text_bounded()
