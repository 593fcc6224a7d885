"""The aggregate as JSON documents: what a table holds, packed where it is large (packing.py).

Defaults are left out, so that documents stay small: writes are what a message costs most.
"""

from typing import Any, TypeVar

from pydantic import TypeAdapter

from perennial import packing

T = TypeVar("T")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def write(value: object) -> str:
    """A frozen dataclass of the aggregate as JSON."""
    return _adapter(type(value)).dump_json(value, exclude_defaults=True).decode()


def packed(value: object) -> bytes:
    """What `write` would write, as small as it can be stored."""
    return packing.pack(write(value))


def read(kind: type[T], document: str | bytes) -> T:
    """What `write` or `packed` wrote. Raises pydantic's ValidationError."""
    value: T = _adapter(kind).validate_json(packing.unpack(document))
    return value
