"""events/*.json: one event for each function, as `make invoke` hands it over; each is handled, one after the other."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from perennial_cli.cloud import Cloud
from perennial_cli.sample_events import PLACED, files
from tests.e2e.conftest import ROOT, TEMPLATES, compiled
from tests.infra.stack import FUNCTION, of_type, variables_of

EVENTS, ENVIRONMENT = ROOT / "events", ROOT / "env.json"
FUNCTIONS = list(of_type(FUNCTION))


@pytest.fixture
def cloud(tmp_path: Path, _read_once: None) -> Iterator[Cloud]:
    with Cloud.open(compiled(Path(TEMPLATES)), ROOT, PLACED + timedelta(minutes=1), tmp_path) as cloud:
        yield cloud


def handled(cloud: Cloud, function: str) -> Any:
    event = json.loads((EVENTS / f"{function}.json").read_text(encoding="utf-8"))
    return cloud.host.invoke(cloud.host.functions[function], event)


def test_there_is_one_event_for_each_function_and_it_is_as_the_code_makes_it() -> None:
    made = dict(files())
    assert sorted(made) == sorted(f"{name}.json" for name in FUNCTIONS)
    found = {file.name: file.read_text(encoding="utf-8") for file in EVENTS.iterdir()}
    assert found == made, "python -m perennial_cli.sample_events writes them again"


def test_an_order_is_confirmed_reported_on_shown_and_told_again(cloud: Cloud) -> None:
    assert handled(cloud, "AdvanceCustomer") == {"batchItemFailures": []}
    assert [message.tags["message"] for message in cloud.witness.sent] == ["order-confirmation"]
    assert handled(cloud, "RecordFeedback") == {"batchItemFailures": []}
    assert next(cloud.host.log.entries("report"))["outcome"] == "noted"
    page = handled(cloud, "ServePages")
    assert (page["statusCode"], "#1001" in page["body"]) == (200, True)
    assert handled(cloud, "SweepOverdue")["outcome"] == "swept"
    answer = handled(cloud, "ReceiveWebhook")
    assert (answer["statusCode"], json.loads(answer["body"])["outcome"]) == (200, "queued")
    cloud.settle()
    assert (len(cloud.witness.sent), cloud.failures) == (1, [])


def test_by_the_clock_of_any_later_day_nothing_is_sent_to_anybody(cloud: Cloud) -> None:
    cloud.now += timedelta(days=4)
    assert handled(cloud, "AdvanceCustomer") == {"batchItemFailures": []}
    assert cloud.witness.sent == []


def test_the_sample_environment_names_every_variable_of_every_function() -> None:
    told = json.loads(ENVIRONMENT.read_text(encoding="utf-8"))["Parameters"]
    wanted = {name for function in FUNCTIONS for name in variables_of(function) if name.startswith("PERENNIAL_")}
    assert set(told) == wanted


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["FUNCTION=Nobody"], "there is no events/Nobody.json"),
        ([], "which one? make invoke FUNCTION="),
        (["FUNCTION=ServePages", "DOCKER=/no/docker"], "needs Docker"),
    ],
)
def test_make_invoke_says_what_it_needs(words: list[str], answer: str) -> None:
    make = shutil.which("make")
    assert make, "make is what the project is built with"
    done = subprocess.run(
        [make, "--no-print-directory", "-C", str(ROOT), "invoke", *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, answer in done.stderr) == (2, True), done.stderr
