"""What IAM asks of a function for each AWS operation: the action and what it is done to, as a policy would name it.

Sources: the pages "Actions, resources, and condition keys" of each service in the Service Authorization Reference, and
for transactions "Using IAM with DynamoDB transactions".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from perennial import wiring
from perennial_cli.cloud_resources import ACCOUNT, REGION

Right = tuple[str, str]
"""An action and a resource, as `("dynamodb:Query", "arn:…")`."""

Request = Mapping[str, Any]

HERE = f"{REGION}:{ACCOUNT}"
WRITES = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
"""A transaction is no action of its own: each of its writes is."""


def _table(request: Request) -> Iterator[str]:
    index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
    yield f"arn:aws:dynamodb:{HERE}:table/{request['TableName']}{index}"


def _tables(request: Request) -> Iterator[str]:
    for name in request["RequestItems"]:
        yield from _table({"TableName": name})


def _queue(request: Request) -> Iterator[str]:
    yield f"arn:aws:sqs:{HERE}:{request['QueueUrl'].rpartition('/')[2]}"


def _folder(request: Request) -> Iterator[str]:
    """Objects come and go; what a policy can name is the folder they lie in."""
    yield f"arn:aws:s3:::{request['Bucket']}/{request['Key'].partition('/')[0]}/*"


def _parameter(request: Request) -> Iterator[str]:
    """Of webhook secrets a policy names the folder: stores come and go without it."""
    before, found, _ = request["Name"].partition("/webhooks/")
    yield f"arn:aws:ssm:{HERE}:parameter{before}{found}{'*' if found else ''}"


def _schedule(request: Request) -> Iterator[str]:
    yield f"arn:aws:scheduler:{HERE}:schedule/{request['GroupName']}/*"


def _mail(request: Request) -> Iterator[str]:
    """The sender's identity, whichever it is, and the configuration set: both are asked for."""
    yield f"arn:aws:ses:{HERE}:identity/*"
    yield f"arn:aws:ses:{HERE}:configuration-set/{request['ConfigurationSetName']}"


def _anything(request: Request) -> Iterator[str]:
    yield "*"


OPERATIONS: Mapping[str, tuple[str, Callable[[Request], Iterator[str]]]] = {
    "DynamoDB.BatchGetItem": ("dynamodb:BatchGetItem", _tables),
    "DynamoDB.DeleteItem": ("dynamodb:DeleteItem", _table),
    "DynamoDB.GetItem": ("dynamodb:GetItem", _table),
    "DynamoDB.PutItem": ("dynamodb:PutItem", _table),
    "DynamoDB.Query": ("dynamodb:Query", _table),
    "DynamoDB.UpdateItem": ("dynamodb:UpdateItem", _table),
    "S3.DeleteObject": ("s3:DeleteObject", _folder),
    "S3.GetObject": ("s3:GetObject", _folder),
    "S3.PutObject": ("s3:PutObject", _folder),
    "SESv2.SendEmail": ("ses:SendEmail", _mail),
    "SNS.ListPhoneNumbersOptedOut": ("sns:ListPhoneNumbersOptedOut", _anything),
    "SNS.Publish": ("sns:Publish", _anything),
    "SQS.SendMessage": ("sqs:SendMessage", _queue),
    "SSM.GetParameter": ("ssm:GetParameter", _parameter),
    "Scheduler.CreateSchedule": ("scheduler:CreateSchedule", _schedule),
    "Scheduler.DeleteSchedule": ("scheduler:DeleteSchedule", _schedule),
}
"""By "Service.Operation". An operation that is missing here raises KeyError: say what it needs."""


def needed(operation: str, request: Request) -> Iterator[Right]:
    """Every right that a call takes."""
    if operation == "DynamoDB.TransactWriteItems":
        for kind, write in ((kind, write) for each in request["TransactItems"] for kind, write in each.items()):
            yield from ((WRITES[kind], table) for table in _table(write))
        return
    action, resources = OPERATIONS[operation]
    yield from ((action, resource) for resource in resources(request))
    if operation == "Scheduler.CreateSchedule":
        yield "iam:PassRole", request["Target"]["RoleArn"]


@dataclass
class Watch:
    """Notes what each function is seen to need. `running` is the one whose calls are being seen; "" is nobody's."""

    running: str = ""
    seen: dict[str, set[Right]] = field(default_factory=dict)

    def listen(self) -> None:
        """From now on, every client that the functions make is seen."""
        wiring.session().get_component("event_emitter").register("provide-client-params.*.*", self.asked)

    def asked(self, params: Request, model: Any, **_: Any) -> None:
        if self.running:
            operation = f"{model.service_model.service_id}.{model.name}"
            self.seen.setdefault(self.running, set()).update(needed(operation, params))
