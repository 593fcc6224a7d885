"""Where a command looks: into the embedded cloud as the last replay left it, or into a deployed stack."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from perennial import wiring
from perennial.content import dump
from perennial.errors import Misconfigured
from perennial.outside import ForAdvancing, ForReceiving, ForRecording
from perennial_cli import cloud_state
from perennial_cli.authoring import read
from perennial_cli.bundle_root import bundle_root
from perennial_cli.cloud import Cloud

BUILD = Path("build")
STATE = BUILD / "state.json"


@dataclass(frozen=True)
class Stack:
    advancing: ForAdvancing
    receiving: ForReceiving
    recording: ForRecording


@contextmanager
def opened(stack: str | None, templates: Path, *, keep: bool = False) -> Iterator[Stack]:
    """The deployed stack of that name, else the embedded cloud; `keep` saves what was changed in the latter."""
    if stack is not None:
        yield _deployed(stack, templates)
        return
    content, root = read(templates.resolve()), bundle_root(templates)
    with Cloud.open(content, root, cloud_state.saved_clock(STATE), BUILD) as cloud:
        cloud_state.restore(cloud, STATE)
        with cloud.advancing() as advancing, cloud.receiving() as receiving, cloud.recording() as recording:
            yield Stack(advancing, receiving, recording)
        if keep:
            cloud.settle()
            cloud_state.save(cloud, STATE)


def _deployed(stack: str, templates: Path) -> Stack:
    """Uses the deployed functions' own settings, and one's own credentials, endpoints and log level."""
    variables = _variables(stack, "RecordFeedback") | _variables(stack, "AdvanceCustomer")
    BUILD.mkdir(exist_ok=True)
    bundle = BUILD / "content.json"
    bundle.write_text(dump(read(templates.resolve())))
    os.environ.update(variables | {"PERENNIAL_CONTENT": str(bundle)})
    wiring.forget()
    return Stack(wiring.for_advancing(), wiring.for_receiving(), wiring.for_recording())


def _variables(stack: str, function: str) -> dict[str, str]:
    try:
        resource = boto3.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=function)
        name = resource["StackResourceDetail"]["PhysicalResourceId"]
        found = boto3.client("lambda").get_function_configuration(FunctionName=name)
    except (ClientError, BotoCoreError) as error:
        raise Misconfigured(f"the stack {stack} cannot be read: {error}") from error
    held = found["Environment"]["Variables"]
    return {variable: value for variable, value in held.items() if variable.startswith("PERENNIAL_")}
