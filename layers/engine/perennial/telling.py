"""What a report makes of a customer, as events for their line: only what changes a decision.

Apart from recording.py, so that a process which meets nothing but settled receipts never loads the event models.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from perennial import events

if TYPE_CHECKING:
    from perennial.receipts import TouchRef
    from perennial.reports import Report


def events_of(report: "Report", ref: "TouchRef", now: datetime) -> tuple[events.Event, ...]:
    """One event in most cases; STOP is two, since it is about the number and about what the person wants."""
    match report.consequence:
        case "LinkClicked":
            return (_click(report, ref, now),)
        case "MessageComplained":
            return (_complaint(report, ref, now),)
        case "AddressBounced":
            return (_address(report, ref, now),)
        case "AddressOptedOut":
            return (
                _address(report, ref, now),
                _withdrawal(f"{report.id}:consent", ref.store, ref.touch, report.at, now),
            )
        case None:
            return ()


def _click(report: "Report", ref: "TouchRef", now: datetime) -> events.LinkClicked:
    click = report.click
    if click is None:
        raise ValueError("a click without its link")
    return events.LinkClicked(
        type="LinkClicked",
        id=f"{report.id}:{click.at:%Y%m%dT%H%M%S%f}:{click.mark}",
        store=ref.store,
        occurred_at=click.at,
        received_at=now,
        touch=ref.touch,
        link=click.link,
    )


def _complaint(report: "Report", ref: "TouchRef", now: datetime) -> events.MessageComplained:
    return events.MessageComplained(
        type="MessageComplained",
        id=report.id,
        store=ref.store,
        occurred_at=report.at,
        received_at=now,
        channel=report.channel,
        address=report.address,
        touch=ref.touch,
        reason=report.reason,
    )


def _address(report: "Report", ref: "TouchRef", now: datetime) -> events.AddressEvent:
    return events.AddressEvent(
        type="AddressOptedOut" if report.consequence == "AddressOptedOut" else "AddressBounced",
        id=report.id,
        store=ref.store,
        occurred_at=report.at,
        received_at=now,
        channel=report.channel,
        address=str(report.address),
        reason=report.reason or "bounced",
        touch=ref.touch,
    )


def opted_out(store: str, customer: str, number: str, now: datetime) -> tuple[events.Event, ...]:
    """A number on the provider's list of those that answered STOP: when they did, the list does not say."""
    name = f"sns:opted-out:{customer}:{now:%Y%m%d}"
    gone = events.AddressEvent(
        type="AddressOptedOut",
        id=name,
        store=store,
        occurred_at=now,
        received_at=now,
        channel="text",
        address=number,
        reason="opted out",
    )
    return gone, _withdrawal(f"{name}:consent", store, None, now, now)


def _withdrawal(name: str, store: str, touch: str | None, at: datetime, now: datetime) -> events.ConsentEvent:
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
