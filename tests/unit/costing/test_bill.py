"""Counted operations times prices."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perennial_cli.bundle_template import load_template
from perennial_cli.costing import prices
from perennial_cli.costing.bill import Line, batch, bill, memory
from perennial_cli.costing.command import as_document
from perennial_cli.costing.reference import Lived
from perennial_cli.costing.savings import quiet_webhook, savings

TEMPLATE = load_template(Path(__file__).resolve().parents[3] / "template.yaml")
USED = Counter(
    {
        ("ReceiveWebhook", "invocations"): 2,
        ("ReceiveWebhook", "queue requests"): 2,
        ("ReceiveWebhook", "write units"): 2,
        ("AdvanceCustomer", "invocations"): 3,
        ("AdvanceCustomer", "write units"): 30,
        ("AdvanceCustomer", "index units"): 4,
        ("AdvanceCustomer", "read units"): 3,
        ("AdvanceCustomer", "calls DynamoDB"): 10,
        ("AdvanceCustomer", "calls SSM"): 5,
        ("RecordFeedback", "invocations"): 4,
    }
)
QUIET = Counter({("ReceiveWebhook", "invocations"): 1, ("AdvanceCustomer", "invocations"): 1})
LIVED = Lived(
    used=USED,
    webhooks=2,
    quiet=1,
    quiet_used=QUIET,
    emails=2,
    texts=0,
    reports=4,
    log_bytes=6_400,
    log_lines=18,
    stored_bytes=10_000,
    metrics=3,
)


def lines(lived: Lived = LIVED, orders: int = 100) -> dict[str, Line]:
    return {f"{line.service}: {line.what}": line for line in bill(lived, orders, TEMPLATE).marginal}


def test_each_line_is_what_was_counted_times_its_price() -> None:
    found = lines()
    assert found["SES: emails"].usd == pytest.approx(0.0002)
    assert found["DynamoDB: writes"].usd == pytest.approx(32 * 0.625e-6)
    assert found["DynamoDB: writes of the due index"].usd == pytest.approx(4 * 0.625e-6)
    assert found["API Gateway: webhooks"].usd == pytest.approx(2e-6)
    assert found["DynamoDB: storage, the first month"].usd == pytest.approx(2.5e-6)


def test_a_step_without_a_message_put_by_a_function_was_rung_by_a_wake() -> None:
    assert lines()["Scheduler: wakes"].units == 1
    assert lines()["SQS: the customer's line"].units == 9


def test_reports_are_read_one_by_one_in_a_small_shop_and_fifty_at_once_in_a_large_one() -> None:
    assert batch(LIVED, 100, TEMPLATE) == 1
    assert batch(LIVED, 10_000_000, TEMPLATE) == 50
    assert lines(orders=100)["Lambda: requests"].units == 9
    assert lines(orders=10_000_000)["Lambda: requests"].units == pytest.approx(5 + 4 / 50)
    assert lines(orders=10_000_000)["SQS: reports"].units == pytest.approx(4 * 1.2)


def test_waiting_for_calls_is_billed_and_asking_for_secrets_is_not() -> None:
    slower = replace(LIVED, used=USED + Counter({("AdvanceCustomer", "calls DynamoDB"): 100}))
    asking = replace(LIVED, used=USED + Counter({("AdvanceCustomer", "calls SSM"): 100}))
    seconds = 100 * prices.CALL_MS["DynamoDB"] / 1_000
    usual = lines()["Lambda: GB-seconds"].units
    assert lines(slower)["Lambda: GB-seconds"].units == pytest.approx(
        usual + seconds * memory(TEMPLATE, "AdvanceCustomer")
    )
    assert lines(asking)["Lambda: GB-seconds"].units == pytest.approx(usual)


def test_the_ratio_is_of_what_an_order_adds_and_fixed_costs_stand_apart() -> None:
    found = bill(LIVED, 100, TEMPLATE)
    told = as_document(found)
    assert found.per_thousand == pytest.approx(sum(line.usd for line in found.marginal) / 2 * 1_000)
    assert told["ratio"] == pytest.approx(found.per_thousand / 0.10)
    assert told["month"] == pytest.approx(100 * found.per_order + found.fixed_month)
    assert bill(LIVED, 1, TEMPLATE).ratio == pytest.approx(found.ratio)


def test_every_alarm_of_the_template_is_on_the_bill_and_nothing_that_must_be_asked_for() -> None:
    alarms = sum(entry.get("Condition") == "RingsAlarms" for entry in TEMPLATE["Resources"].values())
    fixed = {line.what: line for line in bill(LIVED, 100, TEMPLATE).fixed}
    assert fixed["dashboards"].units == 0
    assert fixed["alarms"].units == alarms > 10
    assert fixed["alarms"].usd == pytest.approx(alarms * 0.10)


def test_savings_begin_with_the_largest_and_leave_out_what_is_not_worth_a_sentence() -> None:
    found = savings(bill(LIVED, 100, TEMPLATE))
    assert [saving.usd for saving in found] == sorted((saving.usd for saving in found), reverse=True)
    assert "plan NONE" in found[0].words
    assert all(saving.usd >= 0.0005 for saving in found)


def test_a_quiet_webhook_costs_its_door_its_line_and_its_step() -> None:
    door, line = 1e-6 + 2 * 0.2e-6, 3 * 0.5e-6
    busy = sum(prices.BUSY_MS[name] * memory(TEMPLATE, name) for name in ("ReceiveWebhook", "AdvanceCustomer")) / 1_000
    compute = busy * 0.0000133334
    assert quiet_webhook(bill(LIVED, 100, TEMPLATE)) == pytest.approx(door + line + compute)


def test_prices_are_positive_have_a_source_and_are_younger_than_the_newest_they_quote() -> None:
    assert all(price.usd > 0 and price.per >= 1 and price.source for price in prices.ALL.values())
    assert prices.ALL["SES"].of(1_000) == pytest.approx(0.10)


def test_functions_have_the_memory_that_the_template_gives_them() -> None:
    lean: dict[str, Any] = {"Globals": {"Function": {"MemorySize": 256}}, "Resources": {"A": {"Properties": {}}}}
    assert memory(lean, "A") == 0.25
    lean["Resources"]["A"]["Properties"]["MemorySize"] = 1024
    assert memory(lean, "A") == 1


def test_reports_come_together_as_the_template_lets_them() -> None:
    reports = TEMPLATE["Resources"]["RecordFeedback"]["Properties"]["Events"]["Reports"]["Properties"]
    each_minute = prices.MONTH_SECONDS / 60 / LIVED.reports
    assert reports["MaximumBatchingWindowInSeconds"] == 60
    assert batch(LIVED, round(each_minute * 7), TEMPLATE) == pytest.approx(7)


def test_lambdas_own_lines_are_on_the_bill_where_it_writes_them() -> None:
    quiet = {**TEMPLATE, "Parameters": {**TEMPLATE["Parameters"], "PlatformLogs": {"Default": "WARN"}}}
    loud = {**TEMPLATE, "Parameters": {**TEMPLATE["Parameters"], "PlatformLogs": {"Default": "INFO"}}}
    quietly, loudly = (
        next(line.units for line in bill(LIVED, 100, template).marginal if line.what == "logs")
        for template in (quiet, loud)
    )
    assert quietly == 6_400 + 18 * prices.LINE_LOG
    assert loudly == quietly + 9 * prices.PLATFORM_LOG
