"""What the journeys in `templates/` say: which message on which day, as it was promised to shoppers (issue 2)."""

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
        "recipes-and-care": (ARRIVED, "30 days"),
        "related": (ARRIVED, "90 days"),
        "warranty-reminder": (ARRIVED, "11 months"),
    },
    "large-appliance-care": {
        "installation": (ARRIVED, "30 minutes"),
        "review-request": (ARRIVED, "12 days"),
        "care-tips": (ARRIVED, "14 days"),
        "service-extension": (ARRIVED, "330 days"),
        "loyalty": (ARRIVED, "540 days"),
    },
    "any-goods-care": {
        "first-steps": (ARRIVED, "2 hours"),
        "review-request": (ARRIVED, "10 days"),
        "accessories": (ARRIVED, "20 days"),
    },
}


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
    for name in ("small-appliance-care", "large-appliance-care", "any-goods-care"):
        journey = CONTENT.journeys[name]
        assert str(journey.anchors["arrived"]) == f"{ARRIVED} or {SHIPPED}"
        early = [touch for touch in journey.touches if _days(journey.spelt_out(touch.after)) <= 20]
        assert {touch.hold_while for touch in early if touch.offer or touch.after.moments[0].anchor == "arrived"} == {
            "order.on_its_way"
        }
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
    assert sorted(ranks, key=lambda name: -ranks[name]) == [
        "order-service",
        "large-appliance-care",
        "small-appliance-care",
        "any-goods-care",
    ]


@pytest.mark.parametrize(
    "kinds", [set(some) for size in (1, 2, 3) for some in combinations(get_args(Kind), size)], ids=str
)
def test_no_thing_gets_two_first_steps(kinds: set[str]) -> None:
    facts = replace(TRIALS[0].sample, order=replace(TRIALS[0].sample.order, purchase_types=tuple(kinds)))
    care = [journey for journey in CONTENT.journeys.values() if journey.enrol.when]
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
