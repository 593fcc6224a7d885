"""Whoever is in the table as it was and not in the restored one comes over whole: in DynamoDB, and in its twin."""

import copy
from dataclasses import fields
from typing import Any, cast

from perennial.adapters.memory import Memory, MemoryCustomers
from perennial.adapters.memory_restored import MemoryRestored
from perennial.adapters.restored import DynamoRestored
from perennial.adapters.versions import DynamoVersions
from perennial.customer import stranger
from perennial.journeys import version_of
from tests.adapters.cloud import TABLE, client
from tests.adapters.people import ANNA, BERT, EMAIL, ORDER, STORE, commit, enrolment, order, touch
from tests.adapters.test_pauses_and_versions import JOURNEY
from tests.adapters.worlds import World

LOST = "perennial-table-lost"


def emptied(world: World) -> tuple[Any, Any]:
    """The table, restored to a moment before anything was in it, and the table as it was."""
    if world.kind == "memory":
        memory = cast("MemoryCustomers", world.customers).memory
        was = copy.deepcopy(memory)
        for one in fields(Memory):
            getattr(memory, one.name).clear()
        return MemoryRestored(memory), MemoryRestored(was)
    dynamodb = client("dynamodb")
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    dynamodb.create_table(
        TableName=LOST,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
    )
    for item in dynamodb.scan(TableName=TABLE)["Items"]:
        dynamodb.put_item(TableName=LOST, Item=item)
        dynamodb.delete_item(TableName=TABLE, Key={name: item[name] for name, _ in keys})
    return DynamoRestored(dynamodb, TABLE), DynamoRestored(dynamodb, LOST)


def came(world: World, name: str, **changes: Any) -> None:
    commit(world.customers, stranger(STORE, name), with_orders=[order()], with_enrolments=[enrolment()], **changes)


def test_newcomers_are_those_whom_only_the_table_as_it_was_knows(world: World) -> None:
    came(world, ANNA)
    came(world, BERT)
    restored, was = emptied(world)
    came(world, BERT)
    assert set(restored.newcomers(STORE, was)) == {ANNA}


def test_everything_of_theirs_comes_over(world: World) -> None:
    came(world, ANNA, touches=[touch()], register=[ORDER, EMAIL])
    known, records = world.customers.load(STORE, ANNA), world.customers.touches(STORE, ANNA)
    restored, was = emptied(world)
    assert world.customers.load(STORE, ANNA) == stranger(STORE, ANNA)
    restored.adopt_aliases(STORE, was, {ANNA})
    restored.adopt(STORE, was, ANNA)
    assert world.customers.load(STORE, ANNA) == known
    assert world.customers.touches(STORE, ANNA) == records
    assert {world.directory.owner(STORE, alias) for alias in (ORDER, EMAIL)} == {ANNA}
    assert list(restored.newcomers(STORE, was)) == []


def test_what_leads_to_somebody_else_by_now_goes_on_doing_so(world: World) -> None:
    came(world, ANNA, register=[ORDER, EMAIL])
    restored, was = emptied(world)
    assert world.directory.owner_or_claim(STORE, EMAIL, BERT) == BERT
    restored.adopt_aliases(STORE, was, {ANNA})
    assert world.directory.owner(STORE, EMAIL) == BERT
    assert world.directory.owner(STORE, ORDER) == ANNA


def test_versions_of_the_lost_time_come_over(world: World) -> None:
    world.versions.keep(STORE, JOURNEY)
    restored, was = emptied(world)
    restored.adopt_versions(STORE, was)
    fresh = world.versions if world.kind == "memory" else DynamoVersions(client("dynamodb"), TABLE)
    assert fresh.find(STORE, version_of(JOURNEY)) == JOURNEY
