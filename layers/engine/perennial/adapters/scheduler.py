"""Wakes as one-time schedules of EventBridge Scheduler, each sent into its customer's line.

What AWS would refuse is refused here first, as moto accepts it: a past moment, a bad name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from perennial import events
from perennial.adapters.errors import translated
from perennial.adapters.sqs import group_of
from perennial.customer import Lane, Wake, schedule_name

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import FlexibleTimeWindowTypeDef

SOONEST = timedelta(seconds=60)
NAME = re.compile(r"[0-9a-zA-Z-_.]{1,64}")
RETRIES, OLDEST = 20, 3600
"""How often and how long, in seconds, Scheduler tries to reach the queue; then its dead-letter queue has the wake."""


@dataclass(frozen=True, slots=True)
class Targets:
    """`queues` are the ARNs of the two lanes, `role` may send to them, `dead_letters` takes what could not be sent."""

    group: str
    role: str
    queues: Mapping[Lane, str]
    dead_letters: str


@dataclass(frozen=True, slots=True)
class SchedulerTimers:
    client: "EventBridgeSchedulerClient"
    targets: Targets
    now: Callable[[], datetime]

    def arm(self, store: str, customer: str, epoch: int, wake: Wake) -> None:
        name = schedule_name(customer, epoch, wake.n)
        if NAME.fullmatch(name) is None:
            raise ValueError("a schedule's name has 1 to 64 letters, digits, dots, dashes and underscores")
        at = max(wake.at, self.now() + SOONEST).astimezone(UTC)
        ring = events.WakeDue(
            type="WakeDue", id=f"wake:{name}", store=store, occurred_at=at, customer=customer, epoch=epoch, n=wake.n
        )
        try:
            with translated("ConflictException"):
                self.client.create_schedule(
                    Name=name,
                    GroupName=self.targets.group,
                    ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow=_window(wake.flexible_minutes),
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": self.targets.queues[wake.lane],
                        "RoleArn": self.targets.role,
                        "Input": ring.model_dump_json(),
                        "SqsParameters": {"MessageGroupId": group_of(store, customer)},
                        "RetryPolicy": {"MaximumRetryAttempts": RETRIES, "MaximumEventAgeInSeconds": OLDEST},
                        "DeadLetterConfig": {"Arn": self.targets.dead_letters},
                    },
                )
        except ClientError:
            return  # the name is taken: it is armed already, or has rung just now

    def cancel(self, customer: str, epoch: int, n: int) -> None:
        try:
            with translated("ResourceNotFoundException", "ConflictException"):
                self.client.delete_schedule(Name=schedule_name(customer, epoch, n), GroupName=self.targets.group)
        except ClientError:
            return  # it has rung, or is just ringing


def _window(minutes: int) -> "FlexibleTimeWindowTypeDef":
    return {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes} if minutes else {"Mode": "OFF"}
