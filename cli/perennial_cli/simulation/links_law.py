"""Law 10, links that must open nothing: those that have ended, those that were tampered with."""

from collections import Counter
from datetime import timedelta

from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.pages_law import read_token

DAYS = {"p": 90, "o": 180, "r": 60, "s": 180, "x": 180, "n": 60}
"""How long the link to each page works (docs/pages.md); the others work for ever."""


def links_end(evidence: Evidence, tally: Tally) -> None:
    joined: Counter[int] = Counter(record["run"] for record in evidence.log.of("joined"))
    for record in evidence.log.of("visit"):
        page, status = record["page"], record["status"]
        if record["forged"]:
            opened = status != 404 or joined[record["run"]] or record["changed"]
            tally.check(not opened, f"a link to page {page} that nobody signed was answered {status}", record)
        elif page in DAYS:
            age = record["at"].date() - read_token(record["token"])["issued"]
            over, alive = age > timedelta(days=DAYS[page] + 1), age < timedelta(days=DAYS[page])
            tally.check(not (over and status == 200), f"page {page} is open after {age.days} days", record)
            tally.check(
                not alive or _gone(record, evidence) or status != 410,
                f"page {page} has ended after {age.days} days",
                record,
            )


def _gone(record: Record, evidence: Evidence) -> bool:
    customer = read_token(record["token"])["customer"]
    return any(evidence.erased_at.get(name) for name in (customer, evidence.root(customer)))
