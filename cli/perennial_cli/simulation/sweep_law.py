"""Law 2, what a sweep may have to mend: timers that were lost, and nothing that we forgot to set."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from perennial_cli.simulation.evidence import Evidence, Tally

EXCUSES = ("timer lost", "timer late", "poison", "poison that kills")
"""What keeps a wake from being worked in time, and is no mistake of ours."""

FOUND_WITHIN = timedelta(days=3)
"""After such a trouble: a sweep looks every hour at first, then more and more seldom, but at least every 27 hours."""


def nothing_forgotten_is_swept(evidence: Evidence, tally: Tally) -> None:
    """The sweep is for timers that were lost, and for lines that stand still at an event that failed and has not been
    worked since: never for what we forgot to set.
    """
    troubles, standing = _troubles(evidence), defaultdict[str, set[str]](set)
    for record in evidence.log.of("fault", "joined", "handled"):
        customer = evidence.root(record["customer"]) if record.get("customer") else ""
        if record["what"] == "fault" and record.get("function") == "advance":
            standing[customer].add(record["event"])
        elif record["what"] == "handled":
            standing[customer].discard(record["event"])
        elif record["what"] == "joined" and record["by"] == "sweep" and record["type"] == "WakeDue":
            known = any(timedelta(0) <= record["at"] - at <= FOUND_WITHIN for at in troubles[customer])
            words = "a sweep had to put back a wake that no fault explains"
            tally.check(known or bool(standing[customer]), words, record, "wakes put back")


def _troubles(evidence: Evidence) -> Mapping[str, list[datetime]]:
    """By customer; of late timers, when they ring."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for record in evidence.log.of("fault", "set aside"):
        if record["what"] == "set aside" or record["kind"] in EXCUSES:
            customer = evidence.root(record["customer"]) if record.get("customer") else ""
            found[customer].append(record["rings"] if "rings" in record else record["at"])
    return found
