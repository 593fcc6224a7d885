"""Law 10: looking tells no line anything and changes nothing; a press says what it says; old links open their pages."""

import base64
from collections import Counter
from datetime import date, timedelta
from typing import Any

from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record

AT_LEAST = timedelta(days=59)
"""How long every page can be opened, at the least (docs/guides): the shortest-lived are open for 60 days."""

FOR_EVER = "uw"
"""Leaving, and saying that it was never meant for me."""


def get_changes_nothing(evidence: Evidence) -> Tally:
    tally = Tally(10)
    joined: Counter[Any] = Counter(record["run"] for record in evidence.log.of("joined"))
    for record in evidence.log.of("visit"):
        if record["method"] == "POST":
            told = len(record["told"]["events"])
            tally.check(joined[record["run"]] == told, "a press was answered, and told to no line", record)
        else:
            tally.check(joined[record["run"]] == 0, f"an event came from a {record['method']}", record)
            tally.check(
                not record["changed"], f"a {record['method']} of page {record['page']} changed something", record
            )
        _check_status(record, evidence, tally)
    return tally


def _check_status(record: Record, evidence: Evidence, tally: Tally) -> None:
    """Whoever is forgotten has nothing to look at, but can leave; a link is as good as new until it ends."""
    page, link, status = record["page"], read_token(record["token"]), record["status"]
    if page == "u":
        words = (
            f"one click to leave was answered {status}" if record["method"] == "POST" else f"the way out is {status}"
        )
        tally.check(status == 200, words, record)
        return
    gone = bool(evidence.erased_at.get(link["customer"]))
    young = page in FOR_EVER or record["at"].date() - link["issued"] <= AT_LEAST
    tally.check(status == 200 or (status == 410 and (gone or not young)), f"page {page} is {status}", record)


def read_token(token: str) -> dict[str, Any]:
    """What anybody can read in a link: the key that signed it, whose it is, and since when."""
    raw = base64.urlsafe_b64decode(token)
    issued = date(2020, 1, 1) + timedelta(days=int.from_bytes(raw[19:21], "big"))
    return {"key": raw[0], "customer": base64.b32encode(raw[3:13]).decode().lower(), "issued": issued}
