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

SAYS, BUTTONS = "uwnr", ("rest", "resume", "skip", "want", "request", "confirm")
"""Pages on which every press says something, and buttons of others that do. To save may change nothing; to declare a
withdrawal only shows it once more.
"""

TOO_LATE = {("p", 409), ("x", 422)}
"""How a press is answered that came too late: what it skips has gone out, what it sends back is on its way already."""


def get_changes_nothing(evidence: Evidence) -> Tally:
    tally = Tally(10)
    joined: Counter[Any] = Counter(record["run"] for record in evidence.log.of("joined"))
    for record in evidence.log.of("visit"):
        if record["forged"]:
            continue
        if record["method"] == "POST":
            told = len(record["told"]["events"])
            tally.check(joined[record["run"]] == told, "a press was answered, and told to no line", record, "presses")
            _check_press(record, told, evidence, tally)
        else:
            tally.check(
                joined[record["run"]] == 0, f"an event came from a {record['method']}", record, record["method"]
            )
            tally.check(
                not record["changed"], f"a {record['method']} of page {record['page']} changed something", record
            )
        _check_status(record, evidence, tally)
    return tally


def _check_press(record: Record, told: int, evidence: Evidence, tally: Tally) -> None:
    """What a button says is told; whoever is forgotten has nothing to say any more."""
    page, button = record["page"], record["button"].partition(":")[0]
    if record["status"] != 200:
        tally.check(not told, f"a press was answered {record['status']}, and told all the same", record)
    elif (page in SAYS or button in BUTTONS) and not _gone(record, evidence):
        tally.check(
            told > 0,
            f"a press of {button or 'the button'} on page {page} was told to nobody",
            record,
            "presses that say something",
        )


def _gone(record: Record, evidence: Evidence) -> bool:
    customer = read_token(record["token"])["customer"]
    return any(evidence.erased_at.get(name) for name in (customer, evidence.root(customer)))


def _check_status(record: Record, evidence: Evidence, tally: Tally) -> None:
    """Whoever is forgotten has nothing to look at, but can leave; a link is as good as new until it ends."""
    page, link, status = record["page"], read_token(record["token"]), record["status"]
    if page == "u":
        words = (
            f"one click to leave was answered {status}" if record["method"] == "POST" else f"the way out is {status}"
        )
        tally.check(status == 200, words, record)
        return
    gone = _gone(record, evidence)
    late = record["method"] == "POST" and (page, status) in TOO_LATE
    young = page in FOR_EVER or record["at"].date() - link["issued"] <= AT_LEAST
    tally.check(status == 200 or late or (status == 410 and (gone or not young)), f"page {page} is {status}", record)


def read_token(token: str) -> dict[str, Any]:
    """What anybody can read in a link: the key that signed it, whose it is, in which message, and since when."""
    raw = base64.urlsafe_b64decode(token)
    issued = date(2020, 1, 1) + timedelta(days=int.from_bytes(raw[19:21], "big"))
    whose = {"customer": base64.b32encode(raw[3:13]).decode().lower(), "touch": raw[13:19].hex()}
    return {"key": raw[0], **whose, "issued": issued}
