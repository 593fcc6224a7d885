import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from perennial import events, ports
from perennial.adapters.memory import MemoryTimers
from perennial.adapters.scheduler import SchedulerTimers, Targets
from perennial.customer import Wake
from perennial.errors import Misconfigured, Unavailable
from tests.adapters.cloud import GROUP, LOST_WAKES, NOON, REGION, ROLE, Clock, calls, client, fault
from tests.adapters.people import ANNA, BERT, STORE

URGENT, PATIENT = (f"arn:aws:sqs:{REGION}:123456789012:{lane}.fifo" for lane in ("urgent", "patient"))
TARGETS = Targets(GROUP, ROLE, {"urgent": URGENT, "patient": PATIENT}, LOST_WAKES)
TOMORROW = NOON + timedelta(days=1)


class Armed:
    """Timers, and what they would ring: the moment, by name."""

    def __init__(self, timers: ports.Timers, clock: Clock) -> None:
        self.timers, self.clock = timers, clock

    def rings(self) -> dict[str, datetime]:
        assert isinstance(self.timers, MemoryTimers)
        return {name: at for name, (at, *_) in self.timers.armed.items()}

    def events(self) -> list[events.Event]:
        assert isinstance(self.timers, MemoryTimers)
        return [ring for _, _, ring, _ in self.timers.armed.values()]


class Scheduled(Armed):
    def _schedules(self) -> list[dict[str, Any]]:
        names = [entry["Name"] for entry in client("scheduler").list_schedules(GroupName=GROUP)["Schedules"]]
        return [client("scheduler").get_schedule(Name=name, GroupName=GROUP) for name in names]

    def rings(self) -> dict[str, datetime]:
        return {
            schedule["Name"]: datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(
                tzinfo=UTC
            )
            for schedule in self._schedules()
        }

    def events(self) -> list[events.Event]:
        return [events.from_json(schedule["Target"]["Input"]) for schedule in self._schedules()]


@pytest.fixture(params=["memory", "aws"])
def armed(request: pytest.FixtureRequest) -> Armed:
    clock = Clock()
    if request.param == "memory":
        return Armed(MemoryTimers(clock), clock)
    request.getfixturevalue("cloud")
    return Scheduled(SchedulerTimers(client("scheduler"), TARGETS, clock), clock)


@pytest.fixture
def timers(cloud: object) -> SchedulerTimers:
    return SchedulerTimers(client("scheduler"), TARGETS, Clock())


def test_a_wake_rings_when_it_should(armed: Armed) -> None:
    armed.timers.arm(STORE, ANNA, 0, Wake(TOMORROW, 1))
    assert armed.rings() == {f"{ANNA}-0-1": TOMORROW}


def test_a_wake_tells_whose_and_which_it_is(armed: Armed) -> None:
    armed.timers.arm(STORE, ANNA, 2, Wake(TOMORROW, 7))
    (ring,) = armed.events()
    assert ring == events.WakeDue(
        type="WakeDue", id=f"wake:{ANNA}-2-7", store=STORE, occurred_at=TOMORROW, customer=ANNA, epoch=2, n=7
    )


def test_arming_a_wake_twice_is_arming_it_once(armed: Armed) -> None:
    armed.timers.arm(STORE, ANNA, 0, Wake(TOMORROW, 1))
    armed.clock.move(hours=1)
    armed.timers.arm(STORE, ANNA, 0, Wake(TOMORROW, 1))
    assert armed.rings() == {f"{ANNA}-0-1": TOMORROW}


def test_the_first_to_arm_a_wake_decides_when_it_rings(armed: Armed) -> None:
    armed.timers.arm(STORE, ANNA, 0, Wake(NOON, 1))
    armed.clock.move(seconds=30)
    armed.timers.arm(STORE, ANNA, 0, Wake(NOON, 1))
    assert armed.rings() == {f"{ANNA}-0-1": NOON + timedelta(seconds=60)}


@pytest.mark.parametrize("at", [NOON - timedelta(days=400), NOON, NOON + timedelta(seconds=59)])
def test_a_wake_never_asks_for_the_past(armed: Armed, at: datetime) -> None:
    armed.timers.arm(STORE, ANNA, 0, Wake(at, 1))
    assert armed.rings() == {f"{ANNA}-0-1": NOON + timedelta(seconds=60)}


def test_another_customer_number_or_epoch_has_another_schedule(armed: Armed) -> None:
    for customer, epoch, n in ((ANNA, 0, 1), (BERT, 0, 1), (ANNA, 0, 2), (ANNA, 1, 1)):
        armed.timers.arm(STORE, customer, epoch, Wake(TOMORROW, n))
    assert set(armed.rings()) == {f"{ANNA}-0-1", f"{BERT}-0-1", f"{ANNA}-0-2", f"{ANNA}-1-1"}


def test_a_cancelled_wake_does_not_ring(armed: Armed) -> None:
    for n in (1, 2):
        armed.timers.arm(STORE, ANNA, 0, Wake(TOMORROW, n))
    armed.timers.cancel(ANNA, 0, 1)
    assert set(armed.rings()) == {f"{ANNA}-0-2"}


def test_cancelling_what_is_not_there_changes_nothing(armed: Armed) -> None:
    armed.timers.arm(STORE, ANNA, 0, Wake(TOMORROW, 1))
    for customer, epoch, n in ((ANNA, 0, 2), (ANNA, 1, 1), (BERT, 0, 1)):
        armed.timers.cancel(customer, epoch, n)
        armed.timers.cancel(customer, epoch, n)
    assert set(armed.rings()) == {f"{ANNA}-0-1"}


def test_the_twin_takes_no_name_twice() -> None:
    """Nor may anybody count on it: Scheduler keeps a name for some time after it has fired, and then forgets it."""
    armed = MemoryTimers(Clock())
    armed.arm(STORE, ANNA, 0, Wake(TOMORROW, 1))
    armed.cancel(ANNA, 0, 1)
    armed.arm(STORE, ANNA, 0, Wake(TOMORROW, 1))
    assert armed.armed == {}
    armed.arm(STORE, ANNA, 0, Wake(TOMORROW, 2))
    assert set(armed.armed) == {f"{ANNA}-0-2"}


def test_a_schedule_is_asked_for_in_these_very_words(timers: SchedulerTimers) -> None:
    with calls(client("scheduler")) as asked:
        timers.arm(STORE, ANNA, 0, Wake(TOMORROW, 1, "urgent"))
    ((operation, request),) = asked
    ring = request["Target"].pop("Input")
    assert operation == "CreateSchedule"
    assert request == {
        "Name": "annaaaaaaaaaaaaa-0-1",
        "GroupName": "perennial",
        "ScheduleExpression": "at(2026-06-02T12:00:00)",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": "arn:aws:sqs:eu-central-1:123456789012:urgent.fifo",
            "RoleArn": "arn:aws:iam::123456789012:role/wakes",
            "SqsParameters": {"MessageGroupId": "demo:annaaaaaaaaaaaaa"},
            "RetryPolicy": {"MaximumRetryAttempts": 20, "MaximumEventAgeInSeconds": 3600},
            "DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-central-1:123456789012:lost-wakes"},
        },
    }
    assert json.loads(ring) == {
        "type": "WakeDue",
        "id": "wake:annaaaaaaaaaaaaa-0-1",
        "store": "demo",
        "occurred_at": "2026-06-02T12:00:00Z",
        "received_at": None,
        "customer": "annaaaaaaaaaaaaa",
        "epoch": 0,
        "n": 1,
    }


def test_a_wake_that_may_be_late_joins_the_patient_lane_within_its_window(timers: SchedulerTimers) -> None:
    with calls(client("scheduler")) as asked:
        timers.arm(STORE, ANNA, 0, Wake(TOMORROW, 1, "patient", 15))
    ((_, request),) = asked
    assert request["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert request["Target"]["Arn"] == "arn:aws:sqs:eu-central-1:123456789012:patient.fifo"


def test_a_moment_of_another_zone_is_asked_for_in_utc(timers: SchedulerTimers) -> None:
    at = datetime(2026, 6, 2, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with calls(client("scheduler")) as asked:
        timers.arm(STORE, ANNA, 0, Wake(at + timedelta(days=3), 1))
    assert asked[0][1]["ScheduleExpression"] == "at(2026-06-04T20:00:00)"


@pytest.mark.parametrize("customer", ["x" * 61, "anna smith", "anna/1", "änna"])
def test_a_name_that_scheduler_refuses_is_refused_here(timers: SchedulerTimers, customer: str) -> None:
    with calls(client("scheduler")) as asked, pytest.raises(ValueError, match="1 to 64"):
        timers.arm(STORE, customer, 0, Wake(TOMORROW, 1))
    assert asked == []


def test_cancelling_names_the_schedule_and_its_group(timers: SchedulerTimers) -> None:
    with calls(client("scheduler")) as asked:
        timers.cancel(ANNA, 0, 1)
    assert asked == [("DeleteSchedule", {"Name": "annaaaaaaaaaaaaa-0-1", "GroupName": "perennial"})]


def test_a_schedule_that_is_just_being_changed_is_left_to_ring_into_nothing(timers: SchedulerTimers) -> None:
    with fault(client("scheduler"), "DeleteSchedule", "ConflictException", 409) as met:
        timers.cancel(ANNA, 0, 1)
    assert met == ["DeleteSchedule"]


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("ThrottlingException", Unavailable),
        ("InternalServerException", Unavailable),
        ("ResourceNotFoundException", Misconfigured),
        ("ServiceQuotaExceededException", Misconfigured),
        ("ValidationException", Misconfigured),
    ],
)
def test_a_wake_that_could_not_be_armed_is_not_taken_for_armed(
    timers: SchedulerTimers, code: str, raised: type[Exception]
) -> None:
    with fault(client("scheduler"), "CreateSchedule", code), pytest.raises(raised):
        timers.arm(STORE, ANNA, 0, Wake(TOMORROW, 1))


def test_a_wake_that_could_not_be_cancelled_says_so(timers: SchedulerTimers) -> None:
    with fault(client("scheduler"), "DeleteSchedule", "ThrottlingException"), pytest.raises(Unavailable):
        timers.cancel(ANNA, 0, 1)
