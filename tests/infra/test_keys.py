"""With a key of one's own, everything that holds people's data is under it, and whoever uses that may use the key."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from perennial_cli.cloud_resources import Resources
from perennial_cli.cloud_secrets import credentials
from tests.adapters.cloud import template
from tests.infra.stack import FUNCTION, QUEUE, of_type, role_of

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234"
USES = {"dynamodb": "dynamodb", "sqs": "sqs", "s3": "s3"}
"""Services whose data lie under the key, by the prefix of their actions."""


@pytest.fixture
def keyed() -> Iterator[Resources]:
    """The stack as it is with a key."""
    told = copy.deepcopy(template())
    told["Parameters"]["KeyArn"]["Default"] = KEY
    with credentials(), mock_aws():
        yield Resources(told)


def properties(stack: Resources, logical: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.resolver.resolve(stack.template["Resources"][logical]["Properties"])
    return found


def test_the_table_the_bucket_and_the_topic_are_under_the_key(keyed: Resources) -> None:
    table = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    assert properties(keyed, "Table")["SSESpecification"] == table
    (rule,) = properties(keyed, "Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert rule == {"ServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    assert properties(keyed, "FeedbackTopic") == {"KmsMasterKeyId": KEY}


@pytest.mark.parametrize("queue", of_type(QUEUE))
def test_a_queue_is_under_the_key_and_not_under_sqs_own_as_well(queue: str, keyed: Resources) -> None:
    told = properties(keyed, queue)
    assert told["KmsMasterKeyId"] == KEY
    assert "SqsManagedSseEnabled" not in told, "SQS takes one of the two"


def statements(stack: Resources, role: dict[str, Any]) -> list[dict[str, Any]]:
    documents = [policy["PolicyDocument"]["Statement"] for policy in stack.resolver.resolve(role["Policies"])]
    return [statement for document in documents for statement in document]


@pytest.mark.parametrize("function", of_type(FUNCTION))
def test_a_function_may_use_the_key_through_the_services_that_it_uses(function: str, keyed: Resources) -> None:
    told = statements(keyed, role_of(function))
    (key,) = (each for each in told if each["Resource"] == KEY)
    assert key["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    actions = {
        action for each in told for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    through = {name.partition(".")[0] for name in key["Condition"]["StringEquals"]["kms:ViaService"]}
    assert through == {USES[prefix] for prefix in {action.partition(":")[0] for action in actions} & USES.keys()}


def test_a_wake_may_be_put_into_a_line_under_the_key(keyed: Resources) -> None:
    _, key = statements(keyed, of_type("AWS::IAM::Role")["ScheduleRole"])
    assert (key["Resource"], key["Action"]) == (KEY, ["kms:Decrypt", "kms:GenerateDataKey"])


def test_without_a_key_nobody_may_use_any() -> None:
    with credentials(), mock_aws():
        stack = Resources(template())
        roles = of_type("AWS::IAM::Role").values()
        told = [each for role in roles for each in statements(stack, role)]
    assert [each for each in told if "kms" in str(each["Action"])] == []
