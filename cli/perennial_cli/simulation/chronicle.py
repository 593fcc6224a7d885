"""What happened around one customer, in lines that people read: what came in, claims, providers, reports, outcomes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial_cli.simulation.evidence import Evidence
from perennial_cli.simulation.log import Record


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    words: str

    def as_document(self) -> dict[str, str]:
        return {"at": self.at.isoformat(), "what": self.words}


def chronicle(evidence: Evidence, customer: str | None) -> list[Moment]:
    """In the order in which it was seen, without what only others were concerned by."""
    moments = []
    for record in evidence.log.records:
        if record.get("customer") in (None, customer):
            words = WORDS.get(record["what"], _nothing)(record)
            moments += [Moment(record["at"], words)] if words else []
    return moments


def outcomes(evidence: Evidence, customer: str | None) -> list[dict[str, Any]]:
    """How each touch ended, or where it stands, with its reason."""
    held = evidence.touches.get(customer or "", {}).values()
    return [
        {"touch": f"{touch.journey}/{touch.key}", "id": touch.id, "state": touch.state, "reason": touch.reason,
         "at": touch.at.isoformat()}
        for touch in sorted(held, key=lambda touch: (touch.at, touch.id))
    ]  # fmt: skip


def _nothing(record: Record) -> str:
    return ""


def _webhook(record: Record) -> str:
    became = f", {record['told']['outcome']}" if record["told"] else ""
    return f"webhook {record['delivery']}: {record['type']}, answered {record['status']}{became}"


def _joined(record: Record) -> str:
    again = "" if record["new"] else ", which has it already"
    return f"{record['type']} joins the {record['lane']} line{again}"


def _handled(record: Record) -> str:
    told = record["told"]
    why = f": {told['reason']}" if told.get("reason") else ""
    return f"{record['type']} is {told['outcome']}{why}"


def _committed(record: Record) -> str:
    told = [f"{name} is entered" for name in record["entered"]]
    told += [f"touch {end['touch']} is {end['state']}" for end in record["ended"]]
    return "; ".join(told)


def _claimed(record: Record) -> str:
    return f"claim of {record['touch']}: {record['class']} {record['message']} by {record['channel']}"


def _accepted(record: Record) -> str:
    return f"the provider takes {record['touch']} as {record['provider_id']}"


def _report(record: Record) -> str:
    return f"the provider reports {record['type']} of {record['provider_id']}: {record['told']['outcome']}"


def _fault(record: Record) -> str:
    where = f" in {record['call']}" if "call" in record else ""
    return f"! {record['kind']}{where} ({record['name']})"


def _failed(record: Record) -> str:
    return f"{record['function']} fails: {record['reason']}"


def _visit(record: Record) -> str:
    return f"{record['method']} of page {record['page']}: {record['status']}"


WORDS: Mapping[str, Callable[[Record], str]] = {
    "webhook": _webhook,
    "joined": _joined,
    "handled": _handled,
    "committed": _committed,
    "claimed": _claimed,
    "accepted": _accepted,
    "report": _report,
    "fault": _fault,
    "failed": _failed,
    "visit": _visit,
    "parked": lambda record: f"{record['kind']} {record['id']} is parked: {record['reason']}",
    "unparked": lambda record: f"{record['kind']} {record['id']} is put back",
    "act": lambda record: f"somebody: {record['name']}",
    "refused": lambda record: f"{record['function']} refuses it: {record['status']}",
    "forgery": lambda record: f"a forged webhook {record['delivery']}: {'taken' if record['taken'] else 'refused'}",
    "died": lambda record: f"{record['function']} dies",
    "ring": lambda record: "the timer rings",
    "set aside": lambda record: "a message is set aside, after twenty tries",
    "redriven": lambda record: f"a person puts {record['messages']} messages back",
    "deployed": lambda record: "a deploy",
}


def lines(moments: list[Moment], until: datetime) -> Iterator[str]:
    return (f"{moment.at:%Y-%m-%d %H:%M:%S}  {moment.words}" for moment in moments if moment.at <= until)
