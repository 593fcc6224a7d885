"""The reference order: what one blender costs from its order to so many emails, lived through in the embedded cloud.

Twelve Shopify webhooks, of which most change nothing; each email delivered, half of them opened, one clicked.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from perennial import wiring
from perennial.content import Content
from perennial.errors import ContentInvalid
from perennial.platforms import platform
from perennial.store import Store
from perennial_cli import ses_events
from perennial_cli.cloud import Cloud
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.costing.metering import Meter
from perennial_cli.demo_order import BLENDER, CUSTOMER, ORDER, story
from perennial_cli.replaying import Line
from perennial_cli.witness import SentMessage

PLACED = datetime(2026, 3, 2, 9, 12)  # noqa: DTZ001  a Monday morning on the shop's wall clock
BEFORE = timedelta(days=10)
"""How long before, somebody else's order warmed the process: keys, secrets and journeys are known."""

LIFE = timedelta(days=600)
BUYER = "alma.reyes@mail.example"
OPENS, CLICKS = 0.5, 1 / 6
"""Of each email delivered."""


@dataclass(frozen=True)
class Lived:
    """What one order did, by (function, what). `quiet` webhooks sent nothing at once, and did `quiet_used`."""

    used: Counter[tuple[str, str]]
    webhooks: int
    quiet: int
    quiet_used: Counter[tuple[str, str]]
    emails: int
    texts: int
    reports: int
    log_bytes: int
    log_lines: int
    stored_bytes: int
    metrics: int


def live(content: Content, root: Path, store: str, emails: int, folder: Path) -> Lived:
    """Raises ContentInvalid if the webhooks of the order are refused, or if the journeys write no email at all."""
    shop = content.stores[store]
    placed = PLACED.replace(tzinfo=ZoneInfo(shop.time_zone)).astimezone(UTC)
    with Cloud.open(content, root, placed - BEFORE - timedelta(hours=1), folder) as cloud:
        meter = Meter.on(cloud, wiring.session())
        for line in _somebody_else(shop, placed - BEFORE):
            _deliver(cloud, store, line)
        cloud.run_until(placed - timedelta(hours=1))
        meter.used.clear()
        logged, lines, stored = meter.logged(), meter.lines(), meter.stored()
        told = list(_story(shop, placed))
        quiet, quiet_used = _webhooks(cloud, meter, store, told)
        sent = _emails(cloud, emails, placed + LIFE)
        _come_back(cloud, sent)
        if cloud.failures or not sent:
            raise ContentInvalid("; ".join(cloud.failures) or "the reference order gets no email", file="templates")
        return Lived(
            used=meter.used,
            webhooks=len(told),
            quiet=quiet,
            quiet_used=quiet_used,
            emails=len(sent),
            texts=sum(message.channel == "text" for message in cloud.postman.taken),
            reports=int(meter.used["RecordFeedback", "invocations"]),
            log_bytes=meter.logged() - logged,
            log_lines=meter.lines() - lines,
            stored_bytes=meter.stored() - stored,
            metrics=len(meter.metrics()),
        )


def _webhooks(cloud: Cloud, meter: Meter, store: str, lines: list[Line]) -> tuple[int, Counter[tuple[str, str]]]:
    """Delivers all. How many sent nothing at once, and what those did."""
    quiet, used = 0, Counter[tuple[str, str]]()
    for line in lines:
        cloud.run_until(line.at)
        before = meter.used.copy()
        _deliver(cloud, store, line)
        did = meter.used - before
        if not did["AdvanceCustomer", "SendEmail"]:
            quiet, used = quiet + 1, used + did
    return quiet, used


def _deliver(cloud: Cloud, store: str, line: Line) -> None:
    cloud.run_until(max(line.at, cloud.now))
    secret = webhook_secret(store, line.platform)
    headers = platform(line.platform).sign(line.headers, line.bytes, secret, cloud.now)
    answer = cloud.post(f"/webhooks/{line.platform}/{store}", headers, line.bytes)
    if answer.status != 200:
        raise ContentInvalid(f"the reference order's webhook was answered {answer.status}", file=store)
    cloud.settle()


def _emails(cloud: Cloud, most: int, end: datetime) -> list[SentMessage]:
    """Lets time pass until so many emails went out, or the life is over."""
    while len(sent := _to_the_buyer(cloud)) < most and (due := cloud.next_wake()) is not None and due <= end:
        cloud.run_until(due)
    return sent


def _come_back(cloud: Cloud, sent: list[SentMessage]) -> None:
    """People open and click: reports of their own."""
    for message in sent[: round(len(sent) * OPENS)]:
        cloud.postman.publish(json.dumps(ses_events.make("Open", message, cloud.now)))
    for message in sent[: max(1, round(len(sent) * CLICKS))]:
        click = ses_events.make("Click", message, cloud.now, link="https://shop.example/")
        cloud.postman.publish(json.dumps(click))
    cloud.settle()


def _to_the_buyer(cloud: Cloud) -> list[SentMessage]:
    return [message for message in cloud.postman.taken if message.channel == "email" and message.to == BUYER]


def _story(store: Store, placed: datetime) -> Iterator[Line]:
    """What Shopify sends of one order, in its own order: most of it says what was said before."""
    told = {delivery.words: delivery.line for delivery in story(store, placed)}
    order, parcel = _blender(told["order placed"]), told["the blender leaves"]
    numbers = count(1)
    for topic, days in (("create", 0), ("paid", 0.0001), ("updated", 0.0002), ("updated", 0.5)):
        yield _line(order, f"orders/{topic}", placed + timedelta(days=days), next(numbers))
    for line, topic, days in (
        (parcel, "fulfillments/create", 1.2),
        (order, "orders/fulfilled", 1.2001),
        (order, "orders/updated", 1.2002),
        (parcel, "fulfillments/update", 1.3),
        (told["the blender is on its way"], "fulfillment_events/create", 2.1),
        (told["the blender is with the courier"], "fulfillment_events/create", 2.95),
        (told["the blender is there"], "fulfillment_events/create", 3.1),
        (parcel, "fulfillments/update", 3.11),
    ):
        yield _line(line, topic, placed + timedelta(days=days), next(numbers))


def _line(line: Line, topic: str, at: datetime, number: int) -> Line:
    headers = {**line.headers, "X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": f"reference-{number}"}
    body = {**line.body, "updated_at": at.isoformat()}
    return line.model_copy(update={"at": at, "headers": headers, "body": body})


def _blender(line: Line) -> Line:
    """One thing, and no telephone: the reference order is told of by email alone."""
    body = dict(line.body)
    lines = [item for item in body["line_items"] if item["id"] == BLENDER]
    body |= {"line_items": lines, "phone": None}
    for part in ("shipping_address", "billing_address", "customer"):
        body[part] = {**body[part], "phone": None}
    return line.model_copy(update={"body": body})


def _somebody_else(store: Store, placed: datetime) -> Iterator[Line]:
    """Whose order is cancelled soon, so that none of their wakes rings later."""
    first = next(_story(store, placed))
    email = "somebody.else@mail.example"
    body: dict[str, Any] = {**first.body, "id": ORDER + 1, "admin_graphql_api_id": f"gid://shopify/Order/{ORDER + 1}"}
    body |= {"name": "#1041", "email": email, "contact_email": email, "customer": {"id": CUSTOMER + 1, "email": email}}
    yield _line(first.model_copy(update={"body": body}), "orders/create", placed, 1001)
    later = placed + timedelta(minutes=5)
    cancelled = {**body, "cancelled_at": later.isoformat()}
    yield _line(first.model_copy(update={"body": cancelled}), "orders/cancelled", later, 1002)
