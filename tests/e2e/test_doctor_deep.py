"""perennial doctor --deep: does every touch have its outcome or a wake ahead? And ringing for whoever has none."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from perennial.customer import Customer, Progress
from perennial.decide import Decision
from perennial_cli.stacks import Stack, opened
from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.shop import PLACED, line, order, parcel

HERE = ("--templates", TEMPLATES)
Change = Callable[[Customer], Customer]


@pytest.fixture
def mina(perennial: Command, replay: Callable[..., dict[str, Any]]) -> str:
    """A customer whose parcel is on its way."""
    leaves = line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel())
    report = replay([line("orders/create", PLACED, order()), leaves], "--until", "2026-03-04T12:00:00")
    return str(report["customers"][0]["id"])


@contextmanager
def changed(customer: str) -> Iterator[Stack]:
    with opened(None, Path(TEMPLATES), keep=True) as found:
        yield found


def commit(customer: str, change: Change) -> None:
    """What no run of ours would commit."""
    with changed(customer) as found:
        loaded = found.advancing.customers.load("demo", customer)
        after = change(loaded)
        profile = replace(after.profile, version=loaded.profile.version + 1, commit="planted")
        found.advancing.customers.commit(Decision(loaded, replace(after, profile=profile)), {})
        if profile.wake is None and loaded.profile.wake is not None:
            found.advancing.timers.cancel(customer, profile.epoch, loaded.profile.wake.n)


def looked(perennial: Command, code: int = 0) -> list[dict[str, str]]:
    told = json.loads(perennial("doctor", "--deep", "--json", *HERE, code=code).stdout)
    return [finding for finding in told["findings"] if finding["level"] != "note"]


def test_books_that_close_are_no_finding(perennial: Command, mina: str) -> None:
    assert looked(perennial) == []
    assert "unbalanced" not in perennial("doctor", *HERE).stdout


def test_whoever_waits_without_a_wake_is_found_and_rung_for(perennial: Command, mina: str) -> None:
    commit(mina, lambda held: replace(held, profile=replace(held.profile, wake=None)))
    (finding,) = looked(perennial, code=1)
    assert (finding["check"], finding["level"]) == ("unbalanced touches", "error")
    assert f"perennial ring {mina}" in finding["todo"]
    assert f"Rang for {mina}" in perennial("ring", "1001", *HERE).stdout
    assert looked(perennial) == []


def test_a_passage_that_is_gone_before_its_touches_ended_is_found(perennial: Command, mina: str) -> None:
    commit(mina, lambda held: replace(held, enrolments={}, orders={}, profile=replace(held.profile, wake=None)))
    (finding,) = looked(perennial, code=1)
    assert mina in finding["what"]


def test_a_claim_that_nobody_will_settle_is_found(perennial: Command, mina: str) -> None:
    def claimed(held: Customer) -> Customer:
        passage = held.enrolments["order-service:1001"]
        touches = {**passage.touches, "confirmation": Progress("claimed", passage.entered_at)}
        return replace(held, enrolments={**held.enrolments, passage.id: replace(passage, touches=touches)})

    commit(mina, claimed)
    with changed(mina) as found:
        (record,) = [told for told in found.advancing.customers.touches("demo", mina) if told.key == "confirmation"]
        loaded = found.advancing.customers.load("demo", mina)
        profile = replace(loaded.profile, version=loaded.profile.version + 1)
        claim = replace(record, state="claimed")
        found.advancing.customers.commit(Decision(loaded, replace(loaded, profile=profile), touches=(claim,)), {})
    (finding,) = looked(perennial, code=1)
    assert "1 touches of 1 of 1 customers" in finding["what"]


@pytest.mark.parametrize("document", ['{"known":{"id":"999"}}', "{}"])
def test_whoever_cannot_be_loaded_is_found(perennial: Command, mina: str, document: str) -> None:
    with changed(mina):
        tables = boto3.client("dynamodb")
        (name,) = tables.list_tables()["TableNames"]
        stray = {"pk": f"demo#C#{mina}", "sk": "L#order#999", "v": 1, "doc": document}
        tables.put_item(TableName=name, Item={key: _spelt(value) for key, value in stray.items()})
    (finding,) = [told for told in looked(perennial, code=1) if "cannot be loaded" in told["what"]]
    assert "perennial rearm mends them" in finding["todo"]


def _spelt(value: object) -> dict[str, str]:
    return {"N": str(value)} if isinstance(value, int) else {"S": str(value)}


def test_nobody_is_rung_for_who_is_not_known(perennial: Command, mina: str) -> None:
    assert "knows nobody" in perennial("ring", "4711", *HERE, code=1).stderr
