"""Tables of results: their rows, their cells, how they go on over pages, and what screen readers hear."""

import io
import re

import pikepdf
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from learning_credentials.exceptions import GenerationError
from learning_credentials.options import OptionsContext, find_problems
from learning_credentials.pdf import PDFOptions, prepare_renderer
from learning_credentials.pdf.content.graphics import Rule, TextLine
from learning_credentials.pdf.page.table_layout import RowTooHighError, TooManyPagesError, distribute
from tests.unit.pdf.drawn import list_drawn

from .script_samples import SAMPLES
from .structures import check_parent_tree, list_marks, read_structure
from .support import (
    assert_sound,
    edit_pdf,
    find_ink,
    make_assets,
    make_credential,
    make_pdf,
    read_with_pdfium,
    render,
)

WIDTH, HEIGHT = 420, 595
ASSETS = make_assets(template_a=make_pdf(WIDTH, HEIGHT, 3), template_s=make_pdf(WIDTH, HEIGHT))
COLUMNS = [
    {"heading": "Course run", "value": "name", "share": 3},
    {"heading": "Grade", "value": "grade", "align": "end"},
]
TABLE = {"rows": "steps", "x": 40, "y": 500, "width": 340, "bottom": 60, "columns": COLUMNS}
HIDDEN = {"name": False, "context": False, "date": False}


def design(template="template_s", texts=HIDDEN, **table):
    return {
        "template": template,
        "defaults": {"font": "NotoSans"},
        "text_elements": texts,
        "tables": {"a": {**TABLE, **table}},
    }


def make_steps(count, name="Course number {}."):
    return {
        "steps": {
            f"course-v1:demo+{number}+1": {
                "name": name.format(number),
                "current_grades": {"Total": number / 1000},
                "required_grades": {"Total": 0.5},
                "current_completion": 0.75,
                "required_completion": 0.7,
            }
            for number in range(1, count + 1)
        }
    }


def draw_table(count=3, options=None, assets=ASSETS, **values):
    return render(options or design(), assets, **{"evidence": make_steps(count), **values})


def read_pages(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        count = len(pdf.pages)
    return [read_with_pdfium(content, page) for page in range(1, count + 1)]


def read_rows(content, page=1):
    """What screen readers hear of the rows of the first table of a page. Pdfium leaves out empty cells."""
    table = next(element for element in read_structure(content, page).walk() if element.role == "Table")
    return [[cell.said.strip() for cell in row.children] for row in table.children]


class TestRows:
    def test_the_course_runs_of_a_learning_path(self):
        columns = [
            {"heading": value, "value": value} for value in ("number", "name", "grade", "required_grade", "completion")
        ]
        content = draw_table(2, design(columns=columns)).content
        assert read_rows(content) == [
            ["number", "name", "grade", "required_grade", "completion"],
            ["1", "Course number 1.", "0%", "50%", "75%"],
            ["2", "Course number 2.", "0%", "50%", "75%"],
        ]

    def test_grades_have_the_decimals_of_the_credential(self):
        assert read_rows(draw_table(1, grade_decimals=1).content)[1][1] == "0.1%"

    def test_the_categories_of_a_course_run(self):
        evidence = {
            "current_grades": {"Exam": 0.9, "Labs": None, "Total": 0.85},
            "required_grades": {"exam": 0.6, "Total": 0.5},
        }
        columns = [{"value": value, "heading": value} for value in ("name", "grade", "required_grade", "course")]
        content = draw_table(
            options=design(rows="grades", columns=columns, total="Over all"), evidence=evidence
        ).content
        assert read_rows(content)[1:] == [
            ["Exam", "90%", "60%", "Marine Biology"],
            ["Labs", "Marine Biology"],
            ["Over all", "85%"],
        ]

    def test_recorded_categories_have_weights(self):
        categories = [{"name": "Exam", "grade": 0.9, "weight": 0.6}, {"name": "Labs", "grade": 0.5, "weight": 0.4}]
        evidence = {"current_grades": {"Total": 0.74}, "categories": categories}
        columns = [{"value": value} for value in ("name", "grade", "weight")]
        content = draw_table(options=design(rows="grades", columns=columns), evidence=evidence).content
        # No column has a heading, so there is no row of headings.
        assert read_rows(content) == [["Exam", "90%", "60%"], ["Labs", "50%", "40%"]]

    def test_the_categories_of_every_course_run_of_a_path(self):
        evidence = {
            "steps": {
                "a": {"name": "First", "current_grades": {"Exam": 0.9}},
                "b": {"name": "Second", "current_grades": {"Exam": 0.8, "Labs": 0.7, "Total": 0.75}},
            }
        }
        columns = [{"value": value} for value in ("course", "name", "grade")]
        content = draw_table(options=design(rows="grades", columns=columns), evidence=evidence).content
        assert read_rows(content) == [["First", "Exam", "90%"], ["Second", "Exam", "80%"], ["Second", "Labs", "70%"]]

    def test_the_categories_of_a_program_as_a_whole(self):
        """A processor of the host returned grades of the program, and none of its course runs."""
        evidence = {"current_grades": {"Thesis": 0.9}, "constituent_runs": ["course-v1:demo+a+1"]}
        columns = [{"value": "course"}, {"value": "name"}, {"value": "grade"}]
        content = draw_table(options=design(rows="grades", columns=columns), evidence=evidence).content
        assert read_rows(content) == [["Marine Biology", "Thesis", "90%"]]

    def test_course_runs_without_results_have_their_keys(self):
        content = draw_table(evidence={"constituent_runs": ["course-v1:demo+a+1", 5, "course-v1:demo+b+1"]}).content
        assert read_rows(content)[1:] == [["course-v1:demo+a+1"], ["course-v1:demo+b+1"]]

    def test_a_list_of_a_processor(self):
        modules = [{"name": "Plankton", "credits": 7.5, "share": 0.5, "room": True}, "no row", {"credits": "six"}]
        columns = [
            {"value": "name"},
            {"value": "credits"},
            {"value": "share", "format": "percent"},
            {"value": "room"},
        ]
        options = design(rows="evidence.modules", columns=columns)
        assert read_rows(draw_table(options=options, evidence={"modules": modules}).content) == [
            ["Plankton", "7.5", "50%"],
            ["six"],
        ]
        named = {"modules": {"Plankton": {"credits": 12345}}}
        assert read_rows(draw_table(options=options, evidence=named).content) == [["Plankton", "12,345"]]

    def test_a_total_without_a_grade_is_left_out(self):
        assert len(read_rows(draw_table(2, design(total="Total")).content)) == 3
        evidence = {**make_steps(2), "grade": 0.5}
        assert read_rows(draw_table(options=design(total="Total"), evidence=evidence).content)[3] == ["Total", "50%"]

    @pytest.mark.parametrize(
        "evidence",
        [{}, {"steps": {}}, {"steps": ["a"]}, {"steps": {"a": 5}}, {"constituent_runs": "abc"}, {"steps": None}],
        ids=str,
    )
    def test_a_table_without_rows_is_left_out_with_a_warning(self, evidence):
        artifact = draw_table(options=design(template="template_a", continues_on=2), evidence=evidence)
        assert artifact.warnings == ("tables.a: the credential has no rows for this table, so it is left out",)
        assert_sound(artifact.content, pages=2)
        assert "Course run" not in "".join(read_pages(artifact.content))

    def test_numbers_have_the_digits_of_the_language(self):
        options = {**design(numerals="native", columns=[{"value": "number"}, *COLUMNS]), "language": "ar"}
        content = draw_table(1, options, evidence=make_steps(1)).content
        cells = read_rows(content)[1]
        assert cells[0] == "١"
        assert re.search("[٠-٩]", cells[2])
        assert not re.search("[0-9]", cells[2])


class TestCells:
    def test_long_texts_are_broken_into_lines(self):
        name = "A course with a title that is much too long for one line of this column, so it has several"
        content = draw_table(options=design(), evidence=make_steps(2, name)).content
        assert [row[0] for row in read_rows(content)[1:]] == [name, name]
        assert len(read_with_pdfium(content).split("\n")) > 6

    def test_texts_are_within_their_columns_and_rows_do_not_touch(self):
        names = ["Course", "W" * 60, "A title of many words that is broken into lines"]
        evidence = {
            "steps": {str(index): {"name": name, "grade": "A very long remark"} for index, name in enumerate(names * 3)}
        }
        drawn = list_drawn(prepare_renderer(design(), ASSETS), make_credential(assets=ASSETS, evidence=evidence))
        rules = sorted({item.y for item in drawn if isinstance(item, Rule)}, reverse=True)
        lines = [item for item in drawn if isinstance(item, TextLine)]
        middle = 40 + 340 * 3 / 4
        for line in lines:
            left, bottom, right, top = line.box
            assert (left >= 40 and right <= middle) or (middle <= left and right <= 380)
            assert not any(bottom < rule < top for rule in rules)
        assert len(rules) == 10

    def test_every_script_is_drawn_between_the_rules(self):
        """All samples are in one table, in rows of several lines."""
        steps = {font: {"name": " ".join([name] * 5)} for font, name in SAMPLES.items()}
        options = design(most_pages=20, y=590, bottom=5, padding=2, width=160)
        renderer = prepare_renderer(options, ASSETS)
        credential = make_credential(assets=ASSETS, evidence={"steps": steps})
        found = 0
        for number in range(1, renderer(credential).pages + 1):
            drawn = list_drawn(renderer, credential, number)
            rules = [item.y for item in drawn if isinstance(item, Rule)]
            boxes = [item.box for item in drawn if isinstance(item, TextLine)]
            found += len(boxes)
            assert not any(bottom < rule < top for _, bottom, _, top in boxes for rule in rules)
        assert found > 2 * len(SAMPLES)

    @pytest.mark.parametrize("font", ["NotoSansThai", "NotoNaskhArabic", "NotoSansBengali", "NotoSansMyanmar"])
    def test_texts_of_several_lines_are_said_as_they_were_written(self, font):
        name = " ".join([SAMPLES[font]] * 20)
        assert read_rows(draw_table(evidence=make_steps(2, name)).content)[1][0] == name

    def test_columns_run_to_the_left_with_the_language(self):
        def find_edges(language):
            renderer = prepare_renderer({**design(), "language": language}, ASSETS)
            drawn = list_drawn(renderer, make_credential(assets=ASSETS, evidence=make_steps(1)))
            boxes = {item.line.text: item.box for item in drawn if isinstance(item, TextLine)}
            return boxes["Course run"], boxes["Grade"]

        name, grade = find_edges("en")
        assert name[0] == pytest.approx(43, abs=2)
        assert grade[2] == pytest.approx(377, abs=2)
        name, grade = find_edges("ar")
        assert name[2] == pytest.approx(377, abs=2)
        assert grade[0] == pytest.approx(43, abs=2)

    def test_headings_and_rules_have_their_looks(self):
        options = design(
            heading_color="#ff0000", line_color="#0000ff", line_width=4, lines="frame", heading_font="NotoSerif-Bold"
        )
        content = draw_table(4, options).content
        left, _, right, bottom = find_ink(content, (0, 0, 255))
        assert (left, right) == (40, 380)
        red = find_ink(content, (255, 0, 0))
        assert red[3] <= HEIGHT - 500 + 20 < bottom
        with pikepdf.open(io.BytesIO(content)) as pdf:
            names = {str(font.BaseFont) for font in pdf.pages[0].Resources.Font.values()}
        assert {name.partition("+")[2] for name in names} == {"NotoSans-Regular", "NotoSerif-Bold"}
        rules = [
            item
            for item in list_drawn(
                prepare_renderer(options, ASSETS), make_credential(assets=ASSETS, evidence=make_steps(4))
            )
            if isinstance(item, Rule)
        ]
        assert len(rules) == 2
        assert (
            find_ink(
                draw_table(4, {**options, "tables": {"a": {**options["tables"]["a"], "lines": "none"}}}).content,
                (0, 0, 255),
            )
            is None
        )

    def test_defaults_hold_for_tables(self):
        options = design()
        options["defaults"] = {"font": "NotoSans", "color": "#ff0000", "uppercase": True}
        content = draw_table(1, options).content
        assert "COURSE NUMBER 1." in read_with_pdfium(content)
        assert find_ink(content, (255, 0, 0))

    def test_letters_that_no_font_has_are_refused_by_name(self):
        with pytest.raises(GenerationError, match="the table 'a'") as caught:
            draw_table(evidence=make_steps(1, "\U0001e6c0 {}"))
        assert caught.value.code == "undrawable_text"

    def test_a_cell_can_be_too_long(self):
        with pytest.raises(GenerationError, match=r"tables\.a: a cell has 2,0\d\d characters") as caught:
            draw_table(evidence=make_steps(1, "x" * 2001))
        assert caught.value.code == "text_does_not_fit"


class TestFlow:
    def test_rows_go_on_on_empty_pages(self):
        content = draw_table(60).content
        pages = read_pages(content)
        assert_sound(content, pages=3)
        assert [text.count("Template") for text in pages] == [1, 0, 0]
        assert all("Course run" in text for text in pages)
        found = [int(number) for text in pages for number in re.findall(r"Course number (\d+)\.", text)]
        assert found == list(range(1, 61))

    def test_empty_pages_have_the_size_and_the_rotation(self):
        def edit(_pdf, page):
            page.obj.update(
                {
                    "/MediaBox": [10, 20, 10 + HEIGHT, 20 + WIDTH],
                    "/Rotate": 90,
                    "/CropBox": [10, 20, 10 + HEIGHT, 20 + WIDTH],
                }
            )

        assets = make_assets(template_s=edit_pdf(make_pdf(HEIGHT, WIDTH), edit))
        content = draw_table(60, assets=assets).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            boxes = [([float(side) for side in page.obj.CropBox], int(page.obj.Rotate)) for page in pdf.pages]
        assert boxes == [([10, 20, 605, 440], 90)] * 3
        assert read_pages(content)[2].count("Course number 60.") == 1

    def test_the_page_of_the_template_is_repeated_with_its_elements(self):
        texts = {
            **HIDDEN,
            "head": {"text": "Transcript of {name}", "page": 2, "y": 550},
            "seal": {"text": "Sealed", "page": 2, "y": 30, "link": "https://example.org/"},
            "end": {"text": "Rules of the university", "page": 3, "y": 300},
        }
        options = design("template_a", texts, y=150, continues_on=2, continued_y=520)
        content = draw_table(80, options).content
        pages = read_pages(content)
        assert [text.count("Transcript of Ada Example") for text in pages] == [0, 1, 1, 1, 0]
        assert [text.count("Template") for text in pages] == [1] * 5
        assert "Rules of the university" in pages[-1]
        found = [int(number) for text in pages for number in re.findall(r"Course number (\d+)\.", text)]
        assert found == list(range(1, 81))
        check_parent_tree(content)
        for page in range(1, 6):
            assert None not in list_marks(content, page)

    def test_a_page_for_more_rows_is_left_out_if_no_row_gets_there(self):
        options = design("template_a", {**HIDDEN, "head": {"text": "More", "page": 2, "y": 550}}, continues_on=2)
        pages = read_pages(draw_table(3, options).content)
        assert len(pages) == 2
        assert "More" not in "".join(pages)

    def test_a_repeated_page_has_its_links_once(self):
        def edit(pdf, _page):
            link = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[10, 10, 50, 30],
                A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org/"),
            )
            pdf.pages[1].obj.Annots = [pdf.make_indirect(link)]

        assets = make_assets(template_a=edit_pdf(make_pdf(WIDTH, HEIGHT, 3), edit))
        content = draw_table(90, design("template_a", continues_on=2), assets).content
        check_parent_tree(content)
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert [len(page.obj.get("/Annots", [])) for page in pdf.pages] == [0, 1, 0, 0, 0][: len(pdf.pages)]
            assert len(pdf.pages) > 3

    def test_the_builtin_page_can_have_a_table(self):
        table = {**TABLE, "y": 200, "bottom": 160, "x": 100, "continued_y": 520}
        content = draw_table(30, {"tables": {"a": table}}).content
        check_parent_tree(content)
        pages = read_pages(content)
        assert len(pages) > 1
        assert "Ada Example" in pages[0]
        assert "Course number 30." in pages[-1]

    def test_more_pages_than_allowed_are_refused(self):
        assert_sound(draw_table(60, design(most_pages=3)).content, pages=3)
        with pytest.raises(GenerationError, match=r"tables\.a: its 60 rows need more than 2 pages") as caught:
            draw_table(60, design(most_pages=2))
        assert caught.value.code == "text_does_not_fit"
        with pytest.raises(GenerationError, match=r"its 60 rows need more than one page"):
            draw_table(60, design(most_pages=1))

    def test_a_row_higher_than_a_page_is_refused(self):
        with pytest.raises(GenerationError, match=r"tables\.a: row 1 is higher than the page has space for"):
            draw_table(evidence=make_steps(1, "word " * 300), options=design(y=200, size=20))

    def test_thousands_of_rows_are_refused(self):
        with pytest.raises(GenerationError, match=r"tables\.a: it has 1,001 rows\. At most 1,000"):
            draw_table(1001)

    def test_two_tables_go_on_one_after_the_other(self):
        options = design()
        options["tables"]["b"] = {**TABLE, "y": 300, "columns": [{"value": "key"}]}
        options["tables"]["a"]["bottom"] = 310
        content = draw_table(40, options).content
        pages = read_pages(content)
        assert sum(text.count("Course number") for text in pages) == 40
        assert sum(text.count("course-v1:demo+") for text in pages) == 40
        check_parent_tree(content)
        assert not any("Course number" in text and "course-v1" in text for text in pages[1:])

    def test_learners_with_different_numbers_of_rows_share_a_renderer(self):
        renderer = prepare_renderer(design("template_a", continues_on=2), ASSETS)
        for count in (3, 80, 20, 3, 80):
            content = renderer(make_credential(assets=ASSETS, evidence=make_steps(count))).content
            assert "".join(read_pages(content)).count("Course number") == count
            check_parent_tree(content)

    @given(
        heights=st.lists(st.floats(5, 120), min_size=1, max_size=60),
        heading=st.floats(0, 40),
        tops=st.tuples(st.floats(150, 800), st.floats(200, 800)),
        bottom=st.floats(0, 100),
        has_total=st.booleans(),
    )
    @example(heights=[51.0], heading=0.0, tops=(150.0, 200.0), bottom=100.0, has_total=True)
    def test_no_row_is_lost_or_doubled_and_none_is_below_the_limit(self, heights, heading, tops, bottom, has_total):
        try:
            parts = distribute(heading, heights, tops, bottom, 30, has_total=has_total)
        except (RowTooHighError, TooManyPagesError):
            assume(False)
            raise
        assert [index for part in parts for index, _ in part.rows] == list(range(len(heights)))
        for number, part in enumerate(parts):
            assert part.top == tops[min(number, 1)]
            level = part.top - heading
            for index, top in part.rows:
                assert top == pytest.approx(level)
                level -= heights[index]
                assert level >= bottom - 1e-3
            if part.rows:
                assert part.bottom == pytest.approx(level)
            assert part.rows or number == 0

    @given(
        count=st.integers(1, 120),
        name=st.sampled_from(sorted(SAMPLES.values())),
        language=st.sampled_from(["en", "ar"]),
    )
    @settings(max_examples=10, deadline=None)
    def test_every_row_is_in_the_document_once(self, count, name, language):
        columns = [{"value": "number", "heading": "No."}, *COLUMNS]
        options = {
            **design("template_a", continues_on=2, most_pages=20, columns=columns, total="Total"),
            "language": language,
        }
        content = draw_table(options=options, evidence={**make_steps(count, name), "grade": 0.5}).content
        check_parent_tree(content)
        with pikepdf.open(io.BytesIO(content)) as pdf:
            table = next(kid for kid in pdf.Root.StructTreeRoot.K[0].K if kid.S == "/Table")
            rows = list(table.K)
        assert len(rows) == count + 2
        assert all([str(row.S) for row in rows] == ["/TR"] * len(rows) and len(row.K) == 3 for row in rows)


class TestStructure:
    def test_cells_are_in_rows_and_headings_say_of_what(self):
        content = draw_table(2).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            (table,) = pdf.Root.StructTreeRoot.K[0].K
            cells = [[(str(cell.S), str(cell.A.Scope) if "/A" in cell else "") for cell in row.K] for row in table.K]
        assert cells == [
            [("/TH", "/Column"), ("/TH", "/Column")],
            [("/TH", "/Row"), ("/TD", "")],
            [("/TH", "/Row"), ("/TD", "")],
        ]

    def test_a_table_on_several_pages_is_one_table(self):
        """Headings that are repeated are decoration."""
        content = draw_table(60).content
        found = check_parent_tree(content)
        assert {page for _, page in found} == {0, 1, 2}
        with pikepdf.open(io.BytesIO(content)) as pdf:
            (table,) = pdf.Root.StructTreeRoot.K[0].K
            assert len(table.K) == 61

    def test_a_table_is_read_where_it_is(self):
        texts = {**HIDDEN, "before": {"text": "Before", "y": 550}, "after": {"text": "After", "y": 40}}
        content = draw_table(60, design(texts=texts)).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert [str(kid.S) for kid in pdf.Root.StructTreeRoot.K[0].K] == ["/P", "/Table", "/P"]
        assert [child.said.strip() for child in read_structure(content).children if child.role == "P"] == [
            "Before",
            "After",
        ]

    def test_the_builtin_page_with_a_table_is_in_one_language(self):
        """The headings are the operator's words."""
        table = {**TABLE, "y": 200, "bottom": 20, "x": 100}
        text = read_with_pdfium(draw_table(1, {"tables": {"a": table}}, language="es").content)
        assert "This is to certify that" in text


class TestMistakes:
    def list_problems(self, options):
        return [str(problem) for problem in find_problems(options, [PDFOptions], OptionsContext(ASSETS))]

    def test_right_options_have_no_problems(self):
        assert self.list_problems(design("template_a", continues_on=2, continued_y=550, total="Total")) == []
        assert self.list_problems(design(rows="evidence.modules", columns=[{"value": "credits"}])) == []
        assert self.list_problems({**design(), "tables": {"a": False}}) == []

    @pytest.mark.parametrize(
        ("table", "problem"),
        [
            ({"rows": "marks"}, "tables.a.rows: 'marks' is unknown. Use grades, steps, or evidence. and a name"),
            (
                {"rows": "evidence."},
                "tables.a.rows: 'evidence.' is unknown. Use grades, steps, or evidence. and a name",
            ),
            (
                {"columns": [{"value": "name"}, {"value": "wieght"}]},
                "tables.a.columns.1.value: 'wieght' is not a value of steps. Use one of number, name, key, grade,",
            ),
            ({"columns": []}, "tables.a.columns: List should have at least 1 item"),
            ({"columns": [{"value": "name"}] * 13}, "tables.a.columns: List should have at most 12 items"),
            ({"columns": [{"heading": "Name"}]}, "tables.a.columns.0.value: a value is required"),
            (
                {"columns": [{"value": "name", "share": 0}]},
                "tables.a.columns.0.share: Input should be greater than or equal to 0.01",
            ),
            (
                {"columns": [{"value": "name", "align": "left"}]},
                "tables.a.columns.0.align: Input should be 'start', 'center' or 'end'",
            ),
            ({"columns": [{"value": "name", "colour": "red"}]}, "tables.a.columns.0.colour: unknown option"),
            (
                {"columns": [{"value": "name", "heading": "x" * 201}]},
                "tables.a.columns.0.heading: String should have at most 200",
            ),
            ({"x": None}, "tables.a.x: Input should be a valid number"),
            ({"x": 421}, "tables.a.x: 421 is off page 1, which is 420 points wide"),
            ({"width": 381}, "tables.a.width: 381 goes beyond the right edge of page 1, which is 420 points wide"),
            ({"y": 596}, "tables.a.y: 596 is off page 1, which is 595 points high"),
            ({"bottom": 500}, "tables.a.y: 500 is not above the lower limit, bottom, which is 500"),
            ({"bottom": -1}, "tables.a.bottom: -1 is off page 1, which is 595 points high"),
            ({"continued_y": 600}, "tables.a.continued_y: 600 is off page 1, which is 595 points high"),
            ({"continued_y": 50}, "tables.a.continued_y: 50 is not above the lower limit, bottom, which is 60"),
            ({"continues_on": 1}, "tables.a.continues_on: must be a page after that of the table, which is page 1"),
            ({"continues_on": 4}, "tables.a.continues_on: there is no page 4. the template 'template_a' has 3 pages"),
            ({"page": 4}, "tables.a.page: there is no page 4."),
            ({"most_pages": 21}, "tables.a.most_pages: Input should be less than or equal to 20"),
            ({"most_pages": 0}, "tables.a.most_pages: Input should be greater than or equal to 1"),
            ({"font": "nosuch"}, "tables.a.font: 'nosuch' is neither a built-in font"),
            ({"heading_font": "nosuch"}, "tables.a.heading_font: 'nosuch' is neither a built-in font"),
            ({"heading_color": "purplish"}, "tables.a.heading_color: 'purplish' is not a colour"),
            ({"line_width": 101}, "tables.a.line_width: Input should be less than or equal to 100"),
            ({"padding": -1}, "tables.a.padding: Input should be greater than or equal to 0"),
            ({"text": "x"}, "tables.a.text: unknown option"),
        ],
        ids=str,
    )
    def test_mistakes_are_found_with_their_path(self, table, problem):
        (found,) = self.list_problems(design("template_a", **table))
        assert found.startswith(problem)

    def test_what_is_missing_is_named(self):
        found = self.list_problems({"template": "template_a", "tables": {"a": {}}})
        assert found == [f"tables.a.{name}: a value is required" for name in ("rows", "columns", "x", "y", "width")]

    def test_tables_are_not_drawn_over_each_other(self):
        options = design("template_a", continues_on=2)
        options["tables"]["b"] = {**TABLE, "continues_on": 2}
        assert self.list_problems(options) == ["tables.b.continues_on: the table 'a' goes on on page 2 already"]
        options["tables"]["b"] = {**TABLE, "page": 2}
        assert self.list_problems(options) == ["tables.b.page: page 2 is for the table 'a' alone, which goes on there"]

    def test_the_name_is_not_only_on_a_page_that_can_be_left_out(self):
        texts = {**HIDDEN, "owner": {"text": "{name}", "page": 2, "y": 500}}
        assert self.list_problems(design("template_a", texts, continues_on=2)) == [
            (
                "text_elements.owner.page: documents in which the table 'a' ends before page 2 do not have that page. Print the name on "
                "another page too"
            )
        ]
        texts["other"] = {"text": "For {name}", "y": 550}
        assert self.list_problems(design("template_a", texts, continues_on=2)) == []

    def test_nine_tables_are_too_many(self):
        options = {**design(), "tables": {f"t{index}": TABLE for index in range(9)}}
        (problem,) = self.list_problems(options)
        assert problem.startswith("tables: Dictionary should have at most 8 items")

    def test_fonts_of_readers_are_against_the_standard(self):
        options = {**design(font="Helvetica"), "claims_pdf_ua": True}
        assert any(
            problem.startswith("claims_pdf_ua: tables.a has the font Helvetica")
            for problem in self.list_problems(options)
        )

    def test_a_page_that_is_gone_is_replaced_by_empty_ones(self):
        """The template was replaced by one with fewer pages after the options were saved."""
        content = draw_table(60, design("template_s", continues_on=2)).content
        assert "".join(read_pages(content)).count("Course number") == 60
