"""How far returns have come, when one is open, and what is left of the order."""

from collections.abc import Mapping
from datetime import datetime
from itertools import permutations

import pytest

from perennial import events, returns
from perennial.order_facts import arrived, kept_lines, moments, quantities
from perennial.returns import asked_at, being_returned, moments_of, replacements
from tests.unit.core.builders import (
    DAY,
    FRIDGE,
    HOUR,
    KETTLE,
    MANUAL,
    NOW,
    an_order,
    delivered,
    placed,
    portions,
    refunded,
    returned,
    shipped,
    snapshot,
    withdrawn,
)

BASKET = placed(lines=[{**KETTLE, "quantity": 2}, FRIDGE], total="480.00")
ASKED = returned("Requested", NOW + HOUR, {"l1": 1})
LATER = NOW + DAY
NEW = {"id": "l9", "title": "Blender", "quantity": 1}


def come(*news: events.Event) -> Mapping[str, datetime]:
    order = an_order(BASKET, *news)
    return moments_of(order.returns["t1"], order)


def is_open(*news: events.Event) -> bool:
    return being_returned(an_order(BASKET, *news))


def open_ones(*news: events.Event) -> set[str]:
    """Of an order of four kettles."""
    order = an_order(placed(lines=[{**KETTLE, "quantity": 4}], total="160.00"), *news)
    return {case.id for case in order.returns.values() if returns.is_open(case, order)}


def asked(case: str, pieces: int = 1, at: datetime = NOW + HOUR) -> events.Event:
    return returned("Requested", at, {"l1": pieces}, case=case)


def paid(pieces: int, at: datetime = LATER, refund: str = "r1") -> events.Event:
    return refunded(at, refund=refund, lines={"l1": pieces})


# Open or over


def test_a_return_is_open_from_the_request_until_money_goods_or_a_no_has_come() -> None:
    assert not is_open()
    assert is_open(ASKED)
    assert is_open(ASKED, returned("Approved", LATER), returned("Received", LATER))
    for end in ("Refunded", "Exchanged", "Closed"):
        assert not is_open(ASKED, returned(end, LATER))
        assert not is_open(returned(end, LATER), ASKED)


def test_a_withdrawal_opens_one_as_well_and_so_does_a_shop_that_never_was_asked() -> None:
    assert is_open(withdrawn(NOW))
    assert is_open(returned("Approved", NOW))


def test_of_two_returns_one_may_be_over_and_the_other_open() -> None:
    other = returned("Requested", LATER, {"l2": 1}, case="t2")
    assert is_open(ASKED, returned("Closed", LATER), other)


def test_a_refund_of_what_was_sent_back_ends_the_return_whoever_reports_it() -> None:
    """A shop may tell of money only: it knows nothing of what was asked for on our page."""
    paid = refunded(LATER, lines={"l1": 1})
    assert not is_open(ASKED, paid)
    assert come(ASKED, paid)["return.refunded"] == LATER


@pytest.mark.parametrize(
    "refund",
    [
        refunded(LATER, lines={"l2": 1}),
        refunded(LATER, settled=False, lines={"l1": 1}),
        refunded(NOW, lines={"l1": 1}),
        refunded(LATER),
    ],
    ids=["other goods", "money has not moved", "before it was asked for", "names no goods"],
)
def test_another_refund_does_not(refund: events.Event) -> None:
    assert is_open(ASKED, refund)


def test_a_refund_of_the_whole_order_ends_every_return() -> None:
    assert not is_open(ASKED, withdrawn(NOW, "t2"), refunded(LATER, "480.00"))


def test_what_was_asked_for_everything_is_not_ended_by_a_part() -> None:
    assert is_open(withdrawn(NOW), refunded(LATER, lines={"l1": 2}))


def test_a_refund_of_one_piece_ends_the_elder_of_two_returns_and_the_next_refund_the_other() -> None:
    elder, younger = asked("t2"), asked("t1", at=NOW + 2 * HOUR)
    assert open_ones(elder, younger, paid(1)) == {"t1"}
    assert open_ones(elder, younger, paid(1), paid(1, LATER + HOUR, "r2")) == set()
    assert open_ones(elder, younger, paid(2)) == set()


def test_a_refund_of_just_what_a_later_return_is_of_ends_that_one() -> None:
    assert open_ones(asked("t1"), asked("t2", 2, NOW + 2 * HOUR), paid(2)) == {"t1"}
    assert open_ones(asked("t1", 2), asked("t2", 1, NOW + 2 * HOUR), paid(1)) == {"t1"}


def test_a_refund_belongs_to_the_return_that_the_shop_calls_refunded_and_not_to_an_elder_one() -> None:
    two = (asked("t1"), asked("t2", at=NOW + 2 * HOUR))
    for reported in (LATER - HOUR, LATER, LATER + HOUR):
        assert open_ones(*two, returned("Refunded", reported, case="t2"), paid(1)) == {"t1"}


def test_what_was_refused_or_exchanged_before_takes_no_money_from_what_was_asked_for_since() -> None:
    for end in ("Closed", "Exchanged"):
        over = (asked("t1"), returned(end, NOW + 2 * HOUR, case="t1"))
        assert open_ones(*over, asked("t2", at=NOW + 3 * HOUR), paid(1)) == set()
    closed_after = returned("Closed", LATER + HOUR, case="t1")
    assert open_ones(asked("t1"), asked("t2", at=NOW + 2 * HOUR), paid(1), closed_after) == {"t2"}


def test_money_that_moves_after_a_return_was_asked_for_is_not_for_it_if_it_was_promised_before() -> None:
    elder = refunded(NOW, lines={"l1": 1}, settled=False)
    moved = snapshot(LATER, refunds=[{"id": "r1", "refunded_at": NOW, "settled": True, "lines": portions({"l1": 1})}])
    assert open_ones(elder, asked("t1"), moved) == {"t1"}


def test_where_every_piece_was_repaid_nothing_is_on_its_way_however_often_it_was_asked_for() -> None:
    """The shop may have opened a return of its own for what was asked for on our page."""
    assert open_ones(asked("t1", 4), asked("t2", 4, NOW + 2 * HOUR), paid(4)) == set()
    assert open_ones(asked("t1", 4), paid(1), paid(3, LATER + HOUR, "r2")) == set()
    assert open_ones(asked("t1", 4), paid(1), paid(2, LATER + HOUR, "r2")) == {"t1"}


def test_refunds_end_the_same_returns_in_whatever_order_they_are_heard() -> None:
    news = (
        *(asked("t1"), asked("t2", 2, NOW + 2 * HOUR), asked("t3", at=NOW + 3 * HOUR)),
        *(returned("Refunded", LATER, case="t3"), paid(1), paid(2, LATER + HOUR, "r2")),
    )
    assert {frozenset(open_ones(*told)) for told in permutations(news)} == {frozenset({"t1"})}


# Anchors


def test_each_stage_is_an_anchor_at_the_first_time_anyone_reported_it() -> None:
    news = (ASKED, returned("Received", LATER + HOUR), returned("Received", LATER))
    assert come(*news) == {"return.requested": NOW + HOUR, "return.received": LATER}


def test_an_order_has_its_first_return_reviews_first_moment_and_the_score_that_stands() -> None:
    order = an_order(BASKET, withdrawn(LATER, "t2"), ASKED)
    assert moments(order)["order.return_requested"] == NOW + HOUR
    assert asked_at(order.returns["t2"]) == LATER


# What is left


def test_what_came_back_and_was_repaid_or_exchanged_is_kept_no_more() -> None:
    for end in ("Refunded", "Exchanged"):
        assert quantities(an_order(BASKET, ASKED, returned(end, LATER))) == {"l1": 1, "l2": 1}
    for other in ("Requested", "Approved", "Received", "Closed"):
        assert quantities(an_order(BASKET, ASKED, returned(other, LATER))) == {"l1": 2, "l2": 1}


def test_a_return_and_its_refund_are_not_taken_off_twice() -> None:
    news = (ASKED, returned("Refunded", LATER), refunded(LATER, lines={"l1": 1}))
    assert quantities(an_order(BASKET, *news)) == {"l1": 1, "l2": 1}
    known = snapshot(LATER + DAY, lines=[{**KETTLE, "quantity": 2, "current_quantity": 1}, FRIDGE])
    assert quantities(an_order(BASKET, *news, known)) == {"l1": 1, "l2": 1}


def test_an_order_of_which_everything_was_sent_back_and_repaid_is_fully_refunded() -> None:
    rest = returned("Refunded", LATER + HOUR, {"l1": 1, "l2": 1}, case="t2")
    assert "order.fully_refunded" not in moments(an_order(BASKET, ASKED, returned("Refunded", LATER)))
    both = an_order(BASKET, ASKED, returned("Refunded", LATER), rest)
    assert moments(both)["order.fully_refunded"] == LATER + HOUR
    assert moments(an_order(BASKET, withdrawn(NOW), returned("Refunded", LATER)))["order.fully_refunded"] == LATER


def test_an_order_of_which_everything_was_exchanged_is_not() -> None:
    order = an_order(BASKET, returned("Exchanged", LATER, replacements=[NEW]))
    assert "order.fully_refunded" not in moments(order)
    assert kept_lines(order) == ()


def test_what_an_exchange_brought_counts_once_it_is_there_and_unless_the_order_lists_it() -> None:
    asked = returned("Requested", NOW, {"l1": 1}, replacements=[NEW])
    assert replacements(an_order(BASKET, asked)) == ()
    done = (asked, returned("Exchanged", LATER))
    assert [line.id for line in replacements(an_order(BASKET, *done))] == ["l9"]
    assert replacements(an_order(placed(lines=[KETTLE, NEW]), *done)) == ()


# What has arrived


def test_only_what_lies_in_a_delivered_parcel_has_arrived_and_what_nobody_carries() -> None:
    order = placed(lines=[KETTLE, FRIDGE, MANUAL])
    first, second = shipped(NOW, "p1", lines={"l1": 1}), shipped(NOW, "p2", lines={"l2": 1})
    assert arrived(an_order(order, first, second, delivered(LATER, "p1"))) == frozenset({"l1", "l3"})
    everything = an_order(order, first, delivered(LATER, "p1"), delivered(LATER, "p2"))
    assert arrived(everything) == frozenset({"l1", "l2", "l3"})


def test_where_no_parcel_tells_nobody_knows_what_has_arrived() -> None:
    assert arrived(an_order(placed())) is None
    assert arrived(an_order(placed(), shipped(NOW, lines={"l1": 1}))) is None
