"""Creates the resources of template.yaml in the embedded cloud: what is missing there is missing here."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from perennial.errors import Misconfigured
from perennial_cli.bundle_template import Resolver, load_template

REGION = "eu-west-1"
ACCOUNT = "123456789012"
STACK = "perennial-embedded"
PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}

NOT_NEEDED = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Logs::SubscriptionFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::Serverless::LayerVersion",
    }
)
"""Nothing of these can be seen from inside: code and content come from the source tree, logs are kept by the cloud, and
rights are not looked at."""

Attributes = Mapping[str, str]


@dataclass
class Resources:
    """The stack's resources by logical id, each with its `Ref` and attributes; made when first asked for."""

    template: Mapping[str, Any]
    made: dict[str, Attributes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._session = boto3.Session(region_name=REGION)
        self.resolver = Resolver(self.template, PSEUDO, self.attribute)

    @classmethod
    def create(cls, path: Path) -> "Resources":
        """Every resource of the template. Raises Misconfigured for a type that the embedded cloud does not know."""
        resources = cls(load_template(path))
        for name, entry in resources.template["Resources"].items():
            if "Condition" not in entry or resources.resolver.holds(entry["Condition"]):
                resources.attribute(name, "Ref")
        return resources

    def attribute(self, logical: str, name: str) -> str:
        """An attribute of a resource. Raises Misconfigured for what the template does not have."""
        if logical not in self.made:
            self.made[logical] = self._make(logical)
        if name not in self.made[logical]:
            raise Misconfigured(f"template.yaml: {logical} has no attribute {name} in the embedded cloud")
        return self.made[logical][name]

    def of_type(self, type_: str) -> dict[str, dict[str, Any]]:
        return {name: entry for name, entry in self.template["Resources"].items() if entry["Type"] == type_}

    def _make(self, logical: str) -> Attributes:
        entry = self.template["Resources"].get(logical)
        if entry is None:
            raise Misconfigured(f"template.yaml names {logical}, which is no resource of it")
        if entry["Type"] in NOT_NEEDED:
            return {"Ref": logical, "Arn": f"arn:aws:none:::{logical}"}
        makers: dict[str, Callable[[str, dict[str, Any]], Attributes]] = {
            "AWS::DynamoDB::Table": self._table,
            "AWS::SQS::Queue": self._queue,
            "AWS::S3::Bucket": self._bucket,
            "AWS::Scheduler::ScheduleGroup": self._schedule_group,
            "AWS::IAM::Role": self._role,
            "AWS::SES::ConfigurationSet": self._configuration_set,
            "AWS::SNS::Topic": self._topic,
            "AWS::SNS::Subscription": self._subscription,
            "AWS::Serverless::HttpApi": lambda name, _: {"Ref": name.lower()},
            "AWS::Serverless::Function": lambda name, _: {"Ref": name, "Arn": _arn("lambda", f"function:{name}")},
        }
        if entry["Type"] not in makers:
            raise Misconfigured(f"the embedded cloud cannot make {logical}, a {entry['Type']}")
        function = entry["Type"] == "AWS::Serverless::Function"
        properties = {} if function else self.resolver.resolve(entry.get("Properties", {}))
        return makers[entry["Type"]](logical, properties)

    def _client(self, service: str) -> Any:
        return self._session.client(service)  # type: ignore[call-overload]  # one overload per service name

    def _table(self, logical: str, properties: dict[str, Any]) -> Attributes:
        taken = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        name = f"{STACK}-{logical}"
        asked = {key: properties[key] for key in taken if key in properties}
        made = self._client("dynamodb").create_table(TableName=name, **asked)
        return {"Ref": name, "Arn": made["TableDescription"]["TableArn"]}

    def _queue(self, logical: str, properties: dict[str, Any]) -> Attributes:
        name = f"{STACK}-{logical}" + (".fifo" if properties.get("FifoQueue") else "")
        queues = self._client("sqs")
        attributes = {key: _attribute(value) for key, value in properties.items() if key != "QueueName"}
        url = queues.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return {"Ref": url, "Arn": found["Attributes"]["QueueArn"], "QueueName": name}

    def _bucket(self, logical: str, properties: dict[str, Any]) -> Attributes:
        name = f"{STACK}-{logical.lower()}"
        self._client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return {"Ref": name, "Arn": f"arn:aws:s3:::{name}"}

    def _schedule_group(self, logical: str, properties: dict[str, Any]) -> Attributes:
        made = self._client("scheduler").create_schedule_group(Name=properties["Name"])
        return {"Ref": properties["Name"], "Arn": made["ScheduleGroupArn"]}

    def _role(self, logical: str, properties: dict[str, Any]) -> Attributes:
        name = f"{STACK}-{logical}"
        policy = json.dumps(properties["AssumeRolePolicyDocument"])
        made = self._client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)
        return {"Ref": name, "Arn": made["Role"]["Arn"]}

    def _configuration_set(self, logical: str, properties: dict[str, Any]) -> Attributes:
        self._client("sesv2").create_configuration_set(ConfigurationSetName=properties["Name"])
        return {"Ref": properties["Name"]}

    def _topic(self, logical: str, properties: dict[str, Any]) -> Attributes:
        arn = self._client("sns").create_topic(Name=f"{STACK}-{logical}")["TopicArn"]
        return {"Ref": arn, "TopicArn": arn}

    def _subscription(self, logical: str, properties: dict[str, Any]) -> Attributes:
        attributes = {name: _attribute(properties[name]) for name in ("RawMessageDelivery",) if name in properties}
        made = self._client("sns").subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties["Endpoint"],
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        return {"Ref": made["SubscriptionArn"]}


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _attribute(value: Any) -> str:
    """Queue attributes are texts: JSON for structures, lower case for booleans."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)
