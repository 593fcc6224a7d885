"""What a reason is asked with: a touch that ended, what is believed then, and what was heard and claimed until then."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from perennial import events
from perennial.journeys import Journey, Touch
from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.believed import Believed
from perennial_cli.simulation.evidence import Evidence
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.owed_law import order_of
from perennial_cli.simulation.people import Person
from perennial_cli.simulation.words_law import step_of


@dataclass(slots=True)
class Heard:
    """What is known besides beliefs. `claims` are messages that count under the cap, by customer and touch; `claimed`
    are messages by passage and key; `together` the keys of one passage that one commit claimed. `sent` surely were, by
    passage and key: the run that handed them over heard the answer. `repaid` and `declined` once were, and `answered`.
    """

    classes: dict[str, str]
    sent: set[tuple[str, str]]
    forgotten: set[str]
    claims: dict[str, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    claimed: dict[tuple[str, str], str] = field(default_factory=dict)
    together: dict[str, list[set[str]]] = field(default_factory=lambda: defaultdict(list))
    begun: dict[str, datetime] = field(default_factory=dict)
    repaid: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    answered: set[tuple[str, str]] = field(default_factory=set)
    parked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, evidence: Evidence) -> "Heard":
        touches = [touch for records in evidence.touches.values() for touch in records.values()]
        faulty = {record["touch"] for record in evidence.log.of("accepted") if record["run"] in evidence.faulty_runs}
        sent = {(touch.enrolment, touch.key) for touch in touches if touch.state == "sent" and touch.id not in faulty}
        forgotten = {evidence.root(customer) for customer in evidence.erased_at}
        parked = {evidence.root(record["customer"]) for record in evidence.log.of("parked")}
        return cls({touch.id: touch.class_ for touch in touches}, sent, forgotten, parked=parked)

    def note(self, record: Record, beliefs: Beliefs) -> None:
        if record["what"] == "applied":
            self._note_event(record["event"], beliefs)
        elif record["what"] == "claimed":
            self.claimed[f"{record['journey']}:{record['order']}", record["key"]] = record["message"]
            if record["class"] != "transactional":
                self.claims[record["customer"]][record["touch"]] = record["at"]
        else:
            self._note_commit(record)

    def _note_event(self, event: events.Event, beliefs: Beliefs) -> None:
        order = order_of(event) or ""
        money = isinstance(event, (events.OrderEvent, events.OrderRefunded, events.ReturnEvent))
        if money and repaid(beliefs.orders[order]):
            self.repaid.add(order)
        if isinstance(event, (events.ReviewGiven, events.ScoreEvent)):
            self.answered.add((order, event.type))
        if isinstance(event, events.TouchEvent) and event.type == "TouchDeclined":
            self.declined.add(event.enrolment.partition(":")[2])

    def _note_commit(self, record: Record) -> None:
        for enrolment in record["entered"]:
            self.begun.setdefault(enrolment, record["at"])
        found = defaultdict(set)
        for touch in record["touches"]:
            if touch["state"] == "claimed":
                found[touch["enrolment"]].add(touch["key"])
        for enrolment, keys in found.items():
            self.together[enrolment].append(keys)


def repaid(order: Believed) -> bool:
    """By the refunds; or, as shops say it without any, by returns of everything that were all refunded."""
    back = [case for case in order.returns.values() if "ReturnRefunded" in case.stages]
    pieces = {line: sum(case.pieces.get(line, 0) for case in back) for line in order.pieces}
    everything = any(not case.pieces for case in back) or all(pieces[line] >= order.pieces[line] for line in pieces)
    return order.paid_back or (bool(back) and everything)


@dataclass(frozen=True, slots=True)
class Asked:
    """A touch that ended, and what is believed at that moment."""

    touch: Record
    record: Record
    beliefs: Beliefs
    heard: Heard

    @property
    def reason(self) -> str:
        return str(self.touch["reason"] or "")

    @property
    def at(self) -> datetime:
        moment: datetime = self.record["at"]
        return moment

    @property
    def order_id(self) -> str:
        return str(self.touch["enrolment"].partition(":")[2])

    @property
    def order(self) -> Believed:
        return self.beliefs.orders[self.order_id]

    @property
    def part(self) -> str:
        return str(self.touch["key"].partition("/")[2])

    @property
    def journey(self) -> Journey:
        return self.beliefs.evidence.journeys[self.touch["version"]]

    @property
    def step(self) -> Touch:
        return step_of(self.touch, self.beliefs.evidence)[1]

    @property
    def names(self) -> frozenset[str]:
        return self.beliefs.everybody(self.record["customer"])

    @property
    def orders(self) -> Iterator[Believed]:
        return (self.beliefs.orders[name] for one in self.names for name in self.beliefs.orders_of[one])

    @property
    def person(self) -> Person | None:
        emails = (email for name in self.names for email in self.beliefs.addresses[name])
        return next((self.beliefs.evidence.by_address[email] for email in emails), None)

    @property
    def forgotten(self) -> bool:
        """Whether they were, at any time, under whatever name."""
        evidence, person = self.beliefs.evidence, self.person
        known = person is not None and person.number in evidence.forgotten_at
        return known or evidence.root(self.record["customer"]) in self.heard.forgotten

    @property
    def granted(self) -> bool:
        """Whether nothing that the person said is known for sure: they were forgotten once, or are two by now."""
        return self.forgotten or self.person is None or len(self.names) > 1
