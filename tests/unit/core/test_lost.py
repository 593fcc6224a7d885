"""Time that a restore has lost: what may have gone out in it is not sent again, and takes its place as if it had."""

from datetime import datetime, timedelta
from typing import Any

from perennial.customer import Progress
from perennial.lost import REASON, Lost, epoch_at, lost_in
from perennial.pauses import Pause
from tests.unit.core.builders import DAY, HOUR, MINUTE, NOW, a_content, a_journey, a_store, a_touch, cancelled, placed
from tests.unit.core.life import Life, silence

CARE = a_journey(
    "care",
    a_touch("note", "order.placed + 1 hour", "note"),
    a_touch("tips", "order.placed + 2 hours", "tips", not_before="09:00"),
    a_touch("later", "order.placed + 5 days", "note"),
)
BACK = NOW + 30 * MINUTE
"""The point the table is restored to: the order is known, nothing has been sent."""


def lost(until: datetime, told: bool = False) -> frozenset[Pause]:
    return frozenset({Lost(BACK, until, epoch_at(until + HOUR), told).as_pause()})


def restored(*pauses: Pause, then: timedelta = DAY, journeys: Any = (CARE,), **store: Any) -> Life:
    """A life that was lived on for a while, in a table that was then restored."""
    life = Life(a_content(*journeys, store=a_store(**store)))
    life.feed(placed(), at=NOW)
    life.pauses = frozenset(pauses)
    life.feed(at=NOW + then)
    return life


def outcomes(life: Life) -> dict[str, tuple[str, str | None]]:
    return {record.key: (record.state, record.reason) for record in life.records.values()}


def test_without_lost_time_everything_that_is_due_goes_out() -> None:
    assert [send.touch.key for send in restored().sends] == ["note", "tips"]


def test_a_touch_that_was_due_in_lost_time_is_not_sent_again_and_ends_as_unconfirmed() -> None:
    life = restored(*lost(until=NOW + 90 * MINUTE))
    assert [send.touch.key for send in life.sends] == ["tips"]
    assert outcomes(life)["note"] == ("unconfirmed", REASON)


def test_what_is_due_after_the_lost_time_goes_out_as_ever() -> None:
    life = restored(*lost(until=NOW + 12 * HOUR)).to_the_end()
    assert [send.touch.key for send in life.sends] == ["later"]
    assert [outcomes(life)[key][0] for key in ("note", "tips", "later")] == ["unconfirmed", "unconfirmed", "sent"]


def test_it_counts_under_the_cap_as_if_it_had_gone_out() -> None:
    survey = a_journey("survey", a_touch("ask", "order.placed + 1 day", "survey"), priority=99)
    cap: dict[str, Any] = {"cap": {"messages": 1, "days": 7}}
    free = restored(then=25 * HOUR, journeys=(CARE, survey), **cap)
    held = restored(*lost(until=NOW + 3 * HOUR), then=25 * HOUR, journeys=(CARE, survey), **cap)
    assert [send.touch.key for send in free.sends] == ["note", "ask"]
    assert held.sends == []


def test_a_message_that_goes_once_per_order_is_not_brought_by_another_journey_afterwards() -> None:
    first = a_journey("first", a_touch("thank", "order.placed + 1 hour", "thanks"))
    second = a_journey("second", a_touch("thank", "order.placed + 2 days", "thanks"))
    life = restored(*lost(until=NOW + 2 * HOUR), journeys=(first, second)).to_the_end()
    assert life.sends == []
    assert sorted(record.state for record in life.records.values()) == ["skipped", "unconfirmed"]


def test_a_stop_that_is_told_again_does_not_hide_what_may_have_gone_out() -> None:
    life = Life(a_content(CARE.model_copy(update={"stop": ("order.cancelled",)})))
    life.feed(placed(), at=NOW)
    life.pauses = lost(until=NOW + 3 * HOUR)
    life.feed(cancelled(NOW + 3 * HOUR), at=NOW + DAY)
    assert outcomes(life)["note"] == ("unconfirmed", REASON)


def test_an_order_of_lost_time_that_the_shop_tells_again_is_not_confirmed_twice() -> None:
    life = Life(a_content(CARE), pauses=lost(until=NOW + 4 * HOUR))
    life.feed(placed(at=NOW + 2 * HOUR), at=NOW + 6 * HOUR)
    assert life.sends == []
    assert outcomes(life)["note"] == ("unconfirmed", REASON)


def test_where_the_claims_of_lost_time_were_told_only_new_passages_are_in_doubt() -> None:
    life = restored(*lost(until=NOW + 12 * HOUR, told=True))
    assert [send.touch.key for send in life.sends] == ["note", "tips"]
    life.feed(placed(at=NOW + 2 * HOUR, order="1002"), at=NOW + DAY)
    assert [send.touch.key for send in life.sends] == ["note", "tips"]


def test_a_claim_that_was_open_at_the_restore_is_not_tried_once_more() -> None:
    journey = a_journey("care", a_touch("note", "order.placed", "note"))
    life = Life(a_content(journey), answer=silence).feed(placed(), at=NOW)
    never = Life(a_content(journey), customer=life.customer, records=dict(life.records)).feed(at=NOW + DAY)
    assert len(never.sends) == 1
    life.pauses = lost(until=NOW + 3 * HOUR)
    life.feed(at=NOW + DAY)
    assert len(life.sends) == 1
    assert outcomes(life)["note"] == ("unconfirmed", REASON)


def test_a_claim_made_after_the_restore_is_settled_as_ever() -> None:
    journey = a_journey("care", a_touch("note", "order.placed + 2 days", "note"))
    life = Life(a_content(journey), answer=silence).feed(placed(), at=NOW)
    life.pauses = lost(until=NOW + DAY)
    life.to_the_end()
    assert len(life.sends) == 2


def test_a_touch_that_waits_to_be_tried_again_after_the_lost_time_is_tried() -> None:
    life = Life(a_content(a_journey("care", a_touch("note", "order.placed", "note"))), answer=lambda send: "released")
    life.feed(placed(), at=NOW)
    ((enrolment, waits),) = ((e, e.touches["note"]) for e in life.customer.enrolments.values())
    assert waits == Progress("released", NOW, NOW + MINUTE, 1)
    life.pauses = lost(until=NOW + 30 * timedelta(seconds=1))
    life.feed(at=NOW + HOUR)
    assert len(life.sends) == 2
    assert enrolment.id in life.customer.enrolments


def test_where_no_time_was_lost_nothing_is_in_doubt() -> None:
    moved = frozenset({Lost(NOW + DAY, NOW + DAY, epoch_at(NOW + DAY)).as_pause()})
    assert [send.touch.key for send in restored(*moved).sends] == ["note", "tips"]
    life = Life(a_content(a_journey("care", a_touch("note", "order.placed", "note"))), answer=silence)
    life.feed(placed(), at=NOW)
    life.pauses = moved
    life.feed(at=NOW + DAY)
    assert len(life.sends) == 2


def test_lost_time_is_read_back_from_the_switch_it_is_kept_as() -> None:
    for told in (False, True):
        window = Lost(BACK, NOW + DAY, epoch_at(NOW + DAY), told)
        assert list(lost_in([Pause("store"), window.as_pause()])) == [window]


def test_a_later_rearming_has_a_greater_epoch() -> None:
    assert 0 < epoch_at(NOW) < epoch_at(NOW + timedelta(seconds=1))
