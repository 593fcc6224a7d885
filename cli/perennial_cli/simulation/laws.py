"""The laws of one shop, checked from outside. A law that is not here is not checked, and is not claimed."""

from collections.abc import Sequence

from perennial.content import Content
from perennial_cli.simulation import book_laws, sending_laws
from perennial_cli.simulation.enough import years_of
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.facts_law import facts_converge
from perennial_cli.simulation.further_laws import further
from perennial_cli.simulation.pages_law import get_changes_nothing
from perennial_cli.simulation.promise_law import journey_is_a_promise
from perennial_cli.simulation.restore_law import over_a_restore

WORDS = {
    1: "no second copy",
    2: "nothing lost",
    3: "stop means stop",
    4: "the cap holds",
    5: "local time is local",
    6: "the truth at sending",
    7: "facts converge",
    8: "old customers cost what new ones do",
    9: "a journey is a promise",
    10: "GET changes nothing",
    11: "logs hold ids only",
    12: "opens are hints",
}


def judge(evidence: Evidence, content: Content, seed: str) -> list[Tally]:
    tallies = [
        sending_laws.no_second_copy(evidence),
        book_laws.nothing_lost(evidence),
        sending_laws.stop_means_stop(evidence),
        sending_laws.cap_holds(evidence),
        sending_laws.local_time_is_local(evidence),
        sending_laws.truth_at_sending(evidence),
        facts_converge(evidence, content, seed),
        book_laws.old_cost_what_new_do(evidence),
        journey_is_a_promise(evidence),
        get_changes_nothing(evidence),
        book_laws.logs_hold_ids(evidence),
        book_laws.opens_are_hints(evidence),
    ]
    if evidence.restore is not None:
        return over_a_restore(tallies, evidence)
    return [*tallies, *further(evidence)]


def add_up(all_tallies: Sequence[Sequence[Tally]]) -> list[Tally]:
    """The same laws over many shops."""
    totals = {law: Tally(law) for law in WORDS}
    for tallies in all_tallies:
        for tally in tallies:
            totals[tally.law].checks += tally.checks
            totals[tally.law].breaches += tally.breaches
            totals[tally.law].kinds.update(tally.kinds)
    return list(totals.values())


LEAST = {1: 5.0, 2: 20.0, 3: 10.0, 4: 10.0, 5: 1.5, 6: 4.0, 7: 0.3, 8: 10.0, 9: 8.0, 10: 10.0, 11: 20.0, 12: 1.5}
"""Checks that every law must make for each customer and year, where there are at least 25 of these."""


def too_few(all_tallies: Sequence[Sequence[Tally]], customers: int, days: int) -> dict[int, int]:
    """Laws that were checked less often than a run of this size must, and how often that would be."""
    least = least_checks(customers, days)
    return {tally.law: least[tally.law] for tally in add_up(all_tallies) if tally.checks < least[tally.law]}


def least_checks(customers: int, days: int) -> dict[int, int]:
    """How often each law must be checked in a run of this size."""
    years = years_of(customers, days)
    return {law: int(rate * years) if years >= 25 else 1 for law, rate in LEAST.items()}
