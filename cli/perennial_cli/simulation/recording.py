"""What `--log` writes: the shop as it is, all that happened, and how everything ended: enough to check laws with."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, TextIO

from perennial import events
from perennial_cli.simulation.evidence import Evidence
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.scripts import Script

POLICIES = {"time_zone", "country", "quiet_hours", "send_hour", "cap", "promise", "consent", "order_age_limit_days"}
"""What the store asks of every message, as its file says it, defaults written out."""


def write_log(file: TextIO, script: Script, evidence: Evidence) -> None:
    """One line of JSON each. `world` tells apart what was simulated apart; `n` counts the lines of a world."""
    for number, record in enumerate((*_beginning(script, evidence), *evidence.log.records, *_ending(evidence))):
        line = {"world": script.label, "n": number, **record}
        file.write(json.dumps(line, default=_plain, ensure_ascii=False) + "\n")


def _beginning(script: Script, evidence: Evidence) -> Iterator[Record]:
    at = min((record["at"] for record in evidence.log.records), default=evidence.ends)
    store = evidence.store
    run = {"seed": script.seed, "shop": script.shop, "days": script.days, "faults": script.profile}
    policies = store.model_dump(mode="json", include=POLICIES)
    journeys = {version: journey.model_dump(mode="json") for version, journey in evidence.journeys.items()}
    yield {"at": at, "what": "shop", **run, "store": store.store, **policies, "journeys": journeys}
    for person in script.people:
        yield {"at": at, "what": "person", **asdict(person)}


def _ending(evidence: Evidence) -> Iterator[Record]:
    at = evidence.ends
    for name, held in evidence.customers.items():
        wake = held.profile.wake.at if held.profile.wake is not None else None
        told = {"customer": name, "is_now": evidence.root(name), "enrolments": sorted(held.enrolments), "wake": wake}
        yield {"at": at, "what": "customer", **told}
        whole = name == told["is_now"]  # whoever became another has their touches told there
        for touch in evidence.touches[name].values() if whole else ():
            ended = {"customer": name, "touch": touch.id, "enrolment": touch.enrolment, "key": touch.key}
            yield {"at": at, "what": "touch", **ended, "state": touch.state, "since": touch.at, "reason": touch.reason}
    yield {"at": at, "what": "left", "in_queues": evidence.waiting, "parked": sorted(evidence.parked)}


def _plain(value: Any) -> Any:
    if isinstance(value, events.Event):
        return json.loads(events.to_json(value))
    return value.isoformat() if isinstance(value, datetime) else str(value)
