"""What providers report about a message they took: values, and how any order and number of reports ends the same.

Each kind of report is kept as the first moment it speaks of, with the words that belong to it; the earlier moment wins,
and of one moment the lesser words. Clicks are kept as a small set, because who clicked is judged by looking at them
together (machines.py). Nothing of this is personal: no address, no IP, no user agent, no URL.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol, Self, get_args

Kind = Literal["accepted", "delivered", "delayed", "opened", "fetched", "bounced", "complained", "refused"]
"""`opened` by a person as far as one can tell, `fetched` by a machine; `refused`: taken first, then never sent on."""

KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_CLICKS = 50
"""Clicks that are kept of one message; who clicks more often is a machine."""

ACCOUNT = "-"
"""Stands for a store in keys of what an AWS account tells before anybody knows whose it is."""

_STORE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CUSTOMER, _TOUCH = re.compile(r"[a-z2-7]{16}"), re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, order=True)
class First:
    """When something was first reported, and the words that came with it."""

    at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Click:
    """One press of a link: `link` is its purpose or host, `mark` tells links of one purpose apart without their URL.

    `reasons` say what the report itself holds against a person's having pressed it.
    """

    at: datetime
    link: str
    mark: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipts:
    """All that is known of one message after it was handed over; clicks without doubles, oldest first."""

    firsts: Mapping[Kind, First] = field(default_factory=dict)
    clicks: tuple[Click, ...] = ()

    def at(self, kind: Kind) -> datetime | None:
        return self.firsts[kind].at if kind in self.firsts else None

    def with_firsts(self, told: Mapping[Kind, First]) -> Self:
        return type(self)({**self.firsts, **earlier(told, self.firsts)}, self.clicks)


@dataclass(frozen=True, slots=True)
class TouchRef:
    """By what a message tells whose it is: the tags of an email, the alias of a text's message id."""

    store: str
    customer: str
    touch: str

    @classmethod
    def of(cls, store: object, customer: object, touch: object) -> Self | None:
        """None for what cannot be a touch of ours."""
        told = ((_STORE, store), (_CUSTOMER, customer), (_TOUCH, touch))
        if not all(isinstance(text, str) and pattern.fullmatch(text) for pattern, text in told):
            return None
        return cls(str(store), str(customer), str(touch))


class ReceiptBook(Protocol):
    """The receipts of all touches, kept with their records; where there is no record, none is made."""

    def note(self, ref: TouchRef, told: Mapping[Kind, First]) -> bool:
        """Keeps what is earlier than what is held. False: there is no such touch."""

    def note_click(self, ref: TouchRef, click: Click) -> tuple[Click, ...] | None:
        """All clicks of the message, this one among them; None: there is no such touch."""

    def text(self, message_id: str) -> TouchRef | None:
        """The touch of a text by its provider's id: known for a week from when it was accepted."""

    def texted(self, numbers: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """To whom texts went at each of at most 100 numbers, as (store, customer); only numbers that are known."""

    def forget_number(self, number: str, store: str, customer: str) -> None:
        """No text goes there any more."""


class OptedOut(Protocol):
    """Numbers that answered STOP to the provider."""

    def page(self, after: str | None) -> tuple[tuple[str, ...], str | None]:
        """At most 100 numbers, and where to go on; None at the end."""

    def go_on(self, after: str) -> None:
        """Lets another run read the rest."""


def earlier(told: Mapping[Kind, First], held: Mapping[Kind, First]) -> dict[Kind, First]:
    """What of `told` is news."""
    return {kind: first for kind, first in told.items() if kind not in held or first < held[kind]}


def write_first(first: First) -> str:
    """In a form whose order is the order of `First`."""
    return f"{_instant(first.at)} {first.words}".rstrip()


def read_first(text: str) -> First:
    at, _, words = text.partition(" ")
    return First(datetime.fromisoformat(at), words)


def write_click(click: Click) -> str:
    return "|".join((_instant(click.at), click.link, click.mark, ",".join(click.reasons)))


def read_click(text: str) -> Click:
    at, link, mark, reasons = text.split("|")
    return Click(datetime.fromisoformat(at), link, mark, tuple(reasons.split(",")) if reasons else ())


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
