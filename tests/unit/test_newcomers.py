"""Whoever came in the lost time is carried over with all that leads to them, also by a run that died half way."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from perennial.adapters.memory import AliasItem, Memory, MemoryCustomers, MemoryPauses, MemoryVersions
from perennial.adapters.memory_restored import MemoryRestored
from perennial.customer import stranger
from perennial.errors import Unavailable
from perennial.identity import Alias
from perennial.journeys import version_of
from perennial.lost import Lost
from perennial.outside import ForAdvancing
from perennial_cli.rearm.run import Run
from perennial_cli.rearm.tables import Tables
from tests.unit.core.builders import DAY, NOW, a_content, a_journey, a_touch

LOST = Lost(NOW - DAY, NOW, 200_000_000, told=True)
NEW = ("ann", "bert", "carla")
JOURNEY = a_journey("care", a_touch("tips", "order.placed + 1 day"))
CONTENT = a_content(JOURNEY)
LONG_GONE = JOURNEY.model_copy(update={"about": "deployed for an hour"})


@dataclass(frozen=True, slots=True)
class Mortal(MemoryRestored):
    """Dies with the customer of that number."""

    lives: int = 99
    adopted: list[str] = field(default_factory=list)

    def adopt(self, store: str, was: MemoryRestored, customer: str) -> None:
        self.adopted.append(customer)
        if len(self.adopted) > self.lives:
            raise Unavailable("the line is dead")
        MemoryRestored.adopt(self, store, was, customer)


def as_it_was() -> Memory:
    memory = Memory()
    for name in NEW:
        nobody = stranger("shop", name)
        memory.customers["shop", name] = replace(nobody, profile=replace(nobody.profile, version=1))
        memory.aliases["shop", Alias("order", f"of {name}")] = AliasItem(name)
    memory.versions["shop", "of the lost time"] = LONG_GONE
    return memory


def rearm(memory: Memory, lives: int = 99) -> None:
    outside: Any = SimpleNamespace(
        customers=MemoryCustomers(memory),
        now=lambda: NOW,
        mint_nonce=lambda: "nonce",
        content=CONTENT,
        pauses=MemoryPauses(memory),
        versions=MemoryVersions(memory),
        timers=SimpleNamespace(arm=lambda store, customer, epoch, wake: None),
    )
    was = as_it_was()
    tables = Tables(Mortal(memory, lives=lives), Mortal(was), MemoryCustomers(was), lambda: iter(()))
    Run(cast("ForAdvancing", outside), tables, LOST).store("shop")


@pytest.mark.parametrize("lives", [0, 1, 2])
def test_a_run_that_died_among_newcomers_leaves_nobody_without_what_leads_to_them(lives: int) -> None:
    memory = Memory()
    with pytest.raises(Unavailable):
        rearm(memory, lives)
    rearm(memory)
    assert {name for _, name in memory.customers} == {*NEW}
    assert {item.owner for item in memory.aliases.values()} == {*NEW}
    assert {held.profile.epoch for held in memory.customers.values()} == {LOST.epoch}


def test_versions_of_the_lost_time_are_kept_again_and_so_are_those_that_are_deployed() -> None:
    memory = Memory()
    rearm(memory)
    assert memory.versions["shop", "of the lost time"] == LONG_GONE
    assert memory.versions["shop", version_of(JOURNEY)] == JOURNEY
