"""A script: all that happens to one simulated shop, as data. A part of it can be performed alone, or kept in a file.

Everything else follows from the seed: how late is late, which minute of a timer, when a mailbox is read. So a script
with a delivery, a fault or a customer less is the same story without them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from perennial_cli.simulation.people import Person
from perennial_cli.simulation.stories import Telling

FORMAT = 1
"""Of the file. A story of another format cannot be performed."""


@dataclass(frozen=True, slots=True)
class Script:
    """`faults` are all that may go wrong, by the name of what it happens to, and `acts` all that people do with their
    messages; None: both are drawn, as the profile says. `deploys`: journeys change somewhere in the middle;
    `rotates`: secrets and keys do.
    """

    seed: int
    shop: int
    days: int
    profile: str
    people: tuple[Person, ...]
    tellings: tuple[Telling, ...]
    faults: Mapping[str, str] | None = None
    acts: frozenset[str] | None = None
    deploys: bool = True
    rotates: bool = True

    @property
    def label(self) -> str:
        return f"{self.seed}:{self.shop}"


def as_document(script: Script) -> dict[str, Any]:
    """What JSON can hold, in the order in which a person would read it."""
    return {
        "format": FORMAT,
        "seed": script.seed,
        "shop": script.shop,
        "days": script.days,
        "profile": script.profile,
        "deploys": script.deploys,
        "rotates": script.rotates,
        "people": [{**asdict(person), "zone": str(person.zone)} for person in script.people],
        "events": [
            {"name": told.name, "at": told.at.isoformat(), "person": told.person.number, "body": told.body}
            for told in script.tellings
        ],
        "faults": None if script.faults is None else dict(script.faults),
        "acts": None if script.acts is None else sorted(script.acts),
    }


class Unreadable(ValueError):
    """A file that holds no story."""


def from_document(told: Any) -> Script:
    """Raises Unreadable."""
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Unreadable(f"this is no story of a simulation in format {FORMAT}")
    try:
        people = {one["number"]: Person(**{**one, "zone": ZoneInfo(one["zone"])}) for one in told["people"]}
        tellings = tuple(_telling(one, people) for one in told["events"])
        faults, acts = told["faults"], told["acts"]
        given = {name: told[name] for name in ("seed", "shop", "days", "profile", "deploys", "rotates")}
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"the story lacks or misspells something: {error}") from error
    told_acts = None if acts is None else frozenset(acts)
    return Script(**given, people=tuple(people.values()), tellings=tellings, faults=faults, acts=told_acts)


def _telling(told: Mapping[str, Any], people: Mapping[int, Person]) -> Telling:
    return Telling(datetime.fromisoformat(told["at"]), people[told["person"]], told["body"], told["name"])


def read_script(text: str) -> Script:
    """Raises Unreadable."""
    try:
        return from_document(json.loads(text))
    except json.JSONDecodeError as error:
        raise Unreadable(f"this is no JSON: {error}") from error
