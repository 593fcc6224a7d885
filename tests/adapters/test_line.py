import json
from collections.abc import Iterator
from typing import Any

import pytest

from perennial import events, ports
from perennial.adapters.memory import Memory, MemoryBodies, MemoryLine
from perennial.adapters.sqs import LARGEST, SqsLine, group_of, read_message
from perennial.customer import Lane
from perennial.errors import Misconfigured, Unavailable
from tests.adapters.cloud import BUCKET, NOON, Cloud, calls, client, fault
from tests.adapters.people import ANNA, BERT, STORE, fact

Arrived = list[tuple[events.Event, str, Lane]]


class Wire:
    """A line, and whatever has arrived at its end so far."""

    def __init__(self, line: ports.Line, arrived: Arrived) -> None:
        self.line, self._arrived = line, arrived

    def arrived(self) -> Arrived:
        return self._arrived


class Queues(Wire):
    def __init__(self, cloud: Cloud) -> None:
        super().__init__(SqsLine(lambda: client("sqs"), cloud.queues, cloud.bodies), [])  # type: ignore[arg-type]
        self.cloud = cloud

    def messages(self, lane: str) -> Iterator[dict[str, Any]]:
        url = self.cloud.queues[lane]
        while found := client("sqs").receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages"):
            for message in found:
                yield message
                client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def arrived(self) -> Arrived:
        lanes: tuple[Lane, Lane] = ("urgent", "patient")
        return [
            (*read_message(message["Body"], message["Attributes"]["MessageGroupId"], self.cloud.bodies), lane)
            for lane in lanes
            for message in self.messages(lane)
        ]


@pytest.fixture(params=["memory", "aws"])
def wire(request: pytest.FixtureRequest) -> Wire:
    if request.param == "aws":
        return Queues(request.getfixturevalue("cloud"))
    arrived: Arrived = []
    return Wire(MemoryLine(lambda event, customer, lane: arrived.append((event, customer, lane))), arrived)


@pytest.fixture
def queues(cloud: Cloud) -> Queues:
    return Queues(cloud)


def _large(letters: int) -> events.ShipmentEvent:
    return fact().model_copy(update={"parcel": events.Parcel(id="p1", carrier="é" * letters)})


def test_an_event_arrives_as_it_was_with_its_customer_and_lane(wire: Wire) -> None:
    wire.line.join(fact(), ANNA, "patient")
    assert wire.arrived() == [(fact(), ANNA, "patient")]


def test_what_was_never_said_is_still_unsaid_on_arrival(wire: Wire) -> None:
    wire.line.join(fact(), ANNA, "urgent")
    ((event, _, _),) = wire.arrived()
    assert isinstance(event, events.ShipmentEvent)
    assert event.parcel.model_fields_set == {"id", "carrier"}


def test_events_of_one_customer_arrive_in_the_order_they_joined(wire: Wire) -> None:
    names = [f"fact-{n}" for n in range(12)]
    for name in names:
        wire.line.join(fact(name), ANNA, "urgent")
    assert [event.id for event, _, _ in wire.arrived()] == names


def test_customers_and_lanes_are_told_apart(wire: Wire) -> None:
    wire.line.join(fact("one"), ANNA, "urgent")
    wire.line.join(fact("two"), BERT, "urgent")
    wire.line.join(fact("three"), ANNA, "patient")
    arrived = {(event.id, customer, lane) for event, customer, lane in wire.arrived()}
    assert arrived == {("one", ANNA, "urgent"), ("two", BERT, "urgent"), ("three", ANNA, "patient")}


@pytest.mark.parametrize(
    "text", ["\x00\x1f\x7f", "\ud7ff\ue000", "\ufffe\uffff", "🎁\U0010ffff", '"\\u0000"', "\u2028"]
)
def test_an_event_may_hold_any_text(wire: Wire, text: str) -> None:
    event = fact().model_copy(update={"parcel": events.Parcel(id="p1", carrier=text)})
    wire.line.join(event, ANNA, "urgent")
    assert wire.arrived() == [(event, ANNA, "urgent")]


def test_an_event_of_any_size_arrives_whole(wire: Wire) -> None:
    event = _large(700_000)
    wire.line.join(event, ANNA, "urgent")
    assert wire.arrived() == [(event, ANNA, "urgent")]


def test_a_message_is_the_event_in_the_group_of_its_customer(queues: Queues) -> None:
    with calls(client("sqs")) as asked:
        queues.line.join(fact(), ANNA, "urgent")
    ((operation, request),) = asked
    assert operation == "SendMessage"
    assert request == {
        "QueueUrl": queues.cloud.queues["urgent"],
        "MessageGroupId": "demo:annaaaaaaaaaaaaa",
        "MessageBody": (
            '{"type":"ShipmentShipped","id":"shopify:fulfillments/create:1","store":"demo",'
            '"occurred_at":"2026-06-01T12:00:00Z","received_at":"2026-06-01T12:01:00Z","order_id":"1001",'
            '"parcel":{"id":"p1","carrier":"DHL"}}'
        ),
    }


def test_what_joins_twice_within_minutes_arrives_once(queues: Queues) -> None:
    for name in ("one", "two", "one"):
        queues.line.join(fact(name), ANNA, "urgent")
    assert [event.id for event, _, _ in queues.arrived()] == ["one", "two"]


def test_what_is_told_afresh_arrives_again(wire: Wire) -> None:
    """A parked event put back within minutes of its first telling: a queue that knows its words must still take it."""
    for fresh in (None, "first", "second"):
        wire.line.join(fact(), ANNA, "urgent", fresh)
    assert [event for event, _, _ in wire.arrived()] == [fact()] * 3


def test_characters_that_queues_refuse_travel_escaped(queues: Queues) -> None:
    """SQS takes #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF; moto takes anything."""
    event = fact().model_copy(update={"parcel": events.Parcel(id="p1", carrier="a\ufffe\uffff\x01é")})
    with calls(client("sqs")) as asked:
        queues.line.join(event, ANNA, "urgent")
    assert '"carrier":"a\\ufffe\\uffff\\u0001é"' in asked[0][1]["MessageBody"]


def test_a_message_too_large_for_a_queue_is_a_pointer_to_the_bucket(queues: Queues) -> None:
    queues.line.join(_large(130_000), ANNA, "urgent")
    (message,) = queues.messages("urgent")
    key = "events/demo/shopify:fulfillments/create:1"
    assert json.loads(message["Body"]) == {"stored_as": key}
    assert events.from_json(client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()) == _large(130_000)


def test_size_is_counted_in_bytes(queues: Queues) -> None:
    letters = (LARGEST - len(events.to_json(_large(0)))) // 2
    for more, stored in ((0, False), (1, True)):
        event = _large(letters + more)
        queues.line.join(event, ANNA, "urgent")
        (message,) = queues.messages("urgent")
        assert message["Body"].startswith('{"stored_as"') is stored


def test_a_message_whose_body_is_gone_from_the_bucket_is_nothing_to_wait_for() -> None:
    bodies = MemoryBodies(Memory())
    with pytest.raises(Misconfigured, match="events/demo/1 is gone"):
        read_message('{"stored_as": "events/demo/1"}', group_of(STORE, ANNA), bodies)


def test_a_wake_can_be_read_like_any_other_event() -> None:
    ring = events.WakeDue(type="WakeDue", id="wake:x-0-1", store=STORE, occurred_at=NOON, customer=ANNA, epoch=0, n=1)
    assert read_message(ring.model_dump_json(), group_of(STORE, ANNA), MemoryBodies(Memory())) == (ring, ANNA)


def test_a_queue_that_does_not_take_it_is_unavailable(queues: Queues) -> None:
    for code in ("RequestThrottled", "KmsThrottled", "ServiceUnavailable"):
        with fault(client("sqs"), "SendMessage", code), pytest.raises(Unavailable):
            queues.line.join(fact(), ANNA, "urgent")
    with fault(client("sqs"), "SendMessage", "QueueDoesNotExist"), pytest.raises(Misconfigured):
        queues.line.join(fact(), ANNA, "urgent")


def test_a_large_body_is_in_the_bucket_before_its_message_is_in_the_queue(queues: Queues) -> None:
    with fault(client("s3"), "PutObject", "SlowDown", 503), pytest.raises(Unavailable):
        queues.line.join(_large(130_000), ANNA, "urgent")
    assert list(queues.messages("urgent")) == []
