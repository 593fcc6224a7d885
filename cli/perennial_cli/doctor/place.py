"""Where the doctor looks: a deployed stack by its name, or the embedded cloud as the last replay left it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from perennial.content import Content
from perennial.errors import Misconfigured
from perennial_cli import cloud_state
from perennial_cli.authoring import read
from perennial_cli.bundle_root import bundle_root
from perennial_cli.cloud import Cloud
from perennial_cli.stacks import BUILD, STATE


@dataclass(frozen=True)
class Place:
    """`resources` are physical names by logical id, `parameters` the stack's own."""

    name: str
    content: Content
    now: datetime
    client: Callable[[str], Any]
    resources: Mapping[str, str]
    parameters: Mapping[str, str]
    embedded: bool = False

    @property
    def metrics(self) -> str:
        """Where the functions count."""
        return "Perennial" if self.embedded else f"Perennial/{self.name}"

    def named(self, logical: str) -> str:
        """Raises Misconfigured for what the stack does not have."""
        if logical not in self.resources:
            raise Misconfigured(f"{self.name} has no {logical}: is it a stack of this template?")
        return self.resources[logical]

    def domains(self) -> list[str]:
        """Every domain that a store sends from."""
        return sorted({store.sender.email.rpartition("@")[2] for store in self.content.stores.values()})


@contextmanager
def opened(stack: str | None, templates: Path) -> Iterator[Place]:
    """The deployed stack of that name, else the embedded cloud. Raises Misconfigured."""
    content = read(templates.resolve())
    if stack is not None:
        yield deployed(stack, content)
        return
    with Cloud.open(content, bundle_root(templates), cloud_state.saved_clock(STATE), BUILD) as cloud:
        cloud_state.restore(cloud, STATE)
        yield embedded(cloud)


def embedded(cloud: Cloud) -> Place:
    """What the cloud's own template made."""
    resources = {name: made["Ref"] for name, made in cloud.resources.made.items()}
    parameters = {name: cloud.resources.resolver.resolve({"Ref": name}) for name in ("Parameters", "AlarmTopic")}
    return Place("the embedded cloud", cloud.content, cloud.now, cloud.admin, resources, parameters, embedded=True)


def deployed(stack: str, content: Content) -> Place:
    """With one's own credentials. Raises Misconfigured if the stack cannot be read at all."""
    formation = boto3.client("cloudformation")
    try:
        (found,) = formation.describe_stacks(StackName=stack)["Stacks"]
        pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack)
        listed = [entry for page in pages for entry in page["StackResourceSummaries"]]
    except (ClientError, BotoCoreError) as error:
        raise Misconfigured(f"the stack {stack} cannot be read: {error}") from error
    resources = {entry["LogicalResourceId"]: entry.get("PhysicalResourceId", "") for entry in listed}
    parameters = {one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])}
    return Place(found.get("StackName", stack), content, datetime.now(UTC), _client, resources, parameters)


def _client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]  # one overload per service name
