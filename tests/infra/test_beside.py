"""What stands beside the main stack: who hears alarms, a key, the pages' front, senders; each one told of."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from perennial.links import PATHS
from perennial_cli.bundle_template import load_template
from perennial_cli.main import app
from tests.adapters.cloud import ROOT, template

STACKS = sorted((ROOT / "infra").glob("*.yaml"))


@cache
def stack(name: str) -> dict[str, Any]:
    return load_template(ROOT / "infra" / f"{name}.yaml")


def resource(name: str, logical: str) -> dict[str, Any]:
    found: dict[str, Any] = stack(name)["Resources"][logical]["Properties"]
    return found


@pytest.mark.parametrize("file", STACKS, ids=lambda file: file.stem)
def test_a_stack_beside_the_main_one_is_told_of_in_the_guide(file: Path) -> None:
    assert f"infra/{file.name}" in (ROOT / "docs" / "deploying.md").read_text()


def test_whatever_the_main_stack_takes_from_another_that_one_gives() -> None:
    parameters = template()["Parameters"]
    for name, given in (("alarms", "AlarmTopic"), ("encryption-key", "KeyArn")):
        assert given in parameters
        assert given in stack(name)["Outputs"]
        assert f"infra/{name}.yaml" in parameters[given]["Description"]


def test_whatever_another_takes_from_the_main_stack_that_one_gives() -> None:
    assert "ApiId" in stack("pages-front")["Parameters"].keys() & template()["Outputs"].keys()
    assert "ConfigurationSet" in stack("sender-identity")["Parameters"].keys() & template()["Outputs"].keys()


def test_alarms_and_budgets_of_this_account_may_ring_and_nobody_else() -> None:
    (statement,) = resource("alarms", "TopicPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_a_runaway_is_heard_of_within_a_day_and_a_dear_month_before_it_ends() -> None:
    told = [each["Notification"] for each in resource("alarms", "Month")["NotificationsWithSubscribers"]]
    assert resource("alarms", "Day")["Budget"]["TimeUnit"] == "DAILY"
    assert {(each["NotificationType"], each["Threshold"]) for each in told} == {("ACTUAL", 80), ("FORECASTED", 100)}


def test_the_key_outlives_its_stack_and_lets_in_those_who_have_no_role() -> None:
    key = stack("encryption-key")["Resources"]["Key"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert key["Properties"]["EnableKeyRotation"] is True
    _, services = key["Properties"]["KeyPolicy"]["Statement"]
    assert {"ses.amazonaws.com", "sns.amazonaws.com"} <= set(services["Principal"]["Service"])
    assert services["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_a_page_is_kept_nowhere_and_a_press_is_never_redirected() -> None:
    behaviour = resource("pages-front", "Front")["DistributionConfig"]["DefaultCacheBehavior"]
    caching_disabled, all_but_host = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert (behaviour["CachePolicyId"], behaviour["OriginRequestPolicyId"]) == (caching_disabled, all_but_host)
    assert behaviour["ViewerProtocolPolicy"] == "https-only", (
        "redirect-to-https answers a POST with a redirect (law 10)"
    )
    assert {"GET", "HEAD", "POST"} <= set(behaviour["AllowedMethods"])


def test_a_mailbox_that_gives_no_user_agent_may_unsubscribe() -> None:
    rules = resource("pages-front", "Guard")["Rules"]
    managed = [rule["Statement"].get("ManagedRuleGroupStatement", {}).get("Name") for rule in rules]
    assert "AWSManagedRulesCommonRuleSet" not in managed, "its NoUserAgent_HEADER turns mailboxes away"


def test_no_page_lies_where_the_front_lets_nobody_in() -> None:
    (block,) = (rule for rule in resource("pages-front", "Guard")["Rules"] if rule["Name"] == "NoWebhooks")
    prefix = block["Statement"]["ByteMatchStatement"]["SearchString"]
    assert not any(f"/{path}/".startswith(prefix) for path in PATHS.values())


@pytest.mark.parametrize("file", [ROOT / "template.yaml", *STACKS], ids=lambda file: file.stem)
def test_every_exception_of_the_security_lint_has_its_reason_beside_it(file: Path) -> None:
    for name, entry in load_template(file)["Resources"].items():
        for skipped in entry.get("Metadata", {}).get("checkov", {}).get("skip", ()):
            assert re.fullmatch(r"CKV2?_AWS_\d+", skipped["id"]), name
            assert len(skipped["comment"].split()) >= 5, f"{name}: why is {skipped['id']} left out?"


@pytest.mark.parametrize("name", [name for name in template()["Outputs"] if name.startswith("Next")])
def test_what_the_outputs_say_comes_next_can_be_done(name: str) -> None:
    value = template()["Outputs"][name]["Value"]["Fn::Sub"]
    if value.startswith("perennial "):
        command, options = value.split()[1], re.findall(r"--[a-z]+", value)
        told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
        assert told.exit_code == 0, told.output
        assert [option for option in options if option not in told.output] == []
    else:
        (file,) = re.findall(r"--template-file (\S+)", value)
        given = re.findall(r"(\w+)=", value)
        assert load_template(ROOT / file)["Parameters"].keys() == set(given)


def test_every_address_that_a_shop_needs_is_among_the_outputs() -> None:
    values = [str(output["Value"]) for output in template()["Outputs"].values()]
    for platform in ("shopify", "perennial"):
        assert any(f"/webhooks/{platform}/{{store}}" in value for value in values)
    assert {"PagesUrl", "AlarmsHeardBy", "TableName", "BucketName", "DeadLettersArn"} <= template()["Outputs"].keys()
