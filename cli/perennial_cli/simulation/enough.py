"""Whether a run met what a run of its size must meet: each kind of fault, event, page and check, often enough.

A law of which nothing was asked holds by accident. So each kind that is usual under a profile of faults has a least
count, well below what chance alone explains: half of what is usual, less four deviations. Small runs may lack a kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from perennial_cli.simulation.usual import PROFILES, USUAL

WHOLE = 400
"""Days of the runs that were counted. In a longer one as many orders are spread over more time."""

SHORTEST = 90
"""In fewer days some of it has no time to happen, and nothing is asked."""

DEVIATIONS = 4.0


@dataclass(frozen=True, slots=True)
class Rare:
    """A kind that was met less often than it must be."""

    name: str
    count: int
    least: int

    def __str__(self) -> str:
        return f"{self.name}: {self.count}, where a run of this size has {self.least} at least"


def too_rare(found: Mapping[str, int], faults: str, customers: int, days: int) -> list[Rare]:
    counted = ((name, found.get(name, 0), least) for name, least in least_of(faults, customers, days).items())
    return [Rare(name, count, least) for name, count, least in counted if count < least]


def least_of(faults: str, customers: int, days: int) -> dict[str, int]:
    """By name; without those that so small a run may well lack."""
    if faults not in PROFILES or days < SHORTEST:
        return {}
    years = years_of(customers, days)
    usual = {name: (rates[PROFILES.index(faults)] * years, spread) for name, (*rates, spread) in USUAL.items()}
    found = {name: int(count / 2 - DEVIATIONS * sqrt(count * spread)) for name, (count, spread) in usual.items()}
    return {name: least for name, least in found.items() if least > 0}


def years_of(customers: int, days: int) -> float:
    """Customer-years in which something happens."""
    return customers * min(days, WHOLE) / 365
