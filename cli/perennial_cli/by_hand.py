"""What people have done by hand, in the log of the stack: who, when, and ids only."""

import getpass
import json
import secrets
import time
from collections.abc import Mapping

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from perennial.errors import Misconfigured

GROUP = "ReceiveWebhookLogs"
"""Where the door tells of what it parks: there one looks for what became of it."""


def note(what: str, told: Mapping[str, str], stack: str | None) -> None:
    """Before it is done, so that nothing is done which is not in the log. The embedded cloud has none: it is shown."""
    try:
        by = getpass.getuser() if stack is None else str(boto3.client("sts").get_caller_identity()["Arn"])
        line = json.dumps({"message": what, "by": by, **told})
        if stack is not None:
            _write(line, stack)
    except (ClientError, BotoCoreError) as error:
        raise Misconfigured(f"the log of {stack} cannot be written, so nothing was done: {error}") from error
    typer.echo(line, err=True)


def _write(line: str, stack: str) -> None:
    group, logs, stream = _group(stack), boto3.client("logs"), f"by-hand-{secrets.token_hex(8)}"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    at = int(time.time() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": at, "message": line}])


def _group(stack: str) -> str:
    found = boto3.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=GROUP)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])
