"""Why a customer got what they got, and what is still ahead: every touch with its time, outcome and reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial.customer import Customer, Touch, touch_id
from perennial.decide import decide
from perennial.draft import Setting
from perennial.judging import Waiting
from perennial.outside import ForAdvancing
from perennial.scenes import scene_of


@dataclass(frozen=True)
class Row:
    """One touch as people read it. `at` is when it ended, or when it will be looked at next."""

    journey: str
    touch: str
    message: str
    class_: str
    channel: str | None
    due: datetime | None
    at: datetime | None
    outcome: str
    reason: str | None
    subject: str | None
    order: str
    zone: str
    id: str

    def as_dict(self) -> dict[str, Any]:
        """The shape that `perennial replay --json` documents."""
        return {
            "journey": self.journey,
            "touch": self.touch,
            "message": self.message,
            "class": self.class_,
            "channel": self.channel,
            "due": _iso(self.due),
            "at": _iso(self.at),
            "outcome": self.outcome,
            "reason": self.reason,
            "subject": self.subject,
            "order": self.order,
            "zone": self.zone,
        }


def explain(store: str, customer: str, outside: ForAdvancing) -> tuple[Customer, tuple[Row, ...]]:
    """The customer, and their touches from first to last: what has ended, then what is ahead."""
    loaded = outside.customers.load(store, customer)
    setting = setting_for(loaded, outside)
    ahead = decide(loaded, (), setting).waiting
    zones = _zones(loaded, setting)
    # What hangs on something that may never happen (a cancellation, a refund) is no touch yet.
    waiting = [_waiting(left, loaded, zones) for left in ahead if left.planned.due or left.planned.expected]
    still_ahead = {row.id for row in waiting}
    records = outside.customers.touches(store, customer)
    ended = [_ended(record, zones, outside, store) for record in records if record.id not in still_ahead]
    return loaded, tuple(sorted([*ended, *waiting], key=_turn))


def setting_for(customer: Customer, outside: ForAdvancing) -> Setting:
    store = outside.content.stores[customer.profile.store]
    wanted = {enrolment.version for enrolment in customer.enrolments.values()} - outside.content.versions.keys()
    found = {version: outside.versions.find(store.store, version) for version in wanted}
    return Setting(
        now=outside.now(),
        store=store,
        content=outside.content,
        nonce="explain",
        pauses=outside.pauses.paused(store.store),
        pinned={version: journey for version, journey in found.items() if journey is not None},
    )


def _zones(customer: Customer, setting: Setting) -> Mapping[str, str]:
    return {name: scene_of(customer, order, setting).zone.key for name, order in customer.orders.items()}


def _waiting(left: Waiting, customer: Customer, zones: Mapping[str, str]) -> Row:
    planned = left.planned
    order = planned.enrolment.order_id
    return Row(
        journey=planned.journey.journey,
        touch=planned.key,
        message=planned.message.message,
        class_=planned.class_,
        channel=None,
        due=planned.due,
        at=left.look_at,
        outcome="waiting",
        reason=left.reason,
        subject=None,
        order=order,
        zone=zones[order],
        id=touch_id(customer.profile.store, planned.enrolment.id, planned.key),
    )


def _ended(record: Touch, zones: Mapping[str, str], outside: ForAdvancing, store: str) -> Row:
    return Row(
        journey=record.journey,
        touch=record.key,
        message=record.message,
        class_=record.class_,
        channel=record.channel,
        due=record.due,
        at=record.at,
        outcome="in doubt" if record.state == "claimed" else record.state,
        reason=record.reason,
        subject=record.subject,
        order=record.order_id,
        zone=record.zone or zones.get(record.order_id) or outside.content.stores[store].time_zone,
        id=record.id,
    )


def _turn(row: Row) -> tuple[bool, datetime | None, str]:
    """By time; what has no time yet comes last."""
    moment = row.at if row.outcome != "waiting" else row.due or row.at
    return (moment is None, moment, row.id) if moment else (True, None, row.id)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
