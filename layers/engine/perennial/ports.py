"""What Perennial needs from outside, in its own words. Each port has an AWS adapter and an in-memory twin.

Both pass the same contract suite (tests/adapters). All of them raise `errors.Unavailable` when the service throttles,
times out or fails, and may then have done what was asked or not: callers ask again, and asking twice is asking once.
The three senders are different: they are asked once and never again by themselves (law 1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from perennial.housekeeping import Bodies as Bodies
from perennial.housekeeping import Cleared as Cleared
from perennial.housekeeping import Emptied as Emptied
from perennial.housekeeping import Enough as Enough
from perennial.housekeeping import Late as Late
from perennial.housekeeping import LateKind as LateKind
from perennial.housekeeping import Overdue as Overdue
from perennial.housekeeping import Traces as Traces
from perennial.parking import Parked as Parked
from perennial.parking import ParkedKind as ParkedKind
from perennial.parking import Parking as Parking
from perennial.parking import alias_fact as alias_fact
from perennial.sending import Outgoing as Outgoing
from perennial.sending import OutgoingEmail as OutgoingEmail
from perennial.sending import OutgoingPush as OutgoingPush
from perennial.sending import OutgoingText as OutgoingText
from perennial.sending import Reply as Reply
from perennial.sending import Sender as Sender

if TYPE_CHECKING:  # the door uses ports too, and starts twice as fast without the whole of deciding
    from perennial.customer import Customer, Lane, Touch, Wake
    from perennial.decide import Decision
    from perennial.events import Event
    from perennial.identity import Alias
    from perennial.journeys import Journey
    from perennial.ledger import Entry
    from perennial.links import KeyRing
    from perennial.orders import Order
    from perennial.pages.telling import Told
    from perennial.pauses import Pause
    from perennial.platforms import Secrets
    from perennial.suppression import Left
    from perennial.visitors import Trace, Visitor


@dataclass(frozen=True, slots=True)
class Committed:
    """The decision is written."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody committed in between: nothing of the decision is written."""


@dataclass(frozen=True, slots=True)
class Held:
    """An alias that could not be registered: it leads to `owner`, holds facts that wait for one, or is that of somebody
    who `left`.
    """

    alias: Alias
    owner: str | None
    facts: tuple[Event, ...] = ()
    left: Left | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Aliases stood in the way: nothing of the decision is written."""

    held: tuple[Held, ...]


Result = Committed | Overtaken | Taken


class Customers(Protocol):
    """The customers of all stores, and the records of their touches."""

    def load(self, store: str, customer: str) -> Customer:
        """Profile, live enrolments, their orders, and the count of parked facts: one query. A stranger if unknown."""

    def archived(self, store: str, customer: str, order_id: str) -> Order | None:
        """An order that no live enrolment needs."""

    def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> Result:
        """Writes everything the decision changes, or nothing.

        An alias is registered if it leads nowhere, or to this customer already, holds no facts, and is nobody's who
        left; an order must lead nowhere, so that one in the archive is not taken for new. `adopted` names aliases that
        were looked into: they may lead to this customer in any case, tell what they will, and hold as many facts as it
        says, all of them part of the decision. Whom a customer was before a merge counts as that customer.
        """

    def commit_both(self, winner: Decision, loser: Decision) -> Committed | Overtaken:
        """Writes what two decisions change, or nothing of either. They register no aliases."""

    def record(self, store: str, customer: str, touch: str) -> Touch | None:
        """The record of one touch, with what was reported about it."""

    def receipts(self, store: str, customer: str, touches: Collection[str]) -> Mapping[str, datetime | None]:
        """When a provider reported that it accepted each of these touches; None where no report came."""

    def touches(self, store: str, customer: str) -> Sequence[Touch]:
        """Every record, oldest first: for people, never on the way of a message."""

    def ledger(self, store: str, customer: str) -> Sequence[Entry]:
        """Every word about consent, oldest first: for people, never on the way of a message."""

    def park(self, store: str, customer: str, parked: Parked) -> None:
        """Keeps an event of this customer that its rules cannot take; raises the version, so that open work sees it."""

    def due(self, store: str) -> Sequence[str]:
        """Customers with a wake ahead: for people, never on the way of a message."""


class Looks(Protocol):
    """What pages read: no more than they show, and nothing is written by it."""

    def visitor(self, store: str, customer: str) -> Visitor | None:
        """The person, or where a merge has led; None if nobody is known under that id."""

    def trace(self, store: str, customer: str, touch: str) -> Trace | None:
        """What the record of a touch says to a page."""

    def order(self, store: str, customer: str, order_id: str) -> Order | None:
        """An order that no live enrolment needs."""

    def customer(self, store: str, customer: str) -> Customer:
        """As `Customers.load`."""

    def version(self, store: str, version: str) -> Journey | None:
        """As `Versions.find`."""


class LinkKeys(Protocol):
    """The ring that links are verified with."""

    def ring(self) -> KeyRing: ...

    def renewed(self) -> KeyRing:
        """Looked up again, if that was not done a moment ago: a key may have been added since."""


class Directory(Protocol):
    """Who owns this? Answered by one conditional write for each question."""

    def owner_or_claim(self, store: str, alias: Alias, candidate: str) -> str:
        """The customer the alias leads to; from now on the candidate, if it led nowhere."""

    def owner_or_park(self, store: str, alias: Alias, event: Event, since: datetime) -> str | None:
        """The customer the alias leads to; if nowhere, the event is kept there until somebody registers it.

        What no longer fits there is parked by itself.
        """

    def owner(self, store: str, alias: Alias) -> str | None:
        """Only looks."""

    def take_over(self, store: str, alias: Alias, erased: str, heir: str) -> str:
        """The customer the alias leads to; from now on the heir, if it led to the erased one or nowhere."""


class Line(Protocol):
    """The customer's queue: events of one customer are handled one at a time, in the order they joined."""

    def join(self, event: Event, customer: str, lane: Lane, fresh: str | None = None) -> None:
        """What was told twice within minutes may arrive once, unless `fresh` names this telling as one of its own."""


class Telling(Protocol):
    """The urgent lane of the line, as pages reach it."""

    def tell(self, told: Told, customer: str) -> None:
        """As `Line.join`, with the event in the JSON that the line carries."""


class Timers(Protocol):
    """One live schedule per customer."""

    def arm(self, store: str, customer: str, epoch: int, wake: Wake) -> None:
        """Rings at or shortly after `wake.at`, which must not be past. Arming the same number again changes nothing."""

    def cancel(self, customer: str, epoch: int, n: int) -> None:
        """Forgets a schedule, if it is still there."""


class Pauses(Protocol):
    def paused(self, store: str) -> frozenset[Pause]: ...

    def pause(self, store: str, pause: Pause) -> None: ...

    def resume(self, store: str, pause: Pause) -> None: ...


class Versions(Protocol):
    """Journeys as enrolments began with them: kept once, never changed."""

    def keep(self, store: str, journey: Journey) -> None: ...

    def find(self, store: str, version: str) -> Journey | None: ...


class SecretStore(Protocol):
    def webhook(self, store: str, platform: str) -> Secrets | None: ...
