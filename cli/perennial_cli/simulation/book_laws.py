"""Laws 2, 8, 11 and 12: whether the books close, costs, logs and opens."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from perennial.customer import touch_id
from perennial.journeys import MILESTONES, Journey, Touch
from perennial_cli.simulation.believed import LONG_AGO
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.load_law import load_is_what_lives
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.parked_law import nothing_hides
from perennial_cli.simulation.people import MARK
from perennial_cli.simulation.restore_law import is_explained
from perennial_cli.simulation.sweep_law import nothing_forgotten_is_swept

OUTCOMES = ("sent", "skipped", "expired", "failed", "unconfirmed")
"""Spelt out here, as what a journey promises is: the doctor asks the engine, which is what is on trial here."""

OVERDUE = timedelta(days=3)
"""A wake that is later than this was lost, and no sweep has found it."""

STILL_COMING = timedelta(hours=60)
"""How late the news of an order may be that later news of it waits for; at the end it may be on its way still."""

MERGES = 60
"""Calls that uniting two customers may add to one event, whatever their history: addresses, live orders, wakes."""

PERSONAL = re.compile(rf"{MARK}|@example|\+\d{{9,}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Owed:
    """A touch that somebody entered: by the journey's own words, or because the table tells of it."""

    store: str
    customer: str
    enrolment: str
    touch: str


def balance(evidence: Evidence) -> Counter[str]:
    """entered = sent + skipped + expired + failed + unconfirmed + waiting, and `lost` where it does not close."""
    found: Counter[str] = Counter()
    for owed in _owed(evidence):
        found["entered"] += 1
        found[_state(owed, evidence)] += 1
    return found


def _owed(evidence: Evidence) -> Iterator[Owed]:
    store, seen = evidence.store.store, set()
    for record in evidence.log.of("committed"):
        customer = evidence.root(record["customer"])
        told = [(touch["enrolment"], touch["touch"]) for touch in record["touches"]]
        for enrolment, begun in record["entered"].items():
            names = _promised(evidence.journeys[begun["version"]])
            told += [(enrolment, touch_id(store, enrolment, name)) for name in names]
        for enrolment, touch in told:
            if (customer, touch) not in seen:
                seen.add((customer, touch))
                yield Owed(store, customer, enrolment, touch)


def _promised(journey: Journey) -> list[str]:
    """Touches that hang on what every order should reach, and so must end one way or another."""
    return [step.touch for step in journey.touches if step.per is None and _anchors(step, journey) & set(MILESTONES)]


def _anchors(step: Touch, journey: Journey) -> set[str]:
    names = {moment.anchor for moment in step.after.moments}
    own = {name: {moment.anchor for moment in when.moments} for name, when in journey.anchors.items()}
    return {anchor for name in names for anchor in own.get(name, {name})}


def _state(owed: Owed, evidence: Evidence) -> str:
    record = evidence.touches.get(owed.customer, {}).get(owed.touch)
    if record is not None and record.state in OUTCOMES:
        return record.state
    held = evidence.customers[owed.customer]
    wake = held.profile.wake
    ahead = owed.enrolment in held.enrolments and wake is not None and wake.at > evidence.ends - OVERDUE
    return "waiting" if ahead else "lost"


def nothing_lost(evidence: Evidence) -> Tally:
    """Law 2: what was taken is applied or parked, every touch ends once, every doubt has its fault."""
    tally = Tally(2)
    _check_deliveries(evidence, tally)
    for owed in _owed(evidence):
        told = {"customer": owed.customer, "at": evidence.ends}
        tally.check(
            _state(owed, evidence) != "lost",
            f"touch {owed.touch} of {owed.enrolment} has no outcome and no wake",
            told,
            "touches owed",
        )
    tally.check(evidence.waiting == 0, f"{evidence.waiting} messages are left in queues", {"at": evidence.ends})
    for record in evidence.log.of("failed"):
        tally.check(
            record["foreseen"], f"{record['function']} failed by itself: {record['reason']}", record, "failures"
        )
    _check_ends(evidence, tally)
    nothing_forgotten_is_swept(evidence, tally)
    nothing_hides(evidence, tally)
    return tally


def _check_deliveries(evidence: Evidence, tally: Tally) -> None:
    given_up = {told["id"] for told in evidence.log.of("parked") if _is_given_up(told, evidence)}
    without = _without_their_order(given_up, evidence)
    ended = {(record["event"], record["customer"]) for record in evidence.log.of("handled")}
    applied = {record["event"].id for record in evidence.log.of("applied")}
    refused = {record["run"] for record in evidence.log.of("refused")}
    lines = {record["run"] for record in evidence.log.of("joined", "parked")}
    for record in evidence.log.of("forgery"):
        left = record["taken"] or record["run"] in lines
        tally.check(not left, "what the shop has not signed was taken", record, "forged webhooks")
    for record in evidence.log.of("webhook"):
        tally.check(record["run"] not in refused, f"a genuine {record['type']} was refused", record, "genuine webhooks")
        if record["status"] == 200:
            name, unread = record["told"]["event_id"], record["told"]["event_type"] == "unreadable"
            waits = unread or record["person"] in without or record["at"] > evidence.ends - STILL_COMING
            kept = name in applied | given_up or (waits and name in evidence.parked)
            safe = kept or _is_purged(record, evidence)
            tally.check(safe, f"{record['type']} was taken and never applied", record, "webhooks taken")
    for record in evidence.log.of("joined"):
        if record["new"]:
            left = (record["event"], record["customer"]) in ended
            tally.check(left, f"{record['type']} joined a line and never left it", record, "events in line")


def _without_their_order(given_up: set[str], evidence: Evidence) -> set[int]:
    """People of whom an event was given up when they were forgotten: an order that nobody knows has news that wait."""
    told = (record for record in evidence.log.of("webhook") if record["status"] == 200)
    return {record["person"] for record in told if record["told"]["event_id"] in given_up}


def _is_given_up(parked: Record, evidence: Evidence) -> bool:
    """Whether whoever it concerned was forgotten while it lay there."""
    return any(at >= parked["at"] for at in evidence.erased_at.get(parked["customer"], ()))


def _is_purged(record: Record, evidence: Evidence) -> bool:
    """Whether it was parked unread, and gone when the person whom it names was forgotten."""
    forgotten = evidence.forgotten_at.get(record["person"])
    unread = record["told"]["event_type"] == "unreadable"
    return unread and forgotten is not None and record["at"] <= forgotten


def _in_doubt(evidence: Evidence) -> set[str]:
    """Touches with a claim whose run met a fault from its commit on; one message may speak for several touches."""
    struck = {fault["run"]: fault["at"] for fault in evidence.log.of("fault") if "run" in fault}
    return {
        touch["touch"]
        for record in evidence.log.of("committed")
        for touch in record["touches"]
        if touch["state"] == "claimed" and struck.get(record["run"], LONG_AGO) >= record["at"]
    }


def _check_ends(evidence: Evidence, tally: Tally) -> None:
    """No hiding place: doubt and failure come from faults that the log tells of; what was sent was accepted."""
    doubtful, taken = _in_doubt(evidence), Counter[str]()
    for record in evidence.log.of("accepted"):
        taken[record["touch"]] += 1
    for customer, records in evidence.touches.items():
        for touch in records.values():
            told = {"customer": customer, "at": touch.at}
            if touch.state == "unconfirmed":
                faulty = touch.id in doubtful or is_explained(touch, evidence)
                tally.check(faulty, f"touch {touch.id} is unconfirmed, and nothing went wrong", told, "doubts")
            if touch.state == "failed":
                tally.check(False, f"touch {touch.id} failed: {touch.reason}", told)
            if touch.state == "sent":
                tally.check(
                    taken[touch.id] > 0, f"touch {touch.id} is called sent, and nobody took it", told, "touches sent"
                )


def old_cost_what_new_do(evidence: Evidence) -> Tally:
    """Law 8: calls per event have one bound for everybody, and what one load brings is what is alive."""
    tally = Tally(8)
    for record in evidence.log.of("handled"):
        if (
            record["run"] in evidence.faulty_runs
            or record["told"]["outcome"] == "forwarded"
            or "emptied" in record["told"]
        ):
            continue
        merging = MERGES if record["run"] in evidence.merging_runs else _names(record["customer"], evidence)
        most = 7 + 3 * len(record["told"].get("claimed", ())) + merging
        tally.check(
            record["calls"] <= most, f"{record['calls']} calls for one {record['type']}", record, "calls of an event"
        )
    for customer, held in evidence.customers.items():
        load_is_what_lives(customer, held, evidence, tally)
    return tally


def _names(customer: str, evidence: Evidence) -> int:
    """Under how many names an archived order may lie: each is one look more."""
    held = evidence.customers.get(customer)
    return len(held.profile.merged) if held is not None else 0


def logs_hold_ids(evidence: Evidence) -> Tally:
    """Law 11: everything that a function would log, searched for what is personal."""
    tally = Tally(11)
    for record in evidence.log.of("webhook", "handled", "report", "failed", "swept", "visit"):
        said = record["reason"] if record["what"] == "failed" else record["told"]
        found = PERSONAL.search(str(said))
        tally.check(found is None, f"a log line of {record['what']} holds {found[0] if found else ''}…", record)
    return tally


def opens_are_hints(evidence: Evidence) -> Tally:
    """Law 12: from an open or a machine's click, nothing joins any line."""
    tally = Tally(12)
    joined: Counter[Any] = Counter(record["run"] for record in evidence.log.of("joined"))
    for record in evidence.log.of("report"):
        if record["type"] == "Open" or record.get("machine"):
            tally.check(joined[record["run"]] == 0, f"an event came from a report of {record['type']}", record)
    return tally
