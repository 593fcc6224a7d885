"""A page is opened, or answered: check the link, read the little that is needed, show; tell the line what was said.

GET and HEAD only read (law 10). An answer joins the customer's line and is shown as it was said: when it is applied,
nobody here waits for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from perennial import links
from perennial.facts import Store
from perennial.finding import Found, find
from perennial.forms import Form, Unusable, read_form, read_query
from perennial.links import Purpose, Ticket
from perennial.locales import choose_locale
from perennial.outside import ForServing
from perennial.page_facts import PageFacts
from perennial.page_rendering import Reader, policy, render_page
from perennial.pages import About, bare_page, page_module
from perennial.shops import Shop
from perennial.visitors import Visitor

Trouble = Literal["unknown", "expired", "gone", "method", "too large", "unreadable"]
STATUSES: Mapping[Trouble, int] = {
    "unknown": 404,
    "expired": 410,
    "gone": 410,
    "method": 405,
    "too large": 413,
    "unreadable": 400,
}
"""What can be wrong, and the status it is answered with. A forged link is told from a mistyped one by nobody."""

REACH: Mapping[Purpose, tuple[Purpose, ...]] = {
    "unsubscribe": ("preferences", "support"),
    "preferences": ("unsubscribe", "support"),
    "order": ("returns", "support", "preferences"),
    "review": ("support",),
    "returns": ("order", "support"),
    "score": ("support",),
    "support": (),
    "not-me": ("support",),
}
"""Where a page may lead: to no page that shows or does more than those its own mail leads to."""

ONE_CLICK = "List-Unsubscribe"
NOBODY = Visitor()
NO_STORE = Store(name="", url="", country="", postal_address="", support_email="")
"""The brand of a link that no store is known for."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `page` is the letter of its path; `languages` is the browser's own wish."""

    method: Literal["GET", "HEAD", "POST"]
    page: str
    token: str
    at: datetime
    query: str = ""
    content_type: str = ""
    body: bytes = b""
    languages: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the browser gets. `outcome`, `told` (ids of events), `store` and `touch` are what may be logged."""

    status: int
    body: str
    policy: str
    outcome: str
    content_type: str = "text/html; charset=utf-8"
    told: tuple[str, ...] = ()
    store: str | None = None
    touch: str | None = None


def serve(visit: Visit, outside: ForServing) -> Shown:
    """Raises Unavailable where trying again helps; whoever does says the same again, and it is one answer."""
    opened = _open(visit, outside)
    if not isinstance(opened, _Opened):
        return _trouble(opened, visit, outside)
    if visit.method == "HEAD":
        return _shown(opened, 200, "", "seen")
    if visit.method == "POST" and not hasattr(opened.module, "answer"):
        return _trouble("method", visit, outside)
    form = _form(opened.purpose, visit)
    if not isinstance(form, Form):
        return _trouble(form, visit, outside)
    found = find(opened.module.NEEDS, opened.shop, opened.ticket, outside)
    if found is None and opened.purpose != "unsubscribe":
        return _trouble("gone", visit, outside)
    if visit.method == "POST":
        return _answer(opened, found, form, visit, outside)
    return _show(opened, found, visit, outside)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A genuine link: which page of which store, for whom."""

    purpose: Purpose
    shop: Shop
    ticket: Ticket
    module: Any


def _open(visit: Visit, outside: ForServing) -> _Opened | Trouble:
    """A key that nobody knows may have been made after this process read its ring: it is read once more."""
    purpose = links.BY_PATH.get(visit.page)
    if purpose is None:
        return "unknown"
    said = links.verify(outside.link_keys.ring(), purpose, visit.token, visit.at)
    if said == "unknown key":
        said = links.verify(outside.link_keys.renewed(), purpose, visit.token, visit.at)
    if not isinstance(said, Ticket):
        return "expired" if said == "expired" else "unknown"
    shop = _shop(said, outside)
    return _Opened(purpose, shop, said, page_module(purpose)) if shop else "unknown"


def _shop(ticket: Ticket | None, outside: ForServing) -> Shop | None:
    shops = outside.content.shops
    return next((shops[name] for name in shops if ticket and links.store_mark(name) == ticket.store), None)


def _form(purpose: Purpose, visit: Visit) -> Form | Unusable:
    """To leave, no body has to be understood: the link says it all."""
    if visit.method != "POST":
        return Form()
    form = read_form(visit.content_type, visit.body)
    return Form() if purpose == "unsubscribe" and not isinstance(form, Form) else form


def _show(opened: _Opened, found: Found | None, visit: Visit, outside: ForServing) -> Shown:
    about = _about(opened, found, visit, outside)
    facts = opened.module.show(about, read_query(visit.query))
    return _page(opened, facts, _reader(about, found, visit), 200, outside)


def _answer(opened: _Opened, found: Found | None, form: Form, visit: Visit, outside: ForServing) -> Shown:
    """Whoever is not known any more has left already: they are told so, and nobody else is."""
    about = _about(opened, found, visit, outside)
    answered = opened.module.answer(about, form)
    told = answered.told if found else ()
    for event in told:
        outside.line().tell(event, found.customer if found else "")
    names = tuple(event.id for event in told)
    if form.has(ONE_CLICK):
        return _shown(opened, 200, "You are unsubscribed.\n", "answered", told=names, content_type="text/plain")
    return _page(opened, answered.facts, _reader(about, found, visit), answered.status, outside, names)


def _about(opened: _Opened, found: Found | None, visit: Visit, outside: ForServing) -> About:
    shop, ticket = opened.shop, opened.ticket
    within = links.links_within(outside.link_keys.ring(), REACH[opened.purpose], ticket, shop.store, visit.at)
    return About(
        purpose=opened.purpose,
        shop=shop,
        visitor=found.visitor if found else NOBODY,
        touch=ticket.touch,
        trace=found.trace if found else None,
        now=visit.at,
        zone=found.zone if found else ZoneInfo(shop.time_zone),
        links=within,
        known=found.known if found else None,
    )


def _reader(about: About, found: Found | None, visit: Visit) -> Reader:
    own = found.locale if found else _wished(visit)
    return Reader(choose_locale(own or about.shop.locale, about.shop.locales), about.zone, own)


def _wished(visit: Visit) -> str | None:
    """The first language a browser asks for."""
    return visit.languages.partition(",")[0].partition(";")[0].strip() or None


def _page(
    opened: _Opened, facts: PageFacts, reader: Reader, status: int, outside: ForServing, told: tuple[str, ...] = ()
) -> Shown:
    html = render_page(facts, reader, outside.content)
    return _shown(opened, status, html, facts.page.state, told=told, policy=policy(html, facts.store.logo_url))


def _shown(opened: _Opened, status: int, body: str, outcome: str, **more: Any) -> Shown:
    given = {"policy": policy("", None), "store": opened.shop.store, "touch": opened.ticket.touch, **more}
    return Shown(status, body, outcome=outcome, **given)


def _trouble(what: Trouble, visit: Visit, outside: ForServing) -> Shown:
    """In the brand of the store that the link names, genuine or not; in none where it names none."""
    ticket = links.peek(visit.token)
    shop = _shop(ticket, outside)
    brand, locales = (shop.brand, shop.locales) if shop else (NO_STORE, ("en",))
    facts = bare_page("trouble", brand, what)
    if what == "expired" and ticket is not None and shop is not None:  # genuine, and leaving works for ever
        way_out = links.links_within(outside.link_keys.ring(), ("unsubscribe",), ticket, shop.store, visit.at)
        facts = replace(facts, links=way_out)
    html = ""
    if visit.method != "HEAD":
        wished = _wished(visit)
        reader = Reader(choose_locale(wished, locales), ZoneInfo(shop.time_zone if shop else "UTC"), wished)
        html = render_page(facts, reader, outside.content)
    return Shown(STATUSES[what], html, policy(html, brand.logo_url), outcome=what)
