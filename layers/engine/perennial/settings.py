"""The only reader of the environment: one frozen model per function, filled from the variables of template.yaml."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from perennial.errors import Misconfigured

PREFIX = "PERENNIAL_"


@dataclass(frozen=True, slots=True)
class Settings:
    """A field `table` is read from PERENNIAL_TABLE. There are no defaults: a missing variable is a broken deploy."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises Misconfigured with every variable that is missing."""
        names = {field.name: PREFIX + field.name.upper() for field in fields(cls)}
        missing = sorted(variable for variable in names.values() if not environment.get(variable))
        if missing:
            raise Misconfigured(f"missing environment variables: {', '.join(missing)}")
        return cls(**{name: environment[variable] for name, variable in names.items()})


@dataclass(frozen=True, slots=True)
class ReceivingSettings(Settings):
    """For receive_webhook. `parameters` is the path in Parameter Store, `content` the file of the content bundle."""

    table: str
    bucket: str
    parameters: str
    content: str
    urgent_queue: str
    patient_queue: str


@dataclass(frozen=True, slots=True)
class AdvancingSettings(ReceivingSettings):
    """For advance_customer. Queues are URLs, and ARNs where Scheduler sends to them."""

    urgent_queue_arn: str
    patient_queue_arn: str
    schedule_group: str
    schedule_role: str
    lost_wakes_arn: str
    configuration_set: str


@dataclass(frozen=True, slots=True)
class RecordingSettings(ReceivingSettings):
    """For record_feedback. Its own queue is where it leaves itself the rest of long work."""

    feedback_queue: str


@dataclass(frozen=True, slots=True)
class SweepingSettings(ReceivingSettings):
    """For sweep_overdue: the table, and the lanes it puts things back into."""


@dataclass(frozen=True, slots=True)
class ServingSettings(ReceivingSettings):
    """For serve_pages: the table to read, the lanes that answers join."""


def metrics_namespace(environment: Mapping[str, str] = os.environ) -> str:
    """Below the stack's own name, so that stages in one region ring no alarms of each other; without a stack, ours."""
    return environment.get("POWERTOOLS_METRICS_NAMESPACE", "Perennial")


def read_content(path: str) -> bytes:
    """The content bundle of this deploy. Raises Misconfigured."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Misconfigured(f"the content bundle {path} cannot be read: {error.strerror}") from error
