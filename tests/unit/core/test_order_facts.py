"""What follows from an order's facts: quantities, coverage by parcels, and the moments touches hang on."""

from datetime import datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.order_facts import (
    arrived,
    delivered_at,
    fully_refunded_at,
    kept_lines,
    moments,
    parcel_lines,
    parcels_of,
    quantities,
    settled_refunds,
    shipped_at,
)
from perennial.orders import Order, learn
from tests.unit.core.builders import (
    DAY,
    FRIDGE,
    GIFT,
    HOUR,
    KETTLE,
    MANUAL,
    MINUTE,
    NOW,
    an_order,
    cancelled,
    delivered,
    edited,
    placed,
    portions,
    refunded,
    returned,
    shipment,
    shipped,
    snapshot,
)

LATER, LAST = NOW + HOUR, NOW + 2 * HOUR
TWO_KETTLES = {**KETTLE, "quantity": 2}


def bought(*lines: object, **fields: object) -> events.Event:
    return placed(lines=list(lines), **fields)  # type: ignore[arg-type]


def inside(order: Order, parcel: str) -> dict[str, int]:
    return {line.id: line.quantity for line in parcel_lines(order, order.parcels[parcel])}


# Quantities


def test_pieces_kept_are_those_bought() -> None:
    assert quantities(an_order(bought(TWO_KETTLES, FRIDGE))) == {"l1": 2, "l2": 1}


def test_the_shops_own_current_quantity_wins() -> None:
    assert quantities(an_order(bought({**TWO_KETTLES, "current_quantity": 1}))) == {"l1": 1}


def test_an_edit_that_the_newest_snapshot_cannot_know_is_added() -> None:
    assert quantities(an_order(bought(KETTLE), edited(LATER, added={"l1": 2}))) == {"l1": 3}
    assert quantities(an_order(bought(TWO_KETTLES), edited(LATER, removed={"l1": 1}))) == {"l1": 1}


@pytest.mark.parametrize("when", [NOW, LATER])
def test_an_edit_that_the_newest_snapshot_knows_is_not_added_again(when: datetime) -> None:
    seen = snapshot(LATER, lines=[{**KETTLE, "quantity": 3, "current_quantity": 3}])
    assert quantities(an_order(bought(KETTLE), edited(when, added={"l1": 2}), seen)) == {"l1": 3}


def test_an_edit_of_a_line_that_nobody_has_named_says_nothing() -> None:
    assert quantities(an_order(bought(KETTLE), edited(LATER, added={"l9": 2}))) == {"l1": 1}


def test_a_refund_newer_than_the_snapshot_takes_its_pieces_away() -> None:
    line = {**TWO_KETTLES, "current_quantity": 2}
    assert quantities(an_order(bought(line), refunded(LATER, lines={"l1": 1}))) == {"l1": 1}


def test_a_refund_that_the_snapshot_has_counted_is_not_counted_twice() -> None:
    counted = snapshot(LAST, lines=[{**TWO_KETTLES, "current_quantity": 1}])
    assert quantities(an_order(bought(TWO_KETTLES), refunded(LATER, lines={"l1": 1}), counted)) == {"l1": 1}


def test_a_refund_always_counts_where_the_shop_tells_only_what_was_bought() -> None:
    again = snapshot(LAST, lines=[TWO_KETTLES])
    assert quantities(an_order(bought(TWO_KETTLES), refunded(LATER, lines={"l1": 1}), again)) == {"l1": 1}


def test_a_refund_takes_its_pieces_away_before_its_money_has_moved() -> None:
    assert quantities(an_order(bought(KETTLE), refunded(LATER, settled=False, lines={"l1": 1}))) == {"l1": 0}


def test_nobody_keeps_less_than_nothing() -> None:
    assert quantities(an_order(bought(KETTLE), refunded(LATER, lines={"l1": 5}))) == {"l1": 0}


def test_lines_of_which_nothing_is_left_are_not_kept() -> None:
    order = an_order(bought(TWO_KETTLES, FRIDGE), refunded(LATER, lines={"l1": 1, "l2": 1}))
    assert [(line.id, line.quantity) for line in kept_lines(order)] == [("l1", 1)]


# What lies in which parcel


def test_a_parcel_that_lists_nothing_holds_everything() -> None:
    assert inside(an_order(bought(TWO_KETTLES, FRIDGE), shipped(LATER)), "p1") == {"l1": 2, "l2": 1}


def test_a_parcel_that_lists_nothing_holds_what_no_other_one_lists() -> None:
    order = an_order(bought(KETTLE, FRIDGE), shipped(LATER, "p1", lines={"l1": 1}), shipped(LATER, "p2"))
    assert inside(order, "p1") == {"l1": 1}
    assert inside(order, "p2") == {"l2": 1}


def test_a_parcel_that_lists_nothing_holds_the_other_pieces_of_a_split_line() -> None:
    order = an_order(bought(TWO_KETTLES, FRIDGE), shipped(LATER, "p1", lines={"l1": 1}), shipped(LATER, "p2"))
    assert inside(order, "p2") == {"l1": 1, "l2": 1}


def test_what_a_parcel_called_back_listed_lies_elsewhere() -> None:
    back = shipment("Updated", LAST, "p1", cancelled=True)
    order = an_order(bought(KETTLE), shipped(LATER, "p1", lines={"l1": 1}), back, shipped(LATER, "p2"))
    assert inside(order, "p2") == {"l1": 1}


def test_nothing_that_is_not_shipped_lies_in_a_parcel() -> None:
    card = {"id": "l4", "title": "Card", "quantity": 1, "gift_card": True}
    assert inside(an_order(bought(KETTLE, MANUAL, card), shipped(LATER)), "p1") == {"l1": 1}


# Shipped and delivered: only when all of it is


def test_an_order_without_parcels_is_neither_shipped_nor_delivered() -> None:
    assert shipped_at(an_order(bought(KETTLE))) is None
    assert delivered_at(an_order(bought(KETTLE))) is None


def test_one_parcel_with_everything_ships_and_delivers_the_order() -> None:
    order = an_order(bought(KETTLE, FRIDGE), shipped(LATER), delivered(LAST))
    assert (shipped_at(order), delivered_at(order)) == (LATER, LAST)


def test_an_order_is_not_shipped_while_a_line_is_in_no_parcel() -> None:
    order = an_order(bought(KETTLE, FRIDGE), shipped(LATER, lines={"l1": 1}), delivered(LAST))
    assert (shipped_at(order), delivered_at(order)) == (None, None)


def test_an_order_is_delivered_with_the_last_of_its_parcels() -> None:
    parcels = [shipped(LATER, "p1", lines={"l1": 1}), shipped(LATER, "p2", lines={"l2": 1})]
    some = an_order(bought(KETTLE, FRIDGE), *parcels, delivered(LATER, "p1"))
    assert (shipped_at(some), delivered_at(some)) == (LATER, None)
    assert (
        delivered_at(an_order(bought(KETTLE, FRIDGE), *parcels, delivered(LAST, "p2"), delivered(LATER, "p1"))) == LAST
    )


def test_the_pieces_of_one_line_may_come_in_several_parcels() -> None:
    parcels = [shipped(LATER, "p1", lines={"l1": 1}), shipped(LATER, "p2", lines={"l1": 1})]
    assert delivered_at(an_order(bought(TWO_KETTLES), *parcels, delivered(LATER, "p1"))) is None
    assert delivered_at(an_order(bought(TWO_KETTLES), *parcels, delivered(LATER, "p1"), delivered(LAST, "p2"))) == LAST


def test_a_parcel_called_back_neither_ships_nor_holds_up_the_order() -> None:
    back = shipment("Updated", LAST, "p1", cancelled=True)
    only = an_order(bought(KETTLE), shipped(LATER, "p1", lines={"l1": 1}), back)
    assert shipped_at(only) is None
    again = an_order(bought(KETTLE), shipped(NOW, "p1", lines={"l1": 1}), back, shipped(LATER, "p2", lines={"l1": 1}))
    assert shipped_at(again) == LATER


def test_a_parcel_without_lines_that_is_under_way_holds_up_delivery() -> None:
    order = an_order(bought(KETTLE, FRIDGE), shipped(LATER, "p1", lines={"l1": 1}), shipped(LATER, "p2"))
    assert (
        delivered_at(an_order(bought(KETTLE), shipped(LATER, "p1"), shipped(LATER, "p2"), delivered(LAST, "p1")))
        is None
    )
    assert shipped_at(order) == LATER


def test_a_parcel_without_lines_does_not_hold_what_another_one_lists() -> None:
    """The fridge lies in p2 and is still under way, whatever p3 holds."""
    order = an_order(
        bought(KETTLE, FRIDGE, {**MANUAL, "requires_shipping": True}),
        shipped(LATER, "p1", lines={"l1": 1}),
        shipped(LATER, "p2", lines={"l2": 1}),
        shipped(LATER, "p3"),
        delivered(LAST, "p1"),
        delivered(LAST, "p3"),
    )
    assert delivered_at(order) is None


def test_a_refunded_remainder_no_longer_holds_up_the_order() -> None:
    rest = refunded(LAST, lines={"l2": 1})
    order = an_order(bought(KETTLE, FRIDGE), shipped(LATER, lines={"l1": 1}), delivered(LATER), rest)
    assert (shipped_at(order), delivered_at(order)) == (LATER, LATER)


def test_a_remainder_removed_by_an_edit_no_longer_holds_up_the_order() -> None:
    order = an_order(bought(KETTLE, FRIDGE), shipped(LATER, lines={"l1": 1}), edited(LAST, removed={"l2": 1}))
    assert shipped_at(order) == LATER


def test_a_line_added_later_holds_up_the_order_again() -> None:
    order = an_order(bought(KETTLE), shipped(LATER, lines={"l1": 1}), edited(LAST, added={"l1": 1}))
    assert shipped_at(order) is None


def test_digital_lines_hold_up_nothing() -> None:
    order = an_order(bought(KETTLE, MANUAL), shipped(LATER, lines={"l1": 1}), delivered(LAST))
    assert delivered_at(order) == LAST


def test_what_lists_only_what_nobody_carries_is_no_parcel() -> None:
    """A gift card and a manual are fulfilled at once; what lists nothing, or a line not heard of yet, may be goods."""
    digital = shipped(LATER, "d1", lines={"l3": 1, "g1": 1})
    order = an_order(bought(KETTLE, MANUAL, GIFT), digital, shipped(LAST, "p1", lines={"l1": 1, "l3": 1}))
    assert [parcel.known.id for parcel in parcels_of(order)] == ["p1"]
    assert shipped_at(order) == LAST
    assert arrived(an_order(bought(KETTLE, MANUAL, GIFT), digital, delivered(LAST, "d1"))) is None
    for lines in ({}, {"l9": 1}):
        assert len(parcels_of(an_order(bought(KETTLE), shipped(LATER, lines=lines)))) == 1


def test_what_nobody_carries_has_left_when_the_shop_fulfilled_it() -> None:
    order = an_order(bought(MANUAL), shipped(LATER, lines={"l3": 1}))
    assert (parcels_of(order), shipped_at(order), delivered_at(order)) == ((), LATER, None)


def test_goods_taken_home_with_a_gift_card_were_there_at_once() -> None:
    order = bought(KETTLE, GIFT, channel="pos", fulfilment_status="fulfilled")
    assert delivered_at(an_order(order, shipped(LATER, lines={"g1": 1}))) == NOW


def test_goods_taken_home_from_the_shop_were_there_at_once() -> None:
    order = an_order(bought(KETTLE, channel="pos", fulfilment_status="fulfilled"))
    assert delivered_at(order) == NOW


def test_goods_bought_in_the_shop_and_sent_home_are_there_when_they_arrive() -> None:
    pos = bought(KETTLE, channel="pos", fulfilment_status="fulfilled")
    assert delivered_at(an_order(pos, shipped(LATER))) is None
    assert delivered_at(an_order(pos, shipped(LATER), delivered(LAST))) == LAST
    assert delivered_at(an_order(bought(KETTLE, channel="pos"))) is None


# Refunds, cancellation, and all moments together


def test_only_refunds_whose_money_has_moved_count() -> None:
    order = an_order(
        refunded(LAST, refund="r2"), refunded(NOW, refund="r1", settled=False), refunded(LATER, refund="r3")
    )
    assert [refund.id for refund in settled_refunds(order)] == ["r3", "r2"]


def seen(at: datetime, settled: bool) -> events.Event:
    """The order as the shop sees it then, with a refund that was recorded at first."""
    return snapshot(at, refunds=[{"id": "r1", "refunded_at": NOW, "amount": "40.00", "settled": settled}])


def test_money_that_was_on_its_way_has_moved_when_the_refund_is_first_seen_settled() -> None:
    for news in permutations([seen(NOW, False), seen(LATER, False), seen(LAST, True), seen(LAST + DAY, True)]):
        order = an_order(bought(KETTLE), *news, *news)
        assert [refund.refunded_at for refund in settled_refunds(order)] == [LAST]
        assert moments(order)["order.refunded"] == fully_refunded_at(order) == LAST


def test_a_refund_that_was_never_seen_on_its_way_is_as_old_as_the_shop_says() -> None:
    (refund,) = settled_refunds(an_order(bought(KETTLE), seen(LAST, True)))
    assert refund.refunded_at == NOW


def test_an_order_is_fully_refunded_when_the_shop_says_so() -> None:
    order = an_order(bought(KETTLE), snapshot(LATER, payment_status="refunded"))
    assert fully_refunded_at(order) == LATER


def test_an_order_is_fully_refunded_when_the_refunds_come_up_to_the_total() -> None:
    parts = [refunded(LATER, "15.00", "r1"), refunded(LAST, "25.00", "r2")]
    assert fully_refunded_at(an_order(bought(KETTLE), parts[0])) is None
    assert fully_refunded_at(an_order(bought(KETTLE), parts[1], parts[0])) == LAST


def test_refunds_not_settled_do_not_add_up() -> None:
    assert fully_refunded_at(an_order(bought(KETTLE), refunded(LATER, "40.00", settled=False))) is None


def test_money_in_another_currency_does_not_add_up() -> None:
    assert fully_refunded_at(an_order(bought(KETTLE), refunded(LATER, "1500", currency="JPY"))) is None
    assert fully_refunded_at(an_order(bought(KETTLE), refunded(LATER, "40.00", currency="GBP"))) == LATER


def test_what_an_edit_has_added_must_be_paid_back_as_well() -> None:
    dearer = snapshot(NOW + MINUTE, current_total="80.00", payment_status="paid")
    assert fully_refunded_at(an_order(bought(KETTLE), dearer, refunded(LATER, "40.00"))) is None
    assert fully_refunded_at(an_order(bought(KETTLE), dearer, refunded(LATER, "80.00"))) == LATER


def test_a_shop_that_calls_it_a_part_has_counted_better() -> None:
    part = snapshot(LATER, current_total="40.00", payment_status="partially_refunded")
    assert fully_refunded_at(an_order(bought(KETTLE), refunded(LATER, "40.00"), part)) is None
    back = returned("Refunded", LATER, {"l1": 1})
    assert fully_refunded_at(an_order(bought(KETTLE), back)) == LATER
    assert fully_refunded_at(an_order(bought(KETTLE), back, part)) is None
    assert fully_refunded_at(an_order(bought(KETTLE), part, refunded(LAST, "40.00"))) == LAST
    assert fully_refunded_at(an_order(bought(KETTLE), part, snapshot(LAST, payment_status="refunded"))) == LAST


def test_a_free_order_is_not_fully_refunded_by_nothing() -> None:
    assert fully_refunded_at(an_order(bought(KETTLE, total="0.00"), refunded(LATER, "0.00"))) is None
    assert fully_refunded_at(an_order(bought(KETTLE, total=None), refunded(LATER, "5.00"))) is None


def test_only_moments_that_have_come_are_anchors() -> None:
    assert moments(an_order(bought(KETTLE))) == {"order.placed": NOW}


def test_every_anchor_of_an_order_in_one_life() -> None:
    order = an_order(
        bought(KETTLE),
        snapshot(NOW, payment_status="paid"),
        shipped(LATER),
        delivered(LAST),
        cancelled(LAST),
        refunded(LAST, "1.00", "r1"),
        refunded(NOW + DAY, "39.00", "r2"),
    )
    assert moments(order) == {
        "order.placed": NOW,
        "order.paid": NOW,
        "order.shipped": LATER,
        "order.delivered": LAST,
        "order.cancelled": LAST,
        "order.refunded": LAST,
        "order.fully_refunded": NOW + DAY,
    }


counts = st.dictionaries(st.sampled_from(["l1", "l2"]), st.integers(1, 2), max_size=2)


@given(
    st.lists(st.tuples(counts, st.booleans()), max_size=4),
    st.dictionaries(st.sampled_from(["l1", "l2"]), st.integers(1, 2)),
)
def test_an_order_is_delivered_only_if_delivered_parcels_hold_all_that_is_kept(
    parcels: list[tuple[dict[str, int], bool]], back: dict[str, int]
) -> None:
    news = [bought(TWO_KETTLES, {**FRIDGE, "quantity": 2}), refunded(LATER, lines=back)]
    for n, (held, is_there) in enumerate(parcels):
        news.append(shipment("Delivered" if is_there else "Shipped", LATER, f"p{n}", lines=portions(held)))
    order = an_order(*news)
    here = [parcel for parcel in order.live_parcels if "delivered" in parcel.firsts]
    there = {line.id: 0 for line in kept_lines(order)}
    for parcel in here:
        for line in parcel_lines(order, parcel):
            if line.id in there:
                there[line.id] += line.quantity
    enough = all(there[line.id] >= line.quantity for line in kept_lines(order))
    if delivered_at(order) is not None:
        assert here
        assert enough


def test_moments_are_those_of_the_order_that_is_asked_about_however_many_were_asked_before() -> None:
    asked = [an_order(placed(NOW + HOUR * hour)) for hour in range(200)]
    first = [moments(order)["order.placed"] for order in asked]
    assert first == [moments(order)["order.placed"] for order in asked] == [NOW + HOUR * hour for hour in range(200)]
    assert "order.cancelled" not in moments(asked[-1])
    assert "order.cancelled" in moments(learn(asked[-1], cancelled(NOW + HOUR * 300)))
