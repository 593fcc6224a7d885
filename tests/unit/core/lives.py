"""Random lives: one customer, a few orders, a year of care, and providers that answer, refuse, stall or stay silent."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from perennial import events
from perennial.content import Content
from perennial.draft import Send
from tests.unit.core.builders import (
    DAY,
    FRIDGE,
    KETTLE,
    MANUAL,
    MINUTE,
    NOW,
    a_content,
    a_journey,
    a_store,
    a_touch,
    cancelled,
    clicked,
    complained,
    consented,
    delivered,
    device,
    edited,
    gone,
    placed,
    refunded,
    rested,
    returned,
    reviewed,
    score_settled,
    scored,
    shipment,
    shipped,
    snapshot,
    wish,
    withdrawn,
)
from tests.unit.core.life import Life

SERVICE = a_journey(
    "service",
    a_touch("confirmation", "order.placed", "thanks"),
    a_touch("shipping", "parcel.shipped", "note", per="parcel", join="20 minutes"),
    a_touch("coming", "parcel.out_for_delivery", "ping", per="parcel", expires="6 hours"),
    a_touch("delay", "parcel.delayed", "buzz", per="parcel"),
    a_touch("delivered", "order.delivered", "note"),
    a_touch("cancelled", "order.cancelled", "note"),
    a_touch("refund", "refund.made", "note", per="refund"),
    priority=90,
    patience="60 days",
)
KETTLES = a_journey(
    "kettles",
    a_touch("tips", "arrived + 3 days", "tips"),
    a_touch(
        "offer",
        "arrived + 10 days",
        "offer",
        within="5 days",
        offer="tenth",
        unless="customer.ordered_since(order.placed_at)",
    ),
    a_touch("last-day", "offer.tenth.last_day", "flash", at="10:00", expires="12 hours"),
    a_touch("review", "arrived + 14 days", "review"),
    a_touch("thanks", "touch.review.sent + 7 days", "survey", unless="order.reviewed"),
    a_touch("warranty", "arrived + 11 months", "tips", hold_while="order.on_its_way"),
    enrol={"on": "order.placed", "when": "'small-appliance' in order.purchase_types"},
    stop=["order.cancelled", "order.fully_refunded"],
    anchors={"arrived": "order.delivered or order.shipped + 6 days"},
    patience="90 days",
)
ANYTHING = a_journey(
    "anything",
    a_touch("hello", "order.delivered", "nudge"),
    a_touch("review", "order.delivered + 10 days", "review"),
    a_touch("more", "order.delivered + 10 days", "tips", not_before="12:00"),
    enrol={"on": "order.delivered"},
    stop=["order.refunded"],
    priority=40,
)
RETURNS = a_journey(
    "returns",
    a_touch("asked", "return.requested or return.withdrawn", "note", per="return"),
    a_touch("back", "return.received", "ping", per="return"),
    a_touch("anew", "return.exchanged + 2 days", "tips", per="return"),
    enrol={"on": "order.return_requested"},
    patience="40 days",
)
RECOVERY = a_journey(
    "recovery",
    a_touch("tell", "order.scored", "alarm"),
    a_touch("sorry", "order.scored + 1 day", "note"),
    enrol={"on": "order.scored", "when": "order.detractor"},
)
GRATITUDE = a_journey(
    "gratitude",
    a_touch("points", "order.reviewed", "survey"),
    enrol={"on": "order.reviewed"},
)
JOURNEYS = (SERVICE, KETTLES, ANYTHING, RETURNS, RECOVERY, GRATITUDE)


@dataclass(frozen=True)
class Story:
    """What happens when: news by the moment of their receipt, answers one after the other, and the world around."""

    content: Content = field(repr=False)
    news: tuple[tuple[datetime, events.Event], ...]
    answers: tuple[str | None, ...]
    receipts: bool
    late: int


moments = st.builds(
    lambda days, minutes: NOW + DAY * days + MINUTE * minutes, st.integers(0, 40), st.integers(0, 24 * 60)
)
order_ids = st.sampled_from(["1001", "1001", "1002"])
parcel_ids = st.sampled_from(["p1", "p2"])
TOUCHES = ("tips", "tips", "offer", "review", "more", "shipping/p1")
inside = st.sampled_from([{}, {"l1": 1}, {"l2": 1}, {"l1": 1, "l2": 1}])


def news_of(order: str, parcel: str, at: datetime, draw: st.DrawFn) -> events.Event:
    """One of the things that happen to an order."""
    return draw(
        st.sampled_from(
            [
                shipped(at, parcel, order, lines=draw(inside)),
                shipment("OutForDelivery", at, parcel, order),
                shipment("Delivered", at, parcel, order),
                shipment("Delivered", at, parcel, order),
                shipment("Delayed", at, parcel, order),
                shipment("Updated", at, parcel, order, estimated_delivery=at + 3 * DAY),
                shipment("Updated", at, parcel, order, cancelled=True),
                refunded(at, "5.00", "r1", order),
                refunded(at, "40.00", "r2", order, settled=draw(st.booleans())),
                cancelled(at, order),
                edited(at, "e1", added={"l1": 1}, order=order),
                snapshot(at, order, payment_status="paid"),
                snapshot(at, order, contact={"email": None}),
            ]
        )
    )


def answer_of(order: str, at: datetime, draw: st.DrawFn) -> events.Event:
    """One of the things that a shopper answers about an order."""
    stages = ["Requested", "Requested", "Received", "Refunded", "Exchanged", "Closed"]
    return draw(
        st.sampled_from(
            [
                reviewed(at, stars=draw(st.integers(1, 5)), order=order),
                scored(at, draw(st.sampled_from([1, 1, 9])), order),
                score_settled(at, order),
                returned(draw(st.sampled_from(stages)), at, draw(inside), draw(st.sampled_from(["t1", "t2"])), order),
                withdrawn(at, order=order),
            ]
        )
    )


WANTED = "+447911123456"
"""The number of every yes; orders may come with another."""


def word_of(at: datetime, draw: st.DrawFn) -> events.Event:
    """One of the things that a person, their provider or their device says, whatever they ordered."""
    passage = draw(st.sampled_from(["kettles:1001", "kettles:1001", "anything:1001", "service:1001"]))
    return draw(
        st.sampled_from(
            [
                consented(
                    draw(st.sampled_from(["Given", "Withdrawn"])),
                    at,
                    draw(st.sampled_from(["email", "text", "push"])),
                    contact={"email": "ann@example.com", "phone": WANTED},
                ),
                device("Registered", at),
                complained(at, draw(st.sampled_from(["email", "text"]))),
                gone(at, what=draw(st.sampled_from(["Bounced", "Disowned"]))),
                gone(at, "+447911123456", "OptedOut", channel="text"),
                rested(at, draw(st.sampled_from([None, at + 3 * DAY, at + 30 * DAY]))),
                wish(draw(st.sampled_from(["Declined", "Wanted"])), at, passage, draw(st.sampled_from(TOUCHES))),
                clicked(at),
            ]
        )
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    country = draw(st.sampled_from(["GB", "US", "AU"]))
    store = a_store(cap=draw(st.sampled_from([{}, {"messages": 1}, {"messages": 1, "interested": 2, "days": 3}])))
    phone = draw(st.sampled_from([None, WANTED, "+447400123456"]))
    told: dict[str, Any] = {
        "shipping_address": {"country": country},
        "contact": {"email": "ann@example.com", "phone": phone},
    }
    news: list[tuple[datetime, events.Event]] = []
    for order in draw(st.sampled_from([["1001"], ["1001", "1002"]])):
        at = draw(moments)
        lines = draw(st.sampled_from([[KETTLE], [KETTLE, FRIDGE], [FRIDGE, MANUAL], [MANUAL]]))
        news.append((at, placed(at, order, lines=lines, accepts_marketing=draw(st.booleans()), **told)))
        if draw(st.booleans()):
            left, there = at + DAY, at + 2 * DAY
            news += [(left, shipped(left, "p1", order)), (there, delivered(there, "p1", order))]
    for _ in range(draw(st.integers(0, 7))):
        at = draw(moments)
        news.append((at, news_of(draw(order_ids), draw(parcel_ids), at, draw)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(moments)
        news.append((at, answer_of(draw(order_ids), at, draw)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(moments)
        news.append((at, word_of(at, draw)))
    answers = draw(
        st.lists(st.sampled_from(["accepted", "accepted", "accepted", "refused", "released", None]), max_size=12)
    )
    return Story(
        content=a_content(*JOURNEYS, store=store),
        news=tuple(sorted(news, key=lambda entry: entry[0])),
        answers=tuple(answers),
        receipts=draw(st.booleans()),
        late=draw(st.sampled_from([0, 0, 3, 24 * 60])),
    )


def lived(story: Story, watch: Any = lambda life, decision, now: None) -> Life:
    """The story told to its end. Wakes ring `late` minutes late; news never wait for them."""
    waiting = list(story.answers)
    life = Life(story.content, watch=watch)

    def answer(send: Send) -> str | None:
        state = waiting.pop(0) if waiting else "accepted"
        if state is None and story.receipts:
            life.receipts[send.touch.id] = send.touch.at
        return state

    life.answer = answer
    for at, event in story.news:
        _let_ring(life, at, story.late)
        life.feed(event, at=at)
    _let_ring(life, None, story.late)
    return life


def _let_ring(life: Life, until: datetime | None, late: int) -> None:
    for _ in range(3_000):
        wake = life.customer.profile.wake
        if wake is None or (until is not None and wake.at + MINUTE * late >= until):
            return
        life.ring(late)
    raise AssertionError("this life never comes to rest")
