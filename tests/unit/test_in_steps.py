"""Whoever had much in the lost time is rearmed in several commits: none too large, each fit to be repeated."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from perennial import ports
from perennial.adapters.dynamodb import MOST_WRITES, DynamoCustomers
from perennial.adapters.memory import Memory, MemoryCustomers
from perennial.adapters.restored import DynamoRestored
from perennial.adapters.writes import writes_of
from perennial.customer import Consent, Customer, Enrolment, Progress, Touch, stranger, touch_id
from perennial.decide import Decision
from perennial.errors import Unavailable
from perennial.ledger import Entry
from perennial.lost import Lost
from perennial.orders import blank
from perennial.outside import ForAdvancing
from perennial_cli.rearm.rearming import Rearming, Tally
from tests.unit.core.builders import DAY, HOUR, MINUTE, NOW, a_content

LOST = Lost(NOW - DAY, NOW, 200_000_000, told=True)
WORDS = 60
ORDERS = [f"{number}" for number in range(1001, 1071)]
PASSAGES = {f"care:{order}": Enrolment(f"care:{order}", "care", "v1", order, NOW - 2 * DAY) for order in ORDERS}


def a_record(passage: Enrolment, key: str) -> Touch:
    name = touch_id("shop", passage.id, key)
    return Touch(name, passage.id, key, "care", "v1", passage.order_id, key, "marketing", "sent", NOW - HOUR)


RECORDS = [a_record(passage, key) for passage in PASSAGES.values() for key in ("tips", "more")]
"""Two for each of seventy orders, which lie apart."""


def ann() -> Customer:
    nobody = stranger("shop", "ann")
    orders = {order: blank(order) for order in ORDERS}
    return replace(nobody, orders=orders, enrolments=PASSAGES, apart=frozenset(ORDERS))


@dataclass
class Limited:
    """Takes what DynamoDB takes; the commit of number `dies` is made, and its answer lost."""

    twin: MemoryCustomers
    dies: int = 0
    sizes: list[int] = field(default_factory=list)

    def load(self, store: str, customer: str) -> Customer:
        return self.twin.load(store, customer)

    def commit(self, decision: Decision, adopted: Any) -> ports.Result:
        self.sizes.append(len(writes_of(decision, {}, "table", b"pepper")))
        assert self.sizes[-1] <= MOST_WRITES
        done = self.twin.commit(decision, adopted)
        if len(self.sizes) == self.dies:
            raise Unavailable("the answer is lost")
        return done


def as_it_was() -> SimpleNamespace:
    words = [Entry("email:marketing", Consent("given", NOW - MINUTE * n), NOW - MINUTE * n) for n in range(WORDS)]
    told = {"tips": Progress("sent", NOW - HOUR), "more": Progress("sent", NOW - HOUR)}
    then = replace(ann(), enrolments={name: replace(held, touches=told) for name, held in PASSAGES.items()})
    return SimpleNamespace(
        load=lambda store, customer: then,
        touches=lambda store, customer: RECORDS,
        ledger=lambda store, customer: words,
    )


def rearm(limited: Limited) -> None:
    nonces = iter(range(1_000))
    outside = SimpleNamespace(
        customers=limited,
        now=lambda: NOW + timedelta(minutes=len(limited.sizes)),
        mint_nonce=lambda: f"nonce-{next(nonces)}",
        content=a_content(),
        pauses=SimpleNamespace(paused=lambda store: frozenset()),
        versions=SimpleNamespace(find=lambda store, version: None),
        timers=SimpleNamespace(arm=lambda store, customer, epoch, wake: None),
    )
    restored = cast("DynamoRestored", SimpleNamespace(is_torn=lambda store, customer: False))
    past = cast("DynamoCustomers", as_it_was())
    Rearming(cast("ForAdvancing", outside), restored, LOST, past).one("shop", "ann", Tally())


def a_table() -> Memory:
    memory = Memory()
    memory.customers["shop", "ann"] = ann()
    return memory


def told(memory: Memory) -> tuple[Any, ...]:
    held = memory.customers["shop", "ann"]
    passages = {name: sorted(passage.touches) for name, passage in held.enrolments.items()}
    return held.profile.epoch, passages, sorted(memory.touches["shop", "ann"]), len(memory.ledger["shop", "ann"])


def everything() -> tuple[Any, ...]:
    return LOST.epoch, {name: ["more", "tips"] for name in PASSAGES}, sorted(touch.id for touch in RECORDS), WORDS


def test_no_commit_is_larger_than_a_transaction() -> None:
    memory = a_table()
    limited = Limited(MemoryCustomers(memory))
    rearm(limited)
    assert sum(limited.sizes) > 2 * MOST_WRITES
    assert told(memory) == everything()


@pytest.mark.parametrize("dies", [1, 3, 5])
def test_a_run_that_dies_between_two_of_them_is_run_again(dies: int) -> None:
    memory = a_table()
    with pytest.raises(Unavailable):
        rearm(Limited(MemoryCustomers(memory), dies))
    assert memory.customers["shop", "ann"].profile.epoch == 0
    rearm(Limited(MemoryCustomers(memory)))
    assert told(memory) == everything()
