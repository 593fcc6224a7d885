"""What moto's scheduler holds and never rings: every live schedule, read out of moto's own records."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.scheduler.models import scheduler_backends

from perennial_cli.cloud_resources import ACCOUNT, REGION


def live() -> Iterator[tuple[datetime, str, Any]]:
    """When each schedule rings, its group, and moto's record of it."""
    for group in scheduler_backends[ACCOUNT][REGION].schedule_groups.values():
        for schedule in group.schedules.values():
            expression = schedule.schedule_expression.removeprefix("at(").removesuffix(")")
            yield datetime.fromisoformat(expression).replace(tzinfo=UTC), group.name, schedule


def as_requests() -> list[dict[str, Any]]:
    """Every live schedule, as one would ask Scheduler for it again."""
    return [
        {
            "Name": schedule.name,
            "GroupName": group,
            "ScheduleExpression": schedule.schedule_expression,
            "FlexibleTimeWindow": schedule.flexible_time_window,
            "Target": schedule.target,
            "ActionAfterCompletion": "DELETE",
        }
        for _, group, schedule in live()
    ]


def ring(now: datetime, send: Callable[[str, str, str], None]) -> None:
    """Sends the wakes that are due into their queues (ARN, body, group), and deletes their schedules."""
    due = sorted((entry for entry in live() if entry[0] <= now), key=lambda entry: (entry[0], entry[2].name))
    groups = scheduler_backends[ACCOUNT][REGION].schedule_groups
    for _, group, schedule in due:
        target = schedule.target
        send(target["Arn"], target["Input"], target["SqsParameters"]["MessageGroupId"])
        del groups[group].schedules[schedule.name]
