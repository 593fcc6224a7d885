"""Law 3, what stops and stays stopped: reports that forbid are heard, whoever is forgotten is, and has left."""

from collections import Counter, defaultdict
from datetime import datetime

from perennial import events
from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.believed import NEVER
from perennial_cli.simulation.book_laws import PERSONAL
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record

COME_BACK = frozenset({"preferences", "undo", "keyword", "double-opt-in", "checkout", "form"})
"""Where somebody speaks for themselves, or a shop says that they did so at a purchase: after an erasure nothing else is
a yes, an order's box no more than an import."""


def forgotten_is_forgotten(evidence: Evidence, tally: Tally) -> None:
    _check_reports(evidence, tally)
    _check_remains(evidence, tally)
    _check_who_came_back(evidence, tally)


def _check_reports(evidence: Evidence, tally: Tally) -> None:
    """What a provider reports against a message changes what is sent: it reaches its customer, and is applied."""
    joined: Counter[int] = Counter(record["run"] for record in evidence.log.of("joined"))
    known = {record["event"].id for record in evidence.log.of("applied")}
    known |= {record["id"] for record in evidence.log.of("parked")}
    for record in evidence.log.of("report"):
        if record["type"] == "Complaint" or record.get("for_good"):
            heard = joined[record["run"]] > 0 or record["told"]["outcome"] == "unknown touch"
            tally.check(heard, f"a {record['type']} was reported, and told to no line", record)
    for record in evidence.log.of("joined"):
        if record["new"] and record["type"] != "WakeDue":
            tally.check(record["event"] in known, f"{record['type']} joined a line and was never applied", record)


def _check_remains(evidence: Evidence, tally: Tally) -> None:
    """Nothing personal is left in the table of whoever was forgotten, once all is over."""
    for customer, remains in evidence.remains.items():
        found = PERSONAL.search(remains)
        words = (
            f"of somebody forgotten there is still {remains[max(0, found.start() - 40) : found.end()]}" if found else ""
        )
        tally.check(found is None, words, {"customer": customer, "at": evidence.ends})


def _check_who_came_back(evidence: Evidence, tally: Tally) -> None:
    """Whoever was forgotten had left: nothing goes to that address but what is needed, until they ask for it."""
    left: dict[str, datetime] = {}
    beliefs, oldest = Beliefs(evidence), defaultdict[str, datetime](lambda: NEVER)
    for record in evidence.log.of("applied", "claimed", "merged"):
        if record["what"] == "merged":
            beliefs._unite(record["winner"], record["loser"])
        elif record["what"] == "applied":
            _note_leaving(record, left, oldest)
            beliefs.hear(record["customer"], record["event"])
        elif record["class"] != "transactional" and record["to"] in left:
            at, state, source = beliefs.word(record["customer"], record["channel"], record["class"])
            asked = state == "given" and source in COME_BACK and at > left[record["to"]]
            words = f"{record['class']} {record['message']} to somebody who left, and asked for nothing since"
            tally.check(asked, words, record)


def _note_leaving(record: Record, left: dict[str, datetime], oldest: dict[str, datetime]) -> None:
    """A request counts for those of whom something is known from before it; an earlier life has answered others."""
    event, customer = record["event"], record["customer"]
    if not isinstance(event, events.PrivacyEvent):
        oldest[customer] = min(oldest[customer], event.happened_at)
    elif oldest[customer] <= event.happened_at and event.contact.email:
        left[event.contact.email] = max(event.happened_at, left.get(event.contact.email, event.happened_at))
