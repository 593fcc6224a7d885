"""Writes that meet somebody else's: told by DynamoDB in two ways, and by botocore to its caller."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from perennial import ports
from perennial.adapters.directory import DynamoDirectory
from perennial.adapters.dynamodb import DynamoCustomers
from perennial.adapters.memory import Memory, MemoryParking
from perennial.adapters.patience import CANCELLED, CONFLICT, PASSING_REASONS, WAITS, Patience, passes
from perennial.adapters.receipts import DynamoReceipts
from perennial.adapters.traces import DynamoTraces
from perennial.customer import stranger
from perennial.errors import Unavailable
from perennial.receipts import Click, First, TouchRef
from tests.adapters.cloud import NOON, PEPPER, TABLE, calls, client, fault, http, network
from tests.adapters.people import ANNA, BERT, EMAIL, ORDER, STORE, commit, decision, fact, parked, touch
from tests.adapters.worlds import AT_ONCE, World

REF = TouchRef(STORE, ANNA, touch().id)
TRIES = len(WAITS) + 1
ADAPTERS = (DynamoDirectory, DynamoCustomers, DynamoReceipts, DynamoTraces)


def _reasons(*codes: str) -> dict[str, Any]:
    return {"CancellationReasons": [{"Code": code} for code in codes]}


def _error(code: str, **more: Any) -> ClientError:
    told: Any = {"Error": {"Code": code}, **more}
    return ClientError(told, "TransactWriteItems")


@contextmanager
def met(operation: str, times: int, code: str, **more: Any) -> Iterator[list[bytes]]:
    """The first calls of an operation meet an error; those that follow meet nobody. Yields what each one asked."""
    made = client("dynamodb")
    seen: list[bytes] = []

    def answer(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
        seen.append(params["body"])
        if len(seen) > times:
            return None
        told = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}, **more}
        return SimpleNamespace(status_code=400), told

    made.meta.events.register_first(f"before-call.dynamodb.{operation}", answer)
    try:
        yield seen
    finally:
        made.meta.events.unregister(f"before-call.dynamodb.{operation}", answer)


def sent(world: World) -> None:
    commit(world.customers, stranger(STORE, ANNA), touches=[touch(channel="email")])


def _clicked(world: World) -> object:
    return world.book.note_click(REF, Click(NOON, "order", "0a1b2c"))


def _together(world: World) -> object:
    winner, loser = (stranger(STORE, name) for name in (BERT, "cccccccccccccccc"))
    return world.customers.commit_both(decision(winner), decision(loser))


WRITES: dict[str, tuple[str, Callable[[World], object], object]] = {
    "claim": ("UpdateItem", lambda world: world.directory.owner_or_claim(STORE, EMAIL, ANNA), ANNA),
    "note": ("UpdateItem", lambda world: world.book.note(REF, {"accepted": First(NOON)}), True),
    "click": ("UpdateItem", _clicked, (Click(NOON, "order", "0a1b2c"),)),
    "commit": ("PutItem", lambda world: world.customers.commit(decision(stranger(STORE, BERT)), {}), ports.Committed()),
    "bury": ("UpdateItem", lambda world: world.traces.bury(STORE, ANNA, EMAIL, None), True),
    "park": ("UpdateItem", lambda world: world.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA)), None),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_met_a_transaction_is_made_again_at_once(aws: World, write: str) -> None:
    sent(aws)
    operation, make, answer = WRITES[write]
    with met(operation, 2, CONFLICT) as seen:
        assert make(aws) == answer
    assert len(seen) == 3


@pytest.mark.parametrize("reason", sorted(PASSING_REASONS))
def test_a_transaction_that_met_another_or_a_limit_is_made_again_at_once(aws: World, reason: str) -> None:
    made = decision(stranger(STORE, ANNA), register=[EMAIL])
    with met("TransactWriteItems", 2, CANCELLED, **_reasons("None", reason)) as seen:
        assert aws.customers.commit(made, {}) == ports.Committed()
        assert _together(aws) == ports.Committed()
    assert len(seen) == 4
    assert aws.directory.owner(STORE, EMAIL) == ANNA


@pytest.mark.parametrize(
    "codes", [("ConditionalCheckFailed", "None"), ("ConditionalCheckFailed", "TransactionConflict")]
)
def test_a_condition_that_failed_is_an_answer_and_is_asked_once(aws: World, codes: tuple[str, str]) -> None:
    made = decision(stranger(STORE, ANNA), register=[EMAIL])
    with met("TransactWriteItems", 9, CANCELLED, **_reasons(*codes)) as seen:
        assert aws.customers.commit(made, {}) == ports.Overtaken()
    assert len(seen) == 1


def test_the_sweep_leaves_alone_what_somebody_is_just_writing_to(aws: World) -> None:
    aws.directory.owner_or_park(STORE, ORDER, fact(), NOON)
    (late,) = aws.overdue.find(STORE, "parked", NOON + timedelta(days=1), 16)
    with fault(client("dynamodb"), "UpdateItem", CONFLICT) as seen:
        aws.overdue.put_off(late, NOON + timedelta(days=2))
    assert len(seen) == 1
    assert list(aws.overdue.find(STORE, "parked", NOON + timedelta(days=1), 16)) == [late]


def test_whoever_never_gets_through_is_unavailable_after_a_few_tries(aws: World) -> None:
    with fault(client("dynamodb"), "UpdateItem", CONFLICT) as seen, pytest.raises(Unavailable, match=CONFLICT):
        aws.directory.owner_or_claim(STORE, EMAIL, ANNA)
    assert len(seen) == TRIES


@pytest.mark.usefixtures("cloud")
def test_on_the_wire_the_sdk_leaves_a_conflict_to_us() -> None:
    """If a later botocore tries these again by itself, the tries multiply: this tells."""
    told = {"__type": f"com.amazonaws.dynamodb.v20120810#{CONFLICT}", "message": "Transaction is ongoing for the item"}
    directory = DynamoDirectory(client("dynamodb"), TABLE, PEPPER, MemoryParking(Memory()), AT_ONCE)
    with network(client("dynamodb"), lambda: http(400, told)) as attempts, pytest.raises(Unavailable):
        directory.owner_or_claim(STORE, EMAIL, ANNA)
    assert len(attempts) == TRIES


def test_each_try_of_a_transaction_has_a_token_of_its_own(aws: World) -> None:
    """DynamoDB does not say whether a token remembers that its transaction was cancelled."""
    made = decision(stranger(STORE, ANNA), register=[EMAIL])
    with met("TransactWriteItems", 2, CANCELLED, **_reasons("TransactionConflict", "None")) as bodies:
        aws.customers.commit(made, {})
    asked = [json.loads(body) for body in bodies]
    assert len({body.pop("ClientRequestToken") for body in asked}) == 3
    assert asked[0] == asked[1] == asked[2]


def test_a_write_that_meets_nobody_is_one_call(aws: World) -> None:
    sent(aws)
    for operation, make, _ in WRITES.values():
        with calls(client("dynamodb"), operation) as asked:
            make(aws)
        assert len(asked) == 1


# --- the waits ---


@pytest.mark.parametrize(("chance", "share"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_the_waits_grow_are_spread_and_end_well_within_a_second(chance: float, share: float) -> None:
    waited: list[float] = []

    def conflict() -> None:
        raise _error(CONFLICT)

    with pytest.raises(ClientError):
        Patience(waited.append, lambda: chance).through(conflict)
    assert waited == pytest.approx([share * longest for longest in WAITS])
    assert waited == sorted(waited)
    assert min(waited) >= 0.03
    assert sum(waited) < 0.7


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (_error(CONFLICT), True),
        (_error(CANCELLED, **_reasons("TransactionConflict", "None", "ThrottlingError")), True),
        (_error(CANCELLED, **_reasons("TransactionConflict", "ConditionalCheckFailed")), False),
        (_error(CANCELLED, **_reasons("ValidationError")), False),
        (_error(CANCELLED, **_reasons("None")), False),
        (_error(CANCELLED), False),
        (_error("ConditionalCheckFailedException"), False),
        (_error("ThrottlingException"), False),
    ],
)
def test_only_what_passes_by_itself_and_nobody_else_tries_again_is_tried_again(
    error: ClientError, expected: bool
) -> None:
    assert passes(error) is expected


def test_whoever_says_nothing_else_waits_for_real() -> None:
    assert Patience().wait is time.sleep
    assert {field.default for made in ADAPTERS for field in fields(made) if field.name == "patience"} == {Patience()}
