"""What happened in a shop and went wrong with it, counted by name: a law that nothing was asked of has not held.

The log is read once. Names are words for people: `table throttled`, `timer lost`, `applied ErasureRequested`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from perennial_cli.simulation.log import Log, Record
from perennial_cli.simulation.pages_law import read_token

POISONS = {"poison": "customer poisoned", "poison that kills": "customer whose events kill"}
"""One customer's bad days are many faults, and one of these."""

OFF = timedelta(milliseconds=300)
"""Beyond what calls take: a claim that is dated so far from its commit was made by a clock that is off."""


def happened(log: Log) -> Counter[str]:
    found, committed = Counter[str](), log.records[0] if log.records else {}
    for record in log.records:
        for name in NAMES.get(record["what"], _nothing)(record):
            found[name] += 1
        if record["what"] == "committed":
            committed = record
        elif record["what"] == "claimed" and abs(record["at"] - committed["at"]) > OFF:
            found["clock ahead" if record["at"] > committed["at"] else "clock behind"] += 1
    struck = {(record["kind"], record["name"]) for record in log.of("fault") if record["kind"] in POISONS}
    found.update(POISONS[kind] for kind, _ in sorted(struck))
    return found


def _nothing(record: Record) -> Iterator[str]:
    yield from ()


def _fault(record: Record) -> Iterator[str]:
    yield record["kind"]
    if "service" in record:
        yield f"{record['service']} {record['kind']}"


def _visit(record: Record) -> Iterator[str]:
    if record["forged"]:
        yield "link that nobody signed"
        return
    pressed = record["method"] == "POST"
    button = f" {record['button'].partition(':')[0]}".rstrip()
    yield f"page {record['page']} pressed{button}" if pressed else f"page {record['page']} looked at"
    if record["status"] == 410:
        yield "link that has ended"
    if read_token(record["token"])["key"] > 1:
        yield "link of the newer key"


def _webhook(record: Record) -> Iterator[str]:
    yield f"webhook by {record['secret']}"
    if record["status"] != 200:
        yield "webhook that failed"


def _report(record: Record) -> Iterator[str]:
    yield f"word of {record['type']}{' by a machine' if record.get('machine') else ''}"


def _handled(record: Record) -> Iterator[str]:
    yield f"event {record['told']['outcome']}"


def _swept(record: Record) -> Iterator[str]:
    if any(told.get("waiting") for told in record["told"]):
        yield "parked, counted by a sweep"


def _joined(record: Record) -> Iterator[str]:
    if record["by"] == "sweep":
        yield "wake put back by a sweep"
    elif not record["new"]:
        yield "event that was in line already"


NAMES: Mapping[str, Callable[[Record], Iterator[str]]] = {
    "fault": _fault,
    "visit": _visit,
    "webhook": _webhook,
    "report": _report,
    "handled": _handled,
    "swept": _swept,
    "joined": _joined,
    "applied": lambda record: iter((f"applied {record['event'].type}",)),
    "accepted": lambda record: iter((f"{record['class']} by {record['channel']}",)),
    "forgery": lambda record: iter(("forged webhook",)),
    "refused": lambda record: iter(("webhook refused",)),
    "merged": lambda record: iter(("two customers became one",)),
    "parked": lambda record: iter((f"{record['kind']} parked",)),
    "unparked": lambda record: iter((f"{record['kind']} put back",)),
    "set aside": lambda record: iter(("message set aside",)),
    "redriven": lambda record: iter(("messages redriven",)),
    "deployed": lambda record: iter(("deploy",)),
    "died": lambda record: iter((f"{record['function']} died",)),
}
