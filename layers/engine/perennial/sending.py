"""The ports of the three senders: what a provider is asked, and what it answers (ports.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    sender: str
    to: str
    reply_to: str | None
    subject: str
    html: str
    text: str
    headers: Mapping[str, str]
    tags: Mapping[str, str]
    open_tracking: bool = False
    click_tracking: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingText:
    to: str
    body: str
    promotional: bool
    sender_id: str | None
    max_price_usd: Decimal


@dataclass(frozen=True, slots=True)
class OutgoingPush:
    endpoint: str
    platform: str
    title: str
    body: str
    url: str | None
    collapse_key: str
    seconds_of_use: int


Outgoing = OutgoingEmail | OutgoingText | OutgoingPush


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider said: accepted with its own id; refused for good; released, that is, not taken for the moment.

    `address_gone` says that the address itself is dead there.
    """

    state: Literal["accepted", "refused", "released"]
    reason: str | None = None
    provider_id: str | None = None
    address_gone: bool = False


class Sender(Protocol):
    """Email, texts and push. Called once for a claim, with no retries of any kind underneath."""

    def send(self, message: Outgoing) -> Reply | None:
        """None: no answer came, and nobody knows whether it was accepted."""
