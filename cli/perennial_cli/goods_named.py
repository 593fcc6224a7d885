"""Kinds and categories of goods that conditions and templates name in quotes: does any rule of a store make them?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Self, get_args

from jinja2 import nodes

from perennial.allowlist import Problem
from perennial.goods import UNKNOWN
from perennial.sandbox import TemplateInvalid
from perennial.store import Kind, Store
from perennial_cli.suggestions import did_you_mean

Sort = Literal["kind", "category"]

SORTS: tuple[Sort, ...] = ("kind", "category")
LISTS: dict[str, Sort] = {"categories": "category", "category": "category", "purchase_types": "kind", "kind": "kind"}
ASKED_IN: dict[Sort, str] = {"category": "order.categories", "kind": "order.purchase_types"}


@dataclass(frozen=True)
class Known:
    """What the stores' rules make of goods."""

    kind: frozenset[str]
    category: frozenset[str]

    @classmethod
    def of(cls, stores: Iterable[Store]) -> Self:
        made = {rule.category for store in stores for rule in store.goods}
        return cls(frozenset(get_args(Kind)), frozenset({UNKNOWN.category, *made}))

    def wrong(self, sort: Sort, name: str) -> str | None:
        """What is wrong with asking for goods by that name, if anything is."""
        other: Sort = "category" if sort == "kind" else "kind"
        names, others = (self.kind, self.category) if sort == "kind" else (self.category, self.kind)
        if name in names:
            return None
        if name in others:
            return f"{name!r} is a {other}, not a {sort}: `{ASKED_IN[other]}` holds those"
        return f"no rule of the goods makes any {sort} {name!r}{did_you_mean(name, names)}"


def goods_problems(parse: Callable[[str], nodes.Node], text: str, known: Known) -> list[Problem]:
    """Names that nothing will ever be equal to. Empty for what cannot be parsed: that has been said already."""
    try:
        tree = parse(text)
    except TemplateInvalid:
        return []
    named = [(node.lineno, sort, name) for node in _all(tree) for sort, name in _named(node) if name]
    return [Problem(line, wrong) for line, sort, name in dict.fromkeys(named) if (wrong := known.wrong(sort, name))]


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    yield from tree.find_all((nodes.Compare, nodes.Filter))


def _named(node: nodes.Node) -> Iterator[tuple[Sort, str]]:
    if isinstance(node, nodes.Compare):
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        for one, other in zip(sides, sides[1:], strict=False):
            yield from _beside(one, other)
            yield from _beside(other, one)
    if isinstance(node, nodes.Filter) and node.name in ("where", "outside") and node.args:
        field, *names = _texts(node.args)
        yield from ((sort, name) for sort in SORTS if sort == field for name in names)
    if isinstance(node, nodes.Filter) and node.name == "without" and node.node is not None:
        sort = LISTS.get(_last(node.node))
        yield from ((sort, name) for name in _texts(node.args) if sort)


def _beside(texts: nodes.Node, asked: nodes.Node) -> Iterator[tuple[Sort, str]]:
    """`'kettle' in order.categories`, `item.category == 'kettle'`, `item.kind in ['accessory', 'other']`."""
    sort = LISTS.get(_last(asked))
    found = _texts(texts.items if isinstance(texts, (nodes.List, nodes.Tuple)) else [texts])
    yield from ((sort, name) for name in found if sort)


def _last(node: nodes.Node) -> str:
    """`categories` of `order.categories` and of `categories`."""
    if isinstance(node, nodes.Name):
        return node.name
    return node.attr if isinstance(node, nodes.Getattr) else ""


def _texts(given: Sequence[nodes.Node]) -> list[str]:
    """The texts in quotes; empty where something else stands."""
    return [node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else "" for node in given]
