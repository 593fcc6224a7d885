"""The aggregate: one customer of one store, as one query brings it, and the words for what happens to their touches.

Everything here is a frozen value. `Profile.version` is raised by every commit; it is the guarantee against two workers
on one customer, whatever the queue does.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perennial.events import Channel, Contact, MessageClass
from perennial.orders import Order
from perennial.receipts import Receipts

Outcome = Literal["sent", "skipped", "expired", "failed", "unconfirmed"]
State = Literal["claimed", "released", "sent", "skipped", "expired", "failed", "unconfirmed"]
Lane = Literal["urgent", "patient"]
ConsentState = Literal["given", "pending", "withdrawn", "absent"]

LATEST_ORDERS = 10
"""How many of the newest orders a profile remembers by date: enough to tell what was bought since."""


@dataclass(frozen=True, slots=True)
class Consent:
    """`number` is what a yes to texts was given for: it is a yes for that number and no other (47 USC 227)."""

    state: ConsentState
    at: datetime
    source: str = "shop"
    level: str | None = None
    wording: str | None = None
    evidence: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class OrderMark:
    id: str
    placed_at: datetime
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    platform: str
    registered_at: datetime
    removed_at: datetime | None = None

    @property
    def live(self) -> bool:
        return self.removed_at is None or self.removed_at < self.registered_at


@dataclass(frozen=True, slots=True)
class Claim:
    """The committed intent to send one touch, written before the provider is called.

    `others` are the keys of the touches that its message speaks for as well; `offer` is the one it makes.
    """

    enrolment: str
    key: str
    nonce: str
    at: datetime
    grace_until: datetime
    channel: Channel
    class_: MessageClass
    tries: int = 1
    others: tuple[str, ...] = ()
    offer: str | None = None


@dataclass(frozen=True, slots=True)
class Wake:
    """When the customer next needs attention; `n` and the epoch name its schedule, which is never used again."""

    at: datetime
    n: int
    lane: Lane = "patient"
    flexible_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a touch of a live enrolment has come. Touches that are still planned have none.

    `released` touches wait until `until`, after `tries` refusals for the moment; `doubts` counts calls to the provider
    that nobody knows the end of.
    """

    state: State
    at: datetime
    until: datetime | None = None
    tries: int = 0
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class OfferMade:
    """An offer as it was made to one person: its code and its last moment are a promise."""

    made_at: datetime
    expires_at: datetime
    percent: int
    code: str
    days: int
    goods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One passage through one version of a journey, anchored to one order.

    `wishes` are the customer's own words about touches still to come: when, and whether the touch is wanted.
    """

    id: str
    journey: str
    version: str
    order_id: str
    entered_at: datetime
    touches: Mapping[str, Progress] = field(default_factory=dict)
    offers: Mapping[str, OfferMade] = field(default_factory=dict)
    stopped: str | None = None
    wishes: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)

    def declined(self, key: str) -> bool:
        """Whether the customer does not want this touch."""
        _, wanted = self.wishes.get(key, (None, True))
        return not wanted


@dataclass(frozen=True, slots=True)
class Touch:
    """The lasting record of a touch: written when it is claimed or ends, read by people and by receipts.

    `receipts` are what providers reported about it; they are written beside the record, never with it. `to` is where an
    email or a text to the customer went, which may not be theirs, or not be theirs any more.
    """

    id: str
    enrolment: str
    key: str
    journey: str
    version: str
    order_id: str
    message: str
    class_: MessageClass
    state: State
    at: datetime
    due: datetime | None = None
    channel: Channel | None = None
    to: str | None = None
    reason: str | None = None
    subject: str | None = None
    nonce: str | None = None
    provider_id: str | None = None
    tries: int = 0
    zone: str | None = None
    receipts: Receipts = field(default_factory=Receipts)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the person, and what must be known before anything is sent.

    `recent` are the claims that count against the cap, oldest first; `commit` names the last commit, by which a writer
    whose answer was lost knows its own. `redirect` is set on the loser of a merge. `dead` says by address why nothing
    goes there; `detracted` by order when a low score came that nobody has settled. `heard` marks words on consent that
    no longer count (ledger.py). `erased_at`: only books are left once nothing is `erasing` (forgetting.py). `reborn_at`
    and `suppressed`: suppression.py. `merged` are those who are this person too, the last one first; what is `moving`
    of them has live passages to hand over; `same_as` are others, and when to try again to unite (uniting.py).
    """

    store: str
    customer: str
    version: int = 0
    commit: str = ""
    redirect: str | None = None
    contact: Contact = field(default_factory=Contact)
    stamps: Mapping[str, datetime] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    dead: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    recent: tuple[datetime, ...] = ()
    latest_orders: tuple[OrderMark, ...] = ()
    orders: int = 0
    clicked_at: datetime | None = None
    complained_at: datetime | None = None
    rests_until: datetime | None = None
    detracted: Mapping[str, datetime] = field(default_factory=dict)
    once: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    suppressed: Mapping[str, datetime] = field(default_factory=dict)
    erased_at: datetime | None = None
    erasing: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reborn_at: datetime | None = None
    aliases: tuple[str, ...] = ()
    claims: Mapping[str, Claim] = field(default_factory=dict)
    wake: Wake | None = None
    wakes: int = 0
    epoch: int = 0
    merged: tuple[str, ...] = ()
    moving: tuple[str, ...] = ()
    same_as: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def detractor_since(self) -> datetime | None:
        """Since when a low score has waited for the shop to settle it."""
        return min(self.detracted.values(), default=None)


@dataclass(frozen=True, slots=True)
class Customer:
    """Profile, live enrolments and the orders they are about, and how many facts of this customer are parked.

    `apart` are the live orders too many to lie together with the person (arranging.py).
    """

    profile: Profile
    orders: Mapping[str, Order] = field(default_factory=dict)
    enrolments: Mapping[str, Enrolment] = field(default_factory=dict)
    parked: int = 0
    apart: frozenset[str] = frozenset()

    @property
    def live_orders(self) -> frozenset[str]:
        """Orders that a live enrolment still needs: these are read with the customer, the others lie in the archive."""
        return frozenset(enrolment.order_id for enrolment in self.enrolments.values())


def stranger(store: str, customer: str) -> Customer:
    """A customer of whom nothing is known yet."""
    return Customer(Profile(store, customer))


def enrolment_id(journey: str, order_id: str) -> str:
    return f"{journey}:{order_id}"


def touch_id(store: str, enrolment: str, key: str) -> str:
    """Twelve hex digits: short enough for links and tags, the same wherever the touch is thought of."""
    return hashlib.sha256(f"{store}|{enrolment}|{key}".encode()).hexdigest()[:12]


def touch_key(touch: str, part: str | None) -> str:
    """A touch that goes per parcel or refund has one key for each of them."""
    return touch if part is None else f"{touch}/{part}"


def schedule_name(customer: str, epoch: int, n: int) -> str:
    return f"{customer}-{epoch}-{n}"
