"""Least privilege, proven: each function may do what it is seen to do, to what it is seen to do it to, and no more.

What the functions do is seen in the embedded cloud (lives.py) and put into IAM's words (rights.py). What Lambda needs
to run them is compared by rule with what the template says of their queues, logs and failures.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pytest
from moto import mock_aws

from perennial_cli.cloud_resources import Resources
from perennial_cli.cloud_secrets import credentials
from tests.adapters.cloud import ROOT
from tests.infra.lives import all_of_it
from tests.infra.rights import Right, Watch
from tests.infra.stack import FUNCTION, RUN, WORK, listed, of_type, role_of

LAMBDA, POLLS = "lambda.amazonaws.com", {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Watch]:
    with pytest.MonkeyPatch.context() as patch:
        yield all_of_it(tmp_path_factory.mktemp("rights"), patch)


@cache
def resources() -> Resources:
    """The names of all resources, as the embedded cloud gives them."""
    with credentials(), mock_aws():
        return Resources.create(ROOT / "template.yaml")


def resolved(value: Any) -> Any:
    return resources().resolver.resolve(value)


def granted(function: str, policy: str) -> set[Right]:
    """Actions and resources of one policy. What the template names by a condition is as the defaults have it."""
    (found,) = (each for each in role_of(function)["Policies"] if each["PolicyName"] == policy)
    return set(rights_in(resolved(found["PolicyDocument"]["Statement"])))


def rights_in(statements: Iterable[Mapping[str, Any]]) -> Iterable[Right]:
    for statement in statements:
        if statement["Effect"] == "Allow":
            yield from (
                (action, resource)
                for action in listed(statement["Action"])
                for resource in listed(statement["Resource"])
            )


@pytest.mark.parametrize("function", of_type(FUNCTION))
def test_a_function_may_do_what_it_does(function: str, watch: Watch) -> None:
    assert sorted(watch.seen[function] - granted(function, WORK)) == []


@pytest.mark.parametrize("function", of_type(FUNCTION))
def test_a_function_may_do_nothing_that_it_never_does(function: str, watch: Watch) -> None:
    """If it does and no life here shows it, the life is missing: add it to lives.py."""
    assert sorted(granted(function, WORK) - watch.seen[function]) == []


@pytest.mark.parametrize("function", of_type(FUNCTION))
def test_lambda_may_log_for_a_function_feed_it_and_keep_what_fails_and_nothing_else(function: str) -> None:
    properties = of_type(FUNCTION)[function]
    log = properties["LoggingConfig"]["LogGroup"]["Ref"]
    expected = {(action, resources().attribute(log, "Arn")) for action in LOGS}
    for event in properties["Events"].values():
        if event["Type"] == "SQS":
            expected |= {(action, resolved(event["Properties"]["Queue"])) for action in POLLS}
    kept = properties.get("EventInvokeConfig", {}).get("DestinationConfig", {}).get("OnFailure")
    if kept:
        expected.add(("sqs:SendMessage", resolved(kept["Destination"])))
    assert granted(function, RUN) == expected


@pytest.mark.parametrize("function", of_type(FUNCTION))
def test_a_function_has_a_role_of_its_own_that_nobody_else_can_take(function: str) -> None:
    role = role_of(function)
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert (trust["Principal"], trust["Action"]) == ({"Service": LAMBDA}, "sts:AssumeRole")
    assert {policy["PolicyName"] for policy in role["Policies"]} == {WORK, RUN}
    assert "ManagedPolicyArns" not in role, "AWS's own policies allow more than they are needed for"
    assert "Policies" not in of_type(FUNCTION)[function], "SAM would make a second role"
    shared = [other for other in of_type(FUNCTION).values() if other["Role"] == of_type(FUNCTION)[function]["Role"]]
    assert len(shared) == 1


def test_no_role_of_the_bundle_may_do_anything_by_a_wildcard() -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        for policy in role["Policies"]:
            actions = {action for action, _ in rights_in(resolved(policy["PolicyDocument"]["Statement"]))}
            assert [action for action in actions if "*" in action] == [], name


def test_no_wildcard_stands_for_more_than_what_has_no_name_of_its_own() -> None:
    """Texts, push notes and the account's list of numbers: SNS asks for "*"."""
    anything = {
        (function, action)
        for function in of_type(FUNCTION)
        for action, resource in granted(function, WORK) | granted(function, RUN)
        if resource == "*"
    }
    assert anything == {("AdvanceCustomer", "sns:Publish"), ("RecordFeedback", "sns:ListPhoneNumbersOptedOut")}


def test_what_is_sent_cannot_pass_for_a_providers_report() -> None:
    """Whoever may publish to any number may publish to any topic of the account: not to this one."""
    (work,) = (each for each in role_of("AdvanceCustomer")["Policies"] if each["PolicyName"] == WORK)
    denied = [each for each in work["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
    assert denied == [{"Effect": "Deny", "Action": "sns:Publish", "Resource": {"Ref": "FeedbackTopic"}}]


def test_a_role_is_handed_on_to_the_scheduler_only() -> None:
    (work,) = (each for each in role_of("AdvanceCustomer")["Policies"] if each["PolicyName"] == WORK)
    (passing,) = (each for each in work["PolicyDocument"]["Statement"] if each["Action"] == "iam:PassRole")
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
