"""What the stand-in cannot do in a deploy, left out before it, and what it forgets, put in afterwards.

On AWS none of this is needed; none of it is product.

* An alarm over a formula of metrics rolls the whole stack back: such alarms are left out.
* What SAM makes of an HTTP API lies in `Body`, which is ignored: there are no routes.
* Layers lie somewhere below /tmp instead of /opt.
* infra/sender-identity.yaml rolls back, so the sender is verified by hand.
* The rights to a schedule are looked up as if it were of the group `default`, whatever its group is; those to send a
  mail as if it came from no identity at all. Every other right is asked for as AWS does.
* A message that fails comes back only after the queue's three minutes: a test waits two seconds.
"""

import json
from pathlib import Path
from typing import Any

import boto3

from perennial_cli.bundle_template import load_template
from tests.adapters.cloud import ROOT
from tests.deployed.emulator import STACK

BUILD = ROOT / ".aws-sam" / "build"
CONTENT = BUILD / "ContentLayer" / "content" / "content.json"
QUEUES = ("UrgentQueue", "PatientQueue")
SOON = "2"
MISTAKEN = (
    {
        "Effect": "Allow",
        "Action": ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"],
        "Resource": "arn:aws:scheduler:*:*:schedule/default/*",
    },
    {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"},
)


def template() -> Path:
    """What `make build` has made, without what would stop the deploy."""
    told = load_template(BUILD / "template.yaml")
    found = told["Resources"].items()
    told["Resources"] = {name: entry for name, entry in found if "Metrics" not in entry.get("Properties", {})}
    changed = BUILD / "stand-in.json"
    changed.write_text(json.dumps(told))
    return changed


def resources() -> dict[str, str]:
    """Physical ids by logical ids."""
    found = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def processed() -> dict[str, Any]:
    """The template as CloudFormation carries it out."""
    body = boto3.client("cloudformation").get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    found: dict[str, Any] = json.loads(body) if isinstance(body, str) else dict(body)
    return found


def repair(named: dict[str, str]) -> None:
    add_routes(named)
    place_content(named)
    allow_mistaken(named)
    for queue in QUEUES:
        boto3.client("sqs").set_queue_attributes(QueueUrl=named[queue], Attributes={"VisibilityTimeout": SOON})


def add_routes(named: dict[str, str]) -> None:
    gateway, api = boto3.client("apigatewayv2"), named["Api"]
    assert not gateway.get_routes(ApiId=api)["Items"], "the stand-in makes routes now: this repair can go"
    paths = processed()["Resources"]["Api"]["Properties"]["Body"]["paths"]
    for path, methods in paths.items():
        for method, told in methods.items():
            link = told["x-amazon-apigateway-integration"]
            called = next(name for name in named if f"${{{name}}}" in json.dumps(link["uri"]))
            made = gateway.create_integration(
                ApiId=api,
                IntegrationType="AWS_PROXY",
                IntegrationUri=named[called],
                PayloadFormatVersion=link["payloadFormatVersion"],
            )
            target = f"integrations/{made['IntegrationId']}"
            gateway.create_route(ApiId=api, RouteKey=f"{method.upper()} {path}", Target=target)


def place_content(named: dict[str, str]) -> None:
    """Points every function at the layer as it was built."""
    for name, entry in processed()["Resources"].items():
        if entry["Type"] == "AWS::Lambda::Function":
            release(named, name, {**variables_of(named[name]), "PERENNIAL_CONTENT": str(CONTENT)})


def variables_of(function: str) -> dict[str, str]:
    return dict(boto3.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"])


def release(named: dict[str, str], function: str, variables: dict[str, str]) -> None:
    """New variables, and the alias at the version that has them."""
    client, name = boto3.client("lambda"), named[function]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    if f"{function}Aliaslive" in named:
        version = client.publish_version(FunctionName=name)["Version"]
        client.update_alias(FunctionName=name, Name="live", FunctionVersion=version)


def allow_mistaken(named: dict[str, str]) -> None:
    """Gives the step what it has already, under the names that the stand-in looks it up by."""
    document = json.dumps({"Version": "2012-10-17", "Statement": MISTAKEN})
    role = named["AdvanceCustomerRole"]
    boto3.client("iam").put_role_policy(RoleName=role, PolicyName="StandIn", PolicyDocument=document)


def verify_sender() -> None:
    boto3.client("sesv2").create_email_identity(EmailIdentity="ovenbird.example")
