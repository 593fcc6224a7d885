"""The embedded cloud: template.yaml on a laptop, on moto, with a clock of its own.

Its resources come from template.yaml, its functions are the real handlers, called with Lambda's own event shapes. What
moto only stores, this fires: schedules ring when the clock comes by, queues feed their functions, failures come back
after their visibility timeout and end in the dead-letter queue.
"""

import heapq
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws
from moto.scheduler.models import scheduler_backends

from perennial import wiring
from perennial.content import Content, dump
from perennial.outside import ForAdvancing, ForReceiving, ForRecording
from perennial.ports import Parked
from perennial.receipts import ACCOUNT as NO_STORE
from perennial_cli.cloud_resources import ACCOUNT, REGION, Resources
from perennial_cli.cloud_secrets import put_secrets
from perennial_cli.functions_host import Function, Host
from perennial_cli.lambda_events import http_event, sqs_event
from perennial_cli.postman import Postman
from perennial_cli.witness import Witness

LARGEST_EVENT = 6 * 1024 * 1024
"""Bytes of a synchronous Lambda invocation: a larger request never reaches its function."""

SWEEP, SWEPT_EVERY = "SweepOverdue", timedelta(hours=1)
"""The function that comes every hour; only where it is asked for, because a replay of years would call it for ever."""

FEEDBACK = "RecordFeedback"
"""The function that providers report to."""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "embedded",
    "AWS_SECRET_ACCESS_KEY": "embedded",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}


@dataclass(frozen=True)
class Answer:
    """What the sender of a webhook, or a browser, sees."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The body as an object; empty if it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass
class Cloud:
    """Use `Cloud.open`. `now` is the only clock; it moves forward by `run_until` alone. The hourly sweep is left out
    unless `next_sweep` says when it comes first.
    """

    content: Content
    root: Path
    now: datetime
    folder: Path
    retries: list[tuple[datetime, str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    next_sweep: datetime | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def open(cls, content: Content, root: Path, start: datetime, folder: Path) -> Iterator["Cloud"]:
        """A fresh cloud, gone at the end. `folder` takes the content bundle; `root` is where template.yaml lies."""
        cloud = cls(content, root, start, folder)
        with ExitStack() as stack:
            stack.enter_context(_environment(CREDENTIALS))
            stack.enter_context(mock_aws())
            stack.callback(cloud._close)
            cloud._start()
            yield cloud

    def _start(self) -> None:
        boto3.DEFAULT_SESSION = boto3.Session(region_name=REGION)
        wiring.forget()
        wiring.use_clock(lambda: self.now)
        self.resources = Resources.create(self.root / "template.yaml")
        parameters = self.resources.resolver.resolve({"Ref": "Parameters"})
        put_secrets(self.content, parameters)
        for store in self.content.stores.values():
            domain = store.sender.email.rpartition("@")[2]
            boto3.client("sesv2").create_email_identity(EmailIdentity=domain)
        bundle = self.folder / "content.json"
        self.folder.mkdir(parents=True, exist_ok=True)
        bundle.write_text(dump(self.content))
        self.host = Host(self.resources, self.root, {"PERENNIAL_CONTENT": str(bundle)})
        self.witness = Witness(lambda: self.now)
        self.witness.watch(wiring.session())
        topic = self.resources.attribute("FeedbackTopic", "Ref")
        self.postman = Postman(self.witness, lambda: self.now, self.admin, topic, partial(self.call, FEEDBACK))

    def _close(self) -> None:
        wiring.forget()
        wiring.use_clock(lambda: datetime.now(UTC))
        boto3.DEFAULT_SESSION = None

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return self.request("POST", path, headers, body)

    def request(self, method: str, address: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request to the HTTP API, as API Gateway hands it on and answers it."""
        path, _, query = address.partition("?")
        function = self._route(method, path)
        if function is None:
            return Answer(404, '{"message":"Not Found"}')
        event = http_event(method, path, headers, body, self.now, query)
        if len(json.dumps(event)) > LARGEST_EVENT:
            return Answer(413, '{"message":"Request Entity Too Large"}')
        try:
            answer = self.host.invoke(function, event)
        except Exception as error:  # noqa: BLE001  whatever a handler raises, API Gateway answers 500
            self.failures.append(f"{function.name}: {type(error).__name__}: {error}")
            return Answer(500, '{"message":"Internal Server Error"}')
        return Answer(answer["statusCode"], answer.get("body", ""), answer.get("headers", {}))

    def settle(self) -> None:
        """Feeds the queues to their functions until nothing is left that could be handled now."""
        queues = [arn for function in self.host.functions.values() for arn in function.queues]
        while self.postman.deliver() or any(self._feed(arn) for arn in queues):
            pass  # the urgent lane first, as the template names it first

    def call(self, name: str, event: Mapping[str, Any]) -> None:
        """An invocation that nobody waits for, as a schedule or a log makes it."""
        try:
            with self._counting(name):
                self.host.invoke(self.host.functions[name], event)
        except Exception as error:  # noqa: BLE001  nobody hears it but whoever looks at the failures
            self.failures.append(f"{name}: {type(error).__name__}: {error}")

    def _counting(self, name: str) -> AbstractContextManager[None]:
        return self.witness.apart() if name == FEEDBACK else nullcontext()

    def run_until(self, moment: datetime) -> None:
        """Moves the clock, and everything that happens on the way happens at its time."""
        self.settle()
        while (due := self._next()) is not None and due <= moment:
            self.now = max(self.now, due)
            self._ring()
            self._bring_back()
            self._sweep()
            self.settle()
        self.now = max(self.now, moment)

    def next_wake(self) -> datetime | None:
        """When the next schedule rings."""
        return min((at for at, _, _ in self._schedules()), default=None)

    def schedules(self) -> list[dict[str, Any]]:
        """Every live schedule, as one would ask Scheduler for it again."""
        return [
            {
                "Name": schedule.name,
                "GroupName": group,
                "ScheduleExpression": schedule.schedule_expression,
                "FlexibleTimeWindow": schedule.flexible_time_window,
                "Target": schedule.target,
                "ActionAfterCompletion": "DELETE",
            }
            for _, group, schedule in self._schedules()
        ]

    @contextmanager
    def advancing(self) -> Iterator[ForAdvancing]:
        """What advance_customer sees of the cloud, for those who look into it; their calls are not counted."""
        counted = self.witness.calls.copy()
        with self.host.inside(self.host.functions["AdvanceCustomer"]):
            yield wiring.for_advancing()
        self.witness.calls = counted

    @contextmanager
    def receiving(self) -> Iterator[ForReceiving]:
        """What receive_webhook sees of the cloud, likewise."""
        counted = self.witness.calls.copy()
        with self.host.inside(self.host.functions["ReceiveWebhook"]):
            yield wiring.for_receiving()
        self.witness.calls = counted

    @contextmanager
    def recording(self) -> Iterator[ForRecording]:
        """What record_feedback sees of the cloud, likewise."""
        counted = self.witness.calls.copy()
        with self.host.inside(self.host.functions[FEEDBACK]):
            yield wiring.for_recording()
        self.witness.calls = counted

    def parked(self) -> Sequence[Parked]:
        """Of every store, and of the account: reports that nobody can read."""
        with self.receiving() as outside:
            return [entry for store in (*self.content.stores, NO_STORE) for entry in outside.parking.parked(store)]

    def customers(self) -> list[tuple[str, str]]:
        """Everybody there is, as `(store, id)`."""
        table = self.resources.attribute("Table", "Ref")
        pages = self.admin("dynamodb").get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk")
        keys = [item["pk"]["S"] for page in pages for item in page["Items"] if item["sk"]["S"] == "L#profile"]
        found = [(key.partition("#C#")[0], key.partition("#C#")[2]) for key in keys]
        return sorted(found)

    def _route(self, method: str, path: str) -> Function | None:
        for function in self.host.functions.values():
            for allowed, pattern in function.routes:
                if allowed == method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", pattern), path):
                    return function
        return None

    def _feed(self, arn: str) -> bool:
        """Hands one message of a queue to its function. False if there is none."""
        queues, url = self.admin("sqs"), self._queue_url(arn)
        found = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=1, AttributeNames=["All"]).get("Messages", [])
        if not found:
            return False
        message = found[0]
        if self._handled(message, arn):
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        else:
            attributes = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
            back = self.now + timedelta(seconds=int(attributes["Attributes"]["VisibilityTimeout"]))
            heapq.heappush(self.retries, (back, url, message["ReceiptHandle"]))
        return True

    def _handled(self, message: Mapping[str, Any], arn: str) -> bool:
        function = self.host.for_queue(arn)
        try:
            with self._counting(function.name):
                result = self.host.invoke(function, sqs_event(message, arn))
        except Exception as error:  # noqa: BLE001  a function that dies leaves its message in the queue
            self.failures.append(f"{function.name}: {type(error).__name__}: {error}")
            return False
        return not (result or {}).get("batchItemFailures")

    def _next(self) -> datetime | None:
        times = [at for at, _, _ in self._schedules()] + [at for at, _, _ in self.retries]
        times += [self.next_sweep] if self.next_sweep else []
        return min(times, default=None)

    def _schedules(self) -> Iterator[tuple[datetime, str, Any]]:
        """Every live schedule: when it rings, its group, and moto's record of it."""
        for group in scheduler_backends[ACCOUNT][REGION].schedule_groups.values():
            for schedule in group.schedules.values():
                expression = schedule.schedule_expression.removeprefix("at(").removesuffix(")")
                yield datetime.fromisoformat(expression).replace(tzinfo=UTC), group.name, schedule

    def _ring(self) -> None:
        """Sends the wakes that are due into their queues, and deletes their schedules."""
        due = sorted(
            (entry for entry in self._schedules() if entry[0] <= self.now), key=lambda entry: (entry[0], entry[2].name)
        )
        groups = scheduler_backends[ACCOUNT][REGION].schedule_groups
        for _, group, schedule in due:
            target = schedule.target
            self.admin("sqs").send_message(
                QueueUrl=self._queue_url(target["Arn"]),
                MessageBody=target["Input"],
                MessageGroupId=target["SqsParameters"]["MessageGroupId"],
            )
            del groups[group].schedules[schedule.name]

    def _bring_back(self) -> None:
        """Messages whose visibility timeout is over can be received again."""
        while self.retries and self.retries[0][0] <= self.now:
            _, url, handle = heapq.heappop(self.retries)
            self.admin("sqs").change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)

    def _sweep(self) -> None:
        if self.next_sweep is not None and self.next_sweep <= self.now:
            self.next_sweep = self.now + SWEPT_EVERY
            self.call(SWEEP, {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def _queue_url(self, arn: str) -> str:
        return str(self.admin("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"])

    def admin(self, service: str) -> Any:
        """A client of the cloud itself, whose calls are not counted as the functions' own."""
        if service not in self._clients:
            self._clients[service] = boto3.Session(region_name=REGION).client(service)  # type: ignore[call-overload]  # one overload per service name
        return self._clients[service]


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
