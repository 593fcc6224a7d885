"""The hourly sweep in the embedded cloud, where a schedule can be lost as in no other place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from perennial_cli import cloud_timers
from perennial_cli.cloud import Cloud
from perennial_cli.replaying import Line, Replay
from tests.e2e.conftest import ROOT, TEMPLATES, _read
from tests.e2e.shop import PLACED, line, order, parcel, progress

START = datetime.fromisoformat(PLACED).astimezone(UTC)
DELIVERED = "2026-03-05T15:00:00+00:00"
STORY = [
    line("orders/create", PLACED, order()),
    line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel()),
    line("fulfillment_events/create", DELIVERED, progress("delivered", DELIVERED)),
]


def lose_every_schedule(cloud: Cloud) -> int:
    lost = cloud_timers.as_requests()
    for schedule in lost:
        cloud.admin("scheduler").delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
    return len(lost)


@pytest.mark.parametrize("sweeping", [True, False])
def test_whose_schedule_is_lost_hears_of_it_within_two_hours_where_the_sweep_comes(
    tmp_path: Path, sweeping: bool
) -> None:
    with Cloud.open(_read(Path(TEMPLATES)), ROOT, START, tmp_path) as cloud:
        Replay(cloud, "demo", sign=True).feed([Line.model_validate(told) for told in STORY])
        due = cloud.next_wake()
        assert due is not None
        assert lose_every_schedule(cloud) == 1
        sent = len(cloud.witness.sent)
        cloud.next_sweep = cloud.now if sweeping else None
        cloud.run_until(due + timedelta(hours=2))
        assert (len(cloud.witness.sent) > sent, cloud.next_wake() is not None) == (sweeping, sweeping)
        assert cloud.failures == []
