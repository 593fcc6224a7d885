"""One run over all that is ahead: conditions, turns, ends, and what waits for what."""

from datetime import datetime
from typing import Any

from perennial.customer import touch_id
from perennial.journeys import Journey
from tests.unit.core.builders import (
    DAY,
    FRIDGE,
    HOUR,
    MINUTE,
    NOW,
    a_content,
    a_journey,
    a_message,
    a_store,
    a_touch,
    cancelled,
    consented,
    delivered,
    placed,
    shipped,
    snapshot,
)
from tests.unit.core.life import Life

LATER = NOW + HOUR


def live(*touches: dict[str, Any], journeys: tuple[Journey, ...] = (), **store: Any) -> Life:
    plans = (a_journey("care", *touches), *journeys) if touches else journeys
    return Life(a_content(*plans, store=a_store(**store))).feed(placed(), at=NOW)


# Conditions


def test_when_lets_only_what_is_true_through() -> None:
    life = live(a_touch("a", "order.placed", when="order.paid"), a_touch("b", "order.placed", when="not order.paid"))
    assert life.told() == {"care/a": "skipped: not when order.paid", "care/b": "sent"}


def test_unless_keeps_out_what_is_true() -> None:
    life = live(
        a_touch("a", "order.placed", unless="order.paid"), a_touch("b", "order.placed", unless="not order.paid")
    )
    assert life.told() == {"care/a": "sent", "care/b": "skipped: unless not order.paid"}


def test_conditions_are_looked_at_when_a_touch_is_due_and_not_before() -> None:
    life = live(a_touch("a", "order.placed + 1 hour", when="order.paid"))
    life.feed(snapshot(NOW, payment_status="paid"), at=NOW + MINUTE).to_the_end()
    assert life.told() == {"care/a": "sent"}


def test_an_accessory_is_not_offered_to_who_came_back_for_it() -> None:
    life = live(a_touch("a", "order.placed + 1 hour", unless="customer.ordered_since(order.placed_at)"))
    life.feed(placed(NOW + MINUTE, "1002"), at=NOW + MINUTE).until(NOW + 2 * HOUR)
    told = {record.order_id: record.state for record in life.records.values()}
    assert told == {"1001": "skipped", "1002": "sent"}


def test_hold_while_waits_for_an_event_and_no_longer_than_the_touch_is_of_use() -> None:
    held = a_touch("a", "order.placed", hold_while="not order.paid", within="2 hours")
    assert live(held).waits("a") == "hold while not order.paid"
    assert live(held).to_the_end().told() == {"care/a": "expired: hold while not order.paid"}
    assert live(held).feed(snapshot(LATER, payment_status="paid"), at=LATER).told() == {"care/a": "sent"}


def test_a_condition_that_fails_ends_its_touch_and_others_go_on() -> None:
    life = live(a_touch("a", "order.placed", when="order.items[9].title == 'x'"), a_touch("b", "order.placed"))
    assert life.state("a") == "failed"
    assert "condition `order.items[9].title == 'x'`" in life.told()["care/a"]
    assert life.state("b") == "sent"


# What cannot be sent at all


def test_a_message_that_cannot_be_rendered_fails_and_others_go_on() -> None:
    life = Life(a_content(a_journey("care", a_touch("a", "order.placed"), a_touch("b", "order.placed"))))
    life.broken = {touch_id("shop", "care:1001", "a"): "message 'tips', email.html, line 3: no such name"}
    life.feed(placed(), at=NOW)
    assert life.told() == {"care/a": "failed: message 'tips', email.html, line 3: no such name", "care/b": "sent"}


def test_a_message_that_the_deploy_has_no_more_fails_and_says_so() -> None:
    assert live(a_touch("a", "order.placed", "gone")).told() == {
        "care/a": "failed: the message gone is not in this deploy"
    }


def test_what_is_broken_fails_when_it_is_due_and_not_before() -> None:
    life = live(a_touch("a", "order.placed + 1 hour", "gone"))
    assert life.told() == {}
    assert life.to_the_end().state("a") == "failed"


# Expiry


def test_what_came_too_late_is_not_sent() -> None:
    life = live(a_touch("a", "order.placed + 1 hour", within="1 hour"))
    life.feed(snapshot(NOW), at=NOW + 2 * HOUR)
    assert life.told() == {"care/a": "expired: came too late"}


def test_until_it_expires_a_touch_may_still_go() -> None:
    life = live(a_touch("a", "order.placed + 1 hour", within="1 hour"))
    life.feed(snapshot(NOW), at=NOW + 2 * HOUR - MINUTE)
    assert life.told() == {"care/a": "sent"}


def test_an_expired_touch_tells_what_held_it() -> None:
    late = live(a_touch("tips", "order.placed + 8 days"))
    assert late.to_the_end().told() == {"care/tips": "expired: the order is late"}


def test_what_will_never_be_sent_says_so_rather_than_that_it_expired() -> None:
    life = live(a_touch("a", "order.placed + 1 hour", within="1 hour"))
    life.feed(cancelled(NOW), at=NOW + 5 * HOUR)
    assert life.told() == {"care/a": "skipped: the order was cancelled"}


# Turns: who goes first where there is room for one (law 4)


def test_under_a_cap_the_journey_of_higher_priority_goes_first_and_the_other_is_deferred() -> None:
    """Klaviyo skips what is over its cap, for good; braze moves people on silently. Here it waits."""
    low = a_journey("low", a_touch("tips", "order.placed"), priority=10)
    high = a_journey("high", a_touch("tips", "order.placed"), priority=80)
    life = live(journeys=(low, high), cap={"messages": 1, "days": 2})
    assert life.told() == {"high/tips": "sent"}
    assert life.waits("tips") == "cap: 1 in 2 days"
    life.to_the_end()
    assert life.told() == {"high/tips": "sent", "low/tips": "sent"}
    assert [send.touch.at for send in life.sends] == [NOW, NOW + 2 * DAY]


def test_two_orders_and_two_journeys_share_one_cap() -> None:
    journeys = tuple(a_journey(name, a_touch("tips", "order.placed"), a_touch("more", "order.placed")) for name in "ab")
    life = live(journeys=journeys, cap={"messages": 2}, promise={"business_days": 30})
    life.feed(placed(NOW, "1002"), at=NOW).to_the_end()
    sent = [send.touch.at for send in life.sends]
    for start in sent:
        assert len([moment for moment in sent if start <= moment < start + 7 * DAY]) <= 2
    assert {record.state for record in life.records.values()} == {"sent", "expired"}
    assert all(record.reason == "cap: 2 in 7 days" for record in life.records.values() if record.state == "expired")


def test_what_the_customer_needs_does_not_wait_for_the_cap() -> None:
    life = live(a_touch("a", "order.placed"), a_touch("b", "order.placed", "note"), cap={"messages": 1})
    life.feed(placed(NOW, "1002"), at=NOW)
    assert [(send.touch.order_id, send.touch.key) for send in life.sends] == [
        ("1001", "b"),
        ("1001", "a"),
        ("1002", "b"),
    ]


def test_a_held_touch_lets_those_after_it_pass() -> None:
    life = live(a_touch("a", "order.placed", hold_while="not order.paid"), a_touch("b", "order.placed"))
    assert life.told() == {"care/b": "sent"}


# One per order


def test_a_message_that_two_journeys_share_goes_once_by_the_one_of_higher_priority() -> None:
    small = a_journey("small", a_touch("review", "order.delivered + 14 days", "review"), priority=40)
    large = a_journey("large", a_touch("review", "order.delivered + 12 days", "review"), priority=60)
    life = live(journeys=(small, large)).feed(delivered(LATER), at=LATER).to_the_end()
    assert life.told() == {"large/review": "sent", "small/review": "skipped: already sent by large/review"}


def test_another_order_gets_its_own() -> None:
    life = live(a_touch("review", "order.delivered + 2 days", "review"))
    life.feed(placed(NOW, "1002"), delivered(NOW), delivered(NOW, "q1", "1002"), at=LATER).to_the_end()
    assert sorted(send.touch.order_id for send in life.sends) == ["1001", "1002"]


def test_another_order_gets_its_own_by_another_journey_too() -> None:
    kettles = a_journey(
        "small", a_touch("r", "order.delivered", "review"), enrol={"on": "order.placed", "when": KETTLES}
    )
    fridges = a_journey(
        "large", a_touch("r", "order.delivered", "review"), enrol={"on": "order.placed", "when": FRIDGES}
    )
    life = live(journeys=(kettles, fridges)).feed(placed(NOW, "1002", lines=[FRIDGE]), at=NOW)
    life.feed(delivered(NOW), delivered(NOW, "q1", "1002"), at=LATER)
    assert life.told() == {"small/r": "sent", "large/r": "sent"}


KETTLES, FRIDGES = "'kettle' in order.categories", "'fridge' in order.categories"


# Touches that hang on others


def test_what_waits_for_a_touch_that_was_not_sent_ends_in_the_same_run_down_the_whole_chain() -> None:
    chain = (
        a_touch("c", "touch.b.sent + 1 day"),
        a_touch("b", "touch.a.sent + 1 day"),
        a_touch("a", "order.placed", when="order.paid"),
    )
    assert live(*chain).told() == {
        "care/a": "skipped: not when order.paid",
        "care/b": "skipped: a was not sent",
        "care/c": "skipped: b was not sent",
    }


def test_what_waits_for_a_touch_is_counted_from_its_sending() -> None:
    night = datetime.fromisoformat("2026-03-02T23:00Z")
    content = a_content(a_journey("care", a_touch("a", "order.placed"), a_touch("b", "touch.a.sent + 2 hours")))
    life = Life(content).feed(placed(night), at=night).to_the_end()
    assert [send.touch.at for send in life.sends] == [night + 9 * HOUR, night + 11 * HOUR]


def test_a_touch_settled_by_a_receipt_counts_from_what_the_receipt_says() -> None:
    content = a_content(a_journey("care", a_touch("a", "order.placed", "note"), a_touch("b", "touch.a.sent + 2 hours")))
    life = Life(content, answer=lambda send: None if send.touch.key == "a" else "accepted").feed(placed(), at=NOW)
    life.receipts[life.sends[0].touch.id] = NOW + MINUTE
    life.to_the_end()
    assert life.sent_at("b") == NOW + MINUTE + 2 * HOUR


# A late order (law 6)


def test_care_waits_while_an_order_is_late_and_goes_on_when_it_arrives() -> None:
    """The carrier gave up an estimate it could not keep: the review request must not come before the kettle."""
    touch = a_touch("tips", "order.shipped + 9 days", within="10 days")
    life = live(touch).feed(shipped(NOW, estimated_delivery=NOW + 4 * DAY), at=NOW)
    life.until(NOW + 12 * DAY)
    assert life.sent() == []
    assert life.waits("tips") == "the order is late"
    life.feed(delivered(NOW + 12 * DAY), at=NOW + 12 * DAY)
    assert life.sent() == ["tips"]


# The clock of the person


def test_the_zone_that_a_customer_stated_beats_where_the_parcel_goes() -> None:
    contact = {"email": "ann@example.com", "time_zone": "Asia/Tokyo"}
    content = a_content(a_journey("care", a_touch("a", "order.placed + 1 day")))
    life = Life(content).feed(placed(contact=contact), at=NOW).to_the_end()
    assert life.sent_at("a") == datetime.fromisoformat("2026-03-03T10:00+09:00")


def test_without_an_address_the_phone_tells_the_clock_and_else_the_shop() -> None:
    for phone, hour in (("+819012345678", "2026-03-03T10:00+09:00"), (None, "2026-03-03T10:00Z")):
        contact = {"email": "ann@example.com", "phone": phone}
        content = a_content(a_journey("care", a_touch("a", "order.placed + 1 day")))
        life = Life(content).feed(placed(contact=contact, shipping_address=None), at=NOW).to_the_end()
        assert life.sent_at("a") == datetime.fromisoformat(hour)


# Channels by the hour and by consent


def test_a_touch_takes_the_channel_that_is_open_when_it_is_due() -> None:
    messages = (a_message("hello", "transactional", ("text", "email")),)
    contact = {"email": "ann@example.com", "phone": "07911 123456"}
    for start, channel in ((NOW, "text"), (datetime.fromisoformat("2026-03-02T22:00Z"), "email")):
        content = a_content(a_journey("care", a_touch("a", "order.placed", "hello")), messages=messages)
        life = Life(content).feed(placed(start, contact=contact), at=start)
        assert [send.go.channel for send in life.sends] == [channel]


def test_an_unsubscribe_in_the_same_run_as_a_due_touch_comes_first() -> None:
    """notifuse #304: facts first, then what is due."""
    life = live(a_touch("a", "order.placed + 1 hour")).feed(consented("Withdrawn", LATER), at=LATER)
    assert life.told() == {"care/a": "skipped: email: consent withdrawn"}
