"""Prepares Django templates for one language, so that pages are rendered in less than half of the time.

Most of the time of a page goes into looking up the same translations and finding the same blocks again. A prepared template has the
translations of constant texts and the contents of the blocks in place. Everything that depends on the context stays as Django compiled it.
"""

from __future__ import annotations

import re
from copy import copy
from html import escape
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.core.signals import setting_changed
from django.template import Context, loader
from django.template.base import Node, NodeList, Template, TextNode, Variable, VariableNode, render_value_in_context
from django.template.defaulttags import ForNode, IfNode, LoadNode, TemplateLiteral, URLNode
from django.template.loader_tags import BlockNode, ExtendsNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from learning_credentials.web.static_addresses import get_static_address
from learning_credentials.web.template_values import make_reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.template.base import FilterExpression

    #: The blocks of each name. The first one is shown, and each can include the next one with ``block.super``.
    _Blocks = Mapping[str, Sequence[BlockNode]]

_SUPER = "block.super"
#: A template can only print ``block.super``. Every other use of the variable ``block`` is unusual.
_ANY_USE = re.compile(r"\bblock\.")
_USUAL_USE = re.compile(r"{{ *block\.super *}}")
#: The prepared templates by their originals and languages. None: Django has to render the original.
_prepared: WeakKeyDictionary[Template, dict[str | None, Template | None]] = WeakKeyDictionary()


class _UnusualTemplateError(Exception):
    """The template uses blocks in a way that only Django itself can render."""


def get_template(name: str) -> Any:
    """Return a template like Django's function, prepared for the active language. It renders the same text."""
    found: Any = loader.get_template(name)
    original = getattr(found, "template", None)
    if not isinstance(original, Template):  # the host has replaced it by one of another engine
        return found
    by_language = _prepared.setdefault(original, {})
    language = get_language()
    if language not in by_language:
        by_language[language] = _prepare(original)
    if prepared := by_language[language]:
        found.template = prepared
    return found


def _prepare(template: Template) -> Template | None:
    if template.engine.debug:  # errors name lines of the original
        return None
    try:
        templates = list(_list_templates(template))
        nodes = _fold(templates[-1].nodelist, _gather_blocks(templates))
    except _UnusualTemplateError:
        return None
    prepared = copy(template)
    prepared.nodelist = nodes
    return prepared


def _list_templates(template: Template) -> Iterator[Template]:
    """Yield a template and those that it extends. A template can extend another one of its own name."""
    seen = [template.origin]
    while True:
        if len(_ANY_USE.findall(template.source)) != len(_USUAL_USE.findall(template.source)):
            raise _UnusualTemplateError
        yield template
        extends: Any = next((node for node in template.nodelist if isinstance(node, ExtendsNode)), None)
        if extends is None:
            return
        parent = extends.parent_name
        if parent.is_var or parent.filters:
            raise _UnusualTemplateError
        template, origin = template.engine.find_template(parent.var, skip=seen)
        seen.append(origin)


def _gather_blocks(templates: Iterable[Template]) -> _Blocks:
    blocks: dict[str, list[BlockNode]] = {}
    for template in templates:
        found: Any = template.nodelist.get_nodes_by_type(BlockNode)
        for block in found:
            blocks.setdefault(block.name, []).append(block)
    return blocks


def _fold(nodes: Iterable[Node], blocks: _Blocks, rest: Sequence[BlockNode] = ()) -> NodeList:
    """Return nodes with constant texts in place of what is always the same.

    Args:
        nodes: the nodes of a template, a block or a branch.
        blocks: all blocks.
        rest: the blocks that ``block.super`` stands for.
    """
    folded = _Parts()
    for node in _replace(nodes, blocks, rest):
        if isinstance(node, TextNode) and folded and isinstance(folded[-1], TextNode):
            folded[-1] = TextNode(folded[-1].s + node.s)
        else:
            folded.append(node)
    return folded


def _replace(nodes: Iterable[Any], blocks: _Blocks, rest: Sequence[BlockNode]) -> Iterator[Node]:
    for node in nodes:
        match node:
            case BlockNode():
                first, *others = blocks[node.name]
                yield from _limit(_fold(first.nodelist, blocks, others))
            case VariableNode() if str(node.filter_expression) == _SUPER:
                yield from _limit(_fold(rest[0].nodelist, blocks, rest[1:])) if rest else ()
            case VariableNode() | TranslateNode() | StaticNode():
                yield _prepare_printed(node)
            case IfNode():
                branch: Any = copy(node)
                branch.conditions_nodelists = [
                    (
                        _prepare_condition(condition),
                        _fold(inner, blocks, rest),
                    )
                    for condition, inner in node.conditions_nodelists
                ]
                yield branch
            case ForNode():
                loop: Any = copy(node)
                loop.nodelist_loop = _fold(loop.nodelist_loop, blocks, rest)
                loop.nodelist_empty = _fold(loop.nodelist_empty, blocks, rest)
                yield loop
            case LoadNode():
                pass
            case _:
                inner = node.get_nodes_by_type((BlockNode, VariableNode))
                if any(isinstance(part, BlockNode) or str(part.filter_expression) == _SUPER for part in inner):
                    raise _UnusualTemplateError
                yield node


def _prepare_printed(node: VariableNode | TranslateNode | StaticNode) -> Node:
    """Return a node that prints the same as a node that prints one text."""
    match node:
        case VariableNode():
            return _Value(node.filter_expression)
        case TranslateNode() if _is_constant(node):
            return TextNode(node.render(Context()))
        case StaticNode() if _is_plain(node):
            return _Static(node.path.var)
    return node


def _limit(nodes: NodeList) -> Iterable[Node]:
    """Return the nodes of a block. If they can set variables, the variables are limited to the block."""
    return nodes if all(map(_only_prints, nodes)) else [_Scope(nodes)]


def _only_prints(node: Any) -> bool:
    match node:
        case TextNode() | VariableNode() | ForNode() | _Scope() | _Static():  # a loop limits its variables itself
            return True
        case IfNode():
            return all(map(_only_prints, node.nodelist))
        case StaticNode():
            return node.varname is None
        case URLNode() | BlockTranslateNode():
            return node.asvar is None
    return False


def _is_constant(node: TranslateNode) -> bool:
    text, context = node.filter_expression, node.message_context
    is_literal = isinstance(text.var, Variable) and text.var.literal is not None and not text.filters
    return is_literal and not node.asvar and (context is None or not (context.is_var or context.filters))


def _is_plain(node: StaticNode) -> bool:
    """Return whether the node prints the address of a file that is always the same."""
    return (
        type(node) is StaticNode and node.varname is None and isinstance(node.path.var, str) and not node.path.filters
    )


def _prepare_condition(condition: Any) -> Any:
    """Return a condition or a part of one, with prepared values. None is the condition of ``else``, or a part that an operator lacks."""
    if isinstance(condition, TemplateLiteral):
        return _Operand(condition)
    if condition is None:
        return None
    operator = copy(condition)
    operator.first, operator.second = _prepare_condition(condition.first), _prepare_condition(condition.second)
    return operator


class _Parts(NodeList):
    """Nodes that are rendered one after the other, without the support for debugging: templates that are debugged are not prepared."""

    def render(self, context: Context) -> SafeString:
        return SafeString("".join([node.s if type(node) is TextNode else node.render(context) for node in self]))


class _Scope(Node):
    """Limits the variables that nodes set."""

    def __init__(self, nodes: NodeList) -> None:
        self.nodelist = nodes

    def render(self, context: Context) -> str:
        with context.push():
            return self.nodelist.render(context)


class _Value(VariableNode):
    """Prints a value. Most values are texts, which need none of Django's conversions except the escaping."""

    def __init__(self, filter_expression: FilterExpression) -> None:
        super().__init__(filter_expression)
        self._read = make_reader(filter_expression)

    def render(self, context: Context) -> str:
        value = self._read(context)
        if type(value) is str and context.autoescape:
            return escape(value)
        return str(render_value_in_context(value, context))


class _Static(Node):
    """Prints the address of a static file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def render(self, context: Context) -> str:
        address = get_static_address(self._path)
        return conditional_escape(address) if context.autoescape else address


class _Operand:
    """A value in a condition."""

    def __init__(self, literal: TemplateLiteral) -> None:
        self.eval = make_reader(literal.value, ignore_failures=True)


def _forget(**_kwargs: object) -> None:
    """Prepare the templates again, because the catalogues or the languages may be others."""
    _prepared.clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.web.prepared_templates")
