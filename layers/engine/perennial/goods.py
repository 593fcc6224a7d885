"""What a line of an order is, by the store's own rules: kind, category, and what we know about such things."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache

from perennial.events import Line
from perennial.remembering import remembered
from perennial.store import GoodsMatch, GoodsRule, Store

UNKNOWN = GoodsRule(match=GoodsMatch(), kind="other", category="general")
"""What no rule names."""

MOST_LINES = 512
"""Lines about which answers are remembered."""


@remembered(MOST_LINES)
def classify(line: Line, store: Store) -> GoodsRule:
    """The first rule of the store that matches the line; `UNKNOWN` if none does."""
    return next((rule for rule in store.goods if matches(line, rule.match)), UNKNOWN)


def matches(line: Line, match: GoodsMatch) -> bool:
    """Whether all that the rule gives holds. A price bound never holds for a line without a price."""
    patterns = (
        (match.product_type, [line.product_type]),
        (match.vendor, [line.vendor]),
        (match.sku, [line.sku]),
        (match.title, [line.title]),
        (match.tag, line.tags),
    )
    if not all(pattern is None or _any_like(values, pattern) for pattern, values in patterns):
        return False
    if match.price_from is not None and (line.price is None or line.price < match.price_from):
        return False
    return match.price_below is None or (line.price is not None and line.price < match.price_below)


def _any_like(values: Sequence[str | None], pattern: str) -> bool:
    return any(value is not None and fnmatchcase(value.casefold(), _folded(pattern)) for value in values)


@cache
def _folded(pattern: str) -> str:
    return pattern.casefold()
