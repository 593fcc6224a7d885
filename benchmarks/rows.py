"""One row of the table: a figure, what it is compared with, and whether its budget holds."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Row:
    """`ratio` is value / floor where there is a floor; the budget is of the ratio then, else of the value."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    budget: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.value / self.floor

    @property
    def holds(self) -> bool | None:
        if self.budget is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.budget

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "floor": None if self.floor is None else round(self.floor, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "budget": self.budget,
            "holds": self.holds,
        }


def seconds_each(work: Callable[[], object], rounds: int, batches: int = 7) -> float:
    """The median over batches of the mean time of one call: a pause of the machine spoils one batch only."""
    work()
    found = []
    for _ in range(batches):
        start = perf_counter()
        for _ in range(rounds):
            work()
        found.append((perf_counter() - start) / rounds)
    return median(found)
