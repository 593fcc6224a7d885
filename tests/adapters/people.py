"""Customers and decisions for the contract tests: values as `decide` makes them, written down by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from perennial import events, ports
from perennial.customer import (
    Claim,
    Consent,
    Customer,
    Device,
    Enrolment,
    OfferMade,
    OrderMark,
    Profile,
    Progress,
    Touch,
    Wake,
    touch_id,
)
from perennial.decide import Decision
from perennial.identity import Alias
from perennial.orders import Order, Parcel
from tests.adapters.cloud import NOON

STORE = "demo"
ANNA, BERT, CARLA = "annaaaaaaaaaaaaa", "berttttttttttttt", "carlaaaaaaaaaaaa"
EMAIL = Alias("email", "anna@example.com")
ORDER = Alias("order", "1001")


PARTS = {"touches": "touches", "endings": "endings", "aliases": "register", "ledger": "words"}


def decision(before: Customer, nonce: str = "", **changes: Any) -> Decision:
    """A decision about `before`. Changes are fields of the profile, or `touches`, `endings`; `register` for aliases.

    `with_orders` are added to those that are there; `with_enrolments` take the place of all.
    """
    parts = {name: changes.pop(given, ()) for name, given in PARTS.items()}
    orders = {**before.orders, **{order.id: order for order in changes.pop("with_orders", ())}}
    enrolments = changes.pop("with_enrolments", None)
    version = before.profile.version + 1
    after = replace(
        before,
        profile=replace(before.profile, version=version, commit=nonce or f"nonce-{version}", **changes),
        orders=orders,
        enrolments=before.enrolments if enrolments is None else {enrolment.id: enrolment for enrolment in enrolments},
    )
    told: dict[str, Any] = {name: tuple(values) for name, values in parts.items()}
    return Decision(before, after, **told)


def commit(
    customers: ports.Customers, before: Customer, adopted: Mapping[Alias, int] | None = None, **changes: Any
) -> Customer:
    """Commits, and what is loaded afterwards."""
    made = decision(before, **changes)
    assert customers.commit(made, adopted or {}) == ports.Committed()
    return customers.load(before.profile.store, before.profile.customer)


def order(name: str = "1001", number: str | None = "#1001") -> Order:
    return Order(events.Order(id=name, number=number), {"number": NOON}, {"placed": NOON})


def enrolment(order_id: str = "1001", journey: str = "care", **fields: Any) -> Enrolment:
    return Enrolment(f"{journey}:{order_id}", journey, "0123456789abcdef", order_id, NOON, **fields)


def touch(key: str = "tips", at: datetime = NOON, **fields: Any) -> Touch:
    told: dict[str, Any] = {"message": key, "class_": "feedback", "state": "claimed", **fields}
    name = touch_id(STORE, "care:1001", key)
    return Touch(name, "care:1001", key, "care", "0123456789abcdef", "1001", at=at, **told)


def fact(name: str = "shopify:fulfillments/create:1", order_id: str = "1001", hours: int = 0) -> events.ShipmentEvent:
    """News of an order's parcel."""
    return events.ShipmentEvent(
        type="ShipmentShipped",
        id=name,
        store=STORE,
        occurred_at=NOON + timedelta(hours=hours),
        received_at=NOON + timedelta(hours=hours, minutes=1),
        order_id=order_id,
        parcel=events.Parcel(id="p1", carrier="DHL"),
    )


def parked(name: str = "shopify:1", at: datetime = NOON, **fields: Any) -> ports.Parked:
    told: dict[str, Any] = {"kind": "body", "reason": "cannot be read", "content": '{"id": 1}', **fields}
    return ports.Parked(name, STORE, parked_at=at, **told)


def everything_known() -> dict[str, Any]:
    """Every field of a profile, filled."""
    hour = timedelta(hours=1)
    return {
        "contact": events.Contact(email="anna@example.com", first_name="Anna", locale="de-AT"),
        "stamps": {"email": NOON, "first_name": NOON - hour},
        "consents": {"email:marketing": Consent("given", NOON, "checkout", "single_opt_in", "v2")},
        "dead": {"email:old@example.com": "bounced"},
        "devices": {"arn:aws:sns:1": Device("apns", NOON, NOON + hour)},
        "recent": (NOON - hour, NOON),
        "latest_orders": (OrderMark("1001", NOON), OrderMark("1000", NOON - hour, cancelled=True)),
        "orders": 2,
        "clicked_at": NOON,
        "complained_at": NOON - hour,
        "once": ("warranty",),
        "heard": ("0006a1b2cabcdef0",),
        "suppressed": {"email:marketing": NOON - hour},
        "erased_at": NOON,
        "reborn_at": NOON - hour,
        "aliases": ("email:anna@example.com", "customer:77"),
        "claims": {"abc": Claim("care:1001", "tips", "n", NOON, NOON + hour, "email", "feedback", tries=2)},
        "wake": Wake(NOON + hour, 7, "urgent", 15),
        "wakes": 7,
        "epoch": 1,
        "merged": (CARLA,),
        "moving": (CARLA,),
        "same_as": {BERT: NOON},
    }


def rich_order() -> Order:
    parcel = Parcel(
        events.Parcel(id="p1", tracking=(events.Tracking(number="00340"),)),
        {"tracking": NOON},
        {"shipped": NOON},
        (NOON, NOON + timedelta(days=2)),
    )
    refund = events.Refund(id="r1", refunded_at=NOON, amount=Decimal("5.00"), currency="EUR", settled=True)
    edit = events.Edit(id="e1", additions=(events.LineDelta(line_id="1", delta=1),))
    known = events.Order(id="1001", total=Decimal("118.00"), lines=(events.Line(id="1", title="Kettle é", quantity=1),))
    return Order(
        known, {"total": NOON}, {"placed": NOON}, {"p1": parcel}, {"r1": refund}, {"e1": (NOON, edit)}, {"tips": "a/b"}
    )


def rich_enrolment() -> Enrolment:
    offer = OfferMade(NOON, NOON + timedelta(days=7), 10, "CARE10", 7, ("kettle",))
    progress = Progress("released", NOON, NOON + timedelta(minutes=5), tries=2, doubts=1)
    return enrolment(touches={"tips": progress}, offers={"care-10": offer}, stopped="order.cancelled")


def stranger_profile(customer: str = ANNA) -> Profile:
    return Profile(STORE, customer)
