"""One module per page a shopper may open: what it shows, and which events an answer becomes.

Each has `NEEDS`, what must be read for it, `show(about, query)` and, if it takes answers, `answer(about, form)`. All
are pure: what was read comes in, what is to be shown and told goes out. A page is imported when it is first opened.
"""

import importlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol
from zoneinfo import ZoneInfo

from perennial.colours import ink_on, mixed, quieter
from perennial.facts import Links, Store
from perennial.forms import Form
from perennial.links import Purpose
from perennial.page_facts import Look, Page, PageFacts, Person
from perennial.shops import Shop
from perennial.visitors import Trace, Visitor, masked

if TYPE_CHECKING:
    from perennial.customer import Customer
    from perennial.draft import Setting
    from perennial.gates import Scene
    from perennial.pages.telling import Told

Needs = Literal["visitor", "touch", "customer", "order"]
"""Each includes the ones before it, but for `customer`, which brings the visitor along."""


@dataclass(frozen=True, slots=True)
class Known:
    """The whole customer, for pages that speak of orders or of what is planned. `scene` has the touch's own order."""

    customer: "Customer"
    setting: "Setting"
    scene: "Scene | None" = None


@dataclass(frozen=True, slots=True)
class About:
    """An opened page: whose, by which touch, when. `links` are those this page may lead to."""

    purpose: Purpose
    shop: Shop
    visitor: Visitor
    touch: str
    trace: Trace | None
    now: datetime
    zone: ZoneInfo
    links: Links = field(default_factory=lambda: Links("", "", "", "", ""))
    known: Known | None = None

    def page(self, state: str = "ask", problems: tuple[str, ...] = (), **fields: Any) -> PageFacts:
        """The page's facts in that state."""
        visitor = self.visitor
        person = Person(masked(visitor.email), masked(visitor.phone), visitor.name)
        bare = bare_page(self.purpose, self.shop.brand, state, problems)
        return replace(bare, links=self.links, person=person, **fields)


@dataclass(frozen=True, slots=True)
class Answered:
    """What is shown after an answer, and what joins the customer's line. Nothing is told where something is wrong."""

    facts: PageFacts
    told: "tuple[Told, ...]" = ()
    status: int = 200


class PageModule(Protocol):
    NEEDS: Needs

    def show(self, about: About, query: Form) -> PageFacts: ...

    def answer(self, about: About, form: Form) -> Answered: ...


def page_module(purpose: Purpose) -> Any:
    """A PageModule; pages that only show have no `answer`."""
    return importlib.import_module(f"perennial.pages.{purpose.replace('-', '_')}")


def bare_page(name: str, store: Store, state: str = "ask", problems: tuple[str, ...] = ()) -> PageFacts:
    """A page about nobody yet."""
    return PageFacts(page=Page(name, state, problems), store=store, look=look_of(store))


def look_of(store: Store) -> Look:
    return Look(
        accent=store.accent,
        on_accent=ink_on(store.accent),
        ink=store.ink,
        paper=store.paper,
        quiet=quieter(store.ink, store.paper),
        line=mixed(store.paper, store.ink, 0.18),
        panel=mixed(store.paper, store.ink, 0.05),
    )
