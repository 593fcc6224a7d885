"""Small stores, journeys and events for the tests of the core: each test names only what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from perennial import events
from perennial.content import Bodies, Content, make_content
from perennial.customer import Customer, stranger
from perennial.journeys import Journey
from perennial.messages import Message
from perennial.orders import Order, blank, learn
from perennial.store import Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday morning in London; the clocks there go forward on 29 March."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONDON, BERLIN = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin")
WHO = "cust234567abcdef"
KETTLE: Mapping[str, Any] = {"id": "l1", "title": "Kettle", "quantity": 1, "sku": "KET-1", "price": "40.00"}
FRIDGE: Mapping[str, Any] = {"id": "l2", "title": "Fridge", "quantity": 1, "sku": "FRI-1", "price": "400.00"}
MANUAL: Mapping[str, Any] = {"id": "l3", "title": "Manual", "quantity": 1, "price": "5.00", "requires_shipping": False}
GIFT: Mapping[str, Any] = {"id": "g1", "title": "Gift card", "quantity": 1, "price": "50.00", "gift_card": True}
GOODS: tuple[Mapping[str, Any], ...] = (
    {"match": {"sku": "KET*"}, "kind": "small-appliance", "category": "kettle", "warranty_months": 24},
    {"match": {"sku": "FRI*"}, "kind": "large-appliance", "category": "fridge"},
)


def a_store(**fields: Any) -> Store:
    """A British shop that may write to its buyers, texts them, and knows kettles from fridges."""
    told: dict[str, Any] = {
        "store": "shop",
        "name": "Shop",
        "url": "https://shop.example",
        "country": "GB",
        "time_zone": "Europe/London",
        "currency": "GBP",
        "postal_address": "1 High Street, London",
        "sender": {"email": "hello@shop.example", "name": "Shop"},
        "support": {"email": "help@shop.example"},
        "pages_url": "https://p.shop.example",
        "consent": {"soft_opt_in": True, "opt_out_offered_at_checkout": True},
        "texts": {},
        "goods": GOODS,
        "offers": {"tenth": {"percent": 10, "days": 7, "code": "TEN-10"}},
    }
    return Store.model_validate({**told, **fields})


def a_journey(name: str, *touches: Mapping[str, Any], **fields: Any) -> Journey:
    told = {"journey": name, "about": "x", "enrol": {"on": "order.placed"}, "touches": touches}
    return Journey.model_validate({**told, **fields})


def a_touch(name: str, after: str, message: str = "tips", **fields: Any) -> dict[str, Any]:
    """Fields with a space are written with an underscore: `not_before`, `hold_while`."""
    spaced = {key.replace("_", " "): value for key, value in fields.items()}
    return {"touch": name, "after": after, "message": message, **spaced}


def a_message(name: str, class_: str, channels: Iterable[str] = ("email",), **fields: Any) -> Message:
    told = {"message": name, "about": "x", "class": class_, "channels": tuple(channels), "subject": name}
    return Message.model_validate({**told, **fields})


MESSAGES = (
    a_message("note", "transactional"),
    a_message("ping", "transactional", ("text", "email")),
    a_message("buzz", "transactional", ("push", "text", "email")),
    a_message("thanks", "transactional", one_per="order"),
    a_message("review", "feedback", one_per="order"),
    a_message("survey", "feedback"),
    a_message("tips", "marketing"),
    a_message("offer", "marketing", promotional=True),
    a_message("nudge", "marketing", ("text",)),
    a_message("flash", "marketing", ("push", "email")),
    a_message("alarm", "transactional", to="store"),
)
BODIES = Bodies(html="<p>{{ order.number }}</p>", text="{{ order.number }}", sms="{{ order.number }}")


def a_content(*journeys: Journey, store: Store | None = None, messages: Iterable[Message] = MESSAGES) -> Content:
    told = {message.message: (message, BODIES) for message in messages}
    return make_content([store or a_store()], journeys, told, {})


def an_event(type_: str, at: datetime, received: datetime | None = None, **fields: Any) -> events.Event:
    told = {"type": type_, "id": f"{type_}:{at.isoformat()}", "store": "shop", "occurred_at": at}
    stamped = {"received_at": received or at}
    event: events.Event = events.ANY.validate_python({**told, **stamped, **fields})
    return event


def placed(
    at: datetime = NOW, order: str = "1001", email: str | None = "ann@example.com", **fields: Any
) -> events.Event:
    """An order as it comes first: one kettle, for Ann in London."""
    told: dict[str, Any] = {
        "id": order,
        "number": f"#{order}",
        "placed_at": at,
        "currency": "GBP",
        "total": "40.00",
        "lines": [KETTLE],
        "contact": {"email": email, "first_name": "Ann"},
        "shipping_address": {"country": "GB"},
    }
    return an_event("OrderPlaced", at, order={**told, **fields})


def snapshot(
    at: datetime, order: str = "1001", type_: str = "OrderUpdated", received: datetime | None = None, **fields: Any
) -> events.Event:
    """An order as the shop sees it now: only the fields that are given."""
    return an_event(type_, at, received, order={"id": order, **fields})


def cancelled(at: datetime, order: str = "1001") -> events.Event:
    return snapshot(at, order, "OrderCancelled", cancelled_at=at)


def shipment(
    type_: str, at: datetime, parcel: str = "p1", order: str = "1001", received: datetime | None = None, **fields: Any
) -> events.Event:
    """News of a parcel: `shipment("Delivered", at)`."""
    return an_event(f"Shipment{type_}", at, received, order_id=order, parcel={"id": parcel, **fields})


def shipped(at: datetime, parcel: str = "p1", order: str = "1001", lines: Any = (), **fields: Any) -> events.Event:
    return shipment("Shipped", at, parcel, order, lines=portions(lines), **fields)


def delivered(at: datetime, parcel: str = "p1", order: str = "1001") -> events.Event:
    return shipment("Delivered", at, parcel, order)


def portions(lines: Any) -> list[dict[str, Any]]:
    """`{"l1": 2}` as the lines of a parcel or refund."""
    return [{"line_id": line, "quantity": count} for line, count in dict(lines).items()]


def refunded(
    at: datetime,
    amount: str | None = "5.00",
    refund: str = "r1",
    order: str = "1001",
    settled: bool = True,
    lines: Any = (),
    received: datetime | None = None,
    currency: str | None = None,
) -> events.Event:
    told = {
        "currency": currency,
        "id": refund,
        "refunded_at": at,
        "amount": amount,
        "settled": settled,
        "lines": portions(lines),
    }
    return an_event("OrderRefunded", at, received, order_id=order, refund=told)


def edited(at: datetime, edit: str = "e1", added: Any = (), removed: Any = (), order: str = "1001") -> events.Event:
    told = {"id": edit, "additions": deltas(added), "removals": deltas(removed)}
    return an_event("OrderEdited", at, order_id=order, edit=told)


def deltas(lines: Any) -> list[dict[str, Any]]:
    return [{"line_id": line, "delta": count} for line, count in dict(lines).items()]


def consented(state: str, at: datetime = NOW, channel: str = "email", **fields: Any) -> events.Event:
    """`consented("Withdrawn", at)`, about Ann."""
    return an_event(f"Consent{state}", at, channel=channel, **{"contact": {"email": "ann@example.com"}, **fields})


def device(state: str, at: datetime = NOW, endpoint: str = "arn:phone", platform: str = "fcm") -> events.Event:
    told: dict[str, Any] = {
        "contact": {"email": "ann@example.com"},
        "device": {"endpoint": endpoint, "platform": platform},
    }
    return an_event(f"Device{state}", at, **told)


def reviewed(at: datetime, line: str = "l1", stars: int = 5, order: str = "1001", **fields: Any) -> events.Event:
    return an_event("ReviewGiven", at, order_id=order, line_id=line, stars=stars, **fields)


def scored(at: datetime, score: int = 9, order: str = "1001", **fields: Any) -> events.Event:
    return an_event("ScoreGiven", at, order_id=order, score=score, **fields)


def score_settled(at: datetime, order: str = "1001") -> events.Event:
    return an_event("ScoreSettled", at, order_id=order)


def returned(
    stage: str, at: datetime, lines: Any = (), case: str = "t1", order: str = "1001", **fields: Any
) -> events.Event:
    """News of a return: `returned("Requested", at, {"l1": 1})`."""
    told: dict[str, Any] = {"lines": portions(lines)} if lines else {}
    return an_event(f"Return{stage}", at, order_id=order, return_id=case, **told, **fields)


def withdrawn(at: datetime, case: str = "t1", order: str = "1001", **fields: Any) -> events.Event:
    return an_event("WithdrawalDeclared", at, order_id=order, return_id=case, **fields)


def complained(at: datetime, channel: str = "email", **fields: Any) -> events.Event:
    return an_event("MessageComplained", at, channel=channel, **fields)


def gone(at: datetime, address: str = "ann@example.com", what: str = "Bounced", **fields: Any) -> events.Event:
    """An address that must not be written to again: `gone(at, what="Disowned")`."""
    return an_event(f"Address{what}", at, **{"channel": "email", "reason": what.lower(), **fields}, address=address)


def rested(at: datetime, until: datetime | None) -> events.Event:
    return an_event("MessagesRested", at, until=until)


def wish(what: str, at: datetime, enrolment: str, key: str) -> events.Event:
    """`wish("Declined", at, "care:1001", "tips")`."""
    return an_event(f"Touch{what}", at, enrolment=enrolment, key=key)


def clicked(at: datetime) -> events.Event:
    return an_event("LinkClicked", at, touch="abcdefabcdef", link="order")


def an_order(*news: events.Event) -> Order:
    """The order that the events tell of."""
    order = blank("1001")
    for event in news:
        order = learn(order, event)
    return order


def somebody(**profile: Any) -> Customer:
    customer = stranger("shop", WHO)
    return replace(customer, profile=replace(customer.profile, **profile))
