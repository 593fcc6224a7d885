"""Which touches an enrolment has ahead, and when: values in, values out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.customer import Enrolment, OfferMade, Progress, State
from perennial.journeys import Journey
from perennial.planning import Calendar, Planned, plan
from tests.unit.core.builders import (
    BERLIN,
    DAY,
    HOUR,
    LONDON,
    MESSAGES,
    MINUTE,
    NOW,
    a_journey,
    a_store,
    a_touch,
    an_order,
    cancelled,
    delivered,
    placed,
    refunded,
    shipment,
    shipped,
    snapshot,
)

LATER = NOW + HOUR


def planned(
    journey: Journey,
    *news: events.Event,
    touches: dict[str, Progress] | None = None,
    offers: dict[str, OfferMade] | None = None,
    zone: ZoneInfo = LONDON,
    **store: Any,
) -> tuple[Planned, ...]:
    enrolment = Enrolment("care:1001", "care", "v", "1001", NOW, touches or {}, offers or {})
    messages = {message.message: message for message in MESSAGES}
    return plan(enrolment, journey, Calendar(an_order(placed(), *news), a_store(**store), zone, messages))


def the_touch(touch: dict[str, Any], *news: events.Event, **more: Any) -> Planned:
    (found,) = planned(a_journey("care", touch), *news, **more)
    return found


def due(touch: dict[str, Any], *news: events.Event, **more: Any) -> datetime | None:
    return the_touch(touch, *news, **more).due


def done(state: State = "sent", at: datetime = LATER, **fields: Any) -> Progress:
    return Progress(state, at, **fields)


def keys(found: Iterable[Planned]) -> list[str]:
    return [planned.key for planned in found]


def local(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# When


def test_a_touch_without_a_span_is_due_at_its_anchor() -> None:
    assert due(a_touch("a", "order.placed", "note")) == NOW


def test_minutes_and_hours_are_absolute() -> None:
    assert due(a_touch("a", "order.placed + 90 minutes")) == NOW + 90 * MINUTE
    assert due(a_touch("a", "order.placed + 30 hours")) == NOW + 30 * HOUR


def test_spans_of_days_end_at_the_stores_send_hour() -> None:
    assert due(a_touch("a", "order.placed + 3 days")) == local("2026-03-05T10:00")
    assert due(a_touch("a", "order.placed + 1 month"), send_hour="11:30") == local("2026-04-02T11:30")


def test_a_local_hour_stays_that_hour_across_a_clock_change() -> None:
    assert due(a_touch("a", "order.placed + 28 days")) == local("2026-03-30T10:00")


def test_the_recipients_wall_clock_counts_not_the_shops() -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    assert due(a_touch("a", "order.placed + 1 day"), zone=auckland) == local("2026-03-03T10:00", auckland)


def test_at_names_the_hour() -> None:
    assert due(a_touch("a", "order.placed + 3 days", at="18:00")) == local("2026-03-05T18:00")


def test_an_hour_that_has_passed_on_the_day_of_the_anchor_is_that_of_the_next_day() -> None:
    assert due(a_touch("a", "order.placed", at="08:00")) == local("2026-03-03T08:00")
    assert due(a_touch("a", "order.placed", at="18:00")) == local("2026-03-02T18:00")


def test_an_evening_anchor_and_a_span_of_days_meet_the_morning_of_that_day() -> None:
    evening = local("2026-03-02T22:00")
    assert due(a_touch("a", "order.shipped + 1 day"), shipped(evening)) == local("2026-03-03T10:00")


def test_not_before_moves_only_what_is_earlier() -> None:
    touch = a_touch("a", "order.shipped", not_before="09:30")
    assert due(touch, shipped(local("2026-03-03T07:00"))) == local("2026-03-03T09:30")
    assert due(touch, shipped(local("2026-03-03T12:00"))) == local("2026-03-03T12:00")


def test_not_before_replaces_the_send_hour() -> None:
    touch = a_touch("a", "order.shipped + 2 days", not_before="09:30")
    assert due(touch, shipped(local("2026-03-03T12:00"))) == local("2026-03-05T12:00")


def test_a_touch_may_go_before_its_anchor() -> None:
    offer = offered(local("2026-03-20T23:59:59"))
    journey = a_journey(
        "care", a_touch("offer", "order.placed", offer="tenth"), a_touch("b", "offer.tenth.last_day - 2 days")
    )
    found = planned(journey, offers={"tenth": offer}, touches={"offer": done()})
    assert [(touch.key, touch.due) for touch in found] == [("b", local("2026-03-18T10:00"))]


def offered(expires_at: datetime) -> OfferMade:
    return OfferMade(NOW, expires_at, 10, "TEN-10", 7)


# How long


@pytest.mark.parametrize(("message", "days"), [("note", 3), ("review", 14), ("tips", 10)])
def test_every_touch_expires_by_default_after_what_its_class_allows(message: str, days: int) -> None:
    assert the_touch(a_touch("a", "order.placed", message)).expires == NOW + days * DAY


@pytest.mark.parametrize("field", ["within", "expires"])
def test_a_window_or_an_expiry_ends_a_touch(field: str) -> None:
    assert the_touch(a_touch("a", "order.placed", **{field: "5 hours"})).expires == NOW + 5 * HOUR


def test_being_released_moves_when_a_touch_is_due_but_not_when_it_expires() -> None:
    held = done("released", NOW, until=LATER, tries=1)
    found = the_touch(a_touch("a", "order.placed", "note"), touches={"a": held})
    assert (found.due, found.expires, found.progress) == (LATER, NOW + 3 * DAY, held)


# Upon what


def test_the_first_anchor_that_is_known_decides() -> None:
    touch = a_touch("a", "order.delivered + 1 hour or order.shipped + 6 hours")
    assert due(touch) is None
    assert due(touch, shipped(LATER)) == LATER + 6 * HOUR
    assert due(touch, shipped(LATER), delivered(LATER + 12 * HOUR)) == LATER + 13 * HOUR


def test_spans_of_named_anchors_are_added_one_after_the_other() -> None:
    anchors = {"arrived": "order.delivered or order.shipped + 6 days"}
    journey = a_journey("care", a_touch("a", "arrived + 1 month"), anchors=anchors)
    (found,) = planned(journey, shipped(local("2026-01-26T12:00")))
    assert found.due == local("2026-03-01T10:00")


def test_a_touch_whose_anchor_has_not_come_says_what_it_waits_for() -> None:
    found = the_touch(a_touch("a", "order.delivered + 1 day or order.shipped + 6 days"))
    assert (found.due, found.expires, found.waits_for) == (None, None, "order.delivered or order.shipped")
    assert found.expected


def test_what_may_never_happen_is_not_expected() -> None:
    assert not the_touch(a_touch("a", "order.cancelled", "note")).expected
    assert due(a_touch("a", "order.cancelled", "note"), cancelled(LATER)) == LATER


@pytest.mark.parametrize("state", ["sent", "skipped", "expired", "failed", "unconfirmed", "claimed"])
def test_what_has_ended_or_is_on_its_way_is_not_planned(state: State) -> None:
    assert planned(a_journey("care", a_touch("a", "order.placed")), touches={"a": done(state)}) == ()


def test_a_message_that_the_deploy_has_no_more_is_planned_so_that_it_can_fail() -> None:
    assert due(a_touch("a", "order.placed", "gone")) == NOW


# Upon other touches and offers


AFTER = a_journey("care", a_touch("a", "order.placed"), a_touch("b", "touch.a.sent + 2 hours"))


def test_a_touch_may_wait_for_the_sending_of_another() -> None:
    first, second = planned(AFTER)
    assert (first.key, second.key, second.due) == ("a", "b", None)
    (second,) = planned(AFTER, touches={"a": done("sent", LATER)})
    assert second.due == LATER + 2 * HOUR


@pytest.mark.parametrize("state", ["claimed", "released"])
def test_a_touch_waits_while_the_other_may_still_be_sent(state: State) -> None:
    found = planned(AFTER, touches={"a": done(state)})
    assert [(touch.due, touch.moot) for touch in found if touch.key == "b"] == [(None, None)]


@pytest.mark.parametrize("state", ["skipped", "expired", "failed", "unconfirmed"])
def test_a_touch_is_moot_when_the_other_ended_unsent(state: State) -> None:
    (found,) = planned(AFTER, touches={"a": done(state)})
    assert (found.due, found.moot) == (None, "a was not sent")


def test_a_touch_with_another_way_to_begin_is_not_moot() -> None:
    journey = a_journey("care", a_touch("a", "order.placed"), a_touch("b", "touch.a.sent or order.delivered"))
    (found,) = planned(journey, touches={"a": done("skipped")})
    assert found.moot is None


def test_two_touches_may_wait_for_the_same_third() -> None:
    journey = a_journey(
        "care",
        a_touch("first", "order.placed"),
        a_touch("left", "touch.first.sent + 1 hour"),
        a_touch("right", "touch.first.sent + 2 hours"),
        a_touch("both", "touch.left.sent or touch.right.sent"),
    )
    found = planned(journey, touches={"first": done("sent", NOW)})
    assert [(touch.key, touch.due) for touch in found] == [
        ("left", NOW + HOUR),
        ("right", NOW + 2 * HOUR),
        ("both", None),
    ]


OFFER = a_journey(
    "care", a_touch("offer", "order.placed", offer="tenth"), a_touch("last", "offer.tenth.last_day", at="10:00")
)


def test_the_last_day_of_an_offer_is_the_local_day_on_which_it_ends() -> None:
    made = {"tenth": offered(datetime.fromisoformat("2026-07-09T22:59:59Z"))}
    (found,) = planned(OFFER, touches={"offer": done()}, offers=made)
    assert found.due == local("2026-07-09T10:00")
    (found,) = planned(OFFER, touches={"offer": done()}, offers=made, zone=BERLIN)
    assert found.due == local("2026-07-10T10:00", BERLIN)


def test_an_offer_that_was_not_made_has_no_last_day() -> None:
    (found,) = planned(OFFER, touches={"offer": done("skipped")})
    assert found.moot == "the offer tenth was not made"


def test_an_offer_whose_mail_is_unconfirmed_may_have_been_read_and_has_its_last_day() -> None:
    (found,) = planned(OFFER, touches={"offer": done("unconfirmed")}, offers={"tenth": offered(NOW + 7 * DAY)})
    assert found.due is not None
    assert found.moot is None


def test_an_offer_that_two_touches_may_make_is_moot_when_neither_did() -> None:
    journey = a_journey(
        "care",
        a_touch("one", "order.placed", offer="tenth"),
        a_touch("two", "order.placed", offer="tenth"),
        a_touch("last", "offer.tenth.last_day"),
    )
    one_left = planned(journey, touches={"one": done("skipped")})
    assert [touch.moot for touch in one_left if touch.key == "last"] == [None]
    (found,) = planned(journey, touches={"one": done("skipped"), "two": done("expired")})
    assert found.moot == "the offer tenth was not made"


# Per parcel and per refund

EACH = a_touch("ship", "parcel.shipped", "note", per="parcel")
JOINED = a_touch("ship", "parcel.shipped", "note", per="parcel", join="20 minutes")


def groups(
    touch: dict[str, Any], *news: events.Event, **more: Any
) -> list[tuple[str, tuple[str, ...], datetime | None]]:
    return [(found.key, found.parts, found.due) for found in planned(a_journey("care", touch), *news, **more)]


def test_each_parcel_gets_its_own_touch() -> None:
    assert groups(EACH) == []
    assert groups(EACH, shipped(LATER, "p2"), shipped(NOW, "p1")) == [
        ("ship/p1", ("p1",), NOW),
        ("ship/p2", ("p2",), LATER),
    ]


def test_parcels_of_one_moment_are_not_joined_unless_the_journey_says_so() -> None:
    assert keys(planned(a_journey("care", EACH), shipped(NOW, "p1"), shipped(NOW, "p2"))) == ["ship/p1", "ship/p2"]


def test_parcels_that_leave_together_share_one_message() -> None:
    (joined,) = groups(JOINED, shipped(NOW, "p1"), shipped(NOW + 20 * MINUTE, "p2"))
    assert joined[:2] == ("ship/p1", ("p1", "p2"))


def test_a_shared_message_waits_for_the_parcels_that_may_still_join_it() -> None:
    """Each parcel comes by its own webhook: sent at once, the message of the first could never speak of the second."""
    assert groups(JOINED, shipped(NOW, "p1")) == [("ship/p1", ("p1",), NOW + 20 * MINUTE)]
    late = a_touch("ship", "parcel.shipped + 1 hour", "note", per="parcel", join="20 minutes")
    assert groups(late, shipped(NOW, "p1")) == [("ship/p1", ("p1",), NOW + HOUR)]


def test_whoever_waits_for_others_past_midnight_waits_for_the_morning_as_well() -> None:
    """A van that is loaded four minutes before midnight: half an hour later it is another day, and still night."""
    touch = a_touch("ship", "parcel.shipped", "note", per="parcel", join="30 minutes", not_before="09:00")
    assert groups(touch, shipped(local("2026-03-03T23:56"), "p1")) == [("ship/p1", ("p1",), local("2026-03-04T09:00"))]
    assert groups(touch, shipped(local("2026-03-03T20:00"), "p1")) == [("ship/p1", ("p1",), local("2026-03-03T20:30"))]


def test_a_late_parcel_gets_its_own_message() -> None:
    found = groups(JOINED, shipped(NOW, "p1"), shipped(NOW + 21 * MINUTE, "p2"), shipped(NOW + 30 * MINUTE, "p3"))
    assert [parts for _, parts, _ in found] == [("p1",), ("p2", "p3")]


def test_a_parcel_does_not_join_a_message_that_has_gone() -> None:
    found = groups(JOINED, shipped(NOW, "p1"), shipped(NOW + MINUTE, "p2"), touches={"ship/p1": done()})
    assert found == [("ship/p2", ("p2",), NOW + 21 * MINUTE)]


def test_parcels_that_wait_to_be_told_again_are_told_together_again() -> None:
    waiting = done("released", NOW, until=LATER, tries=2)
    found = planned(
        a_journey("care", JOINED),
        shipped(NOW, "p1"),
        shipped(NOW, "p2"),
        touches={"ship/p2": waiting, "ship/p1": waiting},
    )
    assert [(touch.parts, touch.due, touch.progress) for touch in found] == [(("p1", "p2"), LATER, waiting)]


def test_a_parcel_called_back_is_spoken_of_no_more() -> None:
    back = shipment("Updated", LATER, "p1", cancelled=True)
    assert groups(EACH, shipped(NOW, "p1"), back) == []


def test_a_touch_per_parcel_may_have_anchors_in_order_of_preference() -> None:
    touch = a_touch("there", "parcel.delivered or parcel.shipped + 3 hours", "note", per="parcel")
    news = [shipped(NOW, "p1"), shipped(NOW, "p2"), delivered(LATER, "p2")]
    assert groups(touch, *news) == [("there/p1", ("p1",), NOW + 3 * HOUR), ("there/p2", ("p2",), LATER)]


def test_a_touch_per_parcel_may_hang_on_a_named_anchor() -> None:
    journey = a_journey(
        "care", a_touch("ship", "left + 1 hour", "note", per="parcel"), anchors={"left": "parcel.shipped"}
    )
    assert [(found.key, found.due) for found in planned(journey, shipped(NOW))] == [("ship/p1", LATER)]


def test_each_settled_refund_gets_its_own_touch() -> None:
    touch = a_touch("back", "refund.made", "note", per="refund")
    recorded = refunded(NOW, refund="r3", settled=False)
    assert groups(touch, refunded(LATER, refund="r2"), refunded(NOW, refund="r1"), recorded) == [
        ("back/r1", ("r1",), NOW),
        ("back/r2", ("r2",), LATER),
    ]


def test_a_refund_is_told_of_when_its_money_moves_however_long_that_took() -> None:
    touch = a_touch("back", "refund.made", "note", per="refund", expires="3 days")
    settled = snapshot(NOW + 7 * DAY, refunds=[{"id": "r1", "refunded_at": NOW, "settled": True}])
    on_its_way = refunded(NOW, settled=False)
    assert groups(touch, on_its_way) == []
    assert groups(touch, on_its_way, settled) == groups(touch, settled, on_its_way)
    assert groups(touch, on_its_way, settled) == [("back/r1", ("r1",), NOW + 7 * DAY)]


PARCELS = [f"p{n}" for n in range(6)]


@given(st.lists(st.integers(0, 90), min_size=1, max_size=6), st.integers(1, 30))
def test_joining_leaves_no_parcel_out_and_tells_none_twice(minutes: list[int], join: int) -> None:
    touch = a_touch("ship", "parcel.shipped", "note", per="parcel", join=f"{join} minutes")
    left = dict(zip(PARCELS, (NOW + MINUTE * late for late in minutes), strict=False))
    found = groups(touch, *(shipped(moment, parcel) for parcel, moment in left.items()))
    told = [part for _, parts, _ in found for part in parts]
    assert sorted(told) == sorted(left)
    for _, parts, moment in found:
        assert max(left[part] for part in parts) - min(left[part] for part in parts) <= timedelta(minutes=join)
        assert moment is not None
        assert moment >= max(left[part] for part in parts)


# Who goes first


def test_what_the_customer_needs_goes_before_priority_and_priority_before_age() -> None:
    journey = a_journey("low", a_touch("note", "order.delivered", "note"), a_touch("tips", "order.placed"), priority=1)
    low = planned(journey, delivered(LATER))
    high = planned(
        a_journey("high", a_touch("old", "order.placed"), a_touch("new", "order.delivered"), priority=90),
        delivered(LATER),
    )
    assert keys(sorted((*low, *high), key=lambda touch: touch.rank)) == ["note", "old", "new", "tips"]
