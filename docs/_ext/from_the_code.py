"""Directives that write reference pages from the code, so that the pages agree with the code.

They take their text from the facade, the typed settings, the error tree, the command line parsers, the OpenAPI schema, the option models,
the decision table of course certificates and the PDF engine's own tables.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, get_args, get_type_hints

from django.core.management import get_commands, load_command_class
from docutils.parsers.rst import directives
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docutils.nodes import Node
    from sphinx.application import Sphinx

APP = "learning_credentials"
FIRST_ERROR = 400
METHODS = ("get", "post", "put", "patch", "delete")


class GeneratedDirective(SphinxDirective):
    """Parses the lines that a subclass writes as reStructuredText."""

    optional_arguments = 1

    def run(self) -> list[Node]:
        """Parse the lines in place."""
        return self.parse_text_to_nodes("\n".join(self.lines()), allow_section_headings=True)

    def lines(self) -> Iterable[str]:
        """Return the text, line by line."""
        raise NotImplementedError


class SettingsReference(GeneratedDirective):
    """Every key of ``LEARNING_CREDENTIALS`` with its type, default and meaning."""

    def lines(self) -> Iterator[str]:
        """Read the meaning from the ``#:`` comments."""
        from learning_credentials.conf import Settings

        comments = ModuleAnalyzer.for_module(f"{APP}.conf").find_attr_docs()
        types = get_type_hints(Settings)
        for item in dataclasses.fields(Settings):
            has_factory = item.default_factory is not dataclasses.MISSING
            default = item.default_factory() if has_factory else item.default
            yield f".. confval:: {item.name}"
            yield f"   :type: ``{type_name(types[item.name])}``"
            yield f"   :default: ``{default!r}``"
            yield ""
            yield from indented(comments["Settings", item.name])


class ErrorsReference(GeneratedDirective):
    """The error tree."""

    def lines(self) -> Iterator[str]:
        """Walk the tree, parents first."""
        from learning_credentials import exceptions

        yield from (".. list-table::", "   :header-rows: 1", "   :widths: 32 22 46", "")
        yield from row("Error", "Code", "Meaning")
        for error, depth in walk(exceptions.CredentialsError):
            if error.__module__ == exceptions.__name__:
                indent = "· " * depth
                yield from row(f"{indent}``{error.__name__}``", f"``{error.code}``", summary(error))


class CommandsReference(GeneratedDirective):
    """The management commands with their options."""

    def lines(self) -> Iterator[str]:
        """Ask each command's parser."""
        own = sorted(name for name, app in get_commands().items() if app == APP)
        for name in own:
            command = load_command_class(APP, name)
            parser = command.create_parser("manage.py", name)
            yield from (*heading(name), command.help or "", "")
            for action in own_actions(parser):
                names = ", ".join(action.option_strings) or action.metavar or action.dest
                value = (
                    ""
                    if action.nargs == 0 or not action.option_strings
                    else f" {action.metavar or action.dest.upper()}"
                )
                yield f"``{names}{value}``"
                yield from indented([(action.help or "").replace("%(default)s", str(action.default))])


class SignalsReference(GeneratedDirective):
    """The signals, with their arguments."""

    def lines(self) -> Iterator[str]:
        """Take the meaning from the ``#:`` comments."""
        from django.dispatch import Signal

        module = import_module(f"{APP}.signals")
        comments = ModuleAnalyzer.for_module(module.__name__).find_attr_docs()
        yield from ((inspect.getdoc(module) or ""), "")
        for name, signal in vars(module).items():
            if isinstance(signal, Signal):
                yield f"``{name}``"
                yield from indented(comments["", name])


class FacadeReference(GeneratedDirective):
    """The facade: a section for each room whose functions are public.

    The content gives the title of each section, in order: ``room: title``. The build fails if a public function has no section.
    """

    has_content = True

    def lines(self) -> Iterator[str]:
        """List the functions of each room, and then the classes."""
        facade = import_module(f"{APP}.api")
        members = {name: getattr(facade, name) for name in facade.__all__}
        functions: dict[str, list[str]] = {}
        for name, member in members.items():
            if not inspect.isclass(member):
                functions.setdefault(member.__module__.split(".")[2], []).append(name)
        titles = dict(re.findall(r"^(\w+): (.+)$", "\n".join(self.content), flags=re.MULTILINE))
        if titles.keys() != functions.keys():
            msg = f"the facade has functions of {sorted(functions)}, and the titles are for {sorted(titles)}"
            raise self.error(msg)
        for room, title in titles.items():
            yield from heading(title)
            for name in functions[room]:
                yield from (f".. autofunction:: {facade.__name__}.{name}", "")
        yield from heading("Classes of arguments and results")
        for name, member in members.items():
            if inspect.isclass(member):
                yield from (f".. autoclass:: {facade.__name__}.{name}", "")


class TasksReference(GeneratedDirective):
    """The Celery tasks."""

    def lines(self) -> Iterator[str]:
        """List the tasks with their arguments."""
        from celery import Task

        from learning_credentials import tasks

        yield from (".. list-table::", "   :header-rows: 1", "   :widths: 55 45", "")
        yield from row("Task in ``learning_credentials.tasks``", "What it does")
        for name, task in vars(tasks).items():
            if isinstance(task, Task):
                arguments = ", ".join(key for key in inspect.signature(task.run).parameters if key != "self")
                yield from row(f"``{name}({arguments})``", summary(task.run))


class RestReference(GeneratedDirective):
    """The REST endpoints, from the OpenAPI schema."""

    def lines(self) -> Iterator[str]:
        """List each operation with its parameters and answers."""
        from drf_spectacular.generators import SchemaGenerator

        schema = SchemaGenerator().get_schema(request=None, public=True)
        for path, operations in schema["paths"].items():
            for method in METHODS:
                if operation := operations.get(method):
                    yield from operation_lines(method, path, operation, schema)


class CertificateTable(GeneratedDirective):
    """The decision table of course certificates.

    The content describes each rule in words: ``number: condition``. The build fails if a rule has no words, if words have no rule,
    or if the order differs.
    """

    has_content = True

    def lines(self) -> Iterator[str]:
        """Write one row for each rule, with its words and its results."""
        from learning_credentials.services.standings.rules import TABLE

        conditions = dict(re.findall(r"^(\w+): (.+)$", "\n".join(self.content), flags=re.MULTILINE))
        numbers = [rule.number for rule in TABLE]
        if list(conditions) != numbers:
            msg = f"the rules are {numbers}, and the words are for {list(conditions)}"
            raise self.error(msg)
        yield from (".. list-table::", "   :header-rows: 1", "   :widths: 6 49 15 15 15", "")
        yield from row("No.", "Condition", "No standing yet", "``downloadable``", "Another status")
        for rule in TABLE:
            outcomes = (describe_outcome(outcome, "no change") for outcome in (rule.downloadable, rule.other))
            yield from row(
                rule.number, conditions[rule.number], describe_outcome(rule.absent, "no standing"), *outcomes
            )


class OptionsReference(GeneratedDirective):
    """The options of one model: ``.. options-reference:: module:Model``; ``without`` names a model whose options are left out."""

    required_arguments = 1
    optional_arguments = 0
    option_spec: ClassVar = {"without": directives.unchanged}

    def lines(self) -> Iterator[str]:
        """Describe the model's fields."""
        schema = load(self.arguments[0]).model_json_schema(by_alias=True)
        left_out = load(self.options["without"]).model_fields if "without" in self.options else {}
        required = set(schema.get("required", ()))
        description = schema.get("description", "")
        yield from ("" if description.startswith("Options of") else description, "")
        yield from (".. list-table::", "   :header-rows: 1", "   :widths: 22 20 18 40", "")
        yield from row("Option", "Type", "Default", "Meaning")
        for key, spec in schema.get("properties", {}).items():
            if key not in left_out:
                default = "*required*" if key in required else default_of(spec)
                yield from row(f"``{key}``", type_of(spec), default, escape(spec.get("description", "")))


class PDFElementsReference(GeneratedDirective):
    """The text elements that render by default: ``.. pdf-elements-reference:: ELEMENTS``."""

    required_arguments = 1
    optional_arguments = 0

    def lines(self) -> Iterator[str]:
        """List their texts and places."""
        elements = load(f"{APP}.pdf.elements.builtin_page:{self.arguments[0]}")
        keys = list(dict.fromkeys(key for element in elements.values() for key in element))
        yield from (".. list-table::", "   :header-rows: 1", "")
        yield from row("Element", *(f"``{key}``" for key in keys))
        for name, element in elements.items():
            yield from row(f"``{name}``", *(f"``{element[key]}``" if key in element else "" for key in keys))


class PlaceholdersReference(GeneratedDirective):
    """The placeholders of PDF texts."""

    def lines(self) -> Iterator[str]:
        """List each with its label and sample."""
        from learning_credentials.pdf import list_placeholders

        yield from (".. list-table::", "   :header-rows: 1", "   :widths: 30 40 30", "")
        yield from row("Placeholder", "Meaning", "Example")
        for placeholder in list_placeholders():
            if re.search(r"_[2-9]_", placeholder.name):
                continue  # the same for each position
            yield from row(f"``{{{placeholder.name}}}``", str(placeholder.label), f"``{placeholder.sample}``")


class FontsReference(GeneratedDirective):
    """The fonts that need no upload."""

    def lines(self) -> Iterator[str]:
        """List the names, and what each has."""
        from learning_credentials.pdf.fonts.names import SHIPPED_FONTS, STANDARD_FONTS

        names: dict[str, list[str]] = {}
        for name in SHIPPED_FONTS:
            script = name.partition("-")[0].removeprefix("NotoNaskh").removeprefix("NotoSans").removeprefix("NotoSerif")
            has = {"": "Latin, Greek, Cyrillic", "NotoEmoji": "Emoji"}.get(script) or re.sub(
                "(?<=[a-z])(?=[A-Z])", " ", script
            )
            names.setdefault(has, []).append(f"``{name}``")
        yield from (".. list-table::", "   :header-rows: 1", "   :widths: 30 70", "")
        yield from row("Script", "Shipped fonts")
        for has, found in names.items():
            yield from row(has, ", ".join(found))
        yield ""
        yield (
            "Every PDF reader knows these fonts. They have only Western European letters: "
            + ", ".join(f"``{name}``" for name in STANDARD_FONTS)
            + "."
        )


class FontsToInstall(GeneratedDirective):
    """The fonts that do not ship."""

    def lines(self) -> Iterator[str]:
        """List the scripts, and how to install a font for each."""
        from fontTools.unicodedata import script_name

        from learning_credentials.pdf.fonts.installs import INSTALLS

        yield from (".. list-table::", "   :header-rows: 1", "   :widths: 30 70", "")
        yield from row("Script", "What to do")
        for install in INSTALLS:
            names = (script_name(tag).replace("_", " ").replace("Common", "Symbols") for tag in install.scripts)
            what = re.sub(r"\w+\['(\w+)'\]", r"``\1``", install.describe())
            what = re.sub(r"(/usr/[\w/.-]+ttf)", r"``\1``", what)
            yield from row(", ".join(names), f"{what[0].upper()}{what[1:]}.")


def describe_outcome(outcome: Any, unchanged: str) -> str:
    """Say which status a rule sets, or that it sets none."""
    from learning_credentials.services.standings.rules import KEEP

    return unchanged if outcome is KEEP else f"``{outcome.value}``"


def load(path: str) -> Any:
    """Return the object at ``module:name``."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def operation_lines(method: str, path: str, operation: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """Describe one operation."""
    title = f"{method.upper()} {path}"
    yield from heading(title)
    yield from (operation.get("description", "").strip(), "")
    for parameter in operation.get("parameters", ()):
        need = "required" if parameter.get("required") else "optional"
        yield f"``{parameter['name']}`` (in {parameter['in']}, {need})"
        yield from indented([parameter.get("description", "")])
    if reference := find_reference(operation.get("requestBody", {}).get("content", {})):
        yield from ("Body:", "")
        yield from field_lines(reference, schema)
    for status, answer in operation.get("responses", {}).items():
        yield from (f"**{status}** {answer.get('description', '')}", "")
        reference = find_reference(answer.get("content", {}))
        if reference and int(status) < FIRST_ERROR:
            yield from field_lines(reference, schema)


def find_reference(content: dict[str, Any]) -> str:
    """Return the name of the schema of an answer, or of the items of a list."""
    for media in content.values():
        spec = media.get("schema", {})
        reference = spec.get("$ref") or spec.get("items", {}).get("$ref", "")
        if reference:
            return str(reference.rpartition("/")[2])
    return ""


def field_lines(name: str, schema: dict[str, Any], shown: tuple[str, ...] = ()) -> Iterator[str]:
    """List the fields of a schema, then those of the schemas within it."""
    known = schema["components"]["schemas"]
    choices = [option["$ref"].rpartition("/")[2] for option in known[name].get("oneOf", ())]
    if choices:
        yield from (f"One of {', '.join(choices)}.", "")
        for choice in choices:
            yield from (f"{choice}:", "")
            yield from field_lines(choice, schema, (name, *shown))
        return
    properties = known[name].get("properties", {})
    if not properties:
        return
    yield from (".. list-table::", "   :widths: 30 25 45", "")
    for key, spec in properties.items():
        label = type_of(spec)
        choices = known.get(label, {}).get("enum", ())
        label = " or ".join(f"``{choice}``" for choice in choices) or label
        # The column before has the values of a choice. The schema repeats them in the description.
        meaning = re.split(r"(?:^|\n\n)\* `", spec.get("description", ""))[0]
        yield from row(f"``{key}``", label, escape(meaning))
    yield ""
    for nested in dict.fromkeys(
        match for spec in properties.values() for match in re.findall(r"schemas/(\w+)", str(spec))
    ):
        if nested not in (name, *shown) and "properties" in known[nested]:
            yield from (f"{nested}:", "")
            yield from field_lines(nested, schema, (name, *shown))


def type_of(spec: dict[str, Any]) -> str:
    """Name a JSON schema's type for people."""
    for key in ("anyOf", "oneOf", "allOf"):
        if key in spec:
            return " or ".join(dict.fromkeys(type_of(option) for option in spec[key]))
    if "$ref" in spec:
        return str(spec["$ref"].rpartition("/")[2])
    if "const" in spec:
        return f"``{spec['const']}``"
    if spec.get("type") == "array":
        return f"list of {type_of(spec.get('items', {}))}"
    if "format" in spec and spec.get("type") == "string":
        return str(spec["format"])
    return str(spec.get("type", "any"))


def default_of(spec: dict[str, Any]) -> str:
    """Show a default, or nothing when it is empty."""
    default = spec.get("default")
    return "" if default is None or default == {} else f"``{default!r}``"


def own_actions(parser: Any) -> list[Any]:
    """Return the arguments that the command adds to those of every Django command."""
    common = {
        "help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks",
    }  # fmt: skip
    return [action for action in parser._actions if action.dest not in common]  # noqa: SLF001


def walk(error: type[Any], depth: int = 0) -> Iterator[tuple[type[Any], int]]:
    """Yield a class and those below it, with how deep each is."""
    yield error, depth
    for child in error.__subclasses__():
        yield from walk(child, depth + 1)


def type_name(hint: Any) -> str:
    """Name a Python type for people: ``list[str] | None``."""
    text = hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)
    text = re.sub(r"\b(?:\w+\.)+", "", text).replace("Sequence", "list").replace("PDFSigner", "dict")
    return re.sub(r"Optional\[(.*)\]", r"\1 | None", text)


def name_errors(_app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Write each error of a plain list under ``Raises:`` on its own line, with its meaning."""
    from learning_credentials import exceptions

    for index, line in reversed(list(enumerate(lines))):
        names = line.strip().rstrip(".").split(", ")
        if line.startswith(" ") and all(hasattr(exceptions, name) for name in names):
            indent = line[: len(line) - len(line.lstrip())]
            lines[index : index + 1] = [f"{indent}{name}: {summary(getattr(exceptions, name))}" for name in names]


def summary(documented: object) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split())


def escape(text: str) -> str:
    """Keep a description's backslashes and asterisks as they are."""
    return text.replace("\\", "\\\\").replace("*", "\\*")


def row(*cells: str) -> Iterator[str]:
    """One row of a list-table."""
    for number, cell in enumerate(cells):
        yield f"   {'* -' if number == 0 else '  -'} {' '.join(cell.split())}"


def heading(title: str) -> Iterator[str]:
    """The title of a section below that of the page's part."""
    yield from (title, "~" * len(title), "")


def indented(lines: Iterable[str]) -> Iterator[str]:
    """A block below a line."""
    yield from (f"   {line}" for line in lines)
    yield ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives, and what is done to docstrings before napoleon reads them."""
    app.connect("autodoc-process-docstring", name_errors, priority=100)
    for name, directive in (
        ("settings-reference", SettingsReference),
        ("errors-reference", ErrorsReference),
        ("commands-reference", CommandsReference),
        ("rest-reference", RestReference),
        ("signals-reference", SignalsReference),
        ("facade-reference", FacadeReference),
        ("tasks-reference", TasksReference),
        ("certificate-table", CertificateTable),
        ("options-reference", OptionsReference),
        ("pdf-elements-reference", PDFElementsReference),
        ("placeholders-reference", PlaceholdersReference),
        ("fonts-reference", FontsReference),
        ("fonts-to-install", FontsToInstall),
    ):
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
