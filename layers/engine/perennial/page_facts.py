"""The names that a shopper's page may use, as `facts` are those of messages: `perennial check` compares the two.

Plain values only. Nothing here names a street, an email or a number in full: a link may be forwarded, so its page shows
no more of a person than the mail it came from.
"""

from dataclasses import dataclass, field
from datetime import datetime

from perennial import facts


@dataclass(frozen=True, slots=True)
class Page:
    """Which page this is, what it has come to, and what was wrong with what somebody sent.

    `state` is `ask` for a page that waits for an answer; each page has its own words for what comes after it.
    """

    name: str
    state: str = "ask"
    problems: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """The brand's colours, and those mixed from them: text that is quieter, lines, panels. All can be read."""

    accent: str
    on_accent: str
    ink: str
    paper: str
    quiet: str
    line: str
    panel: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the page is for, masked: `m***@mail.example`."""

    email: str | None = None
    phone: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of the preference centre: may we write in this class on this channel?"""

    field: str
    channel: str
    kind: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A message that is still planned. `id` is what its button sends."""

    id: str
    subject: str
    kind: str
    order_number: str
    due: datetime | None = None
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One thing that was bought, and what its buyer said about it, now or before. `field` ends its fields' names."""

    field: str
    item: facts.Item
    stars: int = 0
    text: str = ""
    publish: bool = False
    given: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    value: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """One thing that may be sent back: `most` pieces at the most, `wanted` as the buyer said."""

    field: str
    item: facts.Item
    most: int
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A return as it stands. `stage` is the furthest it has come: requested, approved, received, refunded …"""

    reference: str
    stage: str
    at: datetime
    items: tuple[facts.Item, ...] = ()
    wish: str | None = None


@dataclass(frozen=True, slots=True)
class Returning:
    """The form of a return, as far as it is filled in. `was` is how many `cases` it said that it was shown with."""

    items: tuple[Returned, ...] = ()
    wish: str = ""
    reason: str = ""
    note: str = ""
    name: str = ""
    reference: str = ""
    at: datetime | None = None
    may_withdraw: bool = False
    cases: tuple[Case, ...] = ()
    was: str = ""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What one page is about. Fields that a page has nothing to do with are empty."""

    page: Page
    store: facts.Store
    look: Look
    links: facts.Links = field(default_factory=lambda: facts.Links("", "", "", "", ""))
    person: Person = Person()
    order: facts.Order | None = None
    channel: str = "email"
    kind: str = ""
    choices: tuple[Choice, ...] = ()
    resting_until: datetime | None = None
    upcoming: tuple[Upcoming, ...] = ()
    reviews: tuple[Reviewed, ...] = ()
    score: Score = Score()
    returning: Returning = Returning()
    numbers: tuple[int, ...] = ()
