"""Answers of pages, on their way into the customer's line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perennial.adapters.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from perennial.pages.telling import Told


@dataclass(frozen=True, slots=True)
class SqsTelling:
    """`queue` is the URL of the urgent lane. An answer is far smaller than what a queue takes (forms.LARGEST)."""

    client: "Callable[[], SQSClient]"
    queue: str

    def tell(self, told: "Told", customer: str) -> None:
        group = f"{told.store}:{customer}"
        with translated():
            self.client().send_message(QueueUrl=self.queue, MessageBody=told.document, MessageGroupId=group)
