"""Are all names in a template known? Its syntax tree is compared with the annotations of `facts.Facts`.

A misspelt field would otherwise be found by the first customer it concerns. The check also knows what each filter is
made for, and what makes no sense when printed: a list, an order, a bare date.
"""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import nodes

from perennial.allowlist import TRANSLATORS, Problem
from perennial.conditions import tree_of_condition
from perennial.facts import Facts, Item, Money
from perennial.sandbox import TemplateInvalid, tree_of
from perennial_cli.placeholders import placeholder_problem
from perennial_cli.suggestions import did_you_mean

FACTS: Mapping[str, Any] = get_type_hints(Facts)
_AROUND = ("lang", "dir", "start", "end", "message_class", "subject", "preheader")
LAYOUT: Mapping[str, Any] = {**FACTS, **dict.fromkeys(_AROUND, str)}
"""What bodies see; subjects, texts and conditions see FACTS."""

BLOCK: Mapping[str, Any] = {**LAYOUT, "category": str}
"""What a block of one category of goods sees."""

GENERAL: Mapping[str, Any] = {**LAYOUT, "others": tuple[Item, ...]}
"""What the block for all other goods sees: `others` are the items that have no block of their own."""

Many = tuple[Any, ...]

_LOOP = {"index": int, "index0": int, "revindex": int, "revindex0": int, "first": bool, "last": bool, "length": int}
_TAKES: Mapping[str, tuple[Any, ...]] = {
    "capital": (str,), "date": (date, datetime), "first": (Many,), "having": (Many,), "ink_on": (str,),
    "join": (Many,), "last": (Many,), "length": (Many, str), "lower": (str,), "money": (Money,),
    "number": (int, Decimal), "outside": (Many,), "percent": (int, Decimal), "sentence": (Many,), "tel": (str,),
    "time": (datetime,), "truncate": (str,), "upper": (str,), "where": (Many,), "without": (Many,),
}  # fmt: skip
_SAME = ("having", "outside", "where", "without")
_PICKS = {"having": 0, "outside": 0, "where": 0, "sentence": 0, "join": 1}
"""Filters that name a field of the entries, and as which argument."""

_UNPRINTABLE = (
    (Money, "print an amount with `|money`"),
    (datetime, "print a moment with `|date` or `|time`"),
    (date, "print a date with `|date`"),
    (Decimal, "print a number with `|number`"),
    (bool, "true and false are for `if`"),
)


def check_names(source: str, names: Mapping[str, Any]) -> list[Problem]:
    """Names the template uses wrongly. Empty for a template that is no valid one: that has been said already."""
    try:
        return sorted(set(_Check().statements(tree_of(source), dict(names))))
    except TemplateInvalid:
        return []


def check_condition_names(text: str) -> list[Problem]:
    """The same for a `when`, `unless` or `hold while`."""
    check = _Check()
    try:
        check.kind(tree_of_condition(text), dict(FACTS))
    except TemplateInvalid:
        return []
    return sorted(set(check.problems))


def bare(kind: Any) -> Any:
    """Without `| None`."""
    if get_origin(kind) in (Union, UnionType):
        rest = [part for part in get_args(kind) if part is not NoneType]
        return rest[0] if len(rest) == 1 else Any
    return kind


@cache
def fields_of(kind: Any) -> Mapping[str, Any]:
    """The fields, properties and methods of one class of the facts, with their types."""
    inside = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
    hints = dict(get_type_hints(kind))
    for name, value in inside.items():
        if isinstance(value, property):
            hints[name] = get_type_hints(value.fget)["return"]
        elif callable(value):
            hints[name] = value
    return hints


class _Check:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def say(self, node: nodes.Node, message: str) -> Any:
        self.problems.append(Problem(node.lineno, message))
        return Any

    def statements(self, node: nodes.Node, scope: dict[str, Any]) -> list[Problem]:
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.For):
                self._for(child, scope)
            elif isinstance(child, nodes.Output):
                for part in child.nodes:
                    self._printed(part, self.kind(part, scope))
            elif isinstance(child, nodes.Expr):
                self.kind(child, scope)
            else:
                self.statements(child, scope)
        return self.problems

    def _for(self, node: nodes.For, scope: dict[str, Any]) -> None:
        entry = self._entry(node.iter, bare(self.kind(node.iter, scope)))
        inside = {**scope, "loop": _LOOP}
        if isinstance(node.target, nodes.Name):
            inside[node.target.name] = entry
        if node.test is not None:
            self.kind(node.test, inside)
        self.statements(nodes.Template(node.body), inside)
        self.statements(nodes.Template(node.else_), scope)

    def _entry(self, node: nodes.Node, kind: Any) -> Any:
        if get_origin(kind) is tuple:
            return get_args(kind)[0]
        return Any if kind is Any else self.say(node, "this is not a list")

    def _printed(self, node: nodes.Node, kind: Any) -> None:
        plain = bare(kind)
        if get_origin(plain) is tuple:
            self.say(node, "a list is printed with a loop, `|join` or `|sentence`")
        for unprintable, advice in _UNPRINTABLE:
            if plain is unprintable:
                self.say(node, advice)
        if _is_fact(plain) and plain is not Money:
            self.say(node, f"print one of its fields: {', '.join(fields_of(plain))}")

    def kind(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        """The type of an expression, Any where it cannot be told."""
        match node:
            case nodes.Const():
                return type(node.value)
            case nodes.Name():
                return self._name(node, scope)
            case nodes.Getattr():
                return self._field(node, node.attr, bare(self.kind(node.node, scope)))
            case nodes.Getitem():
                inner = bare(self.kind(node.node, scope))
                return inner if isinstance(node.arg, nodes.Slice) or inner is str else self._entry(node, inner)
            case nodes.Filter() | nodes.Call():
                return self._filter(node, scope) if isinstance(node, nodes.Filter) else self._call(node, scope)
        kinds = [self.kind(child, scope) for child in node.iter_child_nodes()]
        if isinstance(node, nodes.CondExpr):
            return kinds[1] if kinds[1] == kinds[2] else Any
        if isinstance(node, (nodes.Compare, nodes.Not, nodes.Test)):
            return bool
        return str if isinstance(node, nodes.Concat) else Any

    def _name(self, node: nodes.Name, scope: dict[str, Any]) -> Any:
        if node.name in scope:
            return scope[node.name]
        if node.name in TRANSLATORS:
            return Any
        return self.say(node, f"there is no name {node.name!r}{did_you_mean(node.name, scope)}")

    def _field(self, node: nodes.Node, name: str, kind: Any) -> Any:
        if kind is Any:
            return Any
        known = kind if isinstance(kind, dict) else fields_of(kind) if _is_fact(kind) else {}
        if name in known:
            return known[name]
        if not known:
            what = "a list" if get_origin(kind) is tuple else getattr(kind, "__name__", "this")
            return self.say(node, f"{what} has no field {name!r}{_instead(kind)}")
        owner = "loop" if isinstance(kind, dict) else kind.__name__
        return self.say(node, f"{owner} has no field {name!r}{did_you_mean(name, known)}")

    def _filter(self, node: nodes.Filter, scope: dict[str, Any]) -> Any:
        kinds = [self.kind(child, scope) for child in node.iter_child_nodes()]
        given = bare(kinds[0]) if kinds else Any
        wanted = _TAKES.get(node.name)
        if wanted and given is not Any and not any(_fits(given, kind) for kind in wanted):
            names = " or ".join("a list" if kind is Many else kind.__name__ for kind in wanted)
            return self.say(node, f"`{node.name}` is for {names}")
        self._picked(node, given)
        if node.name in ("first", "last"):
            return self._entry(node, given)
        if node.name == "default":
            return given if len(kinds) > 1 and bare(kinds[1]) == given else Any
        return given if node.name in _SAME else int if node.name == "length" else str

    def _picked(self, node: nodes.Filter, kind: Any) -> None:
        position = _PICKS.get(node.name)
        named = [pair.value for pair in node.kwargs if pair.key == "attribute"]
        if position is not None and position < len(node.args):
            named.append(node.args[position])
        for value in named:
            if not isinstance(value, nodes.Const):
                self.say(node, f"`{node.name}` takes the field's name in quotes")
            elif get_origin(kind) is tuple:
                self._field(node, str(value.value), bare(get_args(kind)[0]))

    def _call(self, node: nodes.Call, scope: dict[str, Any]) -> Any:
        for child in node.iter_child_nodes():
            self.kind(child, scope)
        if isinstance(node.node, nodes.Name):
            for pair in node.kwargs:
                self._printed(pair.value, self.kind(pair.value, scope))
            if problem := placeholder_problem(node):
                self.say(node, problem)
            return str
        return get_type_hints(self.kind(node.node, scope)).get("return", Any)


def _is_fact(kind: Any) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)


def _fits(given: Any, wanted: Any) -> bool:
    return get_origin(given) is tuple if wanted is Many else given is wanted


def _instead(kind: Any) -> str:
    if kind in (datetime, date):
        return ": print it with `|date`"
    return ": use `[0]`, `|first` or a loop" if get_origin(kind) is tuple else ""
