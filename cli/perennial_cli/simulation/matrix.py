"""The crash matrix: one order's whole year, lived again for every outside call and every way to die in it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from perennial.content import Content
from perennial_cli.simulation.faults import Way
from perennial_cli.simulation.simulating import Lived, Plan, live
from perennial_cli.simulation.spreading import spread

DEATHS: tuple[Way, ...] = ("dies before", "dies during", "dies after")
AS_EVER = "as if nothing had happened"


@dataclass(frozen=True, slots=True)
class Row:
    """One death and what came of it. `sound`: no law was broken by it; the stated exception breaks none."""

    number: int
    call: str
    function: str
    way: Way
    outcome: str
    sound: bool


def matrix(
    content: Content, store: str, seed: int, faults: str = "none", every: int = 1, processes: int = 1
) -> Iterator[Row]:
    """Each call of the order's year in its turn, or every so many of them. `faults` says what else goes wrong."""
    plan = Plan(customers=1, days=400, seed=seed, faults=faults, size=1)
    undisturbed = live(plan, content, store, 1, 1)
    deaths = [(number, way) for number in range(1, undisturbed.calls + 1, every) for way in DEATHS]
    return spread(partial(_row, plan, content, store, undisturbed), deaths, processes)


def _row(plan: Plan, content: Content, store: str, undisturbed: Lived, death: tuple[int, Way]) -> Row:
    number, way = death
    lived = live(plan, content, store, 1, 1, {number: way})
    fault = next(record for record in lived.log.of("fault") if record.get("number") == number)
    broken = [breach.words for tally in lived.tallies for breach in tally.breaches]
    told = broken or [*_copies(lived), *_changes(lived, undisturbed)] or [AS_EVER]
    return Row(number, fault["call"], fault["function"], way, "; ".join(told), not broken)


def _copies(lived: Lived) -> list[str]:
    taken = Counter(f"{record['journey']}: {record['message']}" for record in lived.log.of("accepted"))
    touches = {(record["touch"], f"{record['journey']}: {record['message']}") for record in lived.log.of("accepted")}
    once = Counter(name for _, name in touches)
    return [f"{name} sent once more, its claim in doubt past its grace" for name in taken if taken[name] > once[name]]


def _changes(lived: Lived, undisturbed: Lived) -> list[str]:
    names = sorted({*lived.ends, *undisturbed.ends})
    pairs = ((name, undisturbed.ends.get(name, "not begun"), lived.ends.get(name, "not begun")) for name in names)
    return [f"{name}: {after} instead of {before}" for name, before, after in pairs if before != after]
