"""Shopify: fulfilments are parcels, and fulfilment events the parcel's progress.

A fulfilment's `status` tells how the request to ship went, not where the parcel is: `shipment_status` and the
fulfilment events do. Which of them counts, the engine decides by comparing states.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest

from perennial import events
from perennial.events import ProgressStatus, ShipmentEvent
from perennial.platforms.bodies import Body, Fields, Reading

PROGRESS: Mapping[str, ProgressStatus] = {
    "carrier_picked_up": "in_transit",  # it has left the shop
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "attempted_delivery": "attempt_failed",
    "ready_for_pickup": "ready_for_pickup",
    "ready_for_recipient_pickup": "ready_for_pickup",
    "delivered": "delivered",
    "picked_up": "delivered",  # the buyer has it
    "delayed": "delayed",
    "failure": "failed",
    "returning_to_sender": "failed",  # the buyer will not get it
}
"""FulfillmentEventStatus of shopify.dev (2026-10 and unstable), lower-case in webhooks. An open enum: other words, such
as `confirmed`, `label_purchased` and `label_printed`, are no progress and no error."""

_EVENT_TYPES = {status: type_ for type_, status in events.PROGRESS.items()}
_NEVER_LEFT = frozenset(("cancelled", "error", "failure"))


def shipped(body: Body, told_at: datetime) -> Reading:
    """fulfillments/create: shipped, unless a fulfilment service has yet to accept it or could not."""
    class_, fields = shipment(body, told_at)
    return class_, fields | ({"type": "ShipmentShipped"} if "shipped_at" in fields["parcel"] else {})


def shipment(body: Body, _told_at: datetime) -> Reading:
    facts = parcel(body)
    return ShipmentEvent, {
        "type": "ShipmentUpdated",
        "occurred_at": facts["updated_at"],
        "order_id": body.id("order_id"),
        "parcel": facts,
    }


def progress(body: Body, _told_at: datetime) -> Reading:
    """fulfillment_events/create. No estimate in this event is no news: it takes back none that came before."""
    status = PROGRESS.get((body.text("status") or "").lower())
    estimate = body.known({"estimated_delivery": ("estimated_delivery_at", Body.moment)})
    return ShipmentEvent, {
        "type": _EVENT_TYPES[status] if status else "ShipmentUpdated",
        "occurred_at": body.first_moment("happened_at", "created_at"),
        "order_id": body.id("order_id"),
        "parcel": {"id": body.id("fulfillment_id")} | estimate,
    }


def parcel(body: Body) -> Fields:
    """`created_at` of a success is when the shop marked it as sent; `updated_at` moves on with each tracking number."""
    updated_at = body.first_moment("updated_at", "created_at")
    status = (body.text("status") or "").lower()
    progress = PROGRESS.get((body.text("shipment_status") or "").lower())
    return {
        "id": body.id("id"),
        "updated_at": updated_at,
        **({"cancelled": status in _NEVER_LEFT} if status else {}),
        **(body.known({"shipped_at": ("created_at", Body.moment)}) if status == "success" else {}),
        **({"progress": {progress: updated_at}} if progress else {}),
        **body.pick({"carrier": ("tracking_company", Body.text), "lines": ("line_items", _lines)}),
        **_tracking(body),
    }


def _lines(body: Body, name: str) -> list[Fields]:
    return quantities(body, name, "id")


def quantities(body: Body, name: str, line_id: str) -> list[Fields]:
    """`{line_id, quantity}` of each line; one line may be listed twice, with different treatment."""
    found: dict[str, int] = {}
    for line in body.parts(name):
        found[line.id(line_id)] = found.get(line.id(line_id), 0) + line.count("quantity")
    return [{"line_id": line, "quantity": quantity} for line, quantity in found.items()]


def _tracking(body: Body) -> Fields:
    """Numbers and addresses need not be equally many; old shapes have one of each and no lists."""
    names = ("tracking_number", "tracking_numbers", "tracking_url", "tracking_urls")
    if not any(name in body for name in names):
        return {}
    numbers, urls = _texts(body, "tracking_number"), _texts(body, "tracking_url")
    pairs = [(number, url if is_web_address(url) else None) for number, url in zip_longest(numbers, urls)]
    return {"tracking": [{"number": number, "url": url} for number, url in pairs if number or url]}


def _texts(body: Body, name: str) -> list[str | None]:
    listed = body.texts(f"{name}s")
    return listed if any(listed) else [body.text(name)]


def is_web_address(url: str | None) -> bool:
    """A link that may go into a message: free text, `javascript:` and the like may not."""
    return bool(url and url.lower().startswith(("https://", "http://")) and not any(mark in url for mark in ' "<>'))
