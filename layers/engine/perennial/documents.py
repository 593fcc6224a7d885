"""The aggregate as JSON documents: what a table holds, readable by people and by an export.

Defaults are left out, so that documents stay small: writes are what a message costs most.
"""

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def write(value: object) -> str:
    """A frozen dataclass of the aggregate as JSON."""
    return _adapter(type(value)).dump_json(value, exclude_defaults=True).decode()


def read(kind: type[T], document: str) -> T:
    """What `write` wrote. Raises pydantic's ValidationError."""
    value: T = _adapter(kind).validate_json(document)
    return value
