"""Something to send: the demo's order, webhook by webhook, each dated at the clock of the day."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from perennial.store import Store
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.demo_order import story

PLATFORM, FIRST = "shopify", "order placed"
"""The story is told as Shopify would."""


@dataclass(frozen=True)
class Step:
    """One webhook of the story."""

    number: int
    words: str
    topic: str
    headers: dict[str, str]
    body: bytes


def steps(store: Store, now: datetime) -> list[Step]:
    """Every webhook as if it happened now; none for a store that does not sell on Shopify."""
    if PLATFORM not in store.platforms:
        return []
    return list(_steps(store, now))


def _steps(store: Store, now: datetime) -> Iterator[Step]:
    for number, told in enumerate(story(store, now)):
        begun = now - (told.line.at - now)  # so that this webhook's own moment is now
        line = list(story(store, begun))[number].line
        if "again" not in told.words:  # whoever wants a delivery twice presses twice
            topic = line.headers["X-Shopify-Topic"]
            headers = {
                name.lower(): value for name, value in line.headers.items() if name.endswith(("Topic", "Version"))
            }
            yield Step(number, told.words, topic, headers, line.bytes)


def write_order(store: Store, now: datetime, file: Path) -> None:
    """The sample order, for curl: dated now, since old orders enrol nobody."""
    for step in steps(store, now):
        if step.words == FIRST:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(json.loads(step.body), indent=1, ensure_ascii=False))


def curl(store: Store, address: str, file: Path, *, signed_here: bool) -> str | None:
    """A line to paste into a shell; None for a store that does not sell on Shopify."""
    if PLATFORM not in store.platforms:
        return None
    secret = webhook_secret(store.store, PLATFORM)
    digest = f'"X-Shopify-Hmac-Sha256: $(openssl dgst -sha256 -hmac {secret} -binary {file} | base64)"'
    signature = "" if signed_here else f" -H {digest}"
    topic = "-H 'X-Shopify-Topic: orders/create'"
    return f"curl -sS {address}/webhooks/{PLATFORM}/{store.store} {topic}{signature} --data-binary @{file}"
