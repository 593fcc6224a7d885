"""Bad input at the door, as a shop, a carrier or an attacker might send it: a clear answer, and nothing lost."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.shop import PLACED, item, line, order

TWO_HOURS_LATER = "2026-03-02T11:12:00"

Replay = Callable[..., dict[str, Any]]


def only(report: dict[str, Any]) -> dict[str, Any]:
    delivery: dict[str, Any] = report["deliveries"][0]
    return delivery


def sent(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for customer in report["customers"] for row in customer["touches"] if row["outcome"] == "sent"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not json at all", "JSON"),
        ("[1, 2, 3]", "object"),
        ('{"id": {"deep": true}}', "id"),
        (order(line_items="none"), "line_items"),
        ({"id": 1001, "line_items": []}, "order_number"),
    ],
)
def test_a_body_nobody_can_read_is_kept_with_its_reason(replay: Replay, body: Any, reason: str) -> None:
    report = replay([line("orders/create", PLACED, body)])
    assert (only(report)["status"], only(report)["outcome"]) == (200, "parked")
    assert reason in only(report)["reason"]
    assert report["parked"][0]["kind"] == "body"


def test_an_unknown_topic_is_kept_with_its_reason(replay: Replay) -> None:
    report = replay([line("carts/exploded", PLACED, {"id": 1})])
    assert only(report)["outcome"] == "parked"
    assert "carts/exploded" in only(report)["reason"]


def test_an_empty_body_is_refused(replay: Replay) -> None:
    assert only(replay([line("orders/create", PLACED, "")]))["status"] == 401


@pytest.mark.parametrize(
    ("platform", "store"), [("shopify", "nowhere"), ("etsy", None), ("perennial", "nowhere"), ("a/b", None)]
)
def test_an_unknown_store_or_platform_is_answered_404(replay: Replay, platform: str, store: str | None) -> None:
    delivery = {**line("orders/create", PLACED, order()), "platform": platform, "store": store}
    report = replay([delivery])
    assert (only(report)["status"], only(report)["outcome"]) == (404, "refused")


def test_a_body_larger_than_lambda_takes_is_refused_by_the_api(replay: Replay) -> None:
    report = replay([line("orders/create", PLACED, order(note="x" * 6_300_000))])
    assert only(report)["status"] == 413


def test_a_large_body_that_lambda_takes_is_applied(replay: Replay) -> None:
    report = replay([line("orders/create", PLACED, order(note="x" * 5_000_000))])
    assert only(report)["outcome"] == "applied"
    assert [row["touch"] for row in sent(report)] == ["confirmation"]


def test_an_order_of_very_many_lines_goes_by_way_of_the_bucket(replay: Replay) -> None:
    lines = [item(number, title="Stand blender " + "x" * 200) for number in range(1, 1200)]
    report = replay([line("orders/create", PLACED, order(line_items=lines))])
    assert only(report)["outcome"] == "applied"
    assert report["calls"]["S3.PutObject"] >= 1
    assert [row["touch"] for row in sent(report)] == ["confirmation"]


def test_an_order_without_email_or_phone_is_kept_as_a_fact_and_mails_nobody(replay: Replay) -> None:
    """For an hour, in which a buyer may still be named, the confirmation waits."""
    report = replay([line("orders/create", PLACED, order(email=None, customer=None))], "--until", TWO_HOURS_LATER)
    assert only(report)["outcome"] == "applied"
    assert sent(report) == []
    touch = report["customers"][0]["touches"][0]
    assert (touch["outcome"], "no usable email address" in touch["reason"]) == ("skipped", True)


@pytest.mark.parametrize("phone", ["none", "12", "+999999999999999999", "☎"])
def test_a_phone_that_is_none_stops_nothing(replay: Replay, phone: str) -> None:
    report = replay([line("orders/create", PLACED, order(phone=phone))])
    assert [row["channel"] for row in sent(report)] == ["email"]


@pytest.mark.parametrize("currency", ["XXX", "ZZZ", "", None])
def test_an_unknown_currency_still_gets_its_confirmation_or_a_reason(replay: Replay, currency: str | None) -> None:
    report = replay([line("orders/create", PLACED, order(currency=currency, presentment_currency=currency))])
    delivery = only(report)
    assert delivery["outcome"] in ("applied", "parked")
    assert delivery["outcome"] == "parked" or [row["touch"] for row in sent(report)] == ["confirmation"]


def test_an_order_of_no_lines_is_confirmed_all_the_same(replay: Replay) -> None:
    report = replay([line("orders/create", PLACED, order(line_items=[]))])
    assert [row["touch"] for row in sent(report)] == ["confirmation"]


def test_a_hostile_title_neither_breaks_a_header_nor_runs_in_a_mail(replay: Replay) -> None:
    title = "<script>alert(1)</script>\r\nBcc: all@mail.example \u202eevil\u2066 {{ store.name }}"
    report = replay([line("orders/create", PLACED, order(line_items=[item(title=title)]))])
    assert [row["touch"] for row in sent(report)] == ["confirmation"]
    assert "\n" not in sent(report)[0]["subject"]


def test_a_request_for_data_is_kept_until_somebody_answers_it(replay: Replay) -> None:
    body = {"shop_id": 1, "shop_domain": "x.myshopify.com", "customer": {"id": 77, "email": "mina@mail.example"},
            "orders_requested": [1001], "data_request": {"id": 9}}  # fmt: skip
    report = replay([line("customers/data_request", PLACED, body)])
    assert only(report)["outcome"] == "parked"
    assert report["parked"][0]["kind"] == "request"
    assert "30 days" in report["parked"][0]["reason"]
