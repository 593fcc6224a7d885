"""However much falls due at once, a commit stays within what one transaction takes: 100 writes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from perennial import events
from perennial.adapters.writes import writes_of
from perennial.arranging import arranged
from perennial.customer import Customer, stranger
from perennial.decide import Decision
from perennial.handing_over import Pair, follow, unite
from perennial.journeys import Journey
from tests.unit.core.builders import DAY, HOUR, KETTLE, NOW, a_content, a_journey, a_touch, cancelled, placed, shipped
from tests.unit.core.life import FINAL, Life

MOST = 100
"""Actions that `TransactWriteItems` takes."""

LATER = NOW + 30 * DAY


def orders(count: int) -> list[events.Event]:
    return [placed(NOW + timedelta(seconds=number), str(number)) for number in range(count)]


def wide(decision: Decision) -> int:
    return len(writes_of(decision, {}, "table", b"pepper"))


def widths(life: Life) -> list[int]:
    return [wide(decision) for decision in life.decisions if decision.changed]


def life_of(journey: Journey, count: int) -> Life:
    life = Life(a_content(journey))
    for order in orders(count):
        life.feed(order, at=order.occurred_at)
    life.decisions.clear()
    return life


def late(life: Life) -> Life:
    """The wake rings a month late: all that was planned has expired meanwhile."""
    assert life.customer.profile.wake is not None
    life.ring(late=int((LATER - life.customer.profile.wake.at).total_seconds() // 60))
    return life.to_the_end()


@pytest.mark.parametrize(("count", "touches"), [(1, 200), (50, 4), (200, 1)])
def test_two_hundred_touches_that_expire_at_once_come_to_rest_in_small_commits(count: int, touches: int) -> None:
    steps = [a_touch(f"t{number}", "order.placed + 1 hour", expires="1 day") for number in range(touches)]
    life = late(life_of(a_journey("care", *steps), count))
    assert [record.state for record in life.records.values()] == ["expired"] * 200
    assert not life.customer.enrolments
    assert max(widths(life)) <= MOST


def test_the_longest_order_id_fits_into_every_key() -> None:
    """DynamoDB takes partition keys of 2,048 bytes and sort keys of 1,024."""
    name = "j" * 40
    life = Life(a_content(a_journey(name, a_touch("t", "order.placed", "note"))))
    life.feed(placed(NOW, "\N{WRAPPED PRESENT}" * 200), at=NOW)
    first = life.decisions[0]
    apart = replace(first, after=replace(first.after, apart=first.after.live_orders))
    keys = [write["Put"]["Item"] for write in writes_of(apart, {}, "table", b"pepper") if "Put" in write]
    assert len(keys) == 3
    assert max(len(key["pk"]["S"].encode()) for key in keys) <= 2048
    assert 800 < max(len(key["sk"]["S"].encode()) for key in keys) <= 1024


def test_what_one_commit_cannot_take_follows_within_minutes() -> None:
    steps = [a_touch(f"t{number}", "order.placed + 1 hour", expires="1 day") for number in range(200)]
    life = late(life_of(a_journey("care", *steps), 1))
    ended = [record.at for record in life.records.values()]
    assert max(ended) - min(ended) < timedelta(minutes=30)


def test_many_enrolments_that_lose_patience_at_once_are_closed_in_small_commits() -> None:
    journey = a_journey("care", a_touch("t", "order.refunded"), patience="2 days")
    life = late(life_of(journey, 120))
    assert not life.customer.enrolments
    assert max(widths(life)) <= MOST


def test_a_stopped_journey_of_many_touches_is_stopped_although_one_commit_cannot_end_them() -> None:
    steps = [a_touch(f"t{number}", "order.placed + 2 days") for number in range(200)]
    life = life_of(a_journey("care", *steps, stop=["order.cancelled"]), 1)
    life.feed(cancelled(NOW + HOUR, "0"), at=NOW + HOUR).to_the_end()
    assert {record.reason for record in life.records.values()} == {"stopped: order.cancelled"}
    assert len(life.records) == 200
    assert max(widths(life)) <= MOST


def test_a_hundred_and_fifty_parcels_that_leave_together_are_told_in_several_messages() -> None:
    step = a_touch("out", "parcel.shipped", "note", per="parcel", join="1 hour")
    life = life_of(a_journey("care", step), 1)
    life.feed(*(shipped(NOW + HOUR, f"p{number}", "0") for number in range(150)), at=NOW + HOUR).to_the_end()
    assert all(record.state in FINAL for record in life.records.values())
    assert len(life.records) == 150
    assert max(widths(life)) <= MOST


def crowd(customer: str, first: int, count: int, journeys: int, lines: int = 1) -> Customer:
    """Somebody with that many live orders, each of them in several journeys."""
    told = [a_journey(f"care-{number}", a_touch("t", "order.placed + 50 days")) for number in range(journeys)]
    life = Life(a_content(*told), customer=stranger("shop", customer))
    bought = [{**KETTLE, "id": f"l{number}"} for number in range(lines)]
    for number in range(first, first + count):
        order = placed(NOW + timedelta(seconds=number), str(number), lines=bought)
        life.feed(order, at=order.occurred_at)
    return life.customer


def merge(winner: Customer, loser: Customer) -> list[Pair]:
    found = [unite(winner, loser, {}, NOW, "united")]
    while found[-1].loser.after.enrolments:
        found.append(follow(found[-1].winner.after, found[-1].loser.after, {}, "follows", None))
    return found


@pytest.mark.parametrize("journeys", [1, 6])
def test_live_orders_that_a_merge_hands_over_lie_apart_at_once_and_no_later_commit_has_to_move_them(
    journeys: int,
) -> None:
    found = merge(crowd("c1", 0, 30, journeys), crowd("c2", 100, 60, journeys))
    assert len(found) > 3
    assert max(wide(one.winner) + wide(one.loser) for one in found) <= MOST
    assert all(arranged(one.winner.after) is one.winner.after for one in found)
    assert len(found[-1].winner.after.orders) == 90


def test_a_large_order_that_a_merge_hands_over_puts_none_of_the_winners_out() -> None:
    (pair,) = merge(crowd("c1", 0, 6, 14), crowd("c2", 100, 1, 14, lines=12))
    assert pair.winner.after.apart == {"100"}
    assert wide(pair.winner) + wide(pair.loser) <= MOST


def test_few_live_orders_that_a_merge_hands_over_lie_together_with_their_person() -> None:
    (pair,) = merge(crowd("c1", 0, 1, 2), crowd("c2", 100, 1, 2))
    assert (pair.winner.after.apart, wide(pair.winner)) == (frozenset(), 1)
