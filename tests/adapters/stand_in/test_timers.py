"""Schedules that really fire: an evening of some twenty seconds, watched from the end of both lanes.

The stand-in looks every ten seconds, so it may be that late; AWS is precise to the minute.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest

from perennial import events
from perennial.adapters.scheduler import SOONEST, SchedulerTimers
from perennial.adapters.sqs import group_of, read_message
from perennial.customer import Lane, Wake, schedule_name
from perennial.wiring import now
from tests.adapters.cloud import GROUP, Cloud, build, client
from tests.adapters.conftest import empty
from tests.adapters.people import ANNA, BERT, STORE
from tests.adapters.stand_in.races import WORKERS, at_once
from tests.adapters.test_timers import TARGETS
from tests.deployed.emulator import eventually

SECOND = timedelta(seconds=1)
SPREAD = [f"spread{number}aaaaaaaaa" for number in range(5)]
"""Two seconds apart: whenever in these ten the stand-in looks, one that was asked for too early rings too early."""

LATEST = timedelta(seconds=20)
RACED, CANCELLED, PAST, LATER = "racedaaaaaaaaaaa", "cancelledaaaaaaa", "pastaaaaaaaaaaaa", "lateraaaaaaaaaaa"


@dataclass(frozen=True)
class Ring:
    heard_at: datetime
    lane: Lane
    group: str
    event: events.WakeDue


@dataclass
class Evening:
    """What was asked for, by customer, and what rang."""

    cloud: Cloud
    began: datetime
    asked: dict[str, Wake] = field(default_factory=dict)
    rings: list[Ring] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def impatient(self) -> SchedulerTimers:
        """Takes it to be a minute ago, so that nobody has to wait for one: a wake may be asked for at once."""
        return SchedulerTimers(client("scheduler"), TARGETS, lambda: now() - SOONEST)

    def arm(self, customer: str, seconds: int, lane: Lane = "urgent", workers: int = 1) -> None:
        at = self.began.replace(microsecond=0) + seconds * SECOND
        self.asked[customer] = Wake(at, 1, lane)
        at_once([partial(self.impatient.arm, STORE, customer, 0, self.asked[customer])] * workers)

    def listen(self) -> int:
        for lane in TARGETS.queues:
            url = self.cloud.queues[lane]
            for message in client("sqs").receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages", []):
                group = message["Attributes"]["MessageGroupId"]
                event, _ = read_message(message["Body"], group, self.cloud.bodies)
                assert isinstance(event, events.WakeDue)
                self.rings.append(Ring(now(), lane, group, event))
                client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(self.rings)

    def schedules(self) -> dict[str, str]:
        names = [each["Name"] for each in client("scheduler").list_schedules(GroupName=GROUP)["Schedules"]]
        told = {name: client("scheduler").get_schedule(Name=name, GroupName=GROUP) for name in names}
        return {name: schedule["ScheduleExpression"] for name, schedule in told.items()}

    def of(self, customer: str) -> list[Ring]:
        return [ring for ring in self.rings if ring.event.customer == customer]


@pytest.fixture(scope="module")
def evening(stand_in: str) -> Evening:
    empty(stand_in)
    evening = Evening(build(), now())
    evening.arm(ANNA, seconds=6)
    evening.arm(BERT, seconds=4, lane="patient")
    evening.arm(RACED, seconds=5, workers=WORKERS)
    evening.arm(CANCELLED, seconds=6)
    evening.impatient.cancel(CANCELLED, 0, 1)
    evening.arm(LATER, seconds=300)
    for number, customer in enumerate(SPREAD):
        evening.arm(customer, seconds=3 + 2 * number)
    patient = SchedulerTimers(client("scheduler"), TARGETS, now)
    patient.arm(STORE, PAST, 0, Wake(evening.began - timedelta(days=3), 1))
    eventually(lambda: evening.listen() >= 8, seconds=40)
    eventually(lambda: evening.listen() > 8, seconds=11)  # one more look of the stand-in: does anything ring twice?
    evening.left = evening.schedules()
    return evening


def test_a_wake_rings_at_its_moment_or_after_it_and_never_before(evening: Evening) -> None:
    for customer in (ANNA, BERT, RACED, *SPREAD):
        (ring,) = evening.of(customer)
        assert timedelta() <= ring.heard_at - evening.asked[customer].at < LATEST


def test_it_rings_in_the_lane_it_asked_for_and_in_its_customers_line(evening: Evening) -> None:
    found = {ring.event.customer: (ring.lane, ring.group) for ring in evening.rings}
    assert found[ANNA] == ("urgent", group_of(STORE, ANNA))
    assert found[BERT] == ("patient", group_of(STORE, BERT))


def test_it_tells_whose_and_which_it_is(evening: Evening) -> None:
    (ring,) = evening.of(ANNA)
    told = ring.event
    assert (told.id, told.store, told.customer, told.epoch, told.n) == (f"wake:{ANNA}-0-1", STORE, ANNA, 0, 1)
    assert told.occurred_at == evening.asked[ANNA].at


def test_armed_by_many_at_once_it_rings_once(evening: Evening) -> None:
    """Two workers of one customer that both make sure of its wake, or one after a crash."""
    assert len(evening.of(RACED)) == 1


def test_what_was_cancelled_or_is_for_later_has_not_rung(evening: Evening) -> None:
    assert {ring.event.customer for ring in evening.rings} == {ANNA, BERT, RACED, *SPREAD}


def test_what_has_rung_is_gone_and_the_rest_is_still_armed(evening: Evening) -> None:
    assert set(evening.left) == {schedule_name(LATER, 0, 1), schedule_name(PAST, 0, 1)}


def test_the_past_is_never_asked_for(evening: Evening) -> None:
    asked = datetime.fromisoformat(evening.left[schedule_name(PAST, 0, 1)].strip("at()") + "+00:00")
    assert asked >= evening.began.replace(microsecond=0) + SOONEST


def test_a_name_that_is_armed_keeps_its_first_moment(evening: Evening) -> None:
    evening.impatient.arm(STORE, LATER, 0, Wake(evening.began + timedelta(hours=1), 1))
    assert evening.schedules()[schedule_name(LATER, 0, 1)] == evening.left[schedule_name(LATER, 0, 1)]
