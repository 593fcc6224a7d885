"""What a report makes of a customer, as events for their line: only what changes a decision.

Apart from recording.py, so that a process which meets nothing but settled receipts never loads the event models.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from perennial import events

if TYPE_CHECKING:
    from perennial.customer import Lane
    from perennial.receipts import TouchRef
    from perennial.reports import Report


def events_of(report: "Report", ref: "TouchRef", now: datetime) -> Iterator[tuple[events.Event, "Lane"]]:
    """Events and their lanes: what stops messages is urgent, interest is not."""
    told = {"store": ref.store, "occurred_at": report.at, "received_at": now}
    match report.consequence:
        case "LinkClicked" if report.click is not None:
            name = f"{report.id}:{report.click.at:%Y%m%dT%H%M%S%f}:{report.click.mark}"
            yield (
                events.LinkClicked(type="LinkClicked", id=name, touch=ref.touch, link=report.click.link, **told),
                "patient",
            )
        case "MessageComplained":
            yield (
                events.MessageComplained(
                    type="MessageComplained",
                    id=report.id,
                    channel=report.channel,
                    address=report.address,
                    touch=ref.touch,
                    reason=report.reason,
                    **told,
                ),
                "urgent",
            )
        case "AddressBounced" | "AddressOptedOut" if report.address:
            yield (
                events.AddressEvent(
                    type=report.consequence,
                    id=report.id,
                    channel=report.channel,
                    address=report.address,
                    reason=report.reason or "bounced",
                    touch=ref.touch,
                    **told,
                ),
                "urgent",
            )
            if report.consequence == "AddressOptedOut":
                yield withdrawal(f"{report.id}:consent", ref.store, ref.touch, report.at, now), "urgent"


def opted_out(
    store: str, customer: str, number: str, seen_at: datetime, now: datetime
) -> tuple[events.Event, events.Event]:
    """A number on the provider's list of those that answered STOP: when they did, the list does not say."""
    name = f"sns:opted-out:{customer}:{seen_at:%Y%m%d}"
    gone = events.AddressEvent(
        type="AddressOptedOut",
        id=name,
        store=store,
        occurred_at=seen_at,
        received_at=now,
        channel="text",
        address=number,
        reason="opted out",
    )
    return gone, withdrawal(f"{name}:consent", store, None, seen_at, now)


def withdrawal(name: str, store: str, touch: str | None, at: datetime, now: datetime) -> events.ConsentEvent:
    """STOP is an answer to all texts of the shop."""
    return events.ConsentEvent(
        type="ConsentWithdrawn",
        id=name,
        store=store,
        occurred_at=at,
        received_at=now,
        contact=events.Contact(),
        channel="text",
        source="keyword",
        evidence=touch or "opt-out list",
    )
