"""Law 9, by the channel: a message goes the first of its ways that is open, as its own words list them.

Only where an earlier way was open for sure. Whether a device is still there is known to its platform alone, so that
nothing is asked of push; where someone has several addresses or numbers, all of them must be good. What needs leave is
asked about only where somebody said yes and nothing else, and never complained, was erased or became one with another:
which word counts is law 3's to say.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta

from perennial import events
from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.people import Person
from perennial_cli.simulation.words_law import has_one_clock

ELSEWHERE = timedelta(hours=1)
"""What clocks within one region may differ by: it must be time on all of them."""


@dataclass(slots=True)
class Ways:
    """What was told until now: how to reach whom about which order, who said yes for which number, and who has said
    anything but yes to a channel.
    """

    emails: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    phones: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    wanted: dict[str, set[str | None]] = field(default_factory=lambda: defaultdict(set))
    complained: set[str] = field(default_factory=set)
    wavering: set[tuple[str, str]] = field(default_factory=set)

    def hear(self, customer: str, event: events.Event) -> None:
        if isinstance(event, events.OrderEvent) and event.order.contact is not None:
            contact = event.order.contact
            self.emails[event.order.id] |= {contact.email} if contact.email else set()
            self.phones[event.order.id] |= {contact.phone} if contact.phone else set()
        if isinstance(event, events.MessageComplained):
            self.complained.add(customer)
        if isinstance(event, events.ConsentEvent) and event.channel == "text":
            self.wanted[customer].add(event.contact.phone)
        if isinstance(event, events.ConsentEvent) and event.type != "ConsentGiven":
            self.wavering.add((customer, event.channel))


def first_ways_first(evidence: Evidence, tally: Tally) -> None:
    ways, beliefs = Ways(), Beliefs(evidence)
    forgotten = {evidence.root(customer) for customer in evidence.erased_at}
    for claim in beliefs.replay("applied", "claimed"):
        if claim["what"] == "applied":
            ways.hear(claim["customer"], claim["event"])
            continue
        if claim["to_store"] or evidence.root(claim["customer"]) in forgotten:
            continue
        for channel in _earlier(claim, evidence):
            open_ = _is_open(channel, claim, ways, beliefs)
            words = f"{claim['class']} {claim['message']} by {claim['channel']}, though {channel} was open"
            tally.check(not open_, words, claim, f"claims past {channel}")


def _earlier(claim: Record, evidence: Evidence) -> Iterator[str]:
    channels = evidence.channels[claim["message"]]
    yield from channels[: channels.index(claim["channel"])]


def _is_open(channel: str, claim: Record, ways: Ways, beliefs: Beliefs) -> bool:
    """Whether nothing at all stood in the way."""
    if channel == "push" or (channel == "text" and beliefs.evidence.store.texts is None):
        return False
    if claim["class"] == "transactional":
        found: set[str | None] = {*(ways.emails if channel == "email" else ways.phones)[claim["order"]]}
    else:
        found = _agreed(channel, claim, ways, beliefs)
    people = [beliefs.evidence.by_address.get(address or "") for address in found]
    person = people[0] if people else None
    if person is None or None in people or found & beliefs.dead or person.number in beliefs.evidence.forgotten_at:
        return False
    return _awake(channel, claim, person, beliefs.evidence)


def _agreed(channel: str, claim: Record, ways: Ways, beliefs: Beliefs) -> set[str | None]:
    """Where what needs leave may go: nowhere, where they have not said yes in so many words."""
    customer, asked_twice = claim["customer"], beliefs.evidence.store.consent.double_opt_in
    alone = beliefs.everybody(customer) == {customer} and customer not in beliefs.evidence.merged_into
    said = beliefs.word(customer, channel, claim["class"])
    wavered = (customer, channel) in ways.wavering or customer in ways.complained
    if said[1] != "given" or asked_twice or not alone or wavered:
        return set()
    return {*(beliefs.addresses if channel == "email" else ways.wanted)[customer]}


def _awake(channel: str, claim: Record, person: Person, evidence: Evidence) -> bool:
    """Whether their one clock is well within the hours of that channel; email that is needed has none."""
    if (channel, claim["class"]) == ("email", "transactional"):
        return True
    opens, closes = getattr(evidence.store.quiet_hours, channel)
    clocks = [(claim["at"] + slip).astimezone(person.zone).time() for slip in (ELSEWHERE, -ELSEWHERE)]
    return has_one_clock(person) and all(opens <= clock and (clock < closes or closes == time()) for clock in clocks)
