import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from functions.advance_customer import app as advancing
from functions.receive_webhook import app as receiving
from functions.record_feedback import app as recording
from functions.serve_pages import app as serving
from functions.sweep_overdue import app as sweeping
from perennial import content, wiring
from perennial.wiring import ONCE
from tests.adapters import cloud
from tests.adapters.cloud import BUCKET, CONFIGURATION_SET, GROUP, LOST_WAKES, REGION, ROLE, TABLE, Clock, Cloud, client
from tests.handlers.lambda_events import ACCOUNT, Context, http_event, page_event, sqs_batch, sqs_event
from tests.handlers.shop import ORDERED, PERSONAL, SECRET, STORE, headers, small_content
from tests.infra.stack import actions_of

KEYS: dict[str, Any] = {"pepper": "70" * 16, "links": {"current": 1, "keys": {"1": "6b" * 16}}}

SERVICES = ("dynamodb", "sqs", "scheduler", "sesv2", "sns", "ssm", "s3")


@dataclass
class Bundle:
    """The two functions as Lambda would run them, and what they left behind."""

    cloud: Cloud
    clock: Clock
    output: io.StringIO
    calls: Counter[str]
    running: str = ""
    done: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def _as(self, function: str) -> Iterator[None]:
        self.running = function
        try:
            yield
        finally:
            self.running = ""

    def post(self, topic: str, body: bytes, *, path: str = f"/webhooks/shopify/{STORE}", **how: Any) -> dict[str, Any]:
        encoded = how.pop("encoded", False)
        signed = how.pop("headers", None) or headers(topic, body, **how)
        with self._as("ReceiveWebhook"):
            answer: dict[str, Any] = receiving.handler(http_event(path, signed, body, encoded=encoded), Context())
        return answer

    def take(self, body: str, group: str, *, received: int = 1) -> list[str]:
        """Advances a customer by one message. Returns what is to be tried again."""
        with self._as("AdvanceCustomer"):
            answer = advancing.handler(sqs_event(body, group, received=received), Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def sweep(self) -> dict[str, Any]:
        with self._as("SweepOverdue"):
            answer: dict[str, Any] = sweeping.handler({"source": "aws.events"}, Context())
        return answer

    def report(self, *bodies: str) -> list[int]:
        """A batch of the feedback queue. Returns which of it are to be tried again."""
        with self._as("RecordFeedback"):
            answer = recording.handler(sqs_batch(*bodies), Context())
        return [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    def call_recording(self, event: dict[str, Any]) -> None:
        """What a log or a schedule calls with."""
        with self._as("RecordFeedback"):
            recording.handler(event, Context())

    def visit(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        """Somebody opens or answers a page."""
        with self._as("ServePages"):
            answer: dict[str, Any] = serving.handler(page_event(method, path, **how), Context())
        return answer

    def messages(self, lane: str = "urgent") -> list[tuple[str, str]]:
        """What has joined a lane since the last look: bodies and groups."""
        url, found = self.cloud.queues[lane], []
        while batch := client("sqs").receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages"):
            for message in batch:
                found.append((message["Body"], message["Attributes"]["MessageGroupId"]))
                client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def advance(self) -> list[str]:
        """Takes all that waits in the urgent lane."""
        return [failure for body, group in self.messages() for failure in self.take(body, group)]

    def schedules(self) -> list[dict[str, Any]]:
        names = [entry["Name"] for entry in client("scheduler").list_schedules(GroupName=GROUP)["Schedules"]]
        return [client("scheduler").get_schedule(Name=name, GroupName=GROUP) for name in names]

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.getvalue().splitlines()]


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bundle]:
    clock, output, calls = Clock(ORDERED), io.StringIO(), Counter[str]()
    file = tmp_path / "content.json"
    file.write_text(content.dump(small_content()))
    with mock_aws():
        stack = cloud.build()
        client("sesv2").create_email_identity(EmailIdentity="larkspur.example")
        for name, secret in (("keys", KEYS), (f"webhooks/{STORE}/shopify", {"current": SECRET})):
            client("ssm").put_parameter(Name=f"/perennial/{name}", Value=json.dumps(secret), Type="SecureString")
        for variable, value in _variables(stack, file).items():
            monkeypatch.setenv(variable, value)
        bundle = Bundle(stack, clock, output, calls)
        _watch(monkeypatch, bundle)
        monkeypatch.setattr(wiring, "_clock", clock)
        wiring.forget()
        yield bundle
        wiring.forget()


def _variables(stack: Cloud, file: Path) -> dict[str, str]:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}"
    return {
        "PERENNIAL_TABLE": TABLE,
        "PERENNIAL_BUCKET": BUCKET,
        "PERENNIAL_PARAMETERS": "/perennial",
        "PERENNIAL_CONTENT": str(file),
        "PERENNIAL_URGENT_QUEUE": stack.queues["urgent"],
        "PERENNIAL_PATIENT_QUEUE": stack.queues["patient"],
        "PERENNIAL_URGENT_QUEUE_ARN": f"{arn}:urgent.fifo",
        "PERENNIAL_PATIENT_QUEUE_ARN": f"{arn}:patient.fifo",
        "PERENNIAL_SCHEDULE_GROUP": GROUP,
        "PERENNIAL_SCHEDULE_ROLE": ROLE,
        "PERENNIAL_LOST_WAKES_ARN": LOST_WAKES,
        "PERENNIAL_CONFIGURATION_SET": CONFIGURATION_SET,
        "PERENNIAL_FEEDBACK_QUEUE": stack.queues["feedback"],
    }


def _watch(monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> None:
    """The functions get the clients of these tests, each with its calls counted; logs are kept."""
    patient = {service: client(service) for service in SERVICES}
    once = {service: client(service, once=True) for service in SERVICES}

    def make(service: str, config: Any) -> Any:
        made = (once if config is ONCE else patient)[service]
        original = type(made)._make_api_call

        def count(operation: str, request: Any) -> Any:
            bundle.calls[operation] += 1
            bundle.done |= {(bundle.running, action) for action in actions(service, operation, request)}
            return original(made, operation, request)

        monkeypatch.setattr(made, "_make_api_call", count)
        return made

    monkeypatch.setattr(wiring, "session", cache(lambda: SimpleNamespace(create_client=make)))
    for app in (advancing, receiving, recording, sweeping):
        monkeypatch.setattr(app.logger.registered_handler, "stream", bundle.output)
    monkeypatch.setattr(serving, "sys", SimpleNamespace(stdout=bundle.output))


def actions(service: str, operation: str, request: Any) -> set[str]:
    """The rights that a call needs."""
    prefix = {"sesv2": "ses"}.get(service, service)
    if operation == "TransactWriteItems":
        return {f"{prefix}:{kind}Item" for write in request["TransactItems"] for kind in write}
    passed = {"iam:PassRole"} if operation == "CreateSchedule" else set()
    return {f"{prefix}:{operation}", *passed}


@pytest.fixture(autouse=True)
def nothing_personal_is_logged(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Law 11 holds in every one of these tests."""
    yield
    printed = (bundle.output.getvalue() + "".join(capsys.readouterr())).lower()
    assert [word for word in PERSONAL if word in printed] == []


@pytest.fixture(autouse=True)
def nothing_is_done_without_a_right(bundle: Bundle) -> Iterator[None]:
    """What a function has done in any of these tests, template.yaml allows it to do."""
    yield
    for function in ("ReceiveWebhook", "AdvanceCustomer", "RecordFeedback", "ServePages", "SweepOverdue"):
        assert {action for doer, action in bundle.done if doer == function} <= actions_of(function)
