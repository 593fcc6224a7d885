"""Signed links to the shopper's pages: opaque, short, bound to one purpose, with keys that rotate.

A token is 33 bytes, 44 characters of base64url: key id (1), store (2), customer (10), touch (6), day of issue (2), and
the first 12 bytes of an HMAC-SHA256 over the purpose and the rest. Nothing in it is personal, nothing can be guessed or
read, and a token for one page opens no other. A host of up to 19 characters keeps a `List-Unsubscribe` URL under 75.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from perennial.errors import Misconfigured

if TYPE_CHECKING:
    from perennial.facts import Links

Purpose = Literal["unsubscribe", "preferences", "order", "review", "support", "returns", "score", "not-me"]
Refusal = Literal["malformed", "unknown key", "forged", "expired"]

PATHS: Mapping[Purpose, str] = {
    "unsubscribe": "u",
    "preferences": "p",
    "order": "o",
    "review": "r",
    "support": "s",
    "returns": "x",
    "score": "n",
    "not-me": "w",
}
"""The one-letter path of each page."""

BY_PATH: Mapping[str, Purpose] = {path: purpose for purpose, path in PATHS.items()}

LIFETIMES: Mapping[Purpose, timedelta | None] = {
    "unsubscribe": None,
    "preferences": timedelta(days=90),
    "order": timedelta(days=180),
    "review": timedelta(days=60),
    "support": timedelta(days=180),
    "returns": timedelta(days=180),
    "score": timedelta(days=60),
    "not-me": None,
}
"""How long a link works; leaving works for ever, and so does saying that it was never you."""

_EPOCH = date(2020, 1, 1)
_BODY, _MAC = 21, 12
_TOKEN = re.compile(r"[A-Za-z0-9_-]{44}")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Signing keys by their id (0 to 255). `current` signs; all of them verify, so that old mails keep working."""

    current: int
    keys: Mapping[int, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise Misconfigured(f"the link key {self.current} is not in the ring")
        if any(len(key) < 16 or not 0 <= kid <= 255 for kid, key in self.keys.items()):
            raise Misconfigured("a link key needs 16 bytes or more and an id from 0 to 255")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a genuine token says. `store` is the two-byte mark that `store_mark` gives."""

    store: bytes
    customer: str
    touch: str
    issued_on: date


def store_mark(store: str) -> bytes:
    """Two bytes that stand for a store in tokens; `perennial check` sees to it that no two stores share them."""
    return hashlib.sha256(store.encode()).digest()[:2]


def customer_id(raw: bytes) -> str:
    """Ten random bytes as the sixteen letters that name a customer."""
    return base64.b32encode(raw).decode().lower()


def sign(ring: KeyRing, purpose: Purpose, store: str, customer: str, touch: str, now: datetime) -> str:
    """A token that opens one purpose's page for one touch of one customer."""
    day = (now.astimezone(UTC).date() - _EPOCH).days
    body = bytes([ring.current]) + store_mark(store) + _customer_bytes(customer)
    body += bytes.fromhex(touch) + day.to_bytes(2, "big")
    return base64.urlsafe_b64encode(body + _mac(ring.keys[ring.current], purpose, body)).decode()


def verify(ring: KeyRing, purpose: Purpose, token: str, now: datetime) -> Ticket | Refusal:
    """What the token says, or why it opens nothing."""
    if _TOKEN.fullmatch(token) is None:
        return "malformed"
    raw = base64.urlsafe_b64decode(token)
    body, mac = raw[:_BODY], raw[_BODY:]
    key = ring.keys.get(body[0])
    if key is None:
        return "unknown key"
    if not hmac.compare_digest(mac, _mac(key, purpose, body)):
        return "forged"
    ticket = _ticket(body)
    return "expired" if _over(purpose, ticket, now.astimezone(UTC).date()) else ticket


def peek(token: str) -> Ticket | None:
    """What a token says of itself, genuine or not: enough to choose a brand by, and for nothing else."""
    return _ticket(base64.urlsafe_b64decode(token)[:_BODY]) if _TOKEN.fullmatch(token) else None


def _ticket(body: bytes) -> Ticket:
    return Ticket(body[1:3], customer_id(body[3:13]), body[13:19].hex(), _day(body[19:21]))


def links_within(ring: KeyRing, purposes: Iterable[Purpose], ticket: Ticket, store: str, now: datetime) -> "Links":
    """Links from one page to others of the same touch. They are as old as the page's own: none outlives its mail."""
    from perennial.facts import Links

    issued, today = datetime.combine(ticket.issued_on, time(), UTC), now.astimezone(UTC).date()
    alive = [purpose for purpose in purposes if not _over(purpose, ticket, today)]
    addresses = {purpose.replace("-", "_"): _address(ring, purpose, ticket, store, issued) for purpose in alive}
    return Links(**{"unsubscribe": "", "preferences": "", "order": "", "review": "", "support": "", **addresses})


def _address(ring: KeyRing, purpose: Purpose, ticket: Ticket, store: str, issued: datetime) -> str:
    return f"/{PATHS[purpose]}/{sign(ring, purpose, store, ticket.customer, ticket.touch, issued)}"


def _over(purpose: Purpose, ticket: Ticket, today: date) -> bool:
    lifetime = LIFETIMES[purpose]
    return lifetime is not None and today > ticket.issued_on + lifetime


def links_for(ring: KeyRing, pages_url: str, store: str, customer: str, touch: str, now: datetime) -> "Links":
    """Every link a message may carry."""
    from perennial.facts import Links  # pages and the door only verify

    addresses = {
        purpose.replace("-", "_"): f"{pages_url.rstrip('/')}/{path}/{sign(ring, purpose, store, customer, touch, now)}"
        for purpose, path in PATHS.items()
    }
    return Links(**addresses)


def _mac(key: bytes, purpose: Purpose, body: bytes) -> bytes:
    """One key per purpose, so that a review link can never unsubscribe anybody."""
    return hmac.digest(_bound(key, purpose), body, "sha256")[:_MAC]


@lru_cache(maxsize=64)
def _bound(key: bytes, purpose: Purpose) -> bytes:
    return hmac.digest(key, f"v1|{purpose}".encode(), "sha256")


def _customer_bytes(customer: str) -> bytes:
    raw = base64.b32decode(customer.upper())
    if len(raw) != 10:
        raise ValueError("a customer id is sixteen letters of base32")
    return raw


def _day(raw: bytes) -> date:
    return _EPOCH + timedelta(days=int.from_bytes(raw, "big"))
