"""Law 2, what a sweep may have to mend: timers that were lost, and nothing that we forgot to set."""

from collections import defaultdict
from datetime import datetime, timedelta

from perennial_cli.simulation.evidence import Evidence, Tally

EXCUSES = ("timer lost", "timer late", "poison", "poison that kills")
"""What keeps a wake from being worked in time, and is no mistake of ours."""

STANDS = timedelta(minutes=70)
"""How long a line stands still at an event that fails, try by try, until it is set aside."""

FOUND_WITHIN = timedelta(days=3)
"""After such a trouble: a sweep looks every hour at first, then more and more seldom, but at least every 27 hours."""


def nothing_forgotten_is_swept(evidence: Evidence, tally: Tally) -> None:
    """The sweep is for timers that were lost, and for lines that stood still: never for what we forgot to set."""
    troubles: dict[str, list[datetime]] = defaultdict(list)
    stood: dict[str, list[datetime]] = defaultdict(list)
    for record in evidence.log.of("fault", "set aside"):
        customer = evidence.root(record["customer"]) if record.get("customer") else ""
        if record["what"] == "set aside" or record["kind"] in EXCUSES:
            troubles[customer].append(record["rings"] if "rings" in record else record["at"])
        elif record.get("function") == "advance":
            stood[customer].append(record["at"])
    for record in evidence.log.of("joined"):
        if record["by"] == "sweep" and record["type"] == "WakeDue":
            customer = evidence.root(record["customer"])
            known = any(timedelta(0) <= record["at"] - at <= FOUND_WITHIN for at in troubles[customer])
            known = known or any(timedelta(0) <= record["at"] - at <= STANDS for at in stood[customer])
            tally.check(known, "a sweep had to put back a wake that no fault explains", record, "wakes put back")
