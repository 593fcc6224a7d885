"""Shop platforms and carriers, one module each: is this delivery genuine, and what does it tell us?

Everything here is pure. A platform is a module with the three functions of `Platform`; it is imported on first use, so
that a cold start pays only for the platform that called.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from perennial.errors import AddressUnknown, Misconfigured
from perennial.events import Event

_DELIVERY = re.compile(r"[A-Za-z0-9._:-]{1,100}")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What deliveries are signed with. `previous` stays valid while a shop rotates its secret. Never shown."""

    current: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.current.strip():  # an empty key is a key that everybody has
            raise Misconfigured("the webhook secret is empty")

    @property
    def valid(self) -> tuple[str, ...]:
        previous = (self.previous or "").strip()
        return (self.current.strip(), previous) if previous else (self.current.strip(),)


class Platform(Protocol):
    """What the door needs to know about a sender. Header names may come in any case."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Secrets, now: datetime) -> None:
        """Return if the delivery is genuine. Raises SignatureInvalid (missing, wrong, stale, empty body)."""

    def parse(self, headers: Mapping[str, str], body: bytes, store: str, received_at: datetime) -> Event:
        """The one event of a verified delivery. Raises BodyUnreadable with a reason a person can act on."""

    def sign(self, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> dict[str, str]:
        """The headers, in lower case, with a signature that `verify` accepts at `now`."""


def _shopify() -> Platform:
    from perennial.platforms import shopify

    return shopify


def _perennial() -> Platform:
    from perennial.platforms import perennial

    return perennial


PLATFORMS: Mapping[str, Callable[[], Platform]] = {"perennial": _perennial, "shopify": _shopify}


def platform(name: str) -> Platform:
    """The platform of that name. Raises AddressUnknown."""
    load = PLATFORMS.get(name)
    if load is None:
        raise AddressUnknown(f"no such platform here; known: {', '.join(PLATFORMS)}")
    return load()


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names in lower case, values without the blanks around them: every gateway spells them its own way."""
    return {name.lower(): value.strip() for name, value in headers.items()}


def same(expected: str, given: str) -> bool:
    """Compare signatures in constant time; `given` comes from outside and may hold anything."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def event_id(platform: str, topic: str, delivery: str | None, body: bytes) -> str:
    """`<platform>:<topic>:<delivery>`; the body's hash stands in for a delivery id that is missing or odd."""
    if delivery is None or _DELIVERY.fullmatch(delivery) is None:
        delivery = f"sha256-{hashlib.sha256(body).hexdigest()}"
    return f"{platform}:{topic}:{delivery}"
