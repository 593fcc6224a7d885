"""What is known of a simulation when it is over, and the document that scripts read."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from perennial_cli.simulation.enough import Rare, least_of, too_rare
from perennial_cli.simulation.evidence import Breach, Tally
from perennial_cli.simulation.laws import add_up, least_checks, too_few
from perennial_cli.simulation.shrinking import Shrunk
from perennial_cli.simulation.simulating import Lived, Plan
from perennial_cli.simulation.spending import Used, peak_memory
from perennial_cli.simulation.telling import as_json

BALANCE = ("entered", "sent", "skipped", "expired", "failed", "unconfirmed", "waiting")

SHOWN = 20
"""Breaches that are told in words."""


@dataclass(slots=True)
class Result:
    """What is known of all shops so far."""

    tallies: list[list[Tally]] = field(default_factory=list)
    balance: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    breaches: list[tuple[int, Breach]] = field(default_factory=list)
    told: list[Shrunk] = field(default_factory=list)
    events: int = 0
    used: Used = field(default_factory=lambda: Used(0, 0))

    def add(self, lived: Lived) -> None:
        self.tallies = [add_up([*self.tallies, lived.tallies])]
        self.balance += lived.balance
        self.happened += lived.happened
        self.events += lived.events
        self.breaches += [(lived.number, breach) for tally in lived.tallies for breach in tally.breaches]

    @property
    def counted(self) -> Counter[str]:
        """Everything that has a least count: what happened, how touches ended, and checks of a kind."""
        ended = {f"touch {state}": count for state, count in self.balance.items()}
        asked = {f"law {one.law}: {kind}": count for one in add_up(self.tallies) for kind, count in one.kinds.items()}
        return self.happened + Counter(ended) + Counter(asked)

    def rare(self, plan: Plan) -> list[Rare]:
        return too_rare(self.counted, plan.faults, plan.customers, plan.days)

    def holds(self, plan: Plan) -> bool:
        """Whether every law held, and was asked often enough."""
        few = too_few(self.tallies, plan.customers, plan.days)
        return not (self.breaches or self.balance["lost"] or few or self.rare(plan))


def document(plan: Plan, result: Result, processes: int) -> dict[str, Any]:
    """Only laws that are checked are named. Memory is of all processes together, each at its own highest."""
    needed = least_checks(plan.customers, plan.days)
    laws = [
        {"law": one.law, "checks": one.checks, "least": needed[one.law], "breaches": len(one.breaches)}
        for one in add_up(result.tallies)
    ]
    least = least_of(plan.faults, plan.customers, plan.days)
    counts = {name: {"count": count, "least": least.get(name, 0)} for name, count in sorted(result.counted.items())}
    missing = {rare.name: {"count": 0, "least": rare.least} for rare in result.rare(plan) if not rare.count}
    return {
        "seed": plan.seed,
        "customers": plan.customers,
        "days": plan.days,
        "faults": plan.faults,
        "holds": result.holds(plan),
        "laws": laws,
        "balance": {name: result.balance[name] for name in BALANCE},
        "lost": result.balance["lost"],
        "processes": processes,
        "seconds": round(result.used.seconds, 1),
        "cpu_seconds": round(result.used.cpu_seconds, 1),
        "events_per_second": round(result.events / result.used.seconds, 1),
        "customer_days_per_cpu_second": round(plan.customers * plan.days / result.used.cpu_seconds),
        "peak_memory_bytes": peak_memory(processes),
        "broken": [_in_words(number, breach) for number, breach in result.breaches[:SHOWN]],
        "breaches": [as_json(shrunk) for shrunk in result.told],
        "happened": counts | missing,
    }


def _in_words(shop: int, breach: Breach) -> dict[str, Any]:
    at = breach.at.isoformat() if breach.at else None
    return {"law": breach.law, "words": breach.words, "shop": shop, "customer": breach.customer, "at": at}
