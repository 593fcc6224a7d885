"""What one event reads for customers with few and with very many past orders: it must not grow (law 8)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from benchmarks.rows import Row
from benchmarks.worlds import STORE, cloud, delivery, event_of, post
from perennial import documents
from perennial.adapters import table
from perennial.adapters.items import pack
from perennial.customer import Touch
from perennial.orders import blank, learn
from perennial_cli.cloud import Cloud

PAST = (1, 100, 10_000)
ALLOWED = 1.1
ORDER = "past"


def rows() -> Iterator[Row]:
    found = {past: _measure(past) for past in PAST}
    for past in PAST:
        calls, read = found[past]
        floor_calls, floor_read = found[PAST[0]]
        yield Row(f"calls for one event, {past:,} past orders", calls, "calls", floor_calls, "1 past order", ALLOWED)
        yield Row(f"bytes read for one event, {past:,} past orders", read, "bytes", floor_read, "1 past order", ALLOWED)


def _measure(past: int) -> tuple[int, int]:
    """Calls and bytes of answers, for the news of a parcel that sends a message."""
    with cloud() as opened:
        post(opened, delivery("order placed"))
        opened.settle()
        _fill(opened, opened.customers()[0][1], past)
        post(opened, delivery("the blender leaves"))
        opened.run_until(opened.now + timedelta(hours=1))
        witness = opened.witness
        calls, read = witness.calls.total(), witness.bytes_read
        post(opened, delivery("the blender is there"))
        opened.settle()
        return witness.calls.total() - calls, witness.bytes_read - read


def _fill(opened: Cloud, customer: str, past: int) -> None:
    """Orders in the archive, each with the record of a touch, straight into the table."""
    event = event_of(delivery("order placed"))
    order = learn(blank(ORDER), event)
    pk, name = table.customer_key(STORE, customer), opened.resources.attribute("Table", "Ref")
    touch = Touch("0" * 12, "e", "k", "j", "v", ORDER, "m", "marketing", "sent", event.occurred_at)
    for number in range(past):
        record = replace(touch, id=f"{number:012x}")
        state = {"state": "sent", "at": table.instant(event.occurred_at)}
        items: list[dict[str, Any]] = [
            {"pk": pk, "sk": f"O#past-{number}", "doc": documents.write(order)},
            {"pk": pk, "sk": f"T#{record.id}", "doc": documents.write(record), **state},
        ]
        opened.admin("dynamodb").batch_write_item(
            RequestItems={name: [{"PutRequest": {"Item": pack(item)}} for item in items]}
        )
