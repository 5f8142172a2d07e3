"""Make tagged PDFs by hand, as programs of several kinds write them."""

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, String

#: Each part of the page: its text, and the tag and properties of its mark.
CONTENT = """\
/Artifact BMC q 0.9 0.95 1 rg 20 20 560 360 re f Q EMC
/Artifact BMC BT /F1 8 Tf 30 25 Td (Page 1) Tj ET EMC
/H1 <</MCID 0>> BDC BT /F1 24 Tf 100 340 Td (Diploma) Tj ET EMC
/P <</MCID 1>> BDC BT /F1 12 Tf 100 60 Td (Awarded by ) Tj ET EMC
/Span <</MCID 2>> BDC BT /F1 12 Tf 170 60 Td (le senat) Tj ET EMC
/Figure /Seal BDC q 1 0 0 RG 4 w 480 60 60 60 re S Q EMC
/Link <</MCID 4>> BDC BT /F1 12 Tf 100 40 Td (example.org) Tj ET EMC
/TH <</MCID 5>> BDC BT /F1 12 Tf 300 60 Td (Hours) Tj ET EMC
/TD <</MCID 6>> BDC BT /F1 12 Tf 300 40 Td (40) Tj ET EMC
"""


class Tree:
    """Builds the structure of a one-page PDF."""

    def __init__(self, content=CONTENT, rotate=0):
        pdf = self.pdf = pikepdf.new()
        self.page = pdf.add_blank_page(page_size=(600, 400))
        self.page.obj.Rotate = rotate
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        self.page.obj.Resources = Dictionary(
            Font=Dictionary(F1=pdf.make_indirect(font)), Properties=Dictionary(Seal=Dictionary(MCID=3))
        )
        self.page.obj.Contents = pdf.make_stream(content.encode())
        self.page.obj.StructParents = 0
        self.root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self.document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=self.root, K=Array()))
        self.root.K = self.document
        pdf.Root.StructTreeRoot = self.root
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.Lang = String("en")

    def add(self, parent, role, kids, **entries):
        element = self.pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name("/" + role), P=parent, Pg=self.page.obj, K=kids, **entries)
        )
        parent.K.append(element)
        return element

    def finish(self):
        buffer = io.BytesIO()
        self.pdf.save(buffer)
        return buffer.getvalue()


def make_tagged(change=None, **options):
    """A page with a heading, a paragraph in two languages, a figure, a link and a table, and a footer that is not read."""
    tree = Tree(**options)
    pdf, document = tree.pdf, tree.document
    link = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=[100, 36, 170, 52],
            StructParent=1,
            A=Dictionary(S=Name.URI, URI=String("https://example.org/")),
        )
    )
    tree.page.obj.Annots = Array([link])
    tree.root.RoleMap = Dictionary(Motto=Name.P, P=Name.Span)
    tree.root.ClassMap = Dictionary(Big=Dictionary(O=Name.Layout, Placement=Name.Block))
    tree.add(document, "H1", 0, T=String("The title"), C=Name.Big)
    motto = tree.add(document, "Motto", Array([1]))
    tree.add(motto, "Span", 2, Lang=String("fr"))
    tree.add(document, "Figure", Dictionary(Type=Name.MCR, Pg=tree.page.obj, MCID=3), Alt=String("Seal of the senate"))
    tree.add(document, "Link", Array([4, Dictionary(Type=Name.OBJR, Pg=tree.page.obj, Obj=link)]))
    table = tree.add(document, "Table", Array())
    rows = [tree.add(table, "TR", Array()) for _ in range(2)]
    tree.add(rows[0], "TH", 5, ID=String("head"), A=Dictionary(O=Name.Table, Scope=Name.Column))
    tree.add(rows[1], "TD", 6, A=Dictionary(O=Name.Table, Headers=Array([String("head")])))
    if change:
        change(tree)
    return tree.finish()
