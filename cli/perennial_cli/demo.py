"""`perennial demo`: one real order under its shop's signature, and the year and a half that follows, in seconds."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from perennial.content import Content
from perennial.store import Store
from perennial_cli import cloud_state
from perennial_cli.cloud import Cloud
from perennial_cli.demo_order import Delivery, story
from perennial_cli.demo_pages import opened
from perennial_cli.explaining import Row, explain
from perennial_cli.replaying import Replay
from perennial_cli.reports import Delivered
from perennial_cli.stacks import BUILD, STATE
from perennial_cli.witness import SentMessage

DAYS = 600
PLACED = datetime(2026, 3, 2, 9, 12)  # noqa: DTZ001  a Monday morning on the wall clock of the demo's shop


@dataclass(frozen=True)
class Year:
    """What the demo saw: webhooks and what became of them, every touch, every message word for word, every page."""

    store: Store
    customer: str
    zone: ZoneInfo
    deliveries: tuple[tuple[Delivery, Delivered], ...]
    rows: tuple[Row, ...]
    messages: dict[str, SentMessage]
    calls: Counter[str]
    failures: tuple[str, ...]
    pages: dict[str, str]


def run(content: Content, root: Path, store: str, progress: Callable[[datetime], None]) -> Year:
    """Delivers the story, lets 600 days pass, and keeps the cloud's state for `perennial explain`."""
    shop = content.stores[store]
    zone = ZoneInfo(shop.time_zone)
    placed = PLACED.replace(tzinfo=zone).astimezone(UTC)
    told = list(story(shop, placed))
    with Cloud.open(content, root, told[0].line.at.astimezone(UTC), BUILD) as cloud:
        replay = Replay(cloud, store, sign=True)
        delivered = replay.feed([delivery.line for delivery in told], progress)
        pages = opened(cloud)
        _pass_time(cloud, placed + timedelta(days=DAYS), progress)
        outcomes = list(replay.outcomes(delivered))
        with cloud.advancing() as outside:
            customer = cloud.customers()[0][1]
            _, rows = explain(store, customer, outside)
        cloud_state.save(cloud, STATE)
        sent = _by_touch(cloud.witness.sent, rows)
        return Year(
            shop,
            customer,
            zone,
            tuple(zip(told, outcomes, strict=True)),
            rows,
            sent,
            cloud.witness.calls,
            tuple(cloud.failures),
            pages,
        )


def _pass_time(cloud: Cloud, end: datetime, progress: Callable[[datetime], None]) -> None:
    while (due := cloud.next_wake()) is not None and due <= end:
        cloud.run_until(due)
        progress(cloud.now)
    cloud.run_until(end)


def _by_touch(sent: list[SentMessage], rows: tuple[Row, ...]) -> dict[str, SentMessage]:
    """Emails name their touch in a tag; texts and push notes have none, and are told by the moment they went out."""
    found = {message.tags["touch"]: message for message in sent if "touch" in message.tags}
    for message in sent:
        if message.channel != "email":
            same = [row for row in rows if row.channel == message.channel and row.at == message.at]
            found.update({row.id: message for row in same})
    return found
