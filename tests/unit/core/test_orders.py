"""An order as its events tell it."""

from decimal import Decimal

import pytest

from perennial import events
from perennial.orders import Parcel, blank, learn
from tests.unit.core.builders import (
    DAY,
    HOUR,
    NOW,
    an_event,
    an_order,
    cancelled,
    consented,
    delivered,
    edited,
    placed,
    refunded,
    shipment,
    shipped,
    snapshot,
)

LATER = NOW + HOUR


def the_parcel(*news: events.Event) -> Parcel:
    (parcel,) = an_order(*news).parcels.values()
    return parcel


def test_an_event_that_is_about_no_order_teaches_an_order_nothing() -> None:
    order = blank("1001")
    assert learn(order, consented("Given")) is order


def test_an_order_keeps_what_later_news_leave_out() -> None:
    order = an_order(placed(), snapshot(LATER, payment_status="paid"))
    assert order.known.total == Decimal("40.00")
    assert order.known.payment_status == "paid"


def test_a_snapshot_that_comes_late_fills_gaps_and_overwrites_nothing() -> None:
    order = an_order(snapshot(LATER, total="30.00"), snapshot(NOW, total="40.00", channel="web"))
    assert (order.known.total, order.known.channel) == (Decimal("30.00"), "web")


def test_a_contact_is_merged_field_by_field() -> None:
    order = an_order(placed(), snapshot(LATER, contact={"phone": "+447911123456"}))
    assert order.contact.email == "ann@example.com"
    assert order.contact.phone == "+447911123456"


def test_an_email_that_is_gone_from_the_order_is_gone() -> None:
    order = an_order(placed(), snapshot(LATER, contact={"email": None}))
    assert order.contact.email is None


def test_a_clock_that_runs_ahead_wins_nothing() -> None:
    """`occurred_at` is clamped to the moment of receipt."""
    fast = snapshot(NOW + DAY, received=NOW, total="99.00")
    order = an_order(fast, snapshot(LATER, total="40.00"))
    assert order.known.total == Decimal("40.00")


def test_first_times_are_never_later_than_their_receipt() -> None:
    ahead = NOW + DAY
    order = an_order(
        an_event("OrderCancelled", ahead, NOW, order={"id": "1001", "placed_at": ahead, "cancelled_at": ahead}),
        shipment("Delivered", ahead, received=NOW, shipped_at=ahead, progress={"in_transit": ahead}),
    )
    assert set(order.firsts.values()) == {NOW}
    assert set(order.parcels["p1"].firsts.values()) == {NOW}


def test_a_refund_is_never_later_than_its_receipt() -> None:
    order = an_order(refunded(NOW + DAY, received=NOW))
    assert order.refunds["r1"].refunded_at == NOW


def test_an_order_is_placed_when_the_shop_says_or_else_when_it_told_us() -> None:
    assert an_order(placed(LATER, placed_at=NOW)).firsts["placed"] == NOW
    assert an_order(placed(LATER, placed_at=None)).firsts["placed"] == LATER
    assert "placed" not in an_order(snapshot(NOW)).firsts


@pytest.mark.parametrize("status", ["paid", "partially_refunded", "refunded"])
def test_an_order_was_paid_when_a_status_first_said_so(status: str) -> None:
    order = an_order(
        snapshot(NOW, payment_status="pending"),
        snapshot(LATER + HOUR, payment_status="paid"),
        snapshot(LATER, payment_status=status),
    )
    assert order.firsts["paid"] == LATER


def test_an_order_stays_paid_after_its_payment_was_voided() -> None:
    order = an_order(snapshot(NOW, payment_status="paid"), snapshot(LATER, payment_status="voided"))
    assert order.firsts == {"paid": NOW}
    assert order.known.payment_status == "voided"


def test_a_cancellation_counts_from_its_own_date() -> None:
    assert an_order(cancelled(NOW)).firsts["cancelled"] == NOW
    assert an_order(snapshot(LATER, type_="OrderCancelled")).firsts["cancelled"] == LATER
    assert an_order(snapshot(LATER, cancelled_at=NOW)).firsts["cancelled"] == NOW


def test_the_type_of_a_shipment_event_is_news_by_itself() -> None:
    assert the_parcel(shipment("Shipped", NOW)).firsts == {"shipped": NOW}
    assert the_parcel(shipment("OutForDelivery", NOW)).firsts == {"out_for_delivery": NOW}
    assert the_parcel(shipment("Updated", NOW)).firsts == {}


def test_the_earliest_report_of_each_progress_counts() -> None:
    parcel = the_parcel(shipment("Delivered", LATER), shipment("Updated", LATER, progress={"delivered": NOW}))
    assert parcel.firsts["delivered"] == NOW


def test_a_parcel_has_left_at_the_earliest_sign_that_it_moves() -> None:
    parcel = the_parcel(shipment("Updated", NOW, shipped_at=LATER), shipment("InTransit", NOW))
    assert parcel.shipped_at == NOW
    assert parcel.moment("shipped") == NOW
    assert the_parcel(shipment("Updated", NOW, carrier="DHL")).shipped_at is None


def test_a_delay_is_no_sign_that_a_parcel_has_left() -> None:
    """A shop says so of goods it is still waiting for: "your parcel is on its way" would be a lie."""
    parcel = the_parcel(shipment("Delayed", NOW))
    assert (parcel.shipped_at, parcel.moment("delayed")) == (None, NOW)


def test_a_parcel_by_its_own_date_beats_the_date_of_the_event() -> None:
    parcel = the_parcel(
        shipment("Updated", LATER, carrier="UPS", updated_at=NOW), shipment("Updated", NOW + HOUR / 2, carrier="DHL")
    )
    assert parcel.known.carrier == "DHL"


def test_parcels_and_refunds_inside_a_snapshot_are_learnt_too() -> None:
    order = an_order(
        snapshot(NOW, parcels=[{"id": "p1", "shipped_at": NOW}], refunds=[{"id": "r1", "refunded_at": NOW}])
    )
    assert order.parcels["p1"].shipped_at == NOW
    assert order.refunds["r1"].refunded_at == NOW


def test_a_snapshot_without_parcels_forgets_none() -> None:
    assert an_order(shipped(NOW), snapshot(LATER, parcels=[], refunds=[])).parcels.keys() == {"p1"}


def test_live_parcels_are_those_not_called_back_by_the_moment_they_left() -> None:
    order = an_order(
        shipment("Updated", NOW, "p3"),
        shipped(LATER, "p1"),
        shipped(NOW, "p2"),
        shipped(NOW, "p0"),
        shipment("Updated", LATER, "p0", cancelled=True),
        shipment("Updated", NOW, "p4"),
    )
    assert [parcel.known.id for parcel in order.live_parcels] == ["p2", "p1", "p3", "p4"]


def test_a_carrier_that_says_delayed_is_believed() -> None:
    assert the_parcel(shipment("Delayed", LATER)).moment("delayed") == LATER


def test_an_estimate_that_moves_by_a_day_is_a_delay_from_when_it_moved() -> None:
    first = shipment("Updated", NOW, estimated_delivery=NOW + 3 * DAY)
    moved = shipment("Updated", LATER, estimated_delivery=NOW + 4 * DAY)
    assert the_parcel(first).delayed_at is None
    assert the_parcel(moved, first).delayed_at == LATER


def test_an_estimate_that_moves_by_less_than_a_day_is_none() -> None:
    first = shipment("Updated", NOW, estimated_delivery=NOW + 3 * DAY)
    moved = shipment("Updated", LATER, estimated_delivery=NOW + 4 * DAY - HOUR)
    assert the_parcel(first, moved).delayed_at is None


def test_many_small_slips_add_up_to_a_delay() -> None:
    slips = [shipment("Updated", NOW + HOUR * n, estimated_delivery=NOW + HOUR * 10 * n) for n in range(4)]
    assert the_parcel(*slips).delayed_at == NOW + 3 * HOUR


def test_an_estimate_that_comes_back_is_no_delay_any_more() -> None:
    estimates = [NOW + 3 * DAY, NOW + 5 * DAY, NOW + 3 * DAY]
    news = [shipment("Updated", NOW + HOUR * n, estimated_delivery=when) for n, when in enumerate(estimates)]
    assert the_parcel(*news[:2]).delayed_at is not None
    assert the_parcel(*news).delayed_at is None


def test_a_refund_is_settled_once_and_for_good() -> None:
    settled, recorded = refunded(NOW), refunded(LATER, settled=False)
    assert an_order(settled, recorded) == an_order(recorded, settled)
    assert an_order(settled, recorded).refunds["r1"].settled


def test_of_two_reports_of_a_refund_the_larger_says_more() -> None:
    small, large = refunded(NOW, None), refunded(NOW, "5.00")
    assert an_order(large, small).refunds["r1"].amount == an_order(small, large).refunds["r1"].amount == Decimal("5.00")


def test_an_edit_counts_once_from_its_first_report() -> None:
    again, first = edited(LATER, "e1", {"l1": 1}), edited(NOW, "e1", {"l1": 1})
    order = an_order(again, first)
    assert [when for when, _ in order.edits.values()] == [NOW]
    assert learn(order, again) is order


def test_delivered_news_do_not_touch_other_parcels() -> None:
    order = an_order(shipped(NOW, "p1"), shipped(NOW, "p2"), delivered(LATER, "p2"))
    assert "delivered" not in order.parcels["p1"].firsts
