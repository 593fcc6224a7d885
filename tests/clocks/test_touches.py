"""When touches are due, end and pass the gates, in every zone and around every change: the journey's words, counted."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from perennial.customer import Consent, Enrolment
from perennial.gates import Go, Hold, Scene, Verdict, pass_gates
from perennial.parts import Contact
from perennial.planning import Calendar, Planned, plan
from tests.clocks import oracle
from tests.clocks.oracle import DAY, HOUR
from tests.clocks.probing import WEIRD, agree, changes, clock, closely, every_zone, minute, moment, plain, probes
from tests.unit.core.builders import MESSAGES, NOW, a_journey, a_store, a_touch, an_order, delivered, placed, somebody


class Told(NamedTuple):
    """A touch in the journey's words, and in numbers: its span, its hour or the earliest one, how long it is of use."""

    words: dict[str, object]
    span: tuple[int, int, int]
    use: tuple[int, int, int]
    at: time | None = None
    not_before: time | None = None


TOUCHES = {
    "days": Told({"after": "order.placed + 3 days"}, (0, 3, 0), (0, 10, 0), at=clock("10:00")),
    "night": Told({"after": "order.placed + 1 month", "at": "02:30"}, (1, 0, 0), (0, 10, 0), at=clock("02:30")),
    "hours": Told({"after": "order.placed + 36 hours", "within": "1 day"}, (0, 0, 36 * HOUR), (0, 1, 0)),
    "weeks": Told(
        {"after": "order.placed + 1 week", "not_before": "02:30", "expires": "1 month"},
        (0, 7, 0),
        (1, 0, 0),
        not_before=clock("02:30"),
    ),
    "today": Told(
        {"after": "order.placed", "at": "00:30", "within": "90 minutes"}, (0, 0, 0), (0, 0, 90), clock("00:30")
    ),
}
JOURNEY = a_journey("care", *(a_touch(name, **told.words) for name, told in TOUCHES.items()))  # type: ignore[arg-type]
ENROLMENT = Enrolment("care:1001", "care", "v", "1001", NOW)
BY_NAME = {message.message: message for message in MESSAGES}


def orders(zone: str) -> Iterator[int]:
    """When somebody there orders, so that some touch falls on a change of the clock: or on a plain day."""
    yield from plain(zone)
    for change in changes(zone):
        for told in TOUCHES.values():
            months, days, minutes = told.span
            for near in (-61, -1, 30) if closely(zone) else (30,):
                yield oracle.shift(zone, change.minute + near, -months, -days, -minutes)


def due(zone: str, told: Told, ordered: int) -> int:
    found = oracle.shift(zone, ordered, *told.span)
    if told.at is not None:
        return oracle.at_hour(zone, found, told.at, ordered)
    return found if told.not_before is None else oracle.not_before(zone, found, told.not_before)


@every_zone
def test_touches_are_due_and_expire_by_the_recipients_clock(zone: str) -> None:
    calendar = Calendar(an_order(), a_store(), ZoneInfo(zone), BY_NAME)
    for ordered in orders(zone):
        order = an_order(placed(moment(ordered)))
        ahead = plan(ENROLMENT, JOURNEY, Calendar(order, calendar.store, calendar.zone, BY_NAME))
        assert len(ahead) == len(TOUCHES)
        for planned in ahead:
            told = TOUCHES[planned.key]
            wanted = due(zone, told, ordered)
            agree(zone, told.words, ordered, _minute(planned.due), wanted)
            agree(
                zone, ("end of", told.words), ordered, _minute(planned.expires), oracle.shift(zone, wanted, *told.use)
            )


def _minute(found: datetime | None) -> int | None:
    return None if found is None else minute(found)


# Quiet hours, at the gates

STORE = a_store(quiet_hours={"email": "02:15-21:00", "text": "00:30-02:30"})
HOURS = {"email": (clock("02:15"), clock("21:00")), "text": (clock("00:30"), clock("02:30"))}
YES = {f"{channel}:marketing": Consent("given", NOW) for channel in HOURS}
ANN = somebody(consents=YES, contact=Contact(phone="+447911123456"))
BOUGHT = an_order(placed(contact={"email": "ann@example.com", "phone": "07911 123456"}), delivered(NOW))
"""Long ago or not: it has arrived, so only the hour can stand in the way."""


def offered(name: str) -> Planned:
    journey = a_journey("care", a_touch("a", "order.placed", name))
    (found,) = plan(ENROLMENT, journey, Calendar(BOUGHT, STORE, ZoneInfo("UTC"), BY_NAME))
    return found


TIPS, NUDGE, NOTE = offered("tips"), offered("nudge"), offered("note")


def verdict(planned: Planned, zone: ZoneInfo, now: int) -> Verdict:
    return pass_gates(planned, Scene(ANN, BOUGHT, STORE, (zone,), zone, moment(now)))


@every_zone
def test_quiet_hours_are_those_of_the_recipients_clock(zone: str) -> None:
    here = ZoneInfo(zone)
    for now in probes(zone):
        for planned, channel in ((TIPS, "email"), (NUDGE, "text")):
            found = verdict(planned, here, now)
            opens = oracle.next_open([zone], now, HOURS[channel])
            assert isinstance(found, Go | Hold), (zone, moment(now), found)
            until = now if isinstance(found, Go) else _minute(found.until)
            agree(zone, (channel, "waits until"), now, until, opens)
            assert isinstance(found, Go) is oracle.legal([zone], now, HOURS[channel])


@pytest.mark.parametrize("zone", WEIRD)
def test_an_email_that_the_customer_needs_waits_for_no_hour(zone: str) -> None:
    for now in range(minute(NOW), minute(NOW) + DAY, 2 * HOUR):
        assert verdict(NOTE, ZoneInfo(zone), now) == Go("email", "ann@example.com")
