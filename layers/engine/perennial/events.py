"""Canonical events: facts from outside, in the past tense, whatever shop or carrier told them.

One webhook becomes one event. Instants are aware; money is a decimal string with its ISO 4217 currency. A field that
was **absent** in the webhook is left unset here (`model_fields_set` tells), so that silence never erases a fact;
`null` says "there is none". Serialise with `to_json`, which keeps that difference.

What events are made of is in parts.py, what providers report and shoppers answer in answers.py; all is named here too.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, TypeAdapter

from perennial.answers import (
    DETRACTOR,
    AddressEvent,
    LinkClicked,
    MessageComplained,
    MessagesRested,
    Opinion,
    ReturnEvent,
    ReturnTerms,
    ReviewGiven,
    ScoreEvent,
    TouchEvent,
    Verdict,
)
from perennial.parts import (
    Address,
    Channel,
    Contact,
    Device,
    Edit,
    Event,
    Instant,
    Line,
    LineDelta,
    LineQuantity,
    MessageClass,
    Model,
    Order,
    OrderId,
    Parcel,
    ProgressStatus,
    Refund,
    Tracking,
)

__all__ = [
    "ANY",
    "DETRACTOR",
    "OUTSIDE",
    "PROGRESS",
    "Address",
    "AddressEvent",
    "AnyEvent",
    "Channel",
    "ConsentEvent",
    "Contact",
    "CustomerUpdated",
    "CustomersMerged",
    "Device",
    "DeviceEvent",
    "Edit",
    "Event",
    "Instant",
    "Line",
    "LineDelta",
    "LineQuantity",
    "LinkClicked",
    "MessageClass",
    "MessageComplained",
    "MessagesRested",
    "Model",
    "Opinion",
    "Order",
    "OrderEdited",
    "OrderEvent",
    "OrderRefunded",
    "OutsideEvent",
    "Parcel",
    "PrivacyEvent",
    "ProgressStatus",
    "Refund",
    "ReturnEvent",
    "ReturnTerms",
    "ReviewGiven",
    "ScoreEvent",
    "ShipmentEvent",
    "TouchEvent",
    "Tracking",
    "Verdict",
    "WakeDue",
    "from_json",
    "to_json",
]


class OrderEvent(Event):
    """An order as the shop sees it now. The three types differ in what the shop was doing, not in how they are read."""

    type: Literal["OrderPlaced", "OrderUpdated", "OrderCancelled"]
    order: Order


class OrderEdited(Event):
    type: Literal["OrderEdited"]
    order_id: OrderId
    edit: Edit


class OrderRefunded(Event):
    type: Literal["OrderRefunded"]
    order_id: OrderId
    refund: Refund


class ShipmentEvent(Event):
    """News of one parcel. The type itself counts as progress at `occurred_at` where it names one."""

    type: Literal[
        "ShipmentShipped",
        "ShipmentUpdated",
        "ShipmentInTransit",
        "ShipmentOutForDelivery",
        "ShipmentAttemptFailed",
        "ShipmentReadyForPickup",
        "ShipmentDelivered",
        "ShipmentDelayed",
        "ShipmentFailed",
    ]
    order_id: OrderId
    parcel: Parcel


class ConsentEvent(Event):
    """What a person said about being written to. `ConsentAbsent` is the shop saying that nobody ever asked.

    `contact` is empty where the event is addressed to a known customer.
    """

    type: Literal["ConsentGiven", "ConsentPending", "ConsentWithdrawn", "ConsentAbsent"]
    contact: Contact = Contact()
    channel: Channel
    classes: tuple[Literal["feedback", "marketing"], ...] = ("feedback", "marketing")
    source: str = Field(default="shop", description="checkout, form, shop, one-click, preferences, undo, keyword, …")
    level: str | None = Field(default=None, description="single_opt_in, confirmed_opt_in or the shop's own word.")
    wording: str | None = Field(default=None, description="Version of the text the person agreed to.")
    evidence: str | None = Field(default=None, description="What proves it: the id of a touch, form or request.")


class CustomerUpdated(Event):
    type: Literal["CustomerUpdated"]
    contact: Contact


class CustomersMerged(Event):
    """The shop says that two of its customers are one person: `contact` is the one it keeps, `merged` the other."""

    type: Literal["CustomersMerged"]
    contact: Contact
    merged: Contact


class DeviceEvent(Event):
    type: Literal["DeviceRegistered", "DeviceRemoved"]
    contact: Contact
    device: Device


class PrivacyEvent(Event):
    """A legal request that must be answered within the law's term (30 days)."""

    type: Literal["DataRequested", "ErasureRequested", "StoreErasureRequested"]
    contact: Contact = Contact()
    order_ids: tuple[str, ...] = ()
    request_id: str | None = None
    goes_on: bool = Field(False, description="Not for senders: an earlier run has begun, and this one goes on.")


class WakeDue(Event):
    """The customer's own alarm clock: schedule number `n` of this `epoch` rang."""

    type: Literal["WakeDue"]
    customer: str
    epoch: int
    n: int


OutsideEvent = Annotated[
    OrderEvent
    | OrderEdited
    | OrderRefunded
    | ShipmentEvent
    | ConsentEvent
    | CustomerUpdated
    | CustomersMerged
    | DeviceEvent
    | PrivacyEvent
    | ReviewGiven
    | ScoreEvent
    | ReturnEvent,
    Field(discriminator="type"),
]
"""What a shop, a carrier or a script may tell us; published by `perennial schema events`."""

AnyEvent = Annotated[
    OutsideEvent | WakeDue | AddressEvent | MessageComplained | LinkClicked | MessagesRested | TouchEvent,
    Field(discriminator="type"),
]
"""What may stand in a customer's line: also what only our own functions can know."""

OUTSIDE: TypeAdapter[Any] = TypeAdapter(OutsideEvent, config=ConfigDict(defer_build=True))
ANY: TypeAdapter[Any] = TypeAdapter(AnyEvent, config=ConfigDict(defer_build=True))

PROGRESS: Mapping[str, ProgressStatus] = {
    "ShipmentInTransit": "in_transit",
    "ShipmentOutForDelivery": "out_for_delivery",
    "ShipmentAttemptFailed": "attempt_failed",
    "ShipmentReadyForPickup": "ready_for_pickup",
    "ShipmentDelivered": "delivered",
    "ShipmentDelayed": "delayed",
    "ShipmentFailed": "failed",
}
"""The progress that a shipment event's type itself reports."""


def to_json(event: Event) -> str:
    """One line of JSON; unset fields stay away, so that absence survives the queue."""
    return event.model_dump_json(exclude_unset=True)


def from_json(text: str | bytes) -> Event:
    """The event that `to_json` wrote. Raises pydantic's ValidationError."""
    found = re.match(rb'{"type":"(\w+)"', text.encode() if isinstance(text, str) else text)
    kind = _kinds().get(found[1].decode()) if found else None
    # One model is built in a tenth of the time that the union of all takes: a cold start waits for it.
    event: Event = ANY.validate_json(text) if kind is None else kind.model_validate_json(text)
    return event


@cache
def _kinds() -> Mapping[str, type[Event]]:
    """The class of each type, as the unions list them."""
    outside = get_args(get_args(OutsideEvent)[0])
    inside = [kind for kind in get_args(get_args(AnyEvent)[0]) if isinstance(kind, type)]
    return {name: kind for kind in (*outside, *inside) for name in get_args(kind.__annotations__["type"])}
