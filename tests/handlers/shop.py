"""A small shop as the functions carry it, and one Shopify order of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from perennial import content
from perennial.content import Bodies
from perennial.journeys import Journey
from perennial.messages import Message
from perennial.platforms import shopify
from perennial.store import Store
from perennial_cli.page_files import read_pages
from tests.adapters.cloud import ROOT

STORE = "larkspur"
SECRET = "hush-hush"
MINA = "mina@okafor.example"
PERSONAL = (
    "mina@",
    '"mina"',
    "okafor",
    "kiln lane",
    "7700 900123",
    "7700900123",
    "113 496",
    "kettle",
    SECRET,
    "p" * 16,
)
"""Nothing of this may be logged, in whatever case. All of it is too long to be met in an id by chance."""

ORDERED = datetime(2026, 3, 2, 8, 16, tzinfo=UTC)
"""A minute after the order of the fixture was placed."""


def _journey(**fields: Any) -> Journey:
    return Journey.model_validate(fields)


def _message(name: str, class_: str) -> tuple[Message, Bodies]:
    told = {"message": name, "about": name, "class": class_, "channels": ["email"], "subject": name.title()}
    html = "<p>{{ customer.first_name }}, your order {{ order.number }}</p>"
    text = "{{ customer.first_name }}, your order {{ order.number }}\n{{ links.unsubscribe }}\n"
    return Message.model_validate(told), Bodies(html=html, text=text)


def small_content(**store: Any) -> content.Content:
    """One store with a confirmation at once, tips after three days, and news of parcels."""
    shop = Store.model_validate(
        {
            "store": STORE,
            "name": "Larkspur",
            "url": "https://larkspur.example",
            "country": "GB",
            "time_zone": "Europe/London",
            "currency": "GBP",
            "postal_address": "1 Mill Lane, Leeds",
            "sender": {"email": "care@larkspur.example", "name": "Larkspur"},
            "support": {"email": "help@larkspur.example"},
            "pages_url": "https://p.larkspur.example",
            "platforms": ["shopify", "perennial"],
            **store,
        }
    )
    service = _journey(
        journey="order-service",
        about="What every order owes its buyer.",
        enrol={"on": "order.placed"},
        stop=["order.cancelled"],
        touches=[
            {"touch": "thanks", "after": "order.placed", "message": "thanks"},
            {"touch": "tips", "after": "order.placed + 3 days", "at": "10:00", "message": "tips"},
        ],
    )
    messages = {"thanks": _message("thanks", "transactional"), "tips": _message("tips", "transactional")}
    return content.make_content([shop], [service], messages, {}, page_sources())


@cache
def page_sources() -> Mapping[str, str]:
    """The real pages."""
    return read_pages(ROOT / "templates", ROOT).compiled


def fixture(name: str, **changes: Any) -> bytes:
    """One of our own samples in Shopify's shape, with some of its fields changed."""
    body = json.loads((ROOT / "tests" / "fixtures" / "shopify" / f"{name}.json").read_bytes())
    return json.dumps({**body, **changes}).encode()


def headers(topic: str, body: bytes, secret: str = SECRET, delivery: str = "b54557e4-0001") -> dict[str, str]:
    told = {"x-shopify-topic": topic, "x-shopify-webhook-id": delivery, "x-shopify-shop-domain": "larkspur.example"}
    return shopify.sign(told, body, secret, ORDERED)
