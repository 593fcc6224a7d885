"""The desk: what a day looks like, as plain pages made here, without a script."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.dev.outbox import REPORTS, Mail, mail_of, outbox
from perennial_cli.dev.samples import curl, steps
from perennial_cli.dev.world import World
from perennial_cli.explaining import came_back, explain

HTML = Path(__file__).parent / "html"
MOVES = {"1": "+1 hour", "24": "+1 day", "72": "+3 days", "720": "+30 days", "8760": "+1 year"}
"""What the clock's buttons add, in hours."""

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


@dataclass
class Desk:
    """Renders pages of one world. `order` is the file with the sample order."""

    world: World
    address: str
    order: Path

    def __post_init__(self) -> None:
        loader = FileSystemLoader(HTML)
        self._jinja = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._jinja.filters |= {"local": self._local, "linked": linked}

    def overview(self, said: str = "") -> str:
        world = self.world
        return self._page(
            "overview.html",
            said=said,
            customers=[self._customer(store, customer) for store, customer in world.cloud.customers()],
            mails=list(reversed(self._mails()))[:50],
            deliveries=list(reversed(world.outcomes()))[:50],
            parked=world.cloud.parked(),
            failures=world.cloud.failures[-20:],
            shops=[self._shop(name) for name in sorted(world.cloud.content.stores)],
        )

    def mail(self, number: int, said: str = "") -> str | None:
        found = self.find(number)
        return self._page("mail.html", mail=found, said=said, reports=REPORTS) if found else None

    def find(self, number: int) -> Mail | None:
        mails = self._mails()
        return mails[number - 1] if 0 < number <= len(mails) else None

    def customer(self, store: str, customer: str) -> str | None:
        world = self.world
        if (store, customer) not in world.cloud.customers():
            return None
        with world.cloud.advancing() as outside:
            told, rows = explain(store, customer, outside)
        mails = self._mails()
        timeline = [(row, row.due or row.at if row.outcome == "waiting" else row.at) for row in rows]
        return self._page(
            "customer.html",
            customer=self._customer(store, customer),
            profile=told.profile,
            rows=[(row, at, mail_of(row, mails), came_back(row)) for row, at in timeline],
            said="",
        )

    def wrong(self, title: str, words: str) -> str:
        return self._page("wrong.html", title=title, words=words, said="")

    def _page(self, name: str, **values: Any) -> str:
        world = self.world
        shared: Mapping[str, Any] = {
            "now": world.cloud.now,
            "zone": self._zone(),
            "ahead": lead(world.cloud.now - world.real()) if world.follows else "",
            "follows": world.follows,
            "next_wake": world.cloud.next_wake(),
            "moves": MOVES,
            "problems": [problem.render() for problem in world.watch.problems],
            "deployed_at": world.deployed_at,
        }
        return self._jinja.get_template(name).render(**shared, **values)

    def _mails(self) -> list[Mail]:
        return outbox(self.world.cloud.witness.sent)

    def _customer(self, store: str, customer: str) -> dict[str, Any]:
        with self.world.cloud.advancing() as outside:
            profile = outside.customers.load(store, customer).profile
        names = [alias.partition(":")[2] for alias in profile.aliases if alias.startswith("email:")]
        orders = [mark.id for mark in profile.latest_orders]
        return {"store": store, "id": customer, "names": names, "orders": orders}

    def _shop(self, name: str) -> dict[str, Any]:
        store = self.world.cloud.content.stores[name]
        return {
            "store": store,
            "secrets": {platform: webhook_secret(name, platform) for platform in store.platforms},
            "steps": steps(store, self.world.cloud.now),
            "curl": curl(store, self.address, self.order.with_name(f"order-{name}.json"), signed_here=self.world.signs),
        }

    def _zone(self) -> str:
        stores = self.world.cloud.content.stores
        return stores[sorted(stores)[0]].time_zone

    def _local(self, moment: datetime | None, zone: str | None = None) -> str:
        return f"{moment.astimezone(ZoneInfo(zone or self._zone())):%a %-d %b %Y %H:%M}" if moment else "no date yet"


def lead(ahead: timedelta) -> str:
    """How far the clock is ahead, in words; nothing for what is under half an hour."""
    hours = round(ahead.total_seconds() / 3600)
    count, unit = (round(hours / 24), "day") if hours >= 24 else (hours, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'}" if count > 0 else ""


def linked(text: str) -> Markup:
    """A text whose addresses can be pressed."""
    pieces, end = [], 0
    for found in _ADDRESS.finditer(text):
        pieces += [escape(text[end : found.start()]), _anchor(found[0])]
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _anchor(address: str) -> Markup:
    return Markup('<a href="{0}" target="_blank" rel="noreferrer">{0}</a>').format(address)


def with_problems(html: str, problems: list[str]) -> str:
    """A shopper's page that says above itself why it is not the newest."""
    if not problems:
        return html
    words = "templates/ is not sound; this page is made from the last that was:\n" + "\n".join(problems)
    note = f'<pre role="alert">{escape(words)}</pre>'
    return re.sub(r"(<body[^>]*>)", lambda body: body[1] + note, html, count=1)
