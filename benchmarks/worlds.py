"""What the benchmarks run on: the real content, the demo's order, the embedded cloud."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from perennial import events
from perennial.content import Content
from perennial.platforms import platform
from perennial_cli.authoring import read
from perennial_cli.cloud import Cloud
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.demo import PLACED
from perennial_cli.demo_order import Delivery, story

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
STORE = "demo"


@cache
def content() -> Content:
    return read(ROOT / "templates")


def placed_at() -> datetime:
    zone = ZoneInfo(content().stores[STORE].time_zone)
    return PLACED.replace(tzinfo=zone).astimezone(UTC)


def deliveries() -> list[Delivery]:
    return list(story(content().stores[STORE], placed_at()))


def delivery(words: str) -> Delivery:
    return next(entry for entry in deliveries() if entry.words == words)


def event_of(entry: Delivery) -> events.Event:
    line = entry.line
    return platform(line.platform).parse(line.headers, line.bytes, STORE, line.at + timedelta(seconds=1))


@contextmanager
def cloud() -> Iterator[Cloud]:
    start = deliveries()[0].line.at.astimezone(UTC)
    with Cloud.open(content(), ROOT, start, BUILD) as opened:
        yield opened


def post(opened: Cloud, entry: Delivery) -> None:
    """Delivers one webhook, signed, at its time."""
    line = entry.line
    opened.run_until(max(line.at.astimezone(UTC), opened.now))
    headers = platform(line.platform).sign(line.headers, line.bytes, webhook_secret(STORE, line.platform), opened.now)
    answer = opened.post(f"/webhooks/{line.platform}/{STORE}", headers, line.bytes)
    if answer.status != 200:
        raise SystemExit(f"the benchmark's webhook was answered {answer.status}: {answer.body}")
