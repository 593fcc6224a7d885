"""The queues of the embedded cloud: each message to its function, and back after its visibility timeout if it fails."""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from perennial_cli.lambda_events import sqs_event

Handle = Callable[[str, Mapping[str, Any]], bool]
"""Hands an event to the function that reads the queue of that ARN. Whether its message is done."""


@dataclass
class Queues:
    """`admin` makes clients of the cloud itself; `retries` are messages that come back: when, queue, handle."""

    admin: Callable[[str], Any]
    now: Callable[[], datetime]
    handle: Handle
    retries: list[tuple[datetime, str, str]] = field(default_factory=list)

    def feed(self, arn: str) -> bool:
        """Hands one message of a queue to its function. False if there is none."""
        queues, url = self.admin("sqs"), self._url(arn)
        found = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=1, AttributeNames=["All"]).get("Messages", [])
        if not found:
            return False
        message = found[0]
        if self.handle(arn, sqs_event(message, arn)):
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        else:
            attributes = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
            back = self.now() + timedelta(seconds=int(attributes["Attributes"]["VisibilityTimeout"]))
            heapq.heappush(self.retries, (back, url, message["ReceiptHandle"]))
        return True

    def send(self, arn: str, body: str, group: str) -> None:
        self.admin("sqs").send_message(QueueUrl=self._url(arn), MessageBody=body, MessageGroupId=group)

    def bring_back(self) -> None:
        """Messages whose visibility timeout is over can be received again."""
        while self.retries and self.retries[0][0] <= self.now():
            _, url, handle = heapq.heappop(self.retries)
            self.admin("sqs").change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)

    def _url(self, arn: str) -> str:
        return str(self.admin("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"])
