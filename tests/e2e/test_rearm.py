"""After a restore to a point in time: no touch goes out twice, nothing is lost, every live customer has a wake."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from perennial.errors import Misconfigured, Unavailable
from perennial.lost import REASON
from perennial_cli.rearm import rearming
from perennial_cli.rearm.command import stopped
from perennial_cli.rearm.rearming import rearmed
from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.restoring import Shop, at, bought, shop

KNOWN, NEW = [*bought(1001, 2), *bought(1002, 4)], bought(1003, 6)
RESTORED_TO, UNTIL = at(5, 12), at(8, 12)
"""The first order is there at the restore, the second on its way, the third comes in the lost time."""

LATER = at(30)
BEFORE = [one for one in KNOWN if one["at"] <= RESTORED_TO.isoformat()]
IN_LOST_TIME = [one for one in [*KNOWN, *NEW] if RESTORED_TO.isoformat() < one["at"] <= UNTIL.isoformat()]
AFTER = [one for one in [*KNOWN, *NEW] if UNTIL.isoformat() < one["at"]]


@pytest.fixture
def restored(tmp_path: Path, _read_once: None) -> Iterator[Shop]:
    """A shop that has lived on for three days, and whose table is as it was before them."""
    with shop(tmp_path) as lived:
        lived.hears(BEFORE, RESTORED_TO)
        copy = lived.copy()
        lived.hears(IN_LOST_TIME, UNTIL)
        lived.put_back(copy)
        yield lived


def goes_on(lived: Shop) -> None:
    """The shop tells the lost time again, what can wait is let go, and weeks go by."""
    lived.hears(IN_LOST_TIME, UNTIL)
    lived.resume()
    lived.hears(AFTER, LATER)


def twice(lived: Shop) -> list[str]:
    return [touch for touch, count in lived.sent().items() if count > 1]


def comes_to_an_end(lived: Shop) -> None:
    """Every touch that should have come has one outcome, in order; nothing went out twice; whoever waits is armed."""
    assert twice(lived) == []
    assert lived.wakes() <= lived.schedules()
    assert lived.reused() == []
    rows = {(row.order, row.touch): row for row in lived.rows()}
    assert {order for order, _ in rows} == {"1001", "1002", "1003"}
    ahead = [row for row in rows.values() if row.outcome == "waiting"]
    assert [row for row in ahead if (row.due or LATER) < LATER] == []
    ended = [row for row in rows.values() if row.outcome != "waiting"]
    assert {row.outcome for row in ended} <= {"sent", "skipped", "unconfirmed"}
    assert all(lived.sent()[row.id] == 1 for row in ended if row.outcome in ("sent", "unconfirmed"))
    assert lived.cloud.failures == []


@pytest.mark.parametrize("told", [False, True])
def test_nothing_goes_out_twice_and_everything_comes_to_an_end(restored: Shop, told: bool) -> None:
    tally = restored.rearm(RESTORED_TO, told)
    assert (tally.rearmed, tally.adopted) == ((3, 1) if told else (2, 0))
    assert restored.wakes() == restored.schedules()
    goes_on(restored)
    comes_to_an_end(restored)
    doubtful = [row.touch for row in restored.rows() if row.reason == REASON]
    assert (doubtful == []) is told


def test_under_the_old_epoch_names_of_the_lost_time_would_be_used_again(
    restored: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rearming, "rearmed", lambda customer, epoch, now: rearmed(customer, 0, now))
    restored.rearm(RESTORED_TO)
    goes_on(restored)
    assert restored.reused()


def test_without_rearming_messages_go_out_twice(restored: Shop) -> None:
    goes_on(restored)
    assert twice(restored)


def test_a_run_that_dies_half_way_is_run_again(restored: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rearming, "STEP", 1)
    with restored.rearming(RESTORED_TO) as run:
        armed: list[str] = []

        def dying(store: str, customer: str, epoch: int, wake: object) -> None:
            armed.append(customer)
            raise Unavailable("the line is dead")

        monkeypatch.setattr(type(run.outside.timers), "arm", lambda timers, *words: dying(*words))
        with pytest.raises(Unavailable):
            run.store("demo")
    assert len(armed) == 1
    monkeypatch.undo()
    restored.cloud.now += at(8, 13) - at(8, 12)
    again = restored.rearm(RESTORED_TO)
    assert (again.customers, again.rearmed) == (2, 1)
    assert restored.wakes() == restored.schedules()
    assert restored.rearm(RESTORED_TO).customers == 0


def test_a_dry_run_says_what_would_be_done_and_does_nothing(restored: Shop) -> None:
    before = sorted(map(str, restored.copy())), restored.schedules()
    tally = restored.rearm(RESTORED_TO, told=True, dry=True)
    assert (tally.customers, tally.rearmed, tally.armed) == (2, 2, 2)
    assert (sorted(map(str, restored.copy())), restored.schedules()) == before
    assert restored.rearm(RESTORED_TO, dry=True).doubtful.total() == 2


def test_the_command_works_on_the_last_replay(
    perennial: Command, replay: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    replay(bought(1001, 2), "--until", "2026-03-06T12:00:00")
    here = ("--restored-to", "2026-03-05T12:00:00Z", "--templates", TEMPLATES)
    assert "Would be rearmed" in perennial("rearm", *here, "--dry-run").stdout
    before = (tmp_path / "build" / "state.json").read_text()
    done = perennial("rearm", *here).stdout
    assert "Every message is paused" in done
    assert "1 schedules of the lost time are deleted" in done
    after = json.loads((tmp_path / "build" / "state.json").read_text())
    names = [schedule["Name"] for schedule in after["schedules"]]
    assert len(names) == 1 == len(json.loads(before)["schedules"])
    assert names[0] not in before


@pytest.mark.parametrize("wrong", [("2026-03-07",), ("2026-03-05", "--lost-until", "2026-03-04")])
def test_times_that_cannot_be_are_refused(
    perennial: Command, replay: Callable[..., dict[str, Any]], wrong: tuple[str, ...]
) -> None:
    replay(bought(1001, 2)[:1], "--until", "2026-03-06")
    result = perennial("rearm", "--restored-to", *wrong, "--templates", TEMPLATES, code=2)
    assert "--restored-to comes first" in result.stderr


def test_a_lost_table_that_is_not_there_is_named_before_anything_is_paused(
    perennial: Command, replay: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    replay(bought(1001, 2)[:1], "--until", "2026-03-06")
    before = (tmp_path / "build" / "state.json").read_text()
    gone = ("--lost-table", "Gone", "--templates", TEMPLATES)
    told = perennial("rearm", "--restored-to", "2026-03-05", *gone, code=2).stderr
    assert "--lost-table Gone cannot be read" in " ".join(told.split())
    assert (tmp_path / "build" / "state.json").read_text() == before


def test_while_a_function_reads_the_lanes_nothing_is_rearmed(restored: Shop) -> None:
    functions, role = restored.cloud.admin("lambda"), restored.cloud.resources.attribute("ScheduleRole", "Arn")
    functions.create_function(
        FunctionName="advance", Role=role, Runtime="python3.13", Handler="app.handler", Code={"ZipFile": b"none"}
    )
    with restored.cloud.advancing() as outside:
        arn = restored.cloud.resources.attribute("PatientQueue", "Arn")
        made = functions.create_event_source_mapping(FunctionName="advance", EventSourceArn=arn, Enabled=True)
        with pytest.raises(Misconfigured, match="the patient lane is still read"):
            stopped(outside)
        functions.update_event_source_mapping(UUID=made["UUID"], Enabled=False)
        stopped(outside)
