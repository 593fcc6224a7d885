"""Fulfilments and fulfilment events: one parcel of perhaps many, and how far it has come."""

from typing import Any

import pytest

from perennial import events
from perennial.errors import BodyUnreadable
from tests.unit.platforms.deliveries import GONE, at, order, sample, told

LEFT = at("2026-03-03T15:20:00Z")
NEWS = at("2026-03-04T06:45:00Z")
NUMBERS = ("tracking_number", "tracking_numbers", "tracking_url", "tracking_urls")


def parcel(changes: dict[str, Any] | None = None) -> events.Parcel:
    found: events.Parcel = told("fulfillments/update", sample("fulfillment", changes)).parcel
    return found


def tracking(**fields: object) -> tuple[events.Tracking, ...]:
    return parcel({name: fields.get(name, GONE) for name in NUMBERS}).tracking


def test_a_successful_fulfilment_is_a_parcel_that_left() -> None:
    event = told("fulfillments/create", sample("fulfillment"))
    assert (event.type, event.order_id, event.occurred_at) == ("ShipmentShipped", "9007199254740993", NEWS)
    assert event.parcel == events.Parcel(
        id="5100000000000001",
        updated_at=NEWS,
        shipped_at=LEFT,
        cancelled=False,
        carrier="Parcel Post",
        tracking=(events.Tracking(number="PP0001", url="https://post.example/t/PP0001"),),
        lines=(events.LineQuantity(line_id="12000000000000001", quantity=1),),
        progress={"in_transit": NEWS},
    )


def test_news_of_a_parcel_are_an_update() -> None:
    assert told("fulfillments/update", sample("fulfillment")).type == "ShipmentUpdated"


@pytest.mark.parametrize("status", ["pending", "open", "cancelled", "error", "failure", "unheard_of"])
def test_a_fulfilment_that_has_not_succeeded_has_not_left(status: str) -> None:
    event = told("fulfillments/create", sample("fulfillment", {"status": status}))
    assert event.type == "ShipmentUpdated"
    assert "shipped_at" not in event.parcel.model_fields_set


@pytest.mark.parametrize("status", ["cancelled", "error", "failure", "CANCELLED"])
def test_a_fulfilment_that_failed_is_a_cancelled_parcel(status: str) -> None:
    assert parcel({"status": status}).cancelled is True


@pytest.mark.parametrize("status", ["success", "pending", "open", "unheard_of"])
def test_other_fulfilments_are_not_cancelled(status: str) -> None:
    assert parcel({"status": status}).cancelled is False


def test_an_unknown_state_is_silence() -> None:
    silent = parcel({"status": None, "shipment_status": None}).model_fields_set
    assert silent.isdisjoint({"cancelled", "shipped_at", "progress"})


def test_an_order_brings_all_its_parcels_each_with_its_own_time() -> None:
    first, second = order().parcels
    assert (first.id, first.updated_at, first.progress) == ("5100000000000001", NEWS, {"in_transit": NEWS})
    assert (second.id, second.updated_at, second.cancelled) == ("5100000000000002", at("2026-03-03T16:00:00Z"), True)
    assert first == parcel()


def test_a_line_listed_twice_counts_twice() -> None:
    line = {"id": 7, "quantity": 2}
    assert parcel({"line_items": [line, line]}).lines == (events.LineQuantity(line_id="7", quantity=4),)


def test_a_parcel_without_its_lines_is_silent_about_them() -> None:
    assert "lines" not in parcel({"line_items": GONE}).model_fields_set


# --- tracking ----------------------------------------------------------------------------------------------------


def test_one_number_may_have_two_addresses() -> None:
    found = tracking(tracking_numbers=["A"], tracking_urls=["https://x.example/1", "https://x.example/2"])
    assert [(each.number, each.url) for each in found] == [("A", "https://x.example/1"), (None, "https://x.example/2")]


def test_two_numbers_may_have_one_address() -> None:
    found = tracking(tracking_numbers=["A", "B"], tracking_urls=["https://x.example/1"])
    assert [(each.number, each.url) for each in found] == [("A", "https://x.example/1"), ("B", None)]


def test_a_gap_in_one_list_does_not_shift_the_other() -> None:
    found = tracking(tracking_numbers=[None, "B"], tracking_urls=["https://x.example/1", "https://x.example/2"])
    assert [each.number for each in found] == [None, "B"]


def test_old_shapes_have_a_number_and_an_address_without_lists() -> None:
    found = tracking(tracking_number="A", tracking_url="https://x.example/1")
    assert found == (events.Tracking(number="A", url="https://x.example/1"),)


def test_a_number_may_be_free_text_over_several_lines() -> None:
    assert tracking(tracking_numbers=["#☠1☢\n---\n4321\n"])[0].number == "#☠1☢ --- 4321"


@pytest.mark.parametrize("empty", [None, [], [None], [""]])
def test_no_number_is_a_fact_where_the_shop_says_so(empty: object) -> None:
    found = parcel(dict.fromkeys(NUMBERS, None) | {"tracking_numbers": empty})
    assert found.tracking == ()
    assert "tracking" in found.model_fields_set


def test_no_field_about_tracking_is_silence() -> None:
    assert "tracking" not in parcel(dict.fromkeys(NUMBERS, GONE)).model_fields_set


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ask the driver", "https://x.example/a b", "ftp://x.example"])
def test_an_address_that_is_no_link_is_dropped_and_its_number_kept(url: str) -> None:
    assert tracking(tracking_numbers=["A"], tracking_urls=[url]) == (events.Tracking(number="A", url=None),)


# --- progress ----------------------------------------------------------------------------------------------------

PROGRESS = [
    ("in_transit", "ShipmentInTransit"),
    ("carrier_picked_up", "ShipmentInTransit"),
    ("out_for_delivery", "ShipmentOutForDelivery"),
    ("OUT_FOR_DELIVERY", "ShipmentOutForDelivery"),
    ("attempted_delivery", "ShipmentAttemptFailed"),
    ("ready_for_pickup", "ShipmentReadyForPickup"),
    ("ready_for_recipient_pickup", "ShipmentReadyForPickup"),
    ("delivered", "ShipmentDelivered"),
    ("picked_up", "ShipmentDelivered"),
    ("delayed", "ShipmentDelayed"),
    ("failure", "ShipmentFailed"),
    ("returning_to_sender", "ShipmentFailed"),
]
NO_PROGRESS = ["label_purchased", "label_printed", "confirmed", "buyer_action_required", "teleported", "", None]


@pytest.mark.parametrize(("status", "type_"), PROGRESS)
def test_a_fulfilment_event_is_progress_of_its_kind(status: str, type_: str) -> None:
    event = told("fulfillment_events/create", sample("fulfillment_event", {"status": status}))
    assert event.type == type_
    assert (event.order_id, event.parcel.id) == ("9007199254740993", "5100000000000001")


@pytest.mark.parametrize("status", NO_PROGRESS)
def test_a_status_that_is_no_progress_is_an_update_and_no_error(status: str | None) -> None:
    event = told("fulfillment_events/create", sample("fulfillment_event", {"status": status}))
    assert (event.type, event.parcel.progress) == ("ShipmentUpdated", {})
    assert parcel({"shipment_status": status}).progress == {}


@pytest.mark.parametrize(("status", "type_"), PROGRESS)
def test_the_shipment_status_of_a_fulfilment_is_the_same_progress(status: str, type_: str) -> None:
    assert parcel({"shipment_status": status}).progress == {events.PROGRESS[type_]: NEWS}


def test_progress_happened_when_the_carrier_says_and_not_when_the_shop_heard_of_it() -> None:
    event = told("fulfillment_events/create", sample("fulfillment_event"))
    assert event.occurred_at == at("2026-03-05T06:02:00Z")
    assert told("fulfillment_events/create", sample("fulfillment_event", {"happened_at": None})).occurred_at == at(
        "2026-03-05T06:10:00Z"
    )


def test_progress_says_only_what_it_knows_of_the_parcel() -> None:
    facts = told("fulfillment_events/create", sample("fulfillment_event")).parcel
    assert facts.model_dump(exclude_unset=True) == {
        "id": "5100000000000001",
        "estimated_delivery": at("2026-03-05T17:00:00Z"),
    }


def test_no_estimate_takes_no_earlier_estimate_back() -> None:
    event = told("fulfillment_events/create", sample("fulfillment_event", {"estimated_delivery_at": None}))
    assert event.parcel.model_fields_set == {"id"}


def test_a_parcel_of_no_order_is_refused() -> None:
    with pytest.raises(BodyUnreadable, match="^order_id: expected an id, got null"):
        told("fulfillments/update", sample("fulfillment", {"order_id": None}))
