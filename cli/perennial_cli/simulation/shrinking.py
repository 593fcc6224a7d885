"""A shop in which a law broke, cut down to the shortest list of events that still breaks it in the same way.

Customers go first, then events in halves, then faults, then what people did with their messages. Whatever is left out
changes nothing else (chance.py), so that what remains is the story itself, and not another one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from perennial_cli.simulation.evidence import Breach, Evidence
from perennial_cli.simulation.log import Log
from perennial_cli.simulation.scripts import Script
from perennial_cli.simulation.simulating import Lived

T = TypeVar("T")

MOST_RUNS = 150
"""How often one story is performed at most; what is not cut down by then is told as long as it is."""

NAMES = re.compile(r"[0-9a-f]{12}|[\d.:-]+")

Perform = Callable[[Script], tuple[Lived, Evidence]]


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The shortest script that was found, how it broke the law, and what was seen; `runs` were needed."""

    script: Script
    breach: Breach
    evidence: Evidence
    runs: int
    whole: Script


@dataclass(slots=True)
class Trials:
    """Performs scripts, as long as there are runs left, and keeps what the last broken one showed."""

    perform: Perform
    breach: Breach
    left: int
    shown: tuple[Script, Breach, Evidence] | None = None

    def breaks(self, script: Script) -> bool:
        """Whether the same law is broken in the same words, but for names and numbers."""
        if self.left <= 0:
            return False
        self.left -= 1
        lived, evidence = self.perform(script)
        same = (found for tally in lived.tallies for found in tally.breaches if _alike(found, self.breach))
        found = next(same, None)
        if found is not None:
            self.shown = (script, found, evidence)
        return found is not None


def shrink(script: Script, breach: Breach, perform: Perform, most: int = MOST_RUNS) -> Shrunk | None:
    """None if the script, performed again, does not break that law."""
    trials = Trials(perform, breach, most)
    if not trials.breaks(script) or trials.shown is None:
        return None
    whole = _spelt_out(script, trials.shown[2].log)
    cut = _cut_people(whole, trials)
    for step in (_cut_events, _cut_faults, _cut_acts, _cut_deploys, _cut_events, _cut_faults):
        cut = step(cut, trials)
    if trials.shown[0] != cut:  # what was seen last is told, so that nothing is told that was not seen
        trials.left += 1
        trials.breaks(cut)
    last, found, evidence = trials.shown
    return Shrunk(last, found, evidence, most - trials.left, whole)


def _alike(one: Breach, other: Breach) -> bool:
    return one.law == other.law and NAMES.sub("#", one.words) == NAMES.sub("#", other.words)


def _spelt_out(script: Script, log: Log) -> Script:
    """Everything that was drawn, as it fell."""
    faults = {record["name"]: record["kind"] for record in log.of("fault")}
    return replace(script, faults=faults, acts=frozenset(record["name"] for record in log.of("act")))


def fewer(items: Sequence[T], still: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """None of them, or without halves, then quarters and so on, of which none is missed."""
    if not items or still(()):
        return ()
    size = len(items) // 2
    while size:
        at = 0
        while at < len(items):
            rest = (*items[:at], *items[at + size :])
            if rest and still(rest):
                items = rest
            else:
                at += size
        size //= 2
    return items


def _cut_people(script: Script, trials: Trials) -> Script:
    """Whoever the breach is about; if it takes others as well, whoever can be spared goes."""
    about = _people_of(trials)
    alone = _with_people(script, [person.number for person in script.people if person.number in about])
    if about and trials.breaks(alone):
        return alone
    numbers = [person.number for person in script.people]
    return _with_people(script, fewer(numbers, lambda some: trials.breaks(_with_people(script, some))))


def _people_of(trials: Trials) -> set[int]:
    """Those whose webhooks joined the line of the customer with whom the law broke."""
    if trials.shown is None:
        return set()
    _, breach, evidence = trials.shown
    person_of = {record["run"]: record["person"] for record in evidence.log.of("webhook")}
    joined = (one["run"] for one in evidence.log.of("joined") if one["customer"] == breach.customer)
    return {person_of[run] for run in joined if run in person_of}


def _with_people(script: Script, numbers: Sequence[int]) -> Script:
    people = tuple(person for person in script.people if person.number in numbers)
    return replace(script, people=people, tellings=tuple(told for told in script.tellings if told.person in people))


def _cut_events(script: Script, trials: Trials) -> Script:
    left = fewer(script.tellings, lambda some: trials.breaks(replace(script, tellings=tuple(some))))
    return replace(script, tellings=tuple(left))


def _cut_faults(script: Script, trials: Trials) -> Script:
    faults = dict(script.faults or {})
    met = [name for name in faults if trials.shown is None or name in _met(trials.shown[2].log)]
    left = fewer(met, lambda some: trials.breaks(replace(script, faults={name: faults[name] for name in some})))
    return replace(script, faults={name: faults[name] for name in left})


def _met(log: Log) -> set[str]:
    """Faults that struck when the story was last performed: the others were those of people who are left out."""
    return {record["name"] for record in log.of("fault")}


def _cut_acts(script: Script, trials: Trials) -> Script:
    done = {record["name"] for record in trials.shown[2].log.of("act")} if trials.shown else set()
    acts = sorted((script.acts or frozenset()) & done)
    left = fewer(acts, lambda some: trials.breaks(replace(script, acts=frozenset(some))))
    return replace(script, acts=frozenset(left))


def _cut_deploys(script: Script, trials: Trials) -> Script:
    calm = replace(script, deploys=False)
    script = calm if trials.breaks(calm) else script
    settled = replace(script, rotates=False)
    return settled if trials.breaks(settled) else script
