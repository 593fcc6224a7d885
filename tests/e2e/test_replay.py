"""`perennial replay --json`: people script on its shape (docs/replaying.md), and it is how the bundle is tried."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perennial_cli.cloud_secrets import webhook_secret
from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.shop import PLACED, line, order, parcel, progress

Replay = Callable[..., dict[str, Any]]
DELIVERED = "2026-03-05T15:00:00+00:00"
STORY = [
    line("orders/create", PLACED, order()),
    line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel()),
    line("fulfillment_events/create", DELIVERED, progress("delivered", DELIVERED)),
]


def touches(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{row['journey']}/{row['touch']}": row for customer in report["customers"] for row in customer["touches"]}


def test_the_object_has_the_documented_shape(replay: Replay) -> None:
    report = replay(STORY, "--until", "2026-04-30")
    assert report.keys() == {"deliveries", "customers", "parked", "calls", "feedback_calls"}
    assert [entry["outcome"] for entry in report["deliveries"]] == ["applied"] * 3
    assert report["deliveries"][0].keys() == {"index", "at", "platform", "status", "outcome", "event", "reason"}
    customer = report["customers"][0]
    assert customer.keys() == {"id", "store", "identities", "orders", "consent", "touches", "undecided"}
    assert customer["identities"] == ["email:m***@mail.example", "customer:77"]
    assert customer["touches"][0].keys() == {
        "journey", "touch", "message", "class", "channel", "due", "at", "outcome", "reason", "subject", "order", "zone",
        "delivered", "opened", "clicked", "bounced", "complained", "machines",
    }  # fmt: skip
    assert report["calls"]["SESv2.SendEmail"] == sum(row["outcome"] == "sent" for row in customer["touches"])


def test_an_order_is_cared_for_from_its_confirmation_to_its_warranty(replay: Replay) -> None:
    found = touches(replay(STORY, "--until", "2027-06-01"))
    assert found["order-service/confirmation"]["outcome"] == "sent"
    assert found["order-service/confirmation"]["at"].startswith("2026-03-02T09:12:00")
    tips = found["small-appliance-care/care-tips"]
    assert (tips["outcome"], tips["at"][:10]) == ("sent", "2026-03-08")
    assert not [row for row in found.values() if row["outcome"] in ("waiting", "failed", "unconfirmed")]


def test_every_touch_that_was_not_sent_says_why(replay: Replay) -> None:
    found = touches(replay(STORY, "--until", "2027-06-01"))
    assert all(row["reason"] for row in found.values() if row["outcome"] != "sent")


def test_a_webhook_delivered_twice_sends_nothing_twice(replay: Replay) -> None:
    once, twice = replay(STORY), replay([*STORY, *STORY])
    assert once["calls"]["SESv2.SendEmail"] == twice["calls"]["SESv2.SendEmail"]


def test_news_of_a_parcel_that_comes_before_its_order_waits_and_is_adopted(replay: Replay) -> None:
    early = line("fulfillments/create", "2026-03-02T09:11:00+00:00", parcel(at="2026-03-02T09:11:00+00:00"))
    report = replay([early, STORY[0]], "--until", "2026-03-02T12:00:00")
    assert [entry["outcome"] for entry in report["deliveries"]] == ["applied", "applied"]
    assert report["parked"] == []
    assert touches(report)["order-service/shipped/501"]["outcome"] == "sent"


def test_a_guest_and_a_logged_in_buyer_of_one_email_are_one_customer(replay: Replay) -> None:
    guest = order(1002, at="2026-03-02T10:00:00+00:00", customer=None)
    report = replay([STORY[0], line("orders/create", "2026-03-02T10:00:00+00:00", guest, "2")])
    assert len(report["customers"]) == 1
    assert [entry["id"] for entry in report["customers"][0]["orders"]] == ["1001", "1002"]


def test_a_cancelled_order_is_asked_for_no_review(replay: Replay) -> None:
    """woocommerce #64743: a review request sent after the order left its completed state."""
    at = "2026-03-10T10:00:00+00:00"
    gone = order(cancelled_at=at, updated_at=at, cancel_reason="customer")
    found = touches(replay([*STORY, line("orders/cancelled", at, gone)], "--until", "2027-06-01"))
    assert found["small-appliance-care/review"]["outcome"] == "skipped"
    assert "cancelled" in found["small-appliance-care/review"]["reason"]
    assert found["order-service/cancelled"]["outcome"] == "sent"


def test_an_old_order_mails_nobody(replay: Replay) -> None:
    """Installing Perennial, or a bulk edit of old orders, must not write to last year's buyers."""
    old = order(at="2025-06-01T10:00:00+00:00", updated_at="2026-03-02T09:00:00+00:00")
    report = replay([line("orders/updated", PLACED, old)], "--until", "2026-06-01")
    assert "SESv2.SendEmail" not in report["calls"]
    assert report["customers"][0]["orders"][0]["id"] == "1001"


@pytest.mark.parametrize("spoil", ["missing", "wrong", "stale"])
def test_a_delivery_without_a_genuine_signature_is_refused_and_leaves_nothing(replay: Replay, spoil: str) -> None:
    headers = {"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "1"}
    if spoil == "wrong":
        headers["X-Shopify-Hmac-Sha256"] = "c3B5"
    if spoil == "stale":  # genuine once, under a secret that has been rotated out
        headers["X-Shopify-Hmac-Sha256"] = webhook_secret("another", "shopify")
    report = replay([{"at": PLACED, "platform": "shopify", "headers": headers, "body": order()}], sign=False)
    assert (report["deliveries"][0]["status"], report["deliveries"][0]["outcome"]) == (401, "refused")
    assert report["customers"] == []
    assert report["parked"] == []


def test_a_bad_file_is_refused_with_file_line_and_field(perennial: Command, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(json.dumps(STORY[0]) + '\n{"at": "yesterday", "platform": "shopify", "body": {}}\n')
    result = perennial("replay", str(file), "--templates", TEMPLATES, code=1)
    assert f"{file.name}:2: at:" in result.stderr.replace("\n", "")


def test_an_empty_or_missing_file_is_refused(perennial: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    assert "no deliveries" in perennial("replay", "empty.jsonl", "--templates", TEMPLATES, code=1).stderr
    assert "cannot be read" in perennial("replay", "nowhere.jsonl", "--templates", TEMPLATES, code=1).stderr
