"""Reading other people's JSON, field by field.

A refusal names the field's path and the type found, never its value: bodies hold names and addresses, and reasons are
logged (law 11). For the same reason nothing here keeps a foreign exception as a cause: their texts quote the input.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import ValidationError

from perennial.errors import BodyUnreadable
from perennial.events import Event

Fields = dict[str, Any]
Reading = tuple[type[Event], Fields]
"""What a body tells: the class of the event and its fields, those only that the body speaks of."""

_BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\s]+")
_ID = re.compile(r"(?:gid://shopify/[A-Za-z]+/)?([0-9]{1,20})")
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{0,30})?")
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
_YEARS = range(1970, 2200)
_MOST = Decimal(10) ** 15
_TYPES = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}


def read(body: bytes) -> "Body":
    """The body's JSON object. Raises BodyUnreadable. Fractions become Decimal: money never passes through a float."""
    try:
        content = _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BodyUnreadable(f"not UTF-8 (at byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise BodyUnreadable(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except (ValueError, ArithmeticError):
        raise BodyUnreadable("not JSON we can read: a number is too long") from None
    except RecursionError:
        raise BodyUnreadable("not JSON we can read: nested too deeply") from None
    return _object(content)


def _refuse_constant(name: str) -> NoReturn:
    raise BodyUnreadable(f"not JSON: {name} is not a JSON number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)


def instant(text: str) -> datetime:
    """An ISO 8601 instant in UTC; `Z` and nanoseconds are fine. Raises ValueError, also for one without an offset."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("an ISO 8601 date and time") from None
    if moment.tzinfo is None:
        raise ValueError("a time with its UTC offset")
    if moment.year not in _YEARS:
        raise ValueError("a year that can be true")
    return moment


def one_line(text: str) -> str:
    """Text fit for a subject line or a header: control characters and runs of blanks become one blank."""
    if not text.isascii():  # a shop may cut a title in the middle of an emoji, which no UTF-8 encoder accepts
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _BLANKS.sub(" ", text).strip()


def reasons(error: ValidationError) -> str:
    """What pydantic has against an event, as `path: message; …`, without the values it quotes."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[:3]
    return "; ".join(f"{_path(problem['loc'])}: {problem['msg']}" for problem in first)[:500]


def _path(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in location]
    return "".join(parts).removeprefix(".") or "body"


def shown(name: str) -> str:
    """A field's name, if it is one: names come from outside as well."""
    return name if _NAME.fullmatch(name) else "…"


def _type(value: object) -> str:
    return _TYPES.get(type(value), "a number")


@dataclass(frozen=True, slots=True)
class Body:
    """One JSON object and the path that leads to it. `null` and absent both read as None; `in` tells them apart."""

    fields: Fields
    path: str = ""

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def pick(self, table: Mapping[str, tuple[str, "Field"]]) -> Fields:
        """`{ours: value}` of what is present. A field that is absent stays away, so that silence erases nothing."""
        return {ours: read(self, theirs) for ours, (theirs, read) in table.items() if theirs in self.fields}

    def known(self, table: Mapping[str, tuple[str, "Field"]]) -> Fields:
        """As `pick`, for fields where null says nothing either."""
        return {ours: value for ours, value in self.pick(table).items() if value is not None}

    def refuse(self, name: str, expected: str) -> NoReturn:
        found = _type(self.fields[name]) if name in self.fields else "nothing"
        raise BodyUnreadable(f"{self.at(name)}: expected {expected}, got {found}")

    def at(self, name: str) -> str:
        return f"{self.path}{'' if name.startswith('[') else '.'}{name}".removeprefix(".")

    def text(self, name: str) -> str | None:
        """One line of text; blank is as good as none."""
        value = self.fields.get(name)
        if type(value) is int:
            return str(value)
        if value is not None and not isinstance(value, str):
            self.refuse(name, "text")
        return one_line(value) or None if value else None

    def id(self, name: str) -> str:
        """A number, as text: ids exceed 2^53, which JavaScript rounds. Of a gid in its place, the number at its end."""
        return self.id_if_any(name) or self.refuse(name, "an id")

    def ids(self, name: str) -> list[str]:
        return [Body({place: value}, self.at(name)).id(place) for place, value in _numbered(self.items(name))]

    def texts(self, name: str) -> list[str | None]:
        return [Body({place: value}, self.at(name)).text(place) for place, value in _numbered(self.items(name))]

    def id_if_any(self, name: str) -> str | None:
        value = self.fields.get(name)
        if value is None:
            return None
        match = _ID.fullmatch(str(value)) if type(value) in (int, str) else None
        return match[1] if match else self.refuse(name, "an id")

    def moment(self, name: str) -> datetime | None:
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(name, "an ISO 8601 date and time")
        try:
            return instant(value)
        except ValueError as error:
            raise BodyUnreadable(f"{self.at(name)}: expected {error}") from None

    def first_moment(self, *names: str) -> datetime:
        """The first of these that is there; an event without its time cannot be put in order."""
        return next(filter(None, map(self.moment, names)), None) or self.refuse(names[0], "a date and time")

    def number(self, name: str) -> Decimal | None:
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        if type(value) not in (int, str, Decimal) or (type(value) is str and not _NUMBER.fullmatch(value)):
            self.refuse(name, "a number")
        number = Decimal(value)
        return number if number.copy_abs() < _MOST else self.refuse(name, "a smaller number")

    def count(self, name: str) -> int:
        count = self.count_if_any(name)
        return self.refuse(name, "a count") if count is None else count

    def count_if_any(self, name: str) -> int | None:
        value = self.fields.get(name)
        if value is None or (type(value) is int and 0 <= value < _MOST):
            return value
        return self.refuse(name, "a count")

    def flag(self, name: str) -> bool | None:
        value = self.fields.get(name)
        return value if value is None or isinstance(value, bool) else self.refuse(name, "a boolean")

    def part(self, name: str) -> "Body | None":
        value = self.fields.get(name)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, "an object")
        return None if value is None else Body(value, self.at(name))

    def parts(self, name: str) -> list["Body"]:
        """The objects of a list; none if the list is null or absent."""
        return [_object(item, f"{self.at(name)}{place}") for place, item in _numbered(self.items(name))]

    def items(self, name: str) -> list[Any]:
        value = self.fields.get(name)
        if value is not None and not isinstance(value, list):
            self.refuse(name, "a list")
        return value or []


def _numbered(items: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"[{place}]", item) for place, item in enumerate(items))


def _object(value: object, path: str = "") -> Body:
    if not isinstance(value, dict):
        raise BodyUnreadable(f"{path or 'body'}: expected an object, got {_type(value)}")
    return Body(value, path)


Field = Callable[[Body, str], object]
"""How one field is read, from its object and its name there."""
