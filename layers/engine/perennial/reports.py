"""A provider's report in our own words: whose message, what is kept of it, what it changes for the customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from perennial.receipts import Click, First, Kind, TouchRef

Consequence = Literal["AddressBounced", "AddressOptedOut", "MessageComplained", "LinkClicked"]

LONGEST_WORDS = 80
"""Letters that are kept of what a provider says about itself."""


@dataclass(frozen=True, slots=True)
class Report:
    """`consequence` names the event that joins the customer's line; without one, the report is settled on its touch.

    `id` is the same whenever the report comes again. `address` is where the message went.
    """

    id: str
    type: str
    channel: Literal["email", "text"]
    message_id: str
    at: datetime
    ref: TouchRef | None = None
    firsts: Mapping[Kind, First] = field(default_factory=dict)
    click: Click | None = None
    consequence: Consequence | None = None
    address: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nobody can tell what this reports, or of what: it is parked with this reason, which quotes nothing of it."""

    reason: str


def words(text: object) -> str:
    """A provider's own word for something, fit to be kept: one short line of plain letters."""
    kept = "".join(letter for letter in str(text or "") if letter.isascii() and (letter.isalnum() or letter in " -_/."))
    return " ".join(kept.split())[:LONGEST_WORDS]


def instant_of(text: str) -> datetime:
    """A provider's timestamp; one without a zone is UTC. Raises ValueError for what is none."""
    at = datetime.fromisoformat(text)
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    if not 2010 <= at.year <= 2200:
        raise ValueError("an implausible year")
    return at
