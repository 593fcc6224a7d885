"""What a browser, or a mailbox's one-click button, sends: fields by name, whichever of the two encodings it chose."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

LARGEST = 256 * 1024
"""Bytes of a form: some sixty long reviews."""

MOST_FIELDS = 500

Unusable = Literal["too large", "unreadable"]

_BREAKS = re.compile(r"\r\n?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(rb'[;\s]name="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """Fields that nobody asks for are no harm: browsers' extensions add some."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The field's text, trimmed, with plain line breaks; empty if it was not sent."""
        given = self.fields.get(name, ("",))[-1]
        return _CONTROLS.sub("", _BREAKS.sub("\n", given)).strip()

    def has(self, name: str) -> bool:
        return bool(self.one(name))

    def number(self, name: str, least: int, most: int) -> int | None:
        """The field as a whole number within these bounds; None for anything else."""
        given = self.one(name)
        found = int(given) if re.fullmatch(r"[0-9]{1,6}", given) else None
        return found if found is not None and least <= found <= most else None


def read_form(content_type: str, body: bytes) -> Form | Unusable:
    """The fields of a POST. Its encoding is told by `content_type`, empty where the sender named none."""
    if len(body) > LARGEST:
        return "too large"
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            return _gathered(_parts(content_type, body))
        if kind in ("application/x-www-form-urlencoded", ""):
            return _gathered(_pairs(body.decode("utf-8")))
    except ValueError:  # no UTF-8, no boundary, too many fields
        return "unreadable"
    return "unreadable"


def read_query(query: str) -> Form:
    """What an address carries behind `?`; nothing where it cannot be read."""
    try:
        return _gathered(_pairs(query[:2048]))
    except ValueError:
        return Form()


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    yield from parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, str]]:
    """RFC 7578, as far as forms without files need it."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("no boundary")
    boundary = b"--" + (found[1] or found[2]).encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + boundary)
    if len(pieces) < 2 or len(pieces) > MOST_FIELDS:
        raise ValueError("no parts, or too many")
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return
        head, separator, value = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if separator and name and b"filename=" not in head.lower():
            yield name[1].decode("utf-8"), value.decode("utf-8")


def _gathered(pairs: Iterator[tuple[str, str]]) -> Form:
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return Form(fields)
