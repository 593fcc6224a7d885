"""AWS on moto, laid out as template.yaml says: the table, the lanes, the schedule group, the bucket.

moto is good for calls and conflicts, not for races, firing or strictness: what it would let
pass is asserted on the wire instead, with `calls` and `faults`.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from perennial.adapters.s3 import S3Bodies
from perennial.packing import unpack
from perennial.wiring import ONCE, PATIENT
from perennial_cli.bundle_template import load_template

ROOT = Path(__file__).parents[2]
REGION, ACCOUNT = "eu-central-1", "123456789012"
TABLE, BUCKET, GROUP, CONFIGURATION_SET = "perennial-table", "perennial-bucket", "perennial", "perennial-mail"
ROLE = "arn:aws:iam::123456789012:role/wakes"
LOST_WAKES = f"arn:aws:sqs:{REGION}:123456789012:lost-wakes"
ENDPOINT: str | None = None
"""Where AWS is, if not where boto3 looks for it."""

PEPPER = b"a pepper of sixteen or more bytes"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

_NOT_FOR_CREATE_TABLE = {
    "DeletionProtectionEnabled",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "TimeToLiveSpecification",
}


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@cache
def template() -> dict[str, Any]:
    return load_template(ROOT / "template.yaml")


@cache
def client(service: str, *, once: bool = False) -> Any:
    """Made once for all tests, with keys that open nothing."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        endpoint_url=ENDPOINT,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=ONCE if once else PATIENT,
    )


@dataclass(frozen=True)
class Cloud:
    """What stands in the mocked account. `queues` are URLs by lane."""

    queues: dict[str, str] = field(default_factory=dict)
    bodies: S3Bodies = field(default_factory=lambda: S3Bodies(BUCKET, lambda: client("s3")))


def build() -> Cloud:
    """Inside `mock_aws`: every resource that an adapter speaks to."""
    resources = template()["Resources"]
    table = {
        name: value
        for name, value in resources["Table"]["Properties"].items()
        if name not in _NOT_FOR_CREATE_TABLE and name != "TableName"
    }
    client("dynamodb").create_table(TableName=TABLE, **table)
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client("scheduler").create_schedule_group(Name=GROUP)
    lanes = {"urgent": "UrgentQueue", "patient": "PatientQueue"}
    queues = {lane: _queue(lane, resources[logical]["Properties"]) for lane, logical in lanes.items()}
    feedback: str = client("sqs").create_queue(QueueName="feedback")["QueueUrl"]
    return Cloud({**queues, "feedback": feedback})


def _queue(lane: str, properties: dict[str, Any]) -> str:
    plain = {name: str(value).lower() for name, value in properties.items() if name in ("FifoQueue",)}
    plain["ContentBasedDeduplication"] = str(properties["ContentBasedDeduplication"]).lower()
    plain |= {name: properties[name] for name in ("DeduplicationScope", "FifoThroughputLimit")}
    url: str = client("sqs").create_queue(QueueName=f"{lane}.fifo", Attributes=plain)["QueueUrl"]
    return url


def items() -> list[dict[str, Any]]:
    """Every item of the table, as DynamoDB spells it; packed documents as their text."""
    return [
        {**item, **({"doc": {"S": unpack(next(iter(item["doc"].values())))}} if "doc" in item else {})}
        for item in client("dynamodb").scan(TableName=TABLE)["Items"]
    ]


@contextmanager
def calls(made: Any, operation: str = "") -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What is asked of a client meanwhile: operations and their literal parameters, before botocore adds anything."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen.append((model.name, copy.deepcopy(params)))

    event = f"provide-client-params.{made.meta.service_model.service_id.hyphenize()}"
    event += f".{operation}" if operation else ""
    made.meta.events.register_first(event, note)
    try:
        yield seen
    finally:
        made.meta.events.unregister(event, note)


@contextmanager
def small_pages(made: Any, operation: str = "Query") -> Iterator[list[str]]:
    """Makes DynamoDB answer item by item, as it does megabyte by megabyte. Yields the calls that were made."""
    asked: list[str] = []

    def limit(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append(model.name)
        params["Limit"] = 1

    event = f"provide-client-params.dynamodb.{operation}"
    made.meta.events.register(event, limit)
    try:
        yield asked
    finally:
        made.meta.events.unregister(event, limit)


@contextmanager
def fault(made: Any, operation: str, code: str, status: int = 400, **more: Any) -> Iterator[list[str]]:
    """Makes the service answer one operation with that error. Yields the names of the calls that met it."""
    met: list[str] = []

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        met.append(model.name)
        error = {"Error": {"Code": code, "Message": "somebody@example.com"}, **more}
        return SimpleNamespace(status_code=status), {**error, "ResponseMetadata": {"HTTPStatusCode": status}}

    event = f"before-call.{made.meta.service_model.service_id.hyphenize()}.{operation}"
    made.meta.events.register_first(event, answer)
    try:
        yield met
    finally:
        made.meta.events.unregister(event, answer)


@contextmanager
def network(made: Any, reply: Callable[[], AWSResponse]) -> Iterator[list[str]]:
    """Stands in for the wire itself: each HTTP attempt is counted, and answered or broken by `reply`."""
    attempts: list[str] = []

    def attempt(request: Any, **_: Any) -> AWSResponse:
        attempts.append(request.url)
        return reply()

    event = f"before-send.{made.meta.service_model.service_id.hyphenize()}"
    made.meta.events.register_first(event, attempt)
    try:
        yield attempts
    finally:
        made.meta.events.unregister(event, attempt)


class _Raw:
    """The body of an answer, as urllib3 would hand it over."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def http(status: int, body: object = None, headers: dict[str, str] | None = None) -> AWSResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    told = HTTPHeaders()
    for name, value in (headers or {}).items():
        told[name] = value
    return AWSResponse("https://aws.example", status, told, _Raw(raw))
