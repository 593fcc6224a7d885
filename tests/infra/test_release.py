"""A release reaches whoever is called, a tenth of them first where that is asked for, and is taken back if bad."""

import subprocess
from pathlib import Path

import pytest

from tests.adapters.cloud import ROOT, template
from tests.infra.stack import ALARM, FUNCTION, of_type

FUNCTIONS = of_type(FUNCTION)
HOT = {name: properties for name, properties in FUNCTIONS.items() if "AutoPublishAlias" in properties}


def test_whoever_shops_shoppers_and_events_meet_is_released_with_care() -> None:
    assert HOT.keys() == {"ReceiveWebhook", "ServePages", "AdvanceCustomer"}


@pytest.mark.parametrize("function", HOT)
def test_a_release_changes_over_at_once_unless_told_otherwise(function: str) -> None:
    """A first deploy has nothing to be compared with, and CodeDeploy waits ten minutes for each function."""
    preference = HOT[function]["DeploymentPreference"]
    assert (preference["Enabled"], preference["Type"]) == ({"Ref": "Canary"}, "Canary10Percent10Minutes")
    assert template()["Parameters"]["Canary"]["Default"] == "false"


@pytest.mark.parametrize("function", HOT)
def test_a_bad_release_is_taken_back_by_alarms_that_ring_before_the_ten_minutes_are_over(function: str) -> None:
    watched = HOT[function]["DeploymentPreference"]["Alarms"]
    alarms = [name["Ref"] for name in (watched["Fn::If"][1] if isinstance(watched, dict) else watched)]
    assert f"{function}ErrorsAlarm" in alarms
    for alarm in alarms:
        properties = of_type(ALARM)[alarm]
        assert properties["Period"] * properties["EvaluationPeriods"] <= 300, alarm


def test_the_alarm_that_only_a_canary_needs_costs_nothing_without_one() -> None:
    assert template()["Resources"]["FailingReleaseAlarm"]["Condition"] == "GoesByCanary"


@pytest.mark.parametrize("function", HOT)
def test_new_layers_and_new_settings_make_a_new_version(function: str, tmp_path: Path) -> None:
    """SAM sees neither by itself: an alias would stay with the engine and the content of its first day."""
    assert HOT[function]["AutoPublishAliasAllProperties"] is True
    code = []
    for release in ("one", "two"):
        out = tmp_path / release
        out.mkdir()
        asked = ["make", "-s", f"build-{function}", f"ARTIFACTS_DIR={out}", f"RELEASE={release}"]
        subprocess.run(asked, cwd=ROOT / str(HOT[function]["CodeUri"]), check=True)
        code.append({file.name: file.read_text() for file in out.iterdir()})
    one, two = code
    assert one["app.py"] == two["app.py"]
    assert (one["release.txt"], two["release.txt"]) == ("one\n", "two\n")


def test_the_mark_of_a_release_is_made_of_what_the_layers_are_made_of() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (mark,) = (line for line in makefile.splitlines() if "RELEASE=" in line)
    folders = {str(layer["ContentUri"]).rstrip("/") for layer in of_type("AWS::Serverless::LayerVersion").values()}
    assert f"find {' '.join(sorted(folders))} " in mark
