"""One person under two addresses, as a shop's people meet them: two orders, then Shopify Admin merges the two."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.saved import saved
from tests.e2e.shop import PLACED, line, order, parcel, progress

HERE = ("--templates", TEMPLATES)
WORK = "mina@work.example"
SECOND = "2026-03-02T15:00:00+00:00"
MERGE: dict[str, Any] = {
    "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/77",
    "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/78",
    "admin_graphql_api_job_id": None,
    "status": "completed",
    "errors": [],
}

Replayed = Callable[..., dict[str, Any]]


def at_work() -> dict[str, Any]:
    account = {"id": 78, "email": WORK, "first_name": "Mina", "last_name": "Okafor"}
    return order(2002, SECOND, email=WORK, customer=account)


STORY = [
    line("orders/create", PLACED, order()),
    line("orders/create", SECOND, at_work(), "2"),
    line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel()),
    line("customers/merge", "2026-03-03T12:00:00+00:00", MERGE),
    line("fulfillments/create", "2026-03-03T14:00:00+00:00", {**parcel(502, 2002), "tracking_numbers": ["SP2"]}, "2"),
    line("fulfillment_events/create", "2026-03-05T09:00:00+00:00", progress("delivered", "2026-03-05T09:00:00+00:00")),
]


@pytest.fixture
def report(replay: Replayed) -> dict[str, Any]:
    return replay(STORY, "--until", "2026-03-06T12:00:00")


def test_two_customers_that_the_shop_merged_are_one(report: dict[str, Any]) -> None:
    assert [told["outcome"] for told in report["deliveries"]] == ["applied"] * len(STORY)
    (customer,) = report["customers"]
    sent = [(touch["message"], touch["order"]) for touch in customer["touches"] if touch["outcome"] == "sent"]
    assert {("order-confirmation", "1001"), ("order-confirmation", "2002")} <= set(sent)
    assert len(set(sent)) == len(sent)
    assert {touch["order"] for touch in customer["touches"] if touch["outcome"] == "waiting"} == {"1001", "2002"}


def test_whoever_is_asked_for_under_either_name_is_explained_and_exported_whole(
    report: dict[str, Any], perennial: Command
) -> None:
    explained = perennial("explain", WORK, *HERE).stdout
    assert "One person with" in explained
    assert explained == perennial("explain", "mina@mail.example", *HERE).stdout
    told = json.loads(perennial("export", WORK, *HERE).stdout)
    numbers = [found["known"]["number"] for found in (*told["orders"]["live"], *told["orders"]["archived"])]
    assert sorted(numbers) == ["#1001", "#2002"]
    assert set(told["aliases"]) == {"email:mina@mail.example", f"email:{WORK}", "customer:77", "customer:78"}
    assert {touch["order_id"] for touch in told["touches"]} == {"1001", "2002"}
    (former,) = told["profile"]["merged"]
    assert json.loads(perennial("export", former, *HERE).stdout)["customer"] == report["customers"][0]["id"]


def test_an_erasure_under_one_name_leaves_nothing_of_either(
    report: dict[str, Any], perennial: Command, tmp_path: Path
) -> None:
    assert [word for word in ("mina", "sp1", "sp2") if word not in saved(tmp_path)] == []
    perennial("erase", "2002", "--yes", *HERE)
    held = saved(tmp_path)
    assert [word for word in ("mina", "okafor", "high st", "sp1", "sp2") if word in held] == []
    told = json.loads(perennial("export", "2002", *HERE).stdout)
    assert (told["ahead"], told["aliases"]) == ([], [])


@pytest.mark.parametrize("until", ["2026-03-06T12:00:00", "2028-01-01T00:00:00"])
def test_the_doctor_closes_the_books_of_both_names_together(replay: Replayed, perennial: Command, until: str) -> None:
    """Passages go along with a merge, and the records of what they sent before stay where they were written."""
    replay(STORY, "--until", until)
    told = json.loads(perennial("doctor", "--deep", "--json", *HERE).stdout)
    assert [finding for finding in told["findings"] if finding["level"] != "note"] == []
    perennial("erase", WORK, "--yes", *HERE)
    told = json.loads(perennial("doctor", "--deep", "--json", *HERE).stdout)
    assert [finding for finding in told["findings"] if finding["level"] != "note"] == []
