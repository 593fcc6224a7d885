"""The deployed bundle, as its shop and its shoppers meet it."""

import http.client
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import boto3

from perennial.platforms import shopify
from tests.deployed.emulator import Mailbox

SECRET = "made-up-for-the-test"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Bundle:
    """`named` are the physical ids of the stack's resources by their logical ones."""

    endpoint: str
    named: dict[str, str]
    mailbox: Mailbox

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """One request to the API. The stand-in knows an API by its host name."""
        host = f"{self.named['Api']}.execute-api.localhost"
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=60)
        try:
            connection.request(method, path, body, {"Host": host, **(headers or {})})
            reply = connection.getresponse()
            told = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, told, reply.read().decode())
        finally:
            connection.close()

    def webhook(self, topic: str, told: dict[str, Any], secret: str = SECRET) -> Answer:
        body = json.dumps(told).encode()
        return self.call("POST", "/webhooks/shopify/demo", signed(topic, body, secret), body)

    def waiting(self, queue: str) -> list[dict[str, Any]]:
        """The messages of a queue, put back at once."""
        client, url = boto3.client("sqs"), self.named[queue]
        found = client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, AttributeNames=["All"]
        )
        return [dict(message) for message in found.get("Messages", [])]

    def put(self, queue: str, body: str, group: str) -> None:
        boto3.client("sqs").send_message(QueueUrl=self.named[queue], MessageBody=body, MessageGroupId=group)

    def report(self, told: dict[str, Any]) -> None:
        """What SES would publish; the stand-in publishes nothing."""
        boto3.client("sns").publish(TopicArn=self.named["FeedbackTopic"], Message=json.dumps(told))

    def idle(self) -> bool:
        """Whether nothing waits in the customers' lines, and nothing is being worked on."""
        return self._left("UrgentQueue") + self._left("PatientQueue") == 0

    def _left(self, queue: str) -> int:
        told = boto3.client("sqs").get_queue_attributes(QueueUrl=self.named[queue], AttributeNames=["All"])[
            "Attributes"
        ]
        return int(told["ApproximateNumberOfMessages"]) + int(told["ApproximateNumberOfMessagesNotVisible"])

    def schedules(self) -> list[str]:
        found = boto3.client("scheduler").list_schedules(GroupName=self.named["ScheduleGroup"])
        return [each["Name"] for each in found["Schedules"]]

    def invoke(self, function: str, event: dict[str, Any]) -> str:
        """Calls a function itself, and waits for what it answers."""
        found = boto3.client("lambda").invoke(FunctionName=self.named[function], Payload=json.dumps(event).encode())
        answer: str = found["Payload"].read().decode()
        assert "FunctionError" not in found, answer
        return answer


def signed(topic: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    told = {"x-shopify-topic": topic, "x-shopify-webhook-id": f"{topic}-{sha256(body).hexdigest()[:12]}"}
    return {**shopify.sign(told, body, secret, now()), "content-type": "application/json"}


def now() -> datetime:
    return datetime.now(UTC)
