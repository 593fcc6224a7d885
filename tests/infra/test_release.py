"""A release reaches whoever is called, a tenth of them first where that is asked for, and is taken back if bad."""

import copy
import subprocess
from pathlib import Path
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.adapters.cloud import ROOT, template
from tests.infra.stack import ALARM, FUNCTION, of_type

FUNCTIONS = of_type(FUNCTION)
POOL = "s3://bucket/key"


def carried_out(monkeypatch: pytest.MonkeyPatch, **parameters: str) -> dict[str, Any]:
    """What CloudFormation is given to carry out, by SAM's own translation."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    told = copy.deepcopy(template())
    for entry in told["Resources"].values():
        entry.get("Properties", {}).update(
            {name: POOL for name in ("CodeUri", "ContentUri") if name in entry.get("Properties", {})}
        )
    defaults = {name: entry["Default"] for name, entry in told["Parameters"].items()}
    found: dict[str, Any] = Translator({}, Parser()).translate(told, {**defaults, **parameters})["Resources"]
    return found


def kinds(resources: dict[str, Any]) -> set[str]:
    return {entry["Type"] for entry in resources.values()}


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
    condition, watched, _ = HOT[function]["DeploymentPreference"]["Alarms"]["Fn::If"]
    alarms = [name["Ref"] for name in watched]
    assert condition == "GoesByCanary"
    assert f"{function}ErrorsAlarm" in alarms
    for alarm in alarms:
        properties = of_type(ALARM)[alarm]
        assert properties["Period"] * properties["EvaluationPeriods"] <= 300, alarm


def test_the_alarm_that_only_a_canary_needs_costs_nothing_without_one() -> None:
    assert template()["Resources"]["FailingReleaseAlarm"]["Condition"] == "GoesByCanary"


def test_no_canary_goes_without_the_alarms_that_take_it_back() -> None:
    either = template()["Conditions"]["RingsAlarms"]["Fn::Or"]
    assert {each["Fn::Equals"][0]["Ref"] for each in either} == {"Alarms", "Canary"}


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
    assert f"find cli {' '.join(sorted(folders))} " in mark, "and what compiles the content"


def test_without_a_canary_there_is_nothing_of_codedeploy(monkeypatch: pytest.MonkeyPatch) -> None:
    made = carried_out(monkeypatch)
    assert [kind for kind in kinds(made) if "CodeDeploy" in kind] == []
    assert {name for name, entry in made.items() if entry["Type"] == "AWS::Lambda::Alias"} == {
        f"{name}Aliaslive" for name in HOT
    }


@pytest.mark.parametrize("function", HOT)
def test_with_a_canary_each_alias_moves_under_the_eyes_of_its_alarms(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = carried_out(monkeypatch, Canary="true")
    assert made[f"{function}Aliaslive"]["UpdatePolicy"].keys() == {"CodeDeployLambdaAliasUpdate"}
    watched = made[f"{function}DeploymentGroup"]["Properties"]["AlarmConfiguration"]["Fn::If"]
    assert {"Name": {"Ref": f"{function}ErrorsAlarm"}} in watched[1]["Alarms"]


def test_whoever_calls_calls_the_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    made = carried_out(monkeypatch)
    sources = [entry["Properties"] for entry in made.values() if entry["Type"] == "AWS::Lambda::EventSourceMapping"]
    called = {source["EventSourceArn"]["Fn::GetAtt"][0]: source["FunctionName"]["Ref"] for source in sources}
    assert called["UrgentQueue"] == called["PatientQueue"] == "AdvanceCustomerAliaslive"
    paths = made["Api"]["Properties"]["Body"]["paths"]
    uris = [str(told["x-amazon-apigateway-integration"]["uri"]) for path in paths.values() for told in path.values()]
    assert len(uris) == 4
    assert all("Aliaslive" in uri for uri in uris)


def test_sam_makes_no_role_and_no_policy_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it would add is wider than what test_rights.py allows."""
    made = carried_out(monkeypatch)
    roles = {name for name, entry in made.items() if entry["Type"] == "AWS::IAM::Role"}
    assert roles == of_type("AWS::IAM::Role").keys()
    assert "ManagedPolicyArns" not in str([made[name] for name in roles])
