"""The consent ledger: every word that was ever said about being written to, written down once and never changed.

The profile holds what counts now; the ledger proves it (GDPR art. 7(1): who, when, to which words, how). It is written
in the commit that heard the word and is read by people only, so that nobody's history slows anybody down (law 8).
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from perennial.customer import Consent, ConsentState

MOST_MARKS = 12
"""Words that no longer count and are remembered as heard, so that telling them again writes nothing. An older one would
be written again over itself: it has the same key."""

Basis = Literal["consent", "unconfirmed", "objection", "none"]

BASES: Mapping[ConsentState, Basis] = {
    "given": "consent",
    "pending": "unconfirmed",
    "withdrawn": "objection",
    "absent": "none",
}
"""What each word gives leave to, or takes it from."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One word. `topic` is `channel:class`; `evidence` names the message or request it came by."""

    topic: str
    said: Consent
    heard_at: datetime

    @property
    def id(self) -> str:
        return mark(self.topic, self.said)

    @property
    def basis(self) -> Basis:
        return BASES[self.said.state]

    @classmethod
    def of(cls, topic: str, said: Consent, now: datetime) -> Self:
        return cls(topic, said, now)


def mark(topic: str, said: Consent) -> str:
    """The same wherever this word is met again, and in the order of time. What proves a word is no part of it."""
    told = f"{topic}|{said.state}|{said.at.timestamp():.6f}|{said.source}|{said.level}|{said.wording}"
    told += f"|{said.number}" if said.number else ""
    return f"{int(said.at.timestamp()):09x}{hashlib.sha256(told.encode()).hexdigest()[:7]}"


def remember(heard: tuple[str, ...], marks: Collection[str]) -> tuple[str, ...]:
    """The newest marks of all, whatever the order in which they came."""
    return tuple(sorted({*heard, *marks})[-MOST_MARKS:])


def in_order(entry: Entry) -> tuple[datetime, str, str]:
    """As people read it: by the moment of the word."""
    return (entry.said.at, entry.topic, entry.id)
