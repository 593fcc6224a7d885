"""What a template or condition may be made of: a list of what is allowed, so that whatever Jinja adds is refused.

Jinja's sandbox stops attributes, not work: `'a' * 10**9`, `|center(10**9)` and nested loops over `range` all run in it,
some of them while compiling. What is not in these tables is therefore refused before it is
compiled, at publish and again wherever a template is loaded.
"""

from collections.abc import Iterator
from dataclasses import fields
from inspect import isfunction
from typing import Any, NamedTuple

from jinja2 import nodes

from perennial import facts
from perennial.filters import FILTERS, TESTS

TRANSLATORS = {"_": 1, "gettext": 1, "ngettext": 2}
"""Functions that translate, and how many of their first arguments are texts for the translators."""

FACT_CLASSES = tuple(value for value in vars(facts).values() if isinstance(value, type) and hasattr(value, "__slots__"))

METHODS = frozenset(
    name for kind in FACT_CLASSES for name, value in vars(kind).items() if isfunction(value) and name[0] != "_"
)
"""What the facts themselves offer to be called, as `customer.ordered_since(...)`."""

FIELDS = tuple(field.name for field in fields(facts.Facts))
"""The names every template and condition sees."""

DEPTH = 2
"""Loops within loops that are not over a field of the outer one: with hundreds of lines a third would take minutes.

A loop over a field of the outer loop's variable (parcels, then their items) costs no more than there is to show.
"""

_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Tuple, nodes.List, nodes.Getattr,
    nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Call, nodes.Keyword, nodes.Compare, nodes.Operand,
    nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.CondExpr, nodes.If, nodes.For, nodes.Concat, nodes.Add, nodes.Sub,
)  # fmt: skip

_ADVICE: dict[type[nodes.Node], str] = {
    nodes.Mul: "multiplication is not allowed: it can make endless strings",
    nodes.Pow: "powers are not allowed: they can make endless numbers",
    nodes.Div: "division is not allowed: let the shop or the store's page say the number",
    nodes.FloorDiv: "division is not allowed: let the shop or the store's page say the number",
    nodes.Mod: "`%` is not allowed: write the text with `_()` and named placeholders",
    nodes.Assign: "`set` is not allowed: write the expression where it is used",
    nodes.AssignBlock: "`set` is not allowed: write the expression where it is used",
    nodes.With: "`with` is not allowed: write the expression where it is used",
    nodes.Macro: "`macro` is not allowed: what messages share belongs into the layout",
    nodes.Include: "`include` is not allowed: what messages share belongs into the layout",
    nodes.Import: "`import` is not allowed: what messages share belongs into the layout",
    nodes.FromImport: "`import` is not allowed: what messages share belongs into the layout",
    nodes.Extends: "`extends` is not allowed: the layout is put around every message as it is",
    nodes.Block: "`block` is not allowed: the layout is put around every message as it is",
    nodes.Dict: "dictionaries are not allowed",
}


class Problem(NamedTuple):
    line: int
    message: str


def problems_in(tree: nodes.Node) -> list[Problem]:
    """Everything in the tree that is not allowed, in the order of its lines."""
    return sorted(_walk(tree, frozenset()))


def _walk(node: nodes.Node, outer: frozenset[str], depth: int = 0) -> Iterator[Problem]:
    """`outer`: variables of the loops around the node that no loop has run over yet; `depth`: the other loops."""
    if not isinstance(node, _NODES):
        yield Problem(node.lineno, _ADVICE.get(type(node), f"`{type(node).__name__.lower()}` is not allowed here"))
        return
    rule = _RULES.get(type(node))
    if rule is not None:
        yield from (Problem(node.lineno, message) for message in rule(node))
    if isinstance(node, nodes.For):
        root = _root(node.iter)
        depth += root not in outer
        outer = outer - {root} | {_root(node.target)}
    if depth > DEPTH:
        yield Problem(node.lineno, f"loops may be nested {DEPTH} deep, deeper only over a field of the outer one")
        return
    for child in node.iter_child_nodes():
        yield from _walk(child, outer, depth)


def _root(node: nodes.Node) -> str:
    """The name that `parcel.items[:5]|having("url")` begins with; empty for what begins with none."""
    while isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Filter)) and node.node is not None:
        node = node.node
    return node.name if isinstance(node, nodes.Name) else ""


def _name(node: Any) -> Iterator[str]:
    if node.name.startswith("_") and node.name not in TRANSLATORS:
        yield f"{node.name!r} begins with an underscore: there are no such names"
    if node.ctx != "load" and node.name in (*TRANSLATORS, *FIELDS):
        yield f"{node.name!r} is taken: give the loop's variable another name"


def _getattr(node: Any) -> Iterator[str]:
    if node.attr.startswith("_"):
        yield f"{node.attr!r} begins with an underscore: there are no such fields"


def _getitem(node: Any) -> Iterator[str]:
    bounds = (node.arg.start, node.arg.stop, node.arg.step) if isinstance(node.arg, nodes.Slice) else (node.arg,)
    if not all(bound is None or (isinstance(bound, nodes.Const) and type(bound.value) is int) for bound in bounds):
        yield "only a number can stand in brackets, as in `items[0]` or `items[:5]`"


def _filter(node: Any) -> Iterator[str]:
    if node.node is None:
        yield "`filter` blocks are not allowed: write the filter behind a value, as in `{{ name|upper }}`"
    if node.name not in FILTERS:
        yield f"there is no filter {node.name!r}; there are {', '.join(FILTERS)}"
    yield from _spread(node)


def _test(node: Any) -> Iterator[str]:
    if node.name not in TESTS:
        yield f"there is no test {node.name!r}; there are {', '.join(TESTS)}"
    yield from _spread(node)


def _call(node: Any) -> Iterator[str]:
    called = node.node
    if isinstance(called, nodes.Name) and called.name in TRANSLATORS:
        texts = node.args[: TRANSLATORS[called.name]]
        if len(texts) < TRANSLATORS[called.name] or not all(_is_text(text) for text in texts):
            yield f"`{called.name}` takes its text in quotes, not a variable: translators must find it"
    elif not (isinstance(called, nodes.Getattr) and called.attr in METHODS):
        yield f"only {', '.join(f'`{name}`' for name in (*TRANSLATORS, *sorted(METHODS)))} can be called"
    yield from _spread(node)


def _is_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def _spread(node: Any) -> Iterator[str]:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        yield "`*` and `**` are not allowed in arguments"


def _for(node: Any) -> Iterator[str]:
    if node.recursive:
        yield "`recursive` is not allowed"
    if not isinstance(node.target, nodes.Name):
        yield "a loop has one variable, as in `for item in items`"


def _either(node: Any) -> Iterator[str]:
    if node.expr2 is None:
        yield "an inline `if` needs its `else`: `{{ a if b else c }}`"


_RULES: dict[type[nodes.Node], Any] = {
    nodes.Name: _name,
    nodes.Getattr: _getattr,
    nodes.Getitem: _getitem,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.Call: _call,
    nodes.For: _for,
    nodes.CondExpr: _either,
}
