"""What to write in the place of a condition that cannot be told: tried out before anybody is told to write it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations
from typing import TypeVar

from jinja2 import nodes

from perennial.conditions import compile_condition, tree_of_condition
from perennial.errors import RuleFailed
from perennial.facts import Facts, Money

N = TypeVar("N", bound=nodes.Node)

MOST_GUARDS = 3

UNKNOWN = "ask first whether it is known, as in `order.total is not none and order.total.amount > 100`"
UNLIKE = "compare numbers with numbers, without quotes, and text with text"
UNASKED = "ask for the values themselves, not for how they are printed; `ordered_since` takes a moment"
_NUMBER_AS_TEXT = re.compile(r"'(\d+(?:\.\d+)?)'|\"(\d+(?:\.\d+)?)\"")


def better(text: str, why: str, cases: Sequence[Facts]) -> str:
    """What to do, in words: the condition with amounts, numbers and guards put right, if that can always be told."""
    for asked, base in dict.fromkeys(_tries(text, cases)):
        written = " and ".join([*asked, f"({base})"])
        if all(_told(written, facts) for facts in cases):
            return _in_words(asked, base)
    return UNASKED if why.endswith("while rendering") else UNKNOWN if "'None'" in why else UNLIKE


def _in_words(asked: tuple[str, ...], base: str) -> str:
    if asked and _loose(base):
        return f"write `({' and '.join([*asked, '…'])})` around what needs it"
    return f"write `{' and '.join([*asked, base])}`"


def paths_in(text: str) -> tuple[str, ...]:
    """What it looks at, as `order` and `order.total`; the shorter first, then as they stand there."""
    return tuple(sorted(set(_paths(text)), key=lambda path: (path.count("."), text.find(path))))


def literals(text: str) -> tuple[str, ...]:
    """The texts in quotes: names of goods, in most cases."""
    return tuple(dict.fromkeys(node.value for node in _nodes(text, nodes.Const) if isinstance(node.value, str)))


def compared(text: str) -> tuple[dict[str, str | int], ...]:
    """The values with which it compares each path: once the first of them, once the last."""
    pairs: list[tuple[str, str | int]] = []
    for node in _nodes(text, nodes.Compare):
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        for one, other in chain(zip(sides, sides[1:], strict=False), zip(sides[1:], sides, strict=False)):
            values = other.items[:1] if isinstance(other, (nodes.List, nodes.Tuple)) else [other]
            pairs += [(_path(one), each.value) for each in values if isinstance(each, nodes.Const) and _path(one)]
    told = [(path, value) for path, value in pairs if isinstance(value, (str, int))]
    return (dict(told), dict(reversed(told)))


def _nodes(text: str, kind: type[N]) -> list[N]:
    tree = tree_of_condition(text)
    return [*([tree] if isinstance(tree, kind) else []), *tree.find_all(kind)]


def _tries(text: str, cases: Sequence[Facts]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Guards, and what stands behind them."""
    paths = paths_in(text)
    amounts = [path for path in paths if any(isinstance(_value(path, facts), Money) for facts in cases)]
    numbered = _NUMBER_AS_TEXT.sub(lambda match: match[1] or match[2], text)
    guards = [*_guards(paths, cases)][:MOST_GUARDS]
    chosen = chain.from_iterable(combinations(guards, count) for count in range(len(guards) + 1))
    for asked in chosen:
        for base in (text, numbered):
            yield asked, base
            yield asked, _by_amount(base, amounts)


def _guards(paths: Iterable[str], cases: Sequence[Facts]) -> Iterator[str]:
    for path in paths:
        values = [_value(path, facts) for facts in cases]
        if any(value is None for value in values):
            yield f"{path} is not none"
        elif any(value == () for value in values):
            yield path


def _by_amount(text: str, amounts: Iterable[str]) -> str:
    for path in amounts:
        text = re.sub(rf"(?<![\w.]){re.escape(path)}(?![\w.])", f"{path}.amount", text)
    return text


def _loose(text: str) -> bool:
    """Whether what stands before it with an `and` would be asked of one part of it alone, or change what it means."""
    return isinstance(tree_of_condition(text), (nodes.Or, nodes.CondExpr))


def _paths(text: str) -> Iterator[str]:
    for kind in (nodes.Name, nodes.Getattr):
        yield from (path for node in _nodes(text, kind) if (path := _path(node)))


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    inner = _path(node.node) if isinstance(node, nodes.Getattr) else ""
    return f"{inner}.{node.attr}" if inner and isinstance(node, nodes.Getattr) else ""


def _value(path: str, facts: Facts) -> object:
    """What stands there; False where nothing can."""
    value: object = facts
    for name in path.split("."):
        value = getattr(value, name, False)
    return value


def _told(text: str, facts: Facts) -> bool:
    try:
        compile_condition(text).holds(facts)
    except RuleFailed:
        return False
    return True
