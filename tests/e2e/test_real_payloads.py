"""Every real sample of a webhook that lies beside the project, through the whole bundle."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.shop import line

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "shopify"

TOPICS = (
    ("order", "orders/updated"),
    ("fulfillment_event", "fulfillment_events/create"),
    ("fulfillment", "fulfillments/update"),
    ("refund", "refunds/create"),
    ("abandoned_checkout", "checkouts/create"),
    ("customer_with_consent", "customers/update"),
)
RESOURCES = ("orders", "fulfillment_events", "fulfillments", "refunds", "customers", "shop", "returns", "checkouts")


def topic_of(file: Path) -> str:
    """By the file's name: a topic with its slash gone, or the resource it holds."""
    if file.parent.name != "docs-2026-04":
        return next(topic for name, topic in TOPICS if file.stem.startswith(name))
    resource = next((name for name in RESOURCES if file.stem.startswith(f"{name}_")), None)
    return f"{resource}/{file.stem.removeprefix(f'{resource}_')}" if resource else file.stem


@pytest.mark.skipif(not PAYLOADS.exists(), reason="../shared/payloads is not here: the real samples are not tried")
def test_every_real_sample_is_applied_or_kept_or_refused_with_a_reason(
    replay: Callable[..., dict[str, Any]],
) -> None:
    files = sorted(PAYLOADS.rglob("*.json"))
    lines = [
        line(topic_of(file), "2026-03-02T09:00:00+00:00", file.read_text(), str(number))
        for number, file in enumerate(files)
    ]
    report = replay(lines, "--until", "2026-06-01")
    assert len(report["deliveries"]) == len(files) > 40
    for file, delivery in zip(files, report["deliveries"], strict=True):
        assert delivery["outcome"] in ("applied", "parked", "waiting", "ignored", "refused"), file
        assert delivery["outcome"] == "applied" or delivery["reason"], file
    assert sum(entry["outcome"] == "applied" for entry in report["deliveries"]) > 20
    assert json.dumps(report["deliveries"]).count("Internal Server Error") == 0
