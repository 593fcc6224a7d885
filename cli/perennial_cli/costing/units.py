"""What DynamoDB charges for: sizes of items, and the units of reading and writing them. Pure."""

from collections.abc import Mapping
from math import ceil
from typing import Any

WRITE_BYTES, READ_BYTES = 1024, 4096
INDEXED = ("pk", "sk", "due", "due_at")
"""What the sparse index `due` holds of an item (template.yaml: KEYS_ONLY)."""

OVERHEAD = 100
"""Bytes that DynamoDB adds to each stored item, and to each entry of an index, as its guide says."""

Item = Mapping[str, Mapping[str, Any]]


def size(item: Item) -> int:
    """Bytes of an item in DynamoDB's own spelling: names and values in UTF-8."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def stored(item: Item) -> int:
    """Bytes that an item takes in the table and, if it is due, in the index."""
    entry = _entry(item)
    return size(item) + OVERHEAD + (size(entry) + OVERHEAD if entry else 0)


def _value(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held.lstrip("-").replace(".", "")) // 2 + 2
        case "B":
            return len(held)
        case "SS":
            return sum(len(entry.encode()) for entry in held)
        case "L":
            return 3 + sum(1 + _value(entry) for entry in held)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(entry) for name, entry in held.items())
    return 1  # BOOL, NULL


def write_units(before: Item, after: Item, *, transaction: bool) -> int:
    """Of one put, update or delete: the larger of both, in whole KB. A transaction writes everything twice.

    A write whose condition is refused is charged as well, by the item that is there.
    """
    units = max(1, ceil(max(size(before), size(after)) / WRITE_BYTES))
    return units * 2 if transaction else units


def index_units(before: Item, after: Item) -> int:
    """Of the index behind it: an entry that comes, goes or changes its place. Never doubled, as it follows later."""
    was, now = _entry(before), _entry(after)
    return 0 if was == now else bool(was) + bool(now)


def _entry(item: Item) -> Item:
    return {name: item[name] for name in INDEXED} if all(name in item for name in INDEXED) else {}


def read_units(read: int, *, consistent: bool) -> float:
    """Of one item, or of all that one query read."""
    units = max(1, ceil(read / READ_BYTES))
    return units if consistent else units / 2
