"""What somebody does by hand to a deployed stack is in its log first."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from perennial.errors import Misconfigured
from perennial_cli import by_hand
from perennial_cli.cloud_secrets import credentials


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account whose stacks have log groups of their own names: moto's CloudFormation needs what is not installed."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr(by_hand, "_group", lambda stack: stack)
    with credentials(), mock_aws():
        yield


def test_the_log_of_the_stack_says_who_did_what_and_when() -> None:
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="here")
    by_hand.note("discarded", {"id": "a", "at": "2026-03-08T09:00:00+00:00"}, "here")
    (event,) = logs.filter_log_events(logGroupName="here")["events"]
    told = json.loads(event["message"])
    assert (told["message"], told["id"], told["at"][:10]) == ("discarded", "a", "2026-03-08")
    assert told["by"].startswith("arn:aws:sts:")


def test_nothing_is_done_that_cannot_be_put_into_the_log() -> None:
    with pytest.raises(Misconfigured, match="nothing was done"):
        by_hand.note("discarded", {"id": "a"}, "nowhere")
