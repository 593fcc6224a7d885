"""The embedded cloud: template.yaml on a laptop, on moto, with a clock of its own.

Its resources come from template.yaml, its functions are the real handlers, called with Lambda's own event shapes. What
moto only stores, this fires: schedules ring when the clock comes by, queues feed their functions, failures come back
after their visibility timeout and end in the dead-letter queue.
"""

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

from perennial import wiring
from perennial.content import Content, dump
from perennial.outside import ForAdvancing, ForReceiving, ForRecording
from perennial.ports import Parked
from perennial.receipts import ACCOUNT
from perennial_cli import cloud_timers
from perennial_cli.cloud_queues import Queues
from perennial_cli.cloud_resources import REGION, Resources
from perennial_cli.cloud_secrets import credentials, put_secrets
from perennial_cli.functions_host import Function, Host
from perennial_cli.lambda_events import http_event
from perennial_cli.postman import Postman
from perennial_cli.witness import Witness

LARGEST_EVENT = 6 * 1024 * 1024
"""Bytes of a synchronous Lambda invocation: a larger request never reaches its function."""

SWEEP, SWEPT_EVERY = "SweepOverdue", timedelta(hours=1)
"""The function that comes every hour; only where it is asked for, because a replay of years would call it for ever."""

FEEDBACK = "RecordFeedback"
"""The function that providers report to."""


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
    failures: list[str] = field(default_factory=list)
    next_sweep: datetime | None = None
    _clients: dict[str, Any] = field(default_factory=dict)
    _domains: set[str] = field(default_factory=set)

    @classmethod
    @contextmanager
    def open(cls, content: Content, root: Path, start: datetime, folder: Path) -> Iterator["Cloud"]:
        """A fresh cloud, gone at the end. `folder` takes the content bundle; `root` is where template.yaml lies."""
        cloud = cls(content, root, start, folder)
        with ExitStack() as stack:
            stack.enter_context(credentials())
            stack.enter_context(mock_aws())
            stack.callback(cloud._close)
            cloud._start()
            yield cloud

    def _start(self) -> None:
        boto3.DEFAULT_SESSION = boto3.Session(region_name=REGION)
        wiring.forget()
        wiring.use_clock(lambda: self.now)
        self.resources = Resources.create(self.root / "template.yaml")
        bundle = self._provide()
        self.host = Host(self.resources, self.root, {"PERENNIAL_CONTENT": str(bundle)})
        self.witness = Witness(lambda: self.now)
        self.witness.watch(wiring.session())
        self.queues = Queues(self.admin, lambda: self.now, self._handled)
        topic = self.resources.attribute("FeedbackTopic", "Ref")
        self.postman = Postman(self.witness, lambda: self.now, self.admin, topic, partial(self.call, FEEDBACK))

    def _provide(self) -> Path:
        """What a deploy brings beside the code: secrets, sender identities, and the content bundle, which it names."""
        parameters = self.resources.resolver.resolve({"Ref": "Parameters"})
        put_secrets(self.content, parameters)
        for domain in {store.sender.email.rpartition("@")[2] for store in self.content.stores.values()}:
            if domain not in self._domains:
                boto3.client("sesv2").create_email_identity(EmailIdentity=domain)
                self._domains.add(domain)
        self.folder.mkdir(parents=True, exist_ok=True)
        bundle = self.folder / "content.json"
        bundle.write_text(dump(self.content))
        return bundle

    def deploy(self, content: Content) -> None:
        """New content from now on, as a deploy brings it: the functions start afresh, what they keep stays."""
        self.content = content
        self._provide()
        wiring.forget()
        self.witness.watch(wiring.session())

    def _close(self) -> None:
        wiring.forget()
        wiring.use_chance(os.urandom)
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
        arns = [arn for function in self.host.functions.values() for arn in function.queues]
        while self.postman.deliver() or any(self.queues.feed(arn) for arn in arns):
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
            cloud_timers.ring(self.now, self.queues.send)
            self.queues.bring_back()
            self._sweep()
            self.settle()
        self.now = max(self.now, moment)

    def next_wake(self) -> datetime | None:
        """When the next schedule rings."""
        return min((at for at, _, _ in cloud_timers.live()), default=None)

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
            return [entry for store in (*self.content.stores, ACCOUNT) for entry in outside.parking.parked(store)]

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

    def _handled(self, arn: str, event: Mapping[str, Any]) -> bool:
        function = self.host.for_queue(arn)
        try:
            with self._counting(function.name):
                result = self.host.invoke(function, event)
        except Exception as error:  # noqa: BLE001  a function that dies leaves its message in the queue
            self.failures.append(f"{function.name}: {type(error).__name__}: {error}")
            return False
        return not (result or {}).get("batchItemFailures")

    def _next(self) -> datetime | None:
        times = [at for at, _, _ in cloud_timers.live()] + [at for at, _, _ in self.queues.retries]
        times += [self.next_sweep] if self.next_sweep else []
        return min(times, default=None)

    def _sweep(self) -> None:
        if self.next_sweep is not None and self.next_sweep <= self.now:
            self.next_sweep = self.now + SWEPT_EVERY
            self.call(SWEEP, {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def admin(self, service: str) -> Any:
        """A client of the cloud itself, whose calls are not counted as the functions' own."""
        if service not in self._clients:
            self._clients[service] = boto3.Session(region_name=REGION).client(service)  # type: ignore[call-overload]  # one overload per service name
        return self._clients[service]
