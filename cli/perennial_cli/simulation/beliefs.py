"""What may be known of people and orders at any moment, from the events that were applied until then.

A second opinion about the facts, made as simply as possible and from nothing but the events themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perennial import events
from perennial_cli.simulation.believed import LONG_AGO, NEVER, Believed
from perennial_cli.simulation.evidence import Evidence
from perennial_cli.simulation.log import Record

BOX = "box"
"""The source of a yes of which only an order's box tells; weighs less than any word, whatever its time."""

OWN_WORDS = ("preferences", "undo", "keyword", "double-opt-in")
STRICTNESS = ("silent", "absent", "given", "pending", "withdrawn")
NEVER_ASKED = (LONG_AGO, LONG_AGO)
CLASSES: tuple[Literal["feedback"], Literal["marketing"]] = ("feedback", "marketing")


@dataclass(slots=True)
class Beliefs:
    """People go by their number and address: whoever is erased and comes back is still the same one, and whoever orders
    under two addresses is two until a merge is seen. From then on what either said or did is both's.
    """

    evidence: Evidence
    orders: dict[str, Believed] = field(default_factory=lambda: defaultdict(Believed))
    orders_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    words: dict[tuple[str, str, str], tuple[datetime, str, str]] = field(default_factory=dict)
    complained: dict[str, datetime] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    clicked: dict[str, datetime] = field(default_factory=dict)
    rests: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    wishes: dict[tuple[str, str], tuple[datetime, bool]] = field(default_factory=dict)
    addresses: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    selves: dict[str, frozenset[str]] = field(default_factory=dict)
    parked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    oldest: dict[str, datetime] = field(default_factory=dict)

    def replay(self, *whats: str) -> Iterator[Record]:
        """Each claim, or each record of these kinds, with the beliefs as they stand when it is written."""
        wanted = whats or ("claimed",)
        for record in self.evidence.log.of("applied", "parked", "unparked", "merged", *wanted):
            if record["what"] == "merged":
                self._unite(record["winner"], record["loser"])
            elif record["what"] == "applied":
                self.hear(record["customer"], record["event"])
            elif record["what"] == "parked":
                self.parked[record["customer"]].add(record["id"])
            elif record["what"] == "unparked":
                self.parked[record["customer"]].discard(record["id"])
            if record["what"] in wanted:
                yield record

    def hear(self, customer: str, event: events.Event) -> None:
        contact = getattr(event, "contact", None) or getattr(getattr(event, "order", None), "contact", None)
        if contact is not None and contact.email in self.evidence.by_address:
            self.addresses[customer].add(contact.email)
        if not isinstance(event, (events.WakeDue, events.PrivacyEvent)):
            self.oldest[customer] = min(self.oldest.get(customer, event.happened_at), event.happened_at)
        self._hear_order(customer, event)
        self._hear_person(customer, event)
        self._hear_wish(customer, event)

    def _hear_order(self, customer: str, event: events.Event) -> None:
        at = event.happened_at
        if isinstance(event, events.OrderEvent):
            self._hear_snapshot(customer, event)
        elif isinstance(event, events.OrderRefunded) and event.refund.settled:
            self.orders[event.order_id].refunds[event.refund.id] = event.refund
        elif isinstance(event, events.ReturnEvent):
            case = self.orders[event.order_id].returns[event.return_id]
            case.stages.add(event.type)
            case.since = min(case.since, at)
            case.pieces = {part.line_id: part.quantity for part in event.lines} or case.pieces
        elif isinstance(event, events.ScoreEvent):
            order = self.orders[event.order_id]
            self.orders_of[customer].add(event.order_id)
            if event.type == "ScoreSettled":
                order.settled_at = max(order.settled_at, at)
            elif event.score is not None:
                order.score = max(order.score, (at, event.score))
        elif isinstance(event, events.ShipmentEvent):
            self._hear_parcel(self.orders[event.order_id], event)

    def _hear_parcel(self, order: Believed, event: events.ShipmentEvent) -> None:
        parcel, at = event.parcel, event.happened_at
        if parcel.estimated_delivery is not None:
            held = order.estimates.get(parcel.id, (LONG_AGO, LONG_AGO))
            order.estimates[parcel.id] = max(held, (at, parcel.estimated_delivery))
        if event.type == "ShipmentShipped":
            order.loads[parcel.id] = {part.line_id: part.quantity for part in parcel.lines}
        else:
            order.heard_of.add(parcel.id)
        if event.type == "ShipmentDelivered":
            order.delivered[parcel.id] = min(at, order.delivered.get(parcel.id, at))

    def _hear_snapshot(self, customer: str, event: events.OrderEvent) -> None:
        told, order = event.order, self.orders[event.order.id]
        self.orders_of[customer].add(told.id)
        order.total = float(told.total) if told.total is not None else order.total
        order.currency = told.currency or order.currency
        order.placed_at = told.placed_at or order.placed_at
        weightless = {line.id for line in told.lines if line.gift_card or not line.requires_shipping}
        order.pieces = {line.id: line.quantity for line in told.lines if line.id not in weightless} or order.pieces
        order.weightless |= weightless
        order.cancelled = order.cancelled or event.type == "OrderCancelled" or told.cancelled_at is not None
        if told.accepts_marketing and told.channel in (None, "web"):  # elsewhere there was no box
            at = min(told.placed_at or event.happened_at, event.happened_at)
            for class_ in CLASSES:
                self._say(customer, "email", class_, (at, "given", BOX))

    def everybody(self, customer: str) -> frozenset[str]:
        """All the customers that this one has turned out to be by now."""
        return self.selves.get(customer, frozenset({customer}))

    def _told_as(self, customer: str) -> set[str]:
        """Under which addresses they are known; a name of its own where there is none."""
        return {address for name in self.everybody(customer) for address in self.addresses[name]} or {customer}

    def _unite(self, winner: str, loser: str) -> None:
        """The stricter word of either counts for both from here on, and a complaint to either is one of both."""
        halves = [self._told_as(winner), self._told_as(loser)]
        whole = self.everybody(winner) | self.everybody(loser)
        self.selves |= dict.fromkeys(whole, whole)
        for channel, class_ in {topic[1:] for topic in self.words}:
            said = [self.words.get((name, channel, class_)) for half in halves for name in half]
            known = [word for word in said if word is not None]
            if known:
                strictest = max(known, key=lambda word: (STRICTNESS.index(word[1]), _weight(word)))
                alike = [word for word in known if (word[2] == BOX) == (strictest[2] == BOX)]
                dated = (max(at for at, _, _ in alike), *strictest[1:])
                self.words |= {(name, channel, class_): dated for name in self._told_as(winner)}
        complaints = [self.complained[name] for half in halves for name in half if name in self.complained]
        if complaints:
            self.complained |= dict.fromkeys(self._told_as(winner), max(complaints))

    def _hear_person(self, customer: str, event: events.Event) -> None:
        at = event.happened_at
        if isinstance(event, events.ConsentEvent) and event.type != "ConsentAbsent":
            state = event.type.removeprefix("Consent").lower()
            for class_ in event.classes:
                self._say(customer, event.channel, class_, (at, state, event.source))
        elif isinstance(event, events.MessageComplained):
            moments = {name: max(at, self.complained.get(name, LONG_AGO)) for name in self._told_as(customer)}
            self.complained |= moments
            for class_ in CLASSES:
                self._say(customer, event.channel, class_, (at, "withdrawn", "complaint"))
        elif isinstance(event, events.AddressEvent):
            self.dead.add(event.address)
        elif isinstance(event, events.LinkClicked):
            self.clicked[customer] = max(at, self.clicked.get(customer, LONG_AGO))
        elif isinstance(event, events.PrivacyEvent) and self.oldest.get(customer, NEVER) <= at:
            self.erased.add(customer)

    def _hear_wish(self, customer: str, event: events.Event) -> None:
        """A rest until then, by when it was asked for; a message that is not wanted, by passage and key."""
        if isinstance(event, events.MessagesRested):
            said = (event.happened_at, event.until or LONG_AGO)
            self.rests[customer] = max(said, self.rests.get(customer, said))
        elif isinstance(event, events.TouchEvent):
            word = (event.happened_at, event.type == "TouchDeclined")
            self.wishes[event.enrolment, event.key] = max(word, self.wishes.get((event.enrolment, event.key), word))

    def rests_until(self, customer: str) -> datetime:
        """By the newest word under any of their names."""
        return max((self.rests[name] for name in self.everybody(customer) if name in self.rests), default=NEVER_ASKED)[
            1
        ]

    def declined(self, claim: Record) -> bool:
        said = self.wishes.get((f"{claim['journey']}:{claim['order']}", claim["key"]))
        return said is not None and said[1]

    def _say(self, customer: str, channel: str, class_: str, said: tuple[datetime, str, str]) -> None:
        """The newest word counts; of two at one moment the one that forbids; and a box none against any word."""
        for name in self._told_as(customer):
            held = self.words.get((name, channel, class_))
            if held is None or _weight(said) >= _weight(held):
                self.words[name, channel, class_] = said

    def word(self, customer: str, channel: str, class_: str) -> tuple[datetime, str, str]:
        """The newest of what is known under any of their addresses; the same under all, but right after an erasure."""
        said = [self.words.get((name, channel, class_)) for name in self._told_as(customer)]
        return max((word for word in said if word is not None), key=_weight, default=(LONG_AGO, "silent", ""))

    def complaint_stands(self, customer: str, channel: str, class_: str) -> bool:
        at = max((self.complained[name] for name in self._told_as(customer) if name in self.complained), default=None)
        said = self.word(customer, channel, class_)
        return at is not None and not (said[1] == "given" and said[2] in OWN_WORDS and said[0] > at)


def _weight(word: tuple[datetime, str, str]) -> tuple[bool, datetime, bool]:
    at, state, source = word
    return (source != BOX, at, state != "given")


def newest_words(told: Iterable[events.Event], evidence: Evidence) -> dict[str, str]:
    """What was said last about each `channel:class`, as if all of it had come to one line."""
    alone = Beliefs(evidence)
    for event in told:
        alone.hear("", event)
    topics = {(channel, class_) for _, channel, class_ in alone.words}
    return {f"{channel}:{class_}": alone.word("", channel, class_)[1] for channel, class_ in sorted(topics)}
