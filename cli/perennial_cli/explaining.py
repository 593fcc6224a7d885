"""Why a customer got what they got, and what is still ahead: every touch with its time, outcome and reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from perennial.becoming_one import root
from perennial.customer import Customer, Profile, Touch, touch_id
from perennial.decide import decide
from perennial.draft import Setting
from perennial.every_name import touches_of
from perennial.judging import Waiting
from perennial.machines import by_machines, by_people
from perennial.outside import ForAdvancing
from perennial.receipts import First, Kind, Receipts
from perennial.scenes import scene_of

REPORTED: Mapping[str, Kind] = {
    "delivered": "delivered",
    "opened": "opened",
    "bounced": "bounced",
    "complained": "complained",
}
"""First moments of a touch as `--json` names them; opens are those of people, as far as anybody can tell."""


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
    receipts: Receipts = field(default_factory=Receipts)

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
            **{name: _iso(self.receipts.at(kind)) for name, kind in REPORTED.items()},
            "clicked": _iso(min((click.at for click in by_people(self.receipts.clicks)), default=None)),
            "machines": list(_machines(self.receipts)),
        }


def explain(store: str, customer: str, outside: ForAdvancing) -> tuple[Customer, tuple[Row, ...]]:
    """The customer, or who they are since a merge, and their touches from first to last: what has ended, then what is
    ahead.
    """
    loaded = root(store, customer, outside)
    setting = setting_for(loaded, outside)
    ahead = decide(loaded, (), setting).waiting
    zones = _zones(loaded, setting)
    # What hangs on something that may never happen (a cancellation, a refund) is no touch yet.
    waiting = [_waiting(left, loaded, zones) for left in ahead if left.planned.due or left.planned.expected]
    still_ahead = {row.id for row in waiting}
    records = touches_of(loaded, outside)
    ended = [_ended(record, zones, outside, store) for record in records if record.id not in still_ahead]
    return loaded, tuple(sorted([*ended, *waiting], key=_turn))


def explain_all(
    customers: Iterable[tuple[str, str]], outside: ForAdvancing
) -> Iterator[tuple[Customer, tuple[Row, ...]]]:
    """Everybody once, under the name that they have since a merge."""
    for store, customer in customers:
        told, rows = explain(store, customer, outside)
        if told.profile.customer == customer:
            yield told, rows


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
        receipts=record.receipts,
    )


def came_back(row: Row) -> str:
    """What providers reported about a touch, in the words of a person: an open is a hint and no more (law 12)."""
    firsts = row.receipts.firsts
    known: Mapping[Kind, str] = {
        "delivered": "delivered",
        "delayed": "delayed",
        "opened": "opened (hint)",
        "bounced": "bounced",
        "complained": "complained",
    }
    told = [f"{word}{_of(firsts[kind])}" for kind, word in known.items() if kind in firsts]
    links = dict.fromkeys(click.link for click in by_people(row.receipts.clicks))
    pressed = [f"clicked {', '.join(links)}"] if links else []
    return "; ".join((*told, *pressed, *_machines(row.receipts)))


def _of(first: First) -> str:
    return f": {first.words}" if first.words else ""


def _machines(receipts: Receipts) -> Iterator[str]:
    """What machines did, and what gave them away."""
    if "fetched" in receipts.firsts:
        yield f"opened by a machine: {receipts.firsts['fetched'].words}"
    judged = by_machines(receipts.clicks)
    reasons = dict.fromkeys(reason for _, verdict in judged for reason in verdict.reasons)
    if judged:
        yield f"{len(judged)} clicks by a machine: {', '.join(reasons)}"


def _turn(row: Row) -> tuple[bool, datetime | None, str]:
    """By time; what has no time yet comes last."""
    moment = row.at if row.outcome != "waiting" else row.due or row.at
    return (moment is None, moment, row.id) if moment else (True, None, row.id)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def notes_on(profile: Profile) -> Iterator[str]:
    """What explains a customer as a whole."""
    if profile.merged:
        yield f"One person with {', '.join(profile.merged)}: an address came beside a customer id, or the shop said so."
    if profile.moving or profile.same_as:
        others = ", ".join(dict.fromkeys((*profile.moving, *profile.same_as)))
        yield f"Being united with {others}: only what is needed goes out meanwhile."
    if profile.erased_at is not None:
        yield f"Erased on {profile.erased_at:%-d %b %Y %H:%M} UTC: only the books are left."
    if profile.suppressed:
        yield f"They had been erased before, and have not asked since for {', '.join(profile.suppressed)}."
