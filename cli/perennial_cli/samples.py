"""`sample.json` into facts: an example order to look at a message with, and to try it out on.

A sample holds fields of `facts.Facts` by their names; what it leaves out comes from `_layout/sample.json`. Instants are
ISO 8601 with an offset, dates ISO 8601, amounts `{"amount": "12.50", "currency": "EUR"}`. Objects are merged, lists
replaced.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from perennial.errors import ContentInvalid
from perennial.facts import Facts
from perennial_cli.names import bare
from perennial_cli.yaml_lines import Document, Path, dotted, unknown_key


def facts_from(sample: Mapping[str, Any], file: str = "sample.json") -> Facts:
    """Raises ContentInvalid with the field, on the first that is wrong."""
    return facts_of(Document(file, sample))


def facts_of(sample: Document, shared: Document | None = None) -> Facts:
    """The facts of a sample, completed by the shared one. Raises ContentInvalid with file, line and field."""
    data = sample.data if shared is None else merged(shared.data, sample.data)
    facts = _Reader(sample, shared).value(data, Facts, ())
    assert isinstance(facts, Facts)  # noqa: S101 - for mypy: it was asked for just that
    return facts


def merged(base: Any, over: Any) -> Any:
    """Objects key by key; everything else, lists too, is replaced."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in (*base, *over)}


class _Reader:
    def __init__(self, sample: Document, shared: Document | None) -> None:
        self._sample, self._shared = sample, shared

    def wrong(self, message: str, path: Path) -> ContentInvalid:
        """Said of the file that holds the value: the sample's own, or the shared one."""
        if self._shared is not None and path not in self._sample.lines and path in self._shared.lines:
            return self._shared.problem(message, path)
        return ContentInvalid(message, file=self._sample.file, line=self._sample.line(path), field=dotted(path) or None)

    def value(self, data: Any, kind: Any, path: Path) -> Any:
        if get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind):
            return None if data is None else self.value(data, bare(kind), path)
        if get_origin(kind) is tuple:
            return self._tuple(data, get_args(kind)[0], path)
        if isinstance(kind, type) and is_dataclass(kind):
            return self._object(data, kind, path)
        if kind in (str, int, bool):
            if type(data) is not kind:
                raise self.wrong(f"write {_WORDS[kind]} here", path)
            return data
        return self._parsed(data, kind, path)

    def _tuple(self, data: Any, kind: Any, path: Path) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise self.wrong("write a list here", path)
        return tuple(self.value(entry, kind, (*path, index)) for index, entry in enumerate(data))

    def _object(self, data: Any, kind: type, path: Path) -> Any:
        if not isinstance(data, Mapping):
            raise self.wrong("write an object here", path)
        known = {field.name: field for field in fields(kind)}
        hints = get_type_hints(kind)
        for key in data:
            if key not in known:
                raise self.wrong(unknown_key(str(key), list(known)), (*path, key))
        for name, field in known.items():
            if name not in data and _needed(field):
                raise self.wrong(f"`{name}` is missing: add it", path)
        return kind(**{key: self.value(entry, hints[key], (*path, key)) for key, entry in data.items()})

    def _parsed(self, data: Any, kind: Any, path: Path) -> Any:
        try:
            if kind is Decimal:
                return Decimal(str(data))
            parsed = kind.fromisoformat(data)
        except (ValueError, TypeError, InvalidOperation):
            raise self.wrong(f"write {_WORDS[kind]} here", path) from None
        if kind is datetime and parsed.tzinfo is None:
            raise self.wrong(f"write {_WORDS[kind]} here", path)
        return parsed


_WORDS: Mapping[Any, str] = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    Decimal: 'a number in quotes, as in "12.50"',
    date: 'a date, as in "2026-11-24"',
    datetime: 'a moment with its offset, as in "2026-11-24T18:05:00+01:00"',
}


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
