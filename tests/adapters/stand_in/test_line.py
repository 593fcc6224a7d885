"""The customer's line as a queue really keeps it: order and redelivery in each group, and one telling of one thing."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from perennial.adapters.sqs import SqsLine, group_of, read_message
from perennial.customer import Lane
from tests.adapters.cloud import ACCOUNT, REGION, Cloud, client
from tests.adapters.people import ANNA, BERT, STORE, fact
from tests.adapters.stand_in.races import WORKERS, at_once
from tests.deployed.emulator import eventually

SOON = 1
"""Seconds after which a message that nobody deleted comes again."""

LANE: Lane = "urgent"


class Line:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.url = cloud, cloud.queues[LANE]
        self.adapter = SqsLine(lambda: client("sqs"), cloud.queues, cloud.bodies)  # type: ignore[arg-type]

    def join(self, name: str, customer: str = ANNA, lane: Lane = LANE, fresh: str | None = None) -> None:
        self.adapter.join(fact(name), customer, lane, fresh)

    def receive(self, most: int = 1, seconds: int = 30) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            client("sqs")
            .receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=most, VisibilityTimeout=seconds, AttributeNames=["All"]
            )
            .get("Messages", [])
        )
        return found

    def names(self, messages: list[dict[str, Any]]) -> list[str]:
        return [self.name(message) for message in messages]

    def name(self, message: dict[str, Any]) -> str:
        event, _ = read_message(message["Body"], message["Attributes"]["MessageGroupId"], self.cloud.bodies)
        return event.id

    def done(self, message: dict[str, Any]) -> None:
        client("sqs").delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def all(self) -> list[tuple[str, str]]:
        """Group and name of everything in the line, one after the other, as a worker would take it."""
        found = []
        while messages := self.receive():
            found.append((messages[0]["Attributes"]["MessageGroupId"], self.name(messages[0])))
            self.done(messages[0])
        return found


@pytest.fixture
def line(stand_in: str, cloud: Cloud) -> Line:
    return Line(cloud)


def test_a_message_that_is_being_worked_holds_its_customers_next_one_and_nobody_elses(line: Line) -> None:
    for name in ("one", "two"):
        line.join(name)
    line.join("other", BERT)
    (first,) = line.receive()
    assert line.name(first) == "one"
    assert line.names(line.receive(most=10)) == ["other"]
    assert line.receive() == []
    line.done(first)
    assert line.names(line.receive()) == ["two"]


def test_what_is_not_done_comes_again_before_its_customers_next_one(line: Line) -> None:
    """A worker that died: after its visibility the same message comes, and tells that it came before."""
    for name in ("one", "two"):
        line.join(name)
    line.receive(seconds=SOON)
    assert line.receive() == []
    (again,) = eventually(lambda: line.receive(), seconds=20)
    assert (line.name(again), again["Attributes"]["ApproximateReceiveCount"]) == ("one", "2")
    line.done(again)
    assert line.names(line.receive()) == ["two"]


def test_a_worker_that_was_thought_dead_cannot_end_what_another_has_taken_over(line: Line) -> None:
    """Its receipt is stale: the message stays with whoever holds it now, and the line waits for them."""
    line.join("one")
    line.join("two")
    (stalled,) = line.receive(seconds=SOON)
    (again,) = eventually(lambda: line.receive(seconds=30), seconds=20)
    assert again["ReceiptHandle"] != stalled["ReceiptHandle"]
    assert line.receive() == []
    line.done(again)
    assert line.names(line.receive()) == ["two"]


def test_one_telling_by_many_at_once_arrives_once(line: Line) -> None:
    """The shop sends a webhook again while the first is still being answered."""
    at_once([partial(line.join, "one")] * WORKERS)
    assert line.all() == [(group_of(STORE, ANNA), "one")]


def test_each_lane_takes_a_telling_for_itself(line: Line) -> None:
    for lane in ("urgent", "patient"):
        line.join("one", lane=lane)
    assert len(line.all()) == 1
    line.url = line.cloud.queues["patient"]
    assert len(line.all()) == 1


def test_what_is_told_afresh_by_many_at_once_arrives_from_each(line: Line) -> None:
    at_once([partial(line.join, "one", fresh=f"fresh-{number}") for number in range(WORKERS)])
    assert len(line.all()) == WORKERS


def test_what_was_done_is_still_known_for_a_while(line: Line) -> None:
    """Deduplication outlives the message: a late second delivery of a webhook finds it told."""
    line.join("one")
    assert len(line.all()) == 1
    line.join("one")
    assert line.all() == []


def test_many_customers_at_once_keep_each_their_order(line: Line) -> None:
    customers = [f"customer{number}aaaaaa" for number in range(WORKERS)]
    names = [f"fact-{number}" for number in range(6)]

    def tell(customer: str) -> None:
        for name in names:
            line.join(f"{customer}-{name}", customer)

    at_once([partial(tell, customer) for customer in customers])
    arrived = line.all()
    for customer in customers:
        mine = [name for group, name in arrived if group == group_of(STORE, customer)]
        assert mine == [f"{customer}-{name}" for name in names]


# What a function says that it could not do

FAILS_ON_BAD = """
def handler(event, context):
    bad = [record for record in event["Records"] if "bad" in record["body"]]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in bad]}
"""


@pytest.fixture
def picky(line: Line) -> Iterator[str]:
    """A function that answers as ours do, and fails on whatever is bad. Gives its name."""
    role = client("iam").create_role(RoleName="picky", AssumeRolePolicyDocument=json.dumps({}))["Role"]["Arn"]
    rights = [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]
    document = json.dumps({"Version": "2012-10-17", "Statement": rights})
    client("iam").put_role_policy(RoleName="picky", PolicyName="sqs", PolicyDocument=document)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", FAILS_ON_BAD)
    client("lambda").create_function(
        FunctionName="picky", Runtime="python3.13", Role=role, Handler="app.handler", Code={"ZipFile": code.getvalue()}
    )
    yield "picky"
    client("lambda").delete_function(FunctionName="picky")


@contextmanager
def feeding(function: str, url: str, size: int) -> Iterator[None]:
    """As template.yaml does: a queue's messages, so many at a time."""
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(SOON)})
    mapping = client("lambda").create_event_source_mapping(
        FunctionName=function,
        EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rsplit('/', 1)[1]}",
        BatchSize=size,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    try:
        yield
    finally:
        client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])


def left(url: str) -> int:
    """How many messages the queue holds, whoever is at work on them."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(told[name]) for name in names)


def test_a_message_that_fails_holds_its_customers_line_and_nobody_elses(line: Line, picky: str) -> None:
    for name, customer in (("bad", ANNA), ("after", ANNA), ("other", BERT), ("more", BERT)):
        line.join(name, customer)
    with feeding(picky, line.url, 1):
        assert eventually(lambda: left(line.url) == 2)
        assert not eventually(lambda: left(line.url) != 2, seconds=3)
    (bad,) = eventually(line.receive)
    assert line.name(bad) == "bad"
    assert int(bad["Attributes"]["ApproximateReceiveCount"]) > 2
    line.done(bad)
    (after,) = line.receive()
    assert (line.name(after), after["Attributes"]["ApproximateReceiveCount"]) == ("after", "1")


def test_of_a_batch_only_what_failed_comes_again(line: Line, picky: str) -> None:
    """Reports come fifty at a time, in no order: those that were taken are not told twice."""
    url = line.cloud.queues["feedback"]
    bodies = [f"{'bad' if number % 4 == 0 else 'good'} {number}" for number in range(8)]
    for body in bodies:
        client("sqs").send_message(QueueUrl=url, MessageBody=body)
    with feeding(picky, url, 10):
        assert eventually(lambda: left(url) == 2)
        assert not eventually(lambda: left(url) != 2, seconds=3)
    line.url = url
    found = eventually(lambda: line.receive(most=10))
    found += line.receive(most=10)
    assert sorted(message["Body"] for message in found) == ["bad 0", "bad 4"]
    assert all(int(message["Attributes"]["ApproximateReceiveCount"]) > 2 for message in found)
