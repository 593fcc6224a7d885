"""perennial cost: the reference order, lived through and put on a bill."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import TEMPLATES, run


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, _read_once: None) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("cost"))
        document: dict[str, Any] = json.loads(run("cost", "--json", "--templates", TEMPLATES).stdout)
    return document


def units(told: dict[str, Any], service: str, what: str) -> float:
    (line,) = (line for line in told["marginal"] if (line["service"], line["what"]) == (service, what))
    return float(line["units"])


def test_the_reference_order_is_twelve_webhooks_six_emails_and_what_came_of_them(told: dict[str, Any]) -> None:
    sends, deliveries, opens, clicks = 6, 6, 3, 1
    assert told["order"] == {"webhooks": 12, "emails": 6, "texts": 0, "reports": sends + deliveries + opens + clicks}


def test_every_line_adds_up_to_what_is_said_of_an_order(told: dict[str, Any]) -> None:
    assert told["per_order"] == pytest.approx(sum(line["usd"] for line in told["marginal"]))
    assert told["per_1000_emails"] == pytest.approx(told["per_order"] / 6 * 1_000)
    assert told["ratio"] == pytest.approx(told["per_1000_emails"] / told["ses_per_1000_emails"])
    assert told["holds"] == (told["ratio"] <= told["budget"])


def test_a_claim_and_its_record_are_charged_as_transactions_and_all_else_as_one_write(told: dict[str, Any]) -> None:
    """Each email commits a claim and its answer: the customer and a touch, each charged twice. The other webhooks write
    the customer, who with one order is smaller than a kilobyte; the first one registers addresses and words as well.
    """
    least = 12 + 6 * 2 * 2 * 2 + 16
    assert least <= units(told, "DynamoDB", "writes") <= least + 11 + 16
    assert units(told, "DynamoDB", "writes of the due index") <= 21, "a claim leaves the customer's place alone"
    assert units(told, "SES", "emails") == 6
    assert units(told, "Scheduler", "wakes") >= 4


def test_storage_alarms_and_metrics_are_told_apart_from_what_an_order_adds(told: dict[str, Any]) -> None:
    assert told["stored_bytes_per_order"] > 5_000
    assert {line["what"] for line in told["fixed"]} >= {"alarms", "metrics of our own"}
    assert told["fixed_per_month"] > 1
