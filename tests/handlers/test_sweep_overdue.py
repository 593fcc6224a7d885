"""The hourly sweep with real items: lost wakes ring again, facts find their owners, the rest is told of."""

import json
from datetime import timedelta
from typing import Any

import pytest

from perennial import ports, wiring
from perennial.identity import Alias
from tests.adapters.cloud import GROUP, client, fault, items
from tests.handlers.conftest import Bundle
from tests.handlers.shop import STORE, fixture

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ordered(bundle: Bundle) -> None:
    bundle.post("orders/create", fixture("order"))
    assert bundle.advance() == []


def lose_the_wake(bundle: Bundle) -> None:
    for schedule in bundle.schedules():
        client("scheduler").delete_schedule(Name=schedule["Name"], GroupName=GROUP)


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The metrics that the sweep has written since the last look, summed up."""
    found: dict[str, float] = {}
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        if line.get("service") == "sweep_overdue":
            for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                found[metric["Name"]] = found.get(metric["Name"], 0) + sum(line[metric["Name"]])
    return found


def parked() -> list[ports.Parked]:
    return list(wiring.for_receiving().parking.parked(STORE))


def swept(answer: dict[str, Any]) -> dict[str, int]:
    told, _ = answer["stores"]
    return {name: told[name] for name in ("wakes", "facts", "waiting")}


def test_a_calm_hour_finds_nothing(bundle: Bundle) -> None:
    ordered(bundle)
    assert swept(bundle.sweep()) == {"wakes": 0, "facts": 0, "waiting": 0}
    assert bundle.messages() == bundle.messages("patient") == []


def test_a_customer_whose_wake_was_lost_is_woken_and_armed_again(bundle: Bundle) -> None:
    ordered(bundle)
    lose_the_wake(bundle)
    bundle.clock.now += 4 * DAY
    assert swept(bundle.sweep()) == {"wakes": 1, "facts": 0, "waiting": 0}
    bundle.calls.clear()
    assert bundle.advance() == []
    assert bundle.calls["SendEmail"] == 1, "the tips of the third day"
    assert swept(bundle.sweep()) == {"wakes": 0, "facts": 0, "waiting": 0}


def test_who_cannot_be_helped_is_woken_less_and_less_often(bundle: Bundle) -> None:
    ordered(bundle)
    lose_the_wake(bundle)
    bundle.clock.now += 4 * DAY
    woken = []
    for hour in range(60):
        if swept(bundle.sweep())["wakes"]:
            woken.append(hour)
        bundle.clock.now += HOUR
    assert woken == [0, 1, 3, 7, 14, 28, 55]


def test_a_parcel_of_an_order_that_nobody_knows_is_told_of_after_a_day(
    bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.post("fulfillments/create", fixture("fulfillment"))
    bundle.clock.now += DAY - HOUR
    assert swept(bundle.sweep())["waiting"] == 0
    bundle.clock.now += HOUR
    assert swept(bundle.sweep())["waiting"] == 1
    assert swept(bundle.sweep())["waiting"] == 0, "told of once for a day"
    assert counted(capsys)["StillParked"] == 1


def test_a_sign_up_for_texts_by_somebody_who_never_buys_rings_nobody_and_has_an_end(
    bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = bundle.post("customers_marketing_consent/update", fixture("consent_text"))
    assert json.loads(answer["body"])["outcome"] == "waiting"
    bundle.clock.now += 30 * DAY
    bundle.sweep()
    bundle.clock.now += 370 * DAY
    bundle.sweep()
    told = counted(capsys)
    assert (told["NewcomerWaiting"], told["NewcomerGivenUp"], told["StillParked"]) == (1, 1, 0)
    assert "WebhookParked" not in told
    assert (parked(), items()) == ([], [])


def test_a_fact_whose_owner_came_without_it_joins_the_owners_line(bundle: Bundle) -> None:
    bundle.post("fulfillments/create", fixture("fulfillment"))
    (waiting,) = parked()
    order = Alias("order", json.loads(waiting.content)["order_id"])
    wiring.for_receiving().directory.owner_or_claim(STORE, order, "somebodyaaaaaaaa")
    bundle.clock.now += DAY
    assert swept(bundle.sweep()) == {"wakes": 0, "facts": 1, "waiting": 0}
    assert [group for _, group in bundle.messages()] == [f"{STORE}:somebodyaaaaaaaa"]
    assert parked() == []


@pytest.mark.parametrize("operation", ["Query", "GetItem", "UpdateItem"])
def test_a_sweep_that_fails_says_so_and_the_next_one_goes_on(
    bundle: Bundle, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ordered(bundle)
    lose_the_wake(bundle)
    bundle.clock.now += 4 * DAY
    with fault(client("dynamodb"), operation, "InternalServerError", 500):
        assert bundle.sweep() == {"outcome": "failed"}
    assert counted(capsys)["SweepFailed"] == 1
    assert swept(bundle.sweep())["wakes"] == 1
