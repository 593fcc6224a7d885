"""The customer's line: two FIFO queues, one message group for each customer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perennial import events, ports
from perennial.adapters.errors import translated
from perennial.errors import Misconfigured

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageRequestTypeDef

    from perennial.customer import Lane

LARGEST = 250_000
"""Bytes an event may have on the queue: below every limit SQS has had, and charged as four requests at the most."""


REFUSED = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}
"""Characters that a queue does not take, as JSON may spell them; it escapes the other ones by itself."""


@dataclass(frozen=True, slots=True)
class SqsLine:
    """`queues` are the queue URLs by lane; both deduplicate by content for five minutes, where no `fresh` is given."""

    client: "Callable[[], SQSClient]"
    queues: "Mapping[Lane, str]"
    bodies: ports.Bodies

    def join(self, event: events.Event, customer: str, lane: "Lane", fresh: str | None = None) -> None:
        body = events.to_json(event).translate(REFUSED)
        if len(body.encode()) > LARGEST:
            key = f"events/{event.store}/{event.id}"
            self.bodies.keep(key, body)
            body = json.dumps({"stored_as": key})
        message: SendMessageRequestTypeDef = {
            "QueueUrl": self.queues[lane],
            "MessageBody": body,
            "MessageGroupId": group_of(event.store, customer),
        }
        if fresh is not None:
            message["MessageDeduplicationId"] = fresh
        with translated():
            self.client().send_message(**message)


def group_of(store: str, customer: str) -> str:
    return f"{store}:{customer}"


def read_message(body: str, group: str, bodies: ports.Bodies) -> tuple[events.Event, str]:
    """The event of a queue message and its customer. Raises Misconfigured if a stored body is gone."""
    if body.startswith('{"stored_as"'):
        key = json.loads(body)["stored_as"]
        stored = bodies.fetch(key)
        if stored is None:
            raise Misconfigured(f"the body {key} is gone from the bucket")
        body = stored
    return events.from_json(body), group.partition(":")[2]
