"""Deliveries for the platform tests: our own samples in Shopify's documented shape, changed field by field."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perennial import events
from perennial.platforms import shopify

RECEIVED = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIXTURES = Path(__file__).parents[2] / "fixtures" / "shopify"
SHARED = Path(__file__).parents[4] / "shared" / "payloads"
GONE = object()
"""As a value: the field is absent, which is not the same as null."""

SAMPLES = {
    "orders/create": "order",
    "orders/updated": "order",
    "orders/paid": "order",
    "orders/fulfilled": "order",
    "orders/partially_fulfilled": "order",
    "orders/cancelled": "order",
    "orders/edited": "order_edit",
    "fulfillments/create": "fulfillment",
    "fulfillments/update": "fulfillment",
    "fulfillment_events/create": "fulfillment_event",
    "refunds/create": "refund",
    "customers_email_marketing_consent/update": "consent_email",
    "customers_marketing_consent/update": "consent_text",
    "customers/merge": "customers_merge",
    "customers/data_request": "data_request",
    "customers/redact": "customer_redact",
    "shop/redact": "shop_redact",
}


def sample(name: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The sample of that name; `changes` are keyed by path, as in `line_items.0.price`."""
    body: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_bytes())
    for path, value in (changes or {}).items():
        put(body, path.split("."), value)
    return body


def put(body: Any, path: list[str], value: object) -> None:
    *way, last = path
    for step in way:
        body = body[int(step)] if isinstance(body, list) else body[step]
    if value is GONE:
        del body[last]
    else:
        body[int(last) if isinstance(body, list) else last] = copy.deepcopy(value)


def headers(topic: str, **more: str) -> dict[str, str]:
    """As Shopify spells them; `triggered_at="…"` adds `X-Shopify-Triggered-At`."""
    named = {"topic": topic, "webhook_id": "b54557e4-0001", "shop_domain": "larkspur.example", **more}
    return {f"X-Shopify-{name.replace('_', '-').title()}": value for name, value in named.items()}


def told(topic: str, body: object, **more: str) -> Any:
    """The event that Shopify's delivery of this body becomes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return shopify.parse(headers(topic, **more), raw, "larkspur", RECEIVED)


def order(changes: dict[str, Any] | None = None, name: str = "order") -> events.Order:
    found: events.Order = told("orders/updated", sample(name, changes)).order
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
