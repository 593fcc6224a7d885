"""The one future moment at which a customer next needs attention."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.customer import Wake
from perennial.pauses import Pause
from tests.unit.core.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    WHO,
    a_content,
    a_journey,
    a_store,
    a_touch,
    cancelled,
    consented,
    delivered,
    placed,
    snapshot,
)
from tests.unit.core.life import Life, silence


def live(*touches: dict[str, Any], at: datetime = NOW, **store: Any) -> Life:
    journey = a_journey("care", *touches, patience="30 days")
    return Life(a_content(journey, store=a_store(**store))).feed(placed(at), at=at)


def wake(life: Life) -> Wake:
    assert life.customer.profile.wake is not None
    return life.customer.profile.wake


def ring(n: int, at: datetime, epoch: int = 0) -> events.WakeDue:
    return events.WakeDue(type="WakeDue", id=f"wake:{n}", store="shop", occurred_at=at, customer=WHO, epoch=epoch, n=n)


NEED = a_touch("need", "order.placed + 2 hours", "note")
TIPS = a_touch("tips", "order.placed + 2 hours", "tips")


# When


def test_a_customer_wakes_when_the_next_touch_is_due() -> None:
    assert wake(live(TIPS, a_touch("later", "order.placed + 3 hours"))).at == NOW + 2 * HOUR


def test_a_wake_is_rounded_up_to_a_full_minute() -> None:
    start = NOW + MINUTE / 3
    assert wake(live(TIPS, at=start)).at == NOW + 2 * HOUR + MINUTE


def test_the_past_is_never_asked_for() -> None:
    """A touch that is due already, but was left for the next decision, is asked for in a minute or two."""
    life = live(NEED, a_touch("other", "order.placed + 2 hours", "note"))
    life.answer = silence
    life.until(NOW + 2 * HOUR)
    assert wake(life).at == NOW + 2 * HOUR + MINUTE
    life.feed(snapshot(NOW), at=NOW + 2 * HOUR + MINUTE / 2)
    assert wake(life).at > NOW + 2 * HOUR + MINUTE


def test_nothing_ahead_needs_no_wake() -> None:
    assert live(a_touch("now", "order.placed", "note")).customer.profile.wake is None


def test_what_waits_for_an_event_wakes_when_patience_ends() -> None:
    """30 days later by the clock on the wall, which goes forward on 29 March."""
    life = live(a_touch("tips", "order.delivered + 1 day"))
    assert wake(life).at == NOW + 30 * DAY - HOUR


def test_what_is_held_wakes_when_it_may_go_or_when_it_expires() -> None:
    night = datetime.fromisoformat("2026-03-02T22:30Z")
    assert wake(live(a_touch("tips", "order.placed"), at=night)).at == datetime.fromisoformat("2026-03-03T08:00Z")
    short = live(a_touch("tips", "order.placed", within="1 hour"), at=night)
    assert wake(short).at == night + HOUR
    assert short.to_the_end().told() == {"care/tips": "expired: quiet hours"}


def test_what_only_an_event_can_free_wakes_when_it_expires() -> None:
    life = live(a_touch("tips", "order.placed", hold_while="not order.delivered", within="2 days"))
    assert wake(life).at == NOW + 2 * DAY
    life.feed(delivered(NOW + DAY), at=NOW + DAY)
    assert life.told() == {"care/tips": "sent"}


def test_what_is_paused_goes_on_when_the_pause_is_lifted() -> None:
    life = live(TIPS)
    life.pauses = frozenset({Pause("store")})
    life.until(NOW + 5 * HOUR)
    assert life.sent() == []
    life.pauses = frozenset()
    life.until(NOW + 6 * HOUR)
    assert life.sent_at("tips") == NOW + 6 * HOUR


# Which lane, and how punctual


def test_what_the_customer_needs_takes_the_urgent_lane_to_the_minute() -> None:
    assert (wake(live(NEED)).lane, wake(live(NEED)).flexible_minutes) == ("urgent", 0)


def test_offers_take_the_patient_lane_and_may_be_some_minutes_late() -> None:
    assert (wake(live(TIPS)).lane, wake(live(TIPS)).flexible_minutes) == ("patient", 15)


def test_one_need_among_many_offers_makes_the_wake_urgent() -> None:
    both = wake(live(TIPS, NEED))
    assert (both.lane, both.flexible_minutes) == ("urgent", 0)


def test_a_need_of_another_minute_does_not() -> None:
    assert wake(live(TIPS, a_touch("need", "order.placed + 3 hours", "note"))).lane == "patient"


def test_a_claim_in_doubt_wakes_in_the_lane_of_its_class() -> None:
    for touch, lane in ((a_touch("a", "order.placed", "note"), "urgent"), (a_touch("a", "order.placed"), "patient")):
        life = Life(a_content(a_journey("care", touch)), answer=silence).feed(placed(), at=NOW)
        assert wake(life).lane == lane


@pytest.mark.parametrize(("closes", "minutes"), [("11:10", 9), ("11:01", 0), ("11:30", 15)])
def test_a_wake_is_never_so_late_that_the_hour_has_passed(closes: str, minutes: int) -> None:
    life = live(TIPS, quiet_hours={"email": f"08:00-{closes}"})
    assert (wake(life).at, wake(life).flexible_minutes) == (NOW + 2 * HOUR, minutes)


def test_a_wake_is_never_so_late_that_the_touch_has_expired() -> None:
    assert wake(live(a_touch("tips", "order.placed + 2 hours", within="5 minutes"))).flexible_minutes == 4


def test_the_least_patient_of_one_minute_decides_how_late_it_may_be() -> None:
    life = live(TIPS, a_touch("quick", "order.placed + 2 hours", within="5 minutes"))
    assert wake(life).flexible_minutes == 4


def test_a_wake_that_must_become_more_punctual_is_set_anew() -> None:
    """The second order brings a touch of the same minute that is of use for five minutes only."""
    quick = a_journey("quick", a_touch("quick", "order.placed + 1 hour", within="5 minutes"))
    life = Life(a_content(a_journey("care", TIPS), quick))
    life.feed(placed(), at=NOW)
    assert (wake(life).at, wake(life).flexible_minutes) == (NOW + HOUR, 4)
    slow = Life(
        a_content(a_journey("care", TIPS), a_journey("quick", a_touch("q", "order.paid + 2 hours", within="5 minutes")))
    )
    slow.feed(placed(), at=NOW)
    first = wake(slow)
    slow.feed(snapshot(NOW, payment_status="paid"), at=NOW)
    assert first.flexible_minutes == 15
    assert (wake(slow).at, wake(slow).flexible_minutes, wake(slow).n) == (first.at, 4, first.n + 1)


@given(
    st.integers(0, 24 * 60 * 60 - 1),
    st.sampled_from(["tips", "nudge", "flash", "review"]),
    st.sampled_from(["GB", "US", "AU", "BR"]),
    st.integers(1, 60),
)
def test_even_the_latest_moment_of_a_wake_is_legal_and_of_use(
    seconds: int, message: str, country: str, useful: int
) -> None:
    """Law 5, and the window that the scheduler may use: at its very end the hour is still legal everywhere."""
    start = NOW + (MINUTE / 60) * seconds
    journey = a_journey("care", a_touch("it", "order.placed + 1 hour", message, within=f"{useful} minutes"))
    life = Life(a_content(journey))
    address: dict[str, Any] = {
        "shipping_address": {"country": country},
        "contact": {"email": "ann@example.com", "phone": "+447911123456"},
    }
    by_text = consented("Given", NOW, "text", contact=address["contact"])
    life.feed(placed(start, **address), consented("Given", NOW), by_text, at=start)
    if life.customer.profile.wake is None or wake(life).flexible_minutes == 0:
        return
    latest = wake(life).at + MINUTE * wake(life).flexible_minutes
    life.feed(ring(wake(life).n, latest), at=latest)
    assert life.told() == {"care/it": "sent"}


# Numbers: a schedule's name is never used again


def test_a_wake_that_stays_keeps_its_number() -> None:
    life = live(TIPS)
    held = wake(life)
    life.feed(snapshot(NOW + MINUTE, payment_status="paid"), at=NOW + MINUTE)
    assert wake(life) == held
    assert life.customer.profile.wakes == 1


def test_a_wake_that_moves_has_a_new_number() -> None:
    life = live(TIPS)
    life.content = a_content(
        a_journey("care", TIPS, patience="30 days"), a_journey("fast", a_touch("f", "order.placed + 5 minutes"))
    )
    life.feed(placed(NOW + MINUTE, "1002"), at=NOW + MINUTE)
    assert wake(life).at == NOW + 6 * MINUTE
    assert (wake(life).n, life.customer.profile.wakes) == (2, 2)


def test_a_wake_that_comes_back_to_an_old_moment_has_a_new_number_too() -> None:
    journey = a_journey("care", TIPS, stop=["order.cancelled"])
    life = Life(a_content(journey)).feed(placed(), at=NOW).feed(placed(NOW - HOUR, "1002"), at=NOW)
    assert (wake(life).at, wake(life).n) == (NOW + HOUR, 2)
    life.feed(cancelled(NOW, "1002"), at=NOW)
    assert (wake(life).at, wake(life).n) == (NOW + 2 * HOUR, 3)


def test_numbers_go_on_after_there_was_no_wake() -> None:
    life = live(TIPS).until(NOW + DAY)
    assert life.customer.profile.wake is None
    used = life.customer.profile.wakes
    life.feed(placed(NOW + DAY, "1002"), at=NOW + DAY)
    assert wake(life).n == used + 1


def test_the_wake_that_rings_is_followed_by_another_number_even_for_the_same_minute() -> None:
    """It has gone off, and its name may not be used again: otherwise nothing would ever ring."""
    life = live(TIPS)
    early = wake(life).at - MINUTE
    life.feed(ring(1, early), at=early)
    assert (wake(life).at, wake(life).n) == (NOW + 2 * HOUR, 2)


@pytest.mark.parametrize("stale", [ring(0, NOW + HOUR), ring(9, NOW + HOUR), ring(1, NOW + HOUR, epoch=1)])
def test_a_stale_wake_finds_nothing_due_and_changes_nothing(stale: events.WakeDue) -> None:
    life = live(TIPS)
    assert not life.decide((stale,), NOW + HOUR).changed


def test_a_stale_wake_after_everything_has_ended_changes_nothing() -> None:
    life = live(TIPS).to_the_end()
    assert not life.decide((ring(1, NOW + DAY),), NOW + DAY).changed


def test_a_wake_that_was_lost_is_replaced_by_the_next_event() -> None:
    life = live(TIPS)
    life.feed(snapshot(NOW + DAY), at=NOW + DAY)
    assert life.told() == {"care/tips": "sent"}
