"""When a parcel should arrive, and when an order is late."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.estimates import Estimate, estimate_order, estimate_parcel, is_late
from tests.unit.core.builders import (
    DAY,
    FRIDGE,
    HOUR,
    KETTLE,
    LONDON,
    MANUAL,
    NOW,
    a_store,
    an_order,
    delivered,
    placed,
    refunded,
    shipment,
    shipped,
)

STORE = a_store(promise={"business_days": 4, "holidays": ["2026-03-04"]})
RULE = date(2026, 3, 9)
"""Four business days after Monday 2 March, without Wednesday's holiday."""

CARRIER = NOW + 9 * DAY


def late(now: datetime, *news: events.Event) -> bool:
    return is_late(an_order(*news), STORE, LONDON, now)


def estimate(*news: events.Event) -> Estimate | None:
    return estimate_order(an_order(*news), STORE, LONDON)


def under_way(estimate: datetime | None = CARRIER, parcel: str = "p1", **fields: object) -> events.Event:
    return shipped(NOW + HOUR, parcel, estimated_delivery=estimate, **fields)  # type: ignore[arg-type]


def test_the_stores_rule_counts_business_days_where_nobody_says_more() -> None:
    assert estimate(placed()) == Estimate(RULE, "rule")


def test_the_rule_begins_with_the_local_day_of_the_order() -> None:
    """23:30 UTC on Sunday 5 July is Monday in London: two business days later is Wednesday."""
    order = an_order(placed(datetime.fromisoformat("2026-07-05T23:30Z")))
    assert estimate_order(order, a_store(promise={"business_days": 2}), LONDON) == Estimate(date(2026, 7, 8), "rule")


def test_the_shops_promise_beats_the_rule() -> None:
    assert estimate(placed(estimated_delivery=NOW + 6 * DAY)) == Estimate(date(2026, 3, 8), "shop")


def test_the_carrier_beats_the_shop() -> None:
    news = [placed(estimated_delivery=NOW + 6 * DAY), under_way()]
    assert estimate(*news) == Estimate(date(2026, 3, 11), "carrier")


def test_the_latest_of_the_parcels_still_under_way_counts_for_the_order() -> None:
    later = under_way(CARRIER + DAY, "p2")
    assert estimate(placed(), under_way(), later) == Estimate(date(2026, 3, 12), "carrier")
    assert estimate(placed(), under_way(), later, delivered(NOW + DAY, "p2")) == Estimate(date(2026, 3, 11), "carrier")


def test_nobody_waits_for_an_order_that_nothing_carries() -> None:
    assert estimate(placed(lines=[MANUAL])) is None
    assert estimate(placed(lines=[MANUAL], estimated_delivery=NOW + 6 * DAY)) is None
    assert estimate(placed(lines=[{**KETTLE, "gift_card": True}])) is None
    assert estimate(placed(lines=[MANUAL, KETTLE])) == Estimate(RULE, "rule")
    assert estimate(placed(lines=[])) == Estimate(RULE, "rule")


def test_an_estimate_is_a_local_date() -> None:
    near_midnight = datetime.fromisoformat("2026-07-05T23:30Z")
    assert estimate(placed(), under_way(near_midnight)) == Estimate(date(2026, 7, 6), "carrier")


def test_each_parcel_has_its_own_estimate_or_the_orders() -> None:
    order = an_order(placed(), under_way(), under_way(None, "p2"))
    assert estimate_parcel(order.parcels["p1"], order, STORE, LONDON) == Estimate(date(2026, 3, 11), "carrier")
    assert estimate_parcel(order.parcels["p2"], order, STORE, LONDON) == Estimate(RULE, "rule")


def test_nobody_knows_when_an_order_of_an_unknown_day_arrives() -> None:
    assert estimate(shipped(NOW)) is None
    assert not late(NOW + 99 * DAY, shipped(NOW))


AFTER_THE_RULE = datetime.fromisoformat("2026-03-10T00:00Z")


def test_an_order_is_late_when_the_promised_local_day_is_over() -> None:
    assert not late(AFTER_THE_RULE - timedelta(seconds=1), placed())
    assert late(AFTER_THE_RULE, placed())


def test_a_day_is_over_when_it_is_over_where_the_buyer_is() -> None:
    order, tokyo = (
        an_order(placed(estimated_delivery=datetime.fromisoformat("2026-03-06T12:00+09:00"))),
        ZoneInfo("Asia/Tokyo"),
    )
    midnight = datetime.fromisoformat("2026-03-07T00:00+09:00")
    assert not is_late(order, STORE, tokyo, (midnight - HOUR).astimezone(UTC))
    assert is_late(order, STORE, tokyo, midnight.astimezone(UTC))


def test_an_order_that_arrived_is_not_late() -> None:
    assert not late(AFTER_THE_RULE, placed(), shipped(NOW), delivered(AFTER_THE_RULE))


def test_part_of_an_order_that_arrived_does_not_make_it_punctual() -> None:
    two = placed(lines=[KETTLE, FRIDGE])
    assert late(AFTER_THE_RULE, two, shipped(NOW, lines={"l1": 1}), delivered(NOW))


def test_a_shop_without_carrier_data_is_never_late_once_all_has_left() -> None:
    assert not late(NOW + 99 * DAY, placed(), shipped(NOW))


def test_a_shop_without_carrier_data_is_late_while_something_has_not_left() -> None:
    two = placed(lines=[KETTLE, FRIDGE])
    assert late(AFTER_THE_RULE, two, shipped(NOW, lines={"l1": 1}))


@pytest.mark.parametrize("news", [shipment("InTransit", NOW), under_way(NOW + 2 * DAY)])
def test_a_carrier_that_reports_is_believed_when_nothing_arrives(news: events.Event) -> None:
    assert late(AFTER_THE_RULE, placed(), shipped(NOW), news)


def test_a_carriers_later_estimate_gives_an_order_more_time() -> None:
    assert not late(AFTER_THE_RULE, placed(), under_way(CARRIER))


def test_digital_goods_are_never_late() -> None:
    assert not late(NOW + 99 * DAY, placed(lines=[MANUAL]))


def test_what_nobody_will_send_any_more_is_not_late() -> None:
    """The kettle was refunded before it left: only the digital manual is kept, and that is there."""
    assert not late(NOW + 99 * DAY, placed(lines=[KETTLE, MANUAL]), refunded(NOW + HOUR, lines={"l1": 1}))


@given(st.integers(0, 40), st.booleans(), st.booleans(), st.booleans())
def test_lateness_never_passes_by_waiting(days: int, left: bool, reports: bool, promise: bool) -> None:
    news = [placed(estimated_delivery=NOW + 6 * DAY if promise else None)]
    news += [shipped(NOW)] if left else []
    news += [shipment("InTransit", NOW)] if reports else []
    if late(NOW + days * DAY, *news):
        assert late(NOW + (days + 1) * DAY, *news)
