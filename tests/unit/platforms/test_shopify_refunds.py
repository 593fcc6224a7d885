"""Refunds from Shopify: what is given back, and whether the money has moved."""

from decimal import Decimal
from typing import Any

import pytest

from perennial import events
from perennial.errors import BodyUnreadable
from tests.unit.platforms.deliveries import GONE, at, order, sample, told


def refund(changes: dict[str, Any] | None = None) -> events.Refund:
    found: events.Refund = told("refunds/create", sample("refund", changes)).refund
    return found


def paid(*transactions: tuple[str, str, object, str | None]) -> dict[str, Any]:
    names = ("kind", "status", "amount", "currency")
    return {"transactions": [dict(zip(names, each, strict=True)) for each in transactions]}


def money(amount: object) -> dict[str, Any]:
    return {"shop_money": {"amount": "0.01"}, "presentment_money": {"amount": amount, "currency_code": "GBP"}}


def test_a_refund_tells_order_amount_and_lines() -> None:
    event = told("refunds/create", sample("refund"))
    assert (event.type, event.order_id, event.occurred_at) == (
        "OrderRefunded",
        "9007199254740993",
        at("2026-03-03T16:00:02Z"),
    )
    assert event.refund == events.Refund(
        id="93000000000001",
        refunded_at=at("2026-03-03T16:00:02Z"),
        amount=Decimal("51.60"),
        currency="GBP",
        lines=(events.LineQuantity(line_id="12000000000000002", quantity=1),),
        settled=True,
    )


def test_an_order_brings_its_refunds_as_refunds_create_does() -> None:
    assert order().refunds == (refund(),)


def test_the_amount_is_the_sum_of_what_moved() -> None:
    several = paid(
        ("refund", "success", "75.00", "EUR"),
        ("refund", "success", "10.00", "EUR"),
        ("refund", "failure", "99.00", "EUR"),
        ("void", "success", "98.00", "EUR"),
        ("sale", "success", "97.00", "EUR"),
    )
    assert (refund(several).amount, refund(several).currency) == (Decimal("85.00"), "EUR")


@pytest.mark.parametrize(
    "unmoved",
    [
        (),
        (("refund", "pending", "51.60", "GBP"),),
        (("refund", "failure", "5", "GBP"),),
        (("void", "success", "5", "GBP"),),
    ],
)
def test_without_a_successful_transaction_a_refund_is_not_settled(unmoved: tuple[Any, ...]) -> None:
    assert refund(paid(*unmoved)).settled is False


def test_a_refund_without_a_list_of_transactions_is_not_settled() -> None:
    assert refund({"transactions": GONE}).settled is False


def test_before_money_moves_the_amount_is_what_is_on_its_way() -> None:
    assert refund(paid(("refund", "pending", "20.00", "GBP"))).amount == Decimal("20.00")


def test_without_transactions_the_amount_is_what_the_lines_come_to() -> None:
    assert refund(paid()).amount == Decimal("51.60")


def test_adjustments_change_what_the_lines_come_to() -> None:
    kept = {"order_adjustments": [{"kind": "refund_discrepancy", "amount": "11.60", "amount_set": money("11.60")}]}
    assert refund(paid() | kept).amount == Decimal("40.00")
    fee = {"order_adjustments": [{"kind": "shipping_refund", "amount_set": money("-5.00"), "tax_amount": "0.00"}]}
    assert refund(paid() | fee).amount == Decimal("56.60")


def test_shipping_and_tax_are_given_back_too() -> None:
    more = {
        "refund_shipping_lines": [{"subtotal_amount_set": money("5.16")}],
        "refund_line_items.0.total_tax_set": money("1.00"),
    }
    assert refund(paid() | more).amount == Decimal("57.76")


def test_restocking_without_giving_back_comes_to_nothing() -> None:
    nothing = {"order_adjustments": [{"amount_set": money("51.60")}]}
    assert refund(paid() | nothing).amount == Decimal("0.00")


def test_an_amount_below_nothing_is_unknown() -> None:
    odd = {"order_adjustments": [{"amount_set": money("60.00")}]}
    assert "amount" not in refund(paid() | odd).model_fields_set


def test_amounts_may_be_floats_without_money_sets() -> None:
    flat = {"refund_line_items.0.subtotal_set": GONE, "refund_line_items.0.subtotal": 89.99, "total_duties_set": GONE}
    flat |= {"refund_line_items.0.total_tax_set": GONE, "refund_line_items.0.total_tax": 0}
    found = refund(paid() | flat)
    assert found.amount == Decimal("89.99")
    assert "currency" not in found.model_fields_set


@pytest.mark.parametrize("placeholder", ["XXX", None, ""])
def test_a_placeholder_currency_gives_way_to_that_of_the_refunds_own_amounts(placeholder: str | None) -> None:
    found = refund(paid(("refund", "success", "75.00", placeholder)))
    assert (found.amount, found.currency) == (Decimal("75.00"), "GBP")


def test_amounts_in_two_currencies_have_no_sum() -> None:
    mixed = refund(paid(("refund", "success", "1.00", "GBP"), ("refund", "success", "1.00", "EUR")))
    assert (mixed.settled, mixed.amount, mixed.currency) == (True, Decimal("51.60"), "GBP")


def test_a_refund_happened_when_it_was_processed() -> None:
    recorded_late = {"processed_at": "2026-03-01T00:00:00Z", "created_at": "2026-03-08T00:00:00Z"}
    assert refund(recorded_late).refunded_at == at("2026-03-01T00:00:00Z")


def test_a_refund_without_a_processing_time_has_that_of_its_creation() -> None:
    late = {"processed_at": None, "created_at": "2026-03-08T00:00:00Z"}
    assert refund(late).refunded_at == at("2026-03-08T00:00:00Z")


def test_a_line_refunded_in_two_ways_counts_twice() -> None:
    halves = [{"line_item_id": 7, "quantity": 1, "restock_type": how} for how in ("return", "no_restock")]
    assert refund({"refund_line_items": halves}).lines == (events.LineQuantity(line_id="7", quantity=2),)


def test_a_refund_survives_the_queue() -> None:
    event = told("refunds/create", sample("refund"))
    assert events.from_json(events.to_json(event)) == event


def test_a_refund_inside_an_order_is_refused_with_its_path() -> None:
    with pytest.raises(BodyUnreadable, match=r"^refunds\[0\]\.refund_line_items\[0\]\.quantity: expected a count"):
        order({"refunds.0.refund_line_items.0.quantity": None})
