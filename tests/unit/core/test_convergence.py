"""Law 7: any permutation and duplication of the same events ends in the same facts about customer and orders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timezone
from typing import Annotated, Any, get_args, get_origin

from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.answered import STAGES
from perennial.orders import Order, learn
from tests.unit.core.builders import (
    DAY,
    HOUR,
    NOW,
    a_content,
    an_event,
    an_order,
    clicked,
    complained,
    consented,
    device,
    edited,
    gone,
    rested,
    reviewed,
    score_settled,
    scored,
    shipment,
    snapshot,
)
from tests.unit.core.life import Life

# Few instants, so that many events meet at one; and the same instant is told in several zones.
instants = st.builds(
    lambda hours, zone: (NOW + HOUR * hours).astimezone(timezone(HOUR * zone)),
    st.integers(0, 8),
    st.sampled_from([0, 2]),
)
amounts = st.sampled_from([None, "0", "5.00", "5.0", "40.00"])
line_ids = st.sampled_from(["l1", "l2"])
portions_ = st.dictionaries(line_ids, st.integers(0, 2), max_size=2)
PROGRESS = ["in_transit", "out_for_delivery", "attempt_failed", "ready_for_pickup", "delivered", "delayed", "failed"]
SHIPMENTS = ["Shipped", "Updated", *events.PROGRESS]


def listed(inside: dict[str, int]) -> list[dict[str, Any]]:
    return [{"line_id": line, "quantity": count} for line, count in inside.items()]


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the fields, each present or absent."""
    return st.fixed_dictionaries({}, optional=fields)


lines = st.builds(
    lambda line, quantity, more: {"id": line, "title": "Thing", "quantity": quantity, **more},
    line_ids,
    st.integers(0, 2),
    some(
        current_quantity=st.integers(0, 2),
        price=st.sampled_from(["1.0", "1.00", "2"]),
        requires_shipping=st.booleans(),
        gift_card=st.booleans(),
    ),
)
contacts = some(
    email=st.sampled_from([None, "ann@example.com", "Ann@Example.com", "bob@example.com"]),
    first_name=st.sampled_from([None, "Ann", "Bob"]),
    phone=st.sampled_from([None, "+447911123456"]),
    customer_id=st.sampled_from(["7", "8"]),
    time_zone=st.sampled_from(["Europe/Berlin", "Asia/Tokyo"]),
)
parcels = some(
    updated_at=instants,
    shipped_at=st.none() | instants,
    cancelled=st.booleans(),
    carrier=st.sampled_from([None, "DHL", "UPS"]),
    estimated_delivery=st.none() | st.builds(lambda moment, days: moment + DAY * days, instants, st.integers(0, 3)),
    lines=portions_.map(listed),
    progress=st.dictionaries(st.sampled_from(PROGRESS), instants, max_size=3),
    tracking=st.lists(st.sampled_from([{"number": "T1"}, {"number": "T2", "url": None}]), max_size=2),
)
parcel_ids = st.sampled_from(["p1", "p2"])
refunds = st.builds(
    lambda name, moment, amount, currency, inside, settled: {
        "id": name,
        "currency": currency,
        "refunded_at": moment,
        "amount": amount,
        "lines": [{"line_id": line, "quantity": count} for line, count in inside.items()],
        "settled": settled,
    },
    st.sampled_from(["r1", "r2"]),
    instants,
    amounts,
    st.sampled_from([None, "GBP", "JPY"]),
    portions_,
    st.booleans(),
)
orders = some(
    placed_at=st.none() | instants,
    contact=st.none() | contacts,
    accepts_marketing=st.sampled_from([None, True, False]),
    currency=st.sampled_from([None, "GBP"]),
    total=amounts,
    current_total=amounts,
    lines=st.lists(lines, max_size=2, unique_by=lambda line: line["id"]),
    shipping_address=st.sampled_from([None, {"country": "GB"}, {"country": "US"}]),
    estimated_delivery=st.none() | instants,
    payment_status=st.sampled_from([None, "pending", "paid", "partially_refunded", "refunded", "voided", "odd"]),
    fulfilment_status=st.sampled_from([None, "fulfilled", "partial"]),
    cancelled_at=st.none() | instants,
    channel=st.sampled_from([None, "web", "pos", "renewal"]),
    tags=st.sampled_from([[], ["vip"]]),
    parcels=st.lists(st.builds(lambda name, told: {"id": name, **told}, parcel_ids, parcels), max_size=2),
    refunds=st.lists(refunds, max_size=2),
)
news_of_order = st.one_of(
    st.builds(
        lambda moment, type_, told: snapshot(moment, type_=type_, **told),
        instants,
        st.sampled_from(["OrderPlaced", "OrderUpdated", "OrderCancelled"]),
        orders,
    ),
    st.builds(
        lambda type_, moment, name, told: shipment(type_.removeprefix("Shipment"), moment, name, **told),
        st.sampled_from(SHIPMENTS),
        instants,
        parcel_ids,
        parcels,
    ),
    st.builds(lambda moment, told: an_event("OrderRefunded", moment, order_id="1001", refund=told), instants, refunds),
    st.builds(
        lambda moment, name, added, removed: edited(moment, name, added, removed),
        instants,
        st.sampled_from(["e1", "e2"]),
        portions_,
        portions_,
    ),
    st.builds(
        lambda moment, line, stars, more: reviewed(moment, line, stars, **more),
        instants,
        line_ids,
        st.integers(1, 5),
        some(text=st.sampled_from([None, "good"]), publish=st.booleans()),
    ),
    st.builds(
        lambda moment, score, more: scored(moment, score, **more),
        instants,
        st.sampled_from([0, 6, 7, 10]),
        some(why=st.sampled_from([None, "late", "broken"])),
    ),
    st.builds(score_settled, instants),
    st.builds(
        lambda type_, moment, name, told: an_event(type_, moment, order_id="1001", return_id=name, **told),
        st.sampled_from(list(STAGES)),
        instants,
        st.sampled_from(["t1", "t2"]),
        some(
            lines=portions_.map(listed),
            wish=st.sampled_from([None, "refund", "exchange", "credit"]),
            note=st.sampled_from([None, "too loud"]),
            replacements=st.sampled_from([[], [{"id": "l9", "title": "Other", "quantity": 1}]]),
        ),
    ),
)
news_of_person = st.one_of(
    st.builds(
        lambda state, moment, channel, source, proof, contact: consented(
            state, moment, channel, source=source, evidence=proof, contact=contact
        ),
        st.sampled_from(["Given", "Pending", "Withdrawn", "Absent"]),
        instants,
        st.sampled_from(["email", "text"]),
        st.sampled_from(["shop", "undo"]),
        st.sampled_from([None, "touch-1", "touch-2"]),
        st.sampled_from([{}, {"phone": "+447911123456"}, {"phone": "+447400123456"}]),
    ),
    st.builds(complained, instants, st.sampled_from(["email", "text"])),
    st.builds(
        gone,
        instants,
        st.sampled_from(["ann@example.com", "Ann@Example.com", "bob@example.com"]),
        st.sampled_from(["Bounced", "Disowned", "OptedOut"]),
        reason=st.sampled_from(["no such mailbox", "never me"]),
    ),
    st.builds(rested, instants, st.none() | instants),
    st.builds(clicked, instants),
    st.builds(lambda moment, n: an_event("WakeDue", moment, customer="c", epoch=0, n=n), instants, st.integers(1, 3)),
    st.builds(
        device,
        st.sampled_from(["Registered", "Removed"]),
        instants,
        st.sampled_from(["arn:1", "arn:2"]),
        st.sampled_from(["fcm", "apns"]),
    ),
    st.builds(lambda moment, told: an_event("CustomerUpdated", moment, contact=told), instants, contacts),
)


@st.composite
def two_tellings(
    draw: st.DrawFn, news: st.SearchStrategy[events.Event], most: int = 6
) -> tuple[list[events.Event], list[events.Event]]:
    """The same events in two orders. Some were delivered twice, and received later then; some are merely told twice.

    What a clock that runs ahead says counts as of its receipt, so that every delivery is in both tellings.
    """
    once = draw(st.lists(news, min_size=1, max_size=most))
    later = draw(st.lists(st.builds(received_again, st.sampled_from(once), st.integers(1, 30)), max_size=2))
    again = draw(st.lists(st.sampled_from(once + later), max_size=3))
    return once + later, draw(st.permutations(once + later + again))


def received_again(event: events.Event, hours: int) -> events.Event:
    """The same telling, as the door stamps it that many hours later."""
    return event.model_copy(update={"received_at": (event.received_at or event.occurred_at) + HOUR * hours})


def facts_of(order: Order) -> Order:
    """Without what became of messages: that may differ."""
    return replace(order, sent={}, entered=())


@given(two_tellings(news_of_order))
def test_an_order_is_the_same_whatever_the_order_of_its_news(
    told: tuple[list[events.Event], list[events.Event]],
) -> None:
    one, other = told
    assert an_order(*one) == an_order(*other)


@given(news_of_order, st.lists(news_of_order, max_size=4))
def test_news_told_twice_change_nothing(event: events.Event, before: list[events.Event]) -> None:
    order = learn(an_order(*before), event)
    assert learn(order, event) is order


@given(two_tellings(st.one_of(news_of_order, news_of_person)))
def test_a_customer_is_the_same_whatever_the_order_of_the_news(
    told: tuple[list[events.Event], list[events.Event]],
) -> None:
    one, other = (known(events_) for events_ in told)
    assert one == other


ELSEWHERE = {
    "DataRequested": "a person answers it",
    "StoreErasureRequested": "a person answers it",
    "ErasureRequested": "test_erasure.py shuffles what comes around it",
    "TouchDeclined": "is about a passage, not a fact: test_hearing.py",
    "TouchWanted": "is about a passage, not a fact: test_hearing.py",
    "CustomersMerged": "is about two customers: test_merges.py",
}
"""Kinds of events that are not among the shuffled ones, and why."""


def kinds() -> list[str]:
    outside, *inside = get_args(get_args(events.AnyEvent)[0])
    classes = [*(get_args(get_args(outside)[0]) if get_origin(outside) is Annotated else (outside,)), *inside]
    return sorted(name for class_ in classes for name in get_args(class_.__annotations__["type"]))


SHUFFLED = {
    *("OrderPlaced", "OrderUpdated", "OrderCancelled", "OrderEdited", "OrderRefunded"),
    *(f"Shipment{name.removeprefix('Shipment')}" for name in SHIPMENTS),
    *("ReviewGiven", "ScoreGiven", "ScoreSettled", *STAGES),
    *("ConsentGiven", "ConsentPending", "ConsentWithdrawn", "ConsentAbsent", "MessageComplained"),
    *("AddressBounced", "AddressDisowned", "AddressOptedOut", "MessagesRested", "LinkClicked", "WakeDue"),
    *("DeviceRegistered", "DeviceRemoved", "CustomerUpdated"),
}
"""Kinds that `news_of_order` and `news_of_person` make."""


def test_every_kind_of_event_is_among_the_shuffled_ones_or_looked_at_elsewhere() -> None:
    assert set(kinds()) == SHUFFLED | ELSEWHERE.keys()


def known(news: Sequence[events.Event]) -> tuple[Any, ...]:
    """All that was learnt of the person and the orders; not what was sent, nor in which order addresses were met."""
    life = Life(a_content())
    for event in news:
        life.feed(event, at=NOW + DAY)
    profile = life.customer.profile
    return (
        {name: facts_of(order) for name, order in life.customer.orders.items()},
        profile.contact,
        dict(profile.stamps),
        dict(profile.consents),
        dict(profile.devices),
        dict(profile.dead),
        dict(profile.detracted),
        (profile.clicked_at, profile.complained_at, profile.rests_until),
        profile.latest_orders,
        profile.orders,
        frozenset(profile.aliases),
    )
