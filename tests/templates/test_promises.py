"""What the journeys in `templates/` say: which message on which day, as it was promised to shoppers (issues 2, 3)."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any, get_args

import pytest

from perennial.conditions import compile_condition
from perennial.journeys import MILESTONES
from perennial.store import Kind
from perennial.timing import Offset, parse_offset
from tests.templates.real import CONTENT, STORE, TRIALS

ARRIVED, SHIPPED = "order.delivered", "order.shipped + 6 days"
PROMISED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "order-service": {
        "order-confirmation": ("order.placed", ""),
        "shipping-notice": ("parcel.shipped", ""),
        "out-for-delivery": ("parcel.out_for_delivery", ""),
        "delivery-notice": ("parcel.delivered", ""),
        "delay-notice": ("parcel.delayed", ""),
        "failed-attempt": ("parcel.attempt_failed", ""),
        "ready-for-pickup": ("parcel.ready_for_pickup", ""),
        "order-cancelled": ("order.cancelled", "15 minutes"),
        "partial-refund": ("refund.made", "15 minutes"),
        "full-refund": ("order.fully_refunded", "15 minutes"),
    },
    "small-appliance-care": {
        "first-use": (ARRIVED, "2 hours"),
        "register-product": (ARRIVED, "1 day"),
        "care-tips": (ARRIVED, "3 days"),
        "accessories": (ARRIVED, "10 days"),
        "offer-last-day": ("offer.accessories-10.last_day", ""),
        "review-request": (ARRIVED, "14 days"),
        "review-reminder": ("touch.review.sent", "7 days"),
        "recipes-and-care": (ARRIVED, "30 days"),
        "related": (ARRIVED, "90 days"),
        "warranty-reminder": (ARRIVED, "11 months"),
    },
    "large-appliance-care": {
        "installation": (ARRIVED, "30 minutes"),
        "review-request": (ARRIVED, "12 days"),
        "review-reminder": ("touch.review.sent", "7 days"),
        "care-tips": (ARRIVED, "14 days"),
        "service-extension": (ARRIVED, "330 days"),
        "loyalty": (ARRIVED, "540 days"),
    },
    "any-goods-care": {
        "first-steps": (ARRIVED, "2 hours"),
        "review-request": (ARRIVED, "10 days"),
        "review-reminder": ("touch.review.sent", "7 days"),
        "accessories": (ARRIVED, "20 days"),
    },
    "delivery-score": {"delivery-score": (ARRIVED, "5 days")},
    "returns": {
        "store-return": ("return.requested", ""),
        "return-acknowledged": ("return.requested", ""),
        "withdrawal-acknowledged": ("return.withdrawn", ""),
        "return-received": ("return.received", "15 minutes"),
        "return-refunded": ("return.refunded", "15 minutes"),
        "return-exchanged": ("return.exchanged", ""),
    },
    "exchange-care": {
        "first-use": ("return.exchanged", "6 days"),
        "installation": ("return.exchanged", "6 days"),
        "first-steps": ("return.exchanged", "6 days"),
    },
    "review-thanks": {
        "store-review": ("order.reviewed", "10 minutes"),
        "review-thanks": ("order.reviewed", "10 minutes"),
    },
    "recovery": {"store-score": ("order.scored", ""), "apology": ("order.scored", "30 minutes")},
}
CARE = ("small-appliance-care", "large-appliance-care", "any-goods-care")


@pytest.mark.parametrize(
    ("journey", "message"), [(name, message) for name, told in PROMISED.items() for message in told]
)
def test_a_message_goes_on_the_day_that_was_promised(journey: str, message: str) -> None:
    plan = CONTENT.journeys[journey]
    moments = [plan.spelt_out(touch.after)[0] for touch in plan.touches if touch.message == message]
    starts = [
        (moment.anchor, [part for part in (moment.offset, *more) if part != Offset()]) for moment, more in moments
    ]
    anchor, span = PROMISED[journey][message]
    assert (anchor, [parse_offset(span)] if span else []) in starts


def test_care_has_a_fallback_for_shops_without_carrier_data_and_waits_while_a_carrier_reports() -> None:
    for name in CARE:
        journey = CONTENT.journeys[name]
        assert str(journey.anchors["arrived"]) == f"{ARRIVED} or {SHIPPED}"
        early = [touch for touch in journey.touches if _days(journey.spelt_out(touch.after)) <= 20]
        care = [touch for touch in early if touch.offer or touch.after.moments[0].anchor == "arrived"]
        assert all((touch.hold_while or "").startswith("order.on_its_way") for touch in care)
        assert journey.stop == ("order.cancelled", "order.fully_refunded")


def _days(moments: Any) -> int:
    _, more = moments[0]
    return sum(span.days + 30 * span.months for span in more)


def test_the_offers_are_the_promised_ones() -> None:
    offer = STORE.offers["accessories-10"]
    assert (offer.percent, offer.days, STORE.bonus_points) == (10, 7, 200)
    made = {touch.message: touch for journey in CONTENT.journeys.values() for touch in journey.touches if touch.offer}
    assert made["accessories"].offer == "accessories-10"
    extension = made["service-extension"]
    assert extension.within == Offset(days=20)
    assert 350 + STORE.offers[extension.offer or ""].days < 365


def test_what_is_owed_goes_first_and_the_journey_that_sells_most_does_not() -> None:
    ranks = {name: journey.priority for name, journey in CONTENT.journeys.items()}
    owed = {"recovery", "order-service", "returns", "review-thanks"}
    assert min(ranks[name] for name in owed) > max(rank for name, rank in ranks.items() if name not in owed)
    assert ranks["large-appliance-care"] > ranks["small-appliance-care"] > ranks["any-goods-care"]
    assert ranks["small-appliance-care"] > ranks["delivery-score"]


def test_the_reminder_goes_once_and_only_to_whoever_has_said_nothing() -> None:
    assert CONTENT.messages["review-reminder"].one_per == "order"
    reminders = [touch for name in CARE for touch in CONTENT.journeys[name].touches if touch.touch == "review-reminder"]
    assert [touch.unless for touch in reminders] == ["order.reviewed"] * 3


def test_what_follows_from_a_return_goes_for_each_return() -> None:
    for name in ("returns", "exchange-care"):
        assert {touch.per for touch in CONTENT.journeys[name].touches} == {"return"}


def test_who_writes_to_the_customer_after_an_answer_sells_nothing() -> None:
    for name in ("returns", "review-thanks", "recovery"):
        messages = [CONTENT.messages[touch.message] for touch in CONTENT.journeys[name].touches]
        assert {message.class_ for message in messages} == {"transactional"}
        assert "store" in {message.to for message in messages}


@pytest.mark.parametrize(
    "kinds",
    [set(some) for size in (1, 2, 3) for some in combinations(get_args(Kind), size)],
    ids=lambda kinds: "+".join(sorted(kinds)),
)
def test_no_thing_gets_two_first_steps(kinds: set[str]) -> None:
    facts = replace(TRIALS[0].sample, order=replace(TRIALS[0].sample.order, purchase_types=tuple(kinds)))
    care = [CONTENT.journeys[name] for name in CARE]
    entered = [journey for journey in care if compile_condition(journey.enrol.when or "").holds(facts)]
    served = [kind for journey in entered for kind in journey.goods if kind in kinds]
    assert len(served) == len(set(served))
    assert bool(served) == bool(kinds - {"service-plan"})
    assert "any-goods-care" not in {journey.journey for journey in entered} or len(entered) == 1
    renewal = replace(facts, order=replace(facts.order, renewal=True))
    assert not any(compile_condition(journey.enrol.when or "").holds(renewal) for journey in care)


def test_touches_that_may_never_come_leave_no_outcome_behind() -> None:
    """What hangs on a parcel or a refund is told when it happens; nobody waits for it."""
    for touch in CONTENT.journeys["order-service"].touches:
        if touch.per is not None:
            assert not {moment.anchor for moment in touch.after.moments} & set(MILESTONES)
