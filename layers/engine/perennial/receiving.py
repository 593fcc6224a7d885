"""The door: is this delivery genuine, what does it tell, whose is it? Nothing is decided here, and nothing is lost."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from perennial import events
from perennial.errors import AddressUnknown, BodyUnreadable, Misconfigured, NothingHappened
from perennial.identity import Alias, contact_of, named_aliases, order_id_of, personal_aliases
from perennial.outside import ForReceiving
from perennial.parking import of_a_newcomer
from perennial.platforms import platform
from perennial.ports import Parked
from perennial.store import Store

if TYPE_CHECKING:
    from perennial.customer import Lane


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it came: headers in any case, the body in its very bytes."""

    platform: str
    store: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery. Only ids and reasons: this is what is logged.

    What is *parked* is for somebody to look into. What is *waiting* is about a person who has not bought yet, and is
    taken by their first order. What is *ignored* says itself that nothing has happened, and is not kept.
    """

    outcome: Literal["queued", "parked", "waiting", "ignored"]
    event_id: str
    event_type: str
    customer: str | None = None
    reason: str | None = None

    def as_log(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def receive(delivery: Delivery, outside: ForReceiving) -> Receipt:
    """Verifies, reads, finds the owner and joins the line; keeps what nobody can read or own yet.

    Raises SignatureInvalid, AddressUnknown (nothing is stored) and Unavailable (the sender tries again).
    """
    store = _verified(delivery, outside)
    try:
        event = platform(delivery.platform).parse(delivery.headers, delivery.body, delivery.store, delivery.received_at)
    except NothingHappened as error:
        return Receipt("ignored", _digest_id(delivery), "nothing", reason=str(error))
    except BodyUnreadable as error:
        return _park_body(delivery, str(error), outside)
    if isinstance(event, events.PrivacyEvent):
        return _queue_erasure(event, outside) or _park_request(event, outside)
    alias = _addressee(event, store)
    if alias is None:
        return _park_body(delivery, f"{event.type} names nobody: no email, no customer id, no order", outside)
    return _queue(event, alias, outside)


def put_back(parked: Parked, outside: ForReceiving) -> Receipt:
    """Sends what was parked on its way again: after a deploy that can read it, or once its cause has passed.

    Raises BodyUnreadable where it still cannot be read or nobody owns it, and for what only a person can do.
    """
    content = outside.parking.content(parked)
    if parked.kind == "request":
        raise BodyUnreadable("a legal request is answered by a person, not by putting it back")
    if parked.kind == "body" and parked.platform is not None:
        event = platform(parked.platform).parse(parked.headers, content.encode(), parked.store, parked.parked_at)
    else:
        event = events.from_json(content)
    customer = parked.customer or _known_owner(event, outside)
    outside.line.join(event, customer, lane_of(event), fresh=outside.mint_nonce())
    outside.parking.remove(parked)
    return Receipt("queued", event.id, event.type, customer)


def _known_owner(event: events.Event, outside: ForReceiving) -> str:
    alias = _addressee(event, outside.content.stores[event.store])
    founds = alias is not None and _founds(event, alias)
    if alias is not None and founds:
        return outside.directory.owner_or_claim(event.store, alias, outside.mint_customer())
    owner = outside.directory.owner(event.store, alias) if alias is not None else None
    if owner is None:
        raise BodyUnreadable(f"nobody owns this {event.type} yet")
    return owner


def _queue(event: events.Event, alias: Alias, outside: ForReceiving) -> Receipt:
    if isinstance(event, events.CustomersMerged):
        return _queue_merge(event, outside)
    customer = _owner(event, alias, outside)
    if customer is None:
        return _left_waiting(event)
    outside.line.join(event, customer, lane_of(event))
    return Receipt("queued", event.id, event.type, customer)


def _left_waiting(event: events.Event) -> Receipt:
    if of_a_newcomer(event):
        return Receipt("waiting", event.id, event.type, reason="waits for this person's first order")
    return Receipt("parked", event.id, event.type, reason="nobody owns this yet")


def _queue_merge(event: events.CustomersMerged, outside: ForReceiving) -> Receipt:
    """That two customers are one concerns each of them who is known; it waits at the id of one who is not."""
    owners: dict[str, None] = {}
    for alias in named_aliases(event, outside.content.stores[event.store]):
        if alias.kind == "email":
            candidate = next(iter(owners), None) or outside.mint_customer()
            owners[outside.directory.owner_or_claim(event.store, alias, candidate)] = None
        elif (owner := outside.directory.owner_or_park(event.store, alias, event, outside.now())) is not None:
            owners[owner] = None
    for customer in owners:
        outside.line.join(event, customer, lane_of(event))
    if not owners:
        return _left_waiting(event)
    return Receipt("queued", event.id, event.type, next(iter(owners)))


def lane_of(event: events.Event) -> "Lane":
    """Orders, parcels and answers must not wait behind a rush of offers."""
    patient = events.CustomerUpdated | events.DeviceEvent | events.LinkClicked
    return "patient" if isinstance(event, patient) else "urgent"


def _verified(delivery: Delivery, outside: ForReceiving) -> Store:
    store = outside.content.stores.get(delivery.store)
    if store is None:
        raise AddressUnknown(f"there is no store {delivery.store!r} here")
    if delivery.platform not in store.platforms:
        raise AddressUnknown(f"the store {delivery.store!r} does not take webhooks of {delivery.platform!r}")
    secrets = outside.secrets.webhook(delivery.store, delivery.platform)
    if secrets is None:
        raise Misconfigured(f"no webhook secret is set for {delivery.store!r} and {delivery.platform!r}")
    platform(delivery.platform).verify(delivery.headers, delivery.body, secrets, delivery.received_at)
    return store


def _addressee(event: events.Event, store: Store) -> Alias | None:
    """The strongest of what the event says about whose it is."""
    order_id = order_id_of(event)
    by_order = (Alias("order", order_id),) if order_id is not None else ()
    return next(iter((*personal_aliases(contact_of(event), store), *by_order)), None)


def _owner(event: events.Event, alias: Alias, outside: ForReceiving) -> str | None:
    """Whose line the event joins; None if it is kept at the alias until somebody registers that.

    An order, or whoever has an email, founds a customer where there is none. News of an order or of a shop's customer
    that nobody has registered waits: whoever registers it adopts the news in the same write.
    """
    if _founds(event, alias):
        return outside.directory.owner_or_claim(event.store, alias, outside.mint_customer())
    return outside.directory.owner_or_park(event.store, alias, event, outside.now())


def _founds(event: events.Event, alias: Alias) -> bool:
    """A snapshot that is silent about its buyer waits for the one that is not: overtaking it, it would part the order
    from the person, and with it from all that they ever said.
    """
    if isinstance(event, events.OrderEvent):
        return event.type == "OrderPlaced" or event.order.contact is not None
    return alias.kind == "email"


def _digest_id(delivery: Delivery) -> str:
    return f"{delivery.platform}:{hashlib.sha256(delivery.body).hexdigest()[:24]}"


def _park_body(delivery: Delivery, reason: str, outside: ForReceiving) -> Receipt:
    parked = Parked(
        id=_digest_id(delivery),
        store=delivery.store,
        kind="body",
        reason=reason,
        parked_at=delivery.received_at,
        content=delivery.body.decode("utf-8", errors="backslashreplace"),
        platform=delivery.platform,
        headers=dict(delivery.headers),
    )
    outside.parking.park(parked)
    return Receipt("parked", parked.id, "unreadable", reason=reason)


def _queue_erasure(event: events.PrivacyEvent, outside: ForReceiving) -> Receipt | None:
    """Into the line of everybody whom the request names; of somebody new, if nobody knows them: what comes late about
    them must find that they left. None if it is no erasure, or names nobody.
    """
    store = outside.content.stores[event.store]
    named = personal_aliases(event.contact, store) or tuple(Alias("order", order) for order in event.order_ids)
    if event.type != "ErasureRequested" or not named:
        return None
    owner, owners = outside.mint_customer(), []
    for alias in named:
        owner = outside.directory.owner_or_claim(event.store, alias, owner)
        owners.append(owner)
    for customer in dict.fromkeys(owners):
        outside.line.join(event, customer, lane_of(event))
    return Receipt("queued", event.id, event.type, owners[0])


def _park_request(event: events.PrivacyEvent, outside: ForReceiving) -> Receipt:
    """A legal request waits for a person: it must be answered within 30 days."""
    how = "erase-store" if event.type == "StoreErasureRequested" else "export"
    reason = f"{event.type}: answer it within 30 days, see `perennial {how}`"
    parked = Parked(
        id=event.id,
        store=event.store,
        kind="request",
        reason=reason,
        parked_at=event.received_at or event.occurred_at,
        content=events.to_json(event),
    )
    outside.parking.park(parked)
    return Receipt("parked", event.id, event.type, reason=reason)
