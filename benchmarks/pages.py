"""The shopper's pages: AWS calls for each, how many one core makes in a second, and what their first visits find."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.rows import Row, seconds_each
from benchmarks.worlds import ROOT, STORE, cloud, content, delivery, post
from perennial.links import PATHS, KeyRing, Purpose, sign
from perennial.page_facts import PageFacts
from perennial.page_rendering import Reader, policy, render_page
from perennial_cli.authoring import survey
from perennial_cli.cloud import Cloud
from perennial_cli.lambda_events import http_event
from perennial_cli.page_samples import scenes
from perennial_cli.page_visits import FORM, LinkOf, link_to, visit
from perennial_cli.samples import facts_of
from perennial_cli.variants import in_store
from perennial_cli.yaml_lines import Document

MESSAGE = "order-confirmation"
RING = KeyRing(1, {1: bytes.fromhex("11" * 32)})
"""The keys that a first event finds."""

ANSWERS: dict[Purpose, dict[str, str]] = {
    "unsubscribe": {"List-Unsubscribe": "One-Click"},
    "preferences": {"do": "rest"},
    "score": {"score": "9"},
    "not-me": {"do": "leave"},
}
SETTING_UP = ("SSM.GetParameter",)


def rows() -> Iterator[Row]:
    with cloud() as opened:
        post(opened, delivery("order placed"))
        opened.settle()
        _calls(opened, "order", None)  # warms the pages
        for purpose in PATHS:
            yield Row(f"AWS calls per page: {purpose}", _calls(opened, purpose, None), "calls", budget=2)
        for purpose, fields in ANSWERS.items():
            yield Row(f"AWS calls per answer: {purpose}", _calls(opened, purpose, fields), "calls", budget=3)
    yield from _rendered()


def _calls(opened: Cloud, purpose: Purpose, fields: dict[str, str] | None) -> int:
    path = link_to(opened, LinkOf(message=MESSAGE, purpose=purpose))
    calls = opened.witness.calls
    before = calls.total() - sum(calls[name] for name in SETTING_UP)
    answer = visit(opened, path, "GET" if fields is None else "POST", {}, fields).answer
    if answer.status != 200:
        raise SystemExit(f"the page {purpose} was answered {answer.status}")
    return calls.total() - sum(calls[name] for name in SETTING_UP) - before


def _rendered() -> Iterator[Row]:
    found = survey(ROOT / "templates")
    store, _ = found.stores[STORE]
    sample = in_store(facts_of(Document("sample.json", {}), found.layout.sample), store, "en")
    reader = Reader("en", ZoneInfo(store.time_zone))
    for page in ("unsubscribe", "order", "preferences"):
        _, facts = next(iter(scenes(page, sample)))
        made = partial(_made, facts, reader)
        yield Row(f"pages rendered: {page}", 1 / seconds_each(made, rounds=100), "per second")


def _made(facts: PageFacts, reader: Reader) -> None:
    """A page and its policy."""
    policy(render_page(facts, reader, content()), facts.store.logo_url)


def first_visits(folder: Path) -> dict[str, Path]:
    """The first event of a process, and beside it what the table holds of the customer."""
    now = datetime.now(UTC)
    items = _customer()
    touch = next(item["sk"]["S"] for item in items if item["sk"]["S"].startswith("T#")).removeprefix("T#")
    customer = items[0]["pk"]["S"].rpartition("#")[2]
    links = {purpose: f"/{path}/{sign(RING, purpose, STORE, customer, touch, now)}" for purpose, path in PATHS.items()}
    button = b"List-Unsubscribe=One-Click"
    found: dict[str, Any] = {
        "serve_pages, a mailbox's one-click button": http_event(
            "POST", links["unsubscribe"], {"content-type": FORM}, button, now
        ),
        "serve_pages, the page to unsubscribe": http_event("GET", links["unsubscribe"], {}, b"", now),
        "serve_pages, the page of an order": http_event("GET", links["order"], {}, b"", now),
    }
    paths = {name: folder / f"page_{number}.json" for number, name in enumerate(found)}
    for name, path in paths.items():
        path.write_text(json.dumps(found[name]))
        path.with_suffix(".items").write_text(json.dumps(items, default=_on_the_wire))
    return paths


def _customer() -> list[dict[str, Any]]:
    """What is stored of the demo's customer when the confirmation has gone out."""
    with cloud() as opened:
        post(opened, delivery("order placed"))
        opened.settle()
        (found,) = opened.customers()
        table = opened.resources.attribute("Table", "Ref")
        stored: list[dict[str, Any]] = opened.admin("dynamodb").scan(TableName=table)["Items"]
        return [item for item in stored if item["pk"]["S"] == f"{found[0]}#C#{found[1]}"]


def _on_the_wire(packed: bytes) -> str:
    return base64.b64encode(packed).decode()
