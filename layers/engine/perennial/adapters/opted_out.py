"""Numbers that answered STOP: the account's list, as SNS keeps it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perennial.adapters.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

TASK = {"task": "read opted-out numbers"}
"""What the daily schedule says; `after` is added where a run left off."""


@dataclass(frozen=True, slots=True)
class SnsOptedOut:
    """Clients are made when they are asked for: once a day. `queue` is the function's own."""

    make_client: "Callable[[], SNSClient]"
    make_queues: "Callable[[], SQSClient]"
    queue: str

    def page(self, after: str | None) -> tuple[tuple[str, ...], str | None]:
        with translated():
            if after is None:
                answer = self.make_client().list_phone_numbers_opted_out()
            else:
                answer = self.make_client().list_phone_numbers_opted_out(nextToken=after)
        return tuple(answer.get("phoneNumbers", ())), answer.get("nextToken") or None

    def go_on(self, after: str) -> None:
        with translated():
            self.make_queues().send_message(QueueUrl=self.queue, MessageBody=json.dumps({**TASK, "after": after}))
