"""A restore to a point in time is no transaction: whatever half of a commit it holds, the customer can go on."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest

from perennial import ports
from perennial.adapters.restored import DynamoRestored
from perennial.customer import Customer, stranger
from perennial.errors import Unavailable
from tests.adapters.cloud import TABLE, client, fault, items
from tests.adapters.people import ANNA, BERT, STORE, commit, decision, enrolment, order, parked, rich_enrolment
from tests.adapters.worlds import World

Snapshot = dict[tuple[str, str], dict[str, Any]]


def snapshot() -> Snapshot:
    found = client("dynamodb").scan(TableName=TABLE)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}


def put_back(wanted: Snapshot) -> None:
    for item in items():
        client("dynamodb").delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})
    for item in wanted.values():
        client("dynamodb").put_item(TableName=TABLE, Item=item)


def life(world: World) -> list[Snapshot]:
    """Orders lie apart, come back, change and end: the table after each commit."""
    told = [snapshot()]

    def commits(before: Customer, apart: set[str], **changes: Any) -> Customer:
        made = decision(before, **changes)
        made = replace(made, after=replace(made.after, apart=frozenset(apart)))
        assert world.customers.commit(made, {}) == ports.Committed()
        told.append(snapshot())
        return world.customers.load(STORE, ANNA)

    both = [enrolment("1001"), enrolment("1002")]
    known = commits(stranger(STORE, ANNA), set(), with_orders=[order("1001")], with_enrolments=[enrolment("1001")])
    known = commits(known, {"1001"}, with_orders=[order("1002")], with_enrolments=both)
    known = commits(known, {"1001"}, with_enrolments=[rich_enrolment(), enrolment("1002")], wakes=3)
    known = commits(known, {"1001", "1002"}, wakes=4)
    known = commits(known, {"1002"}, with_enrolments=both)
    commits(known, set(), with_enrolments=[enrolment("1001")])
    return told


def halves(first: Snapshot, second: Snapshot) -> Iterator[Snapshot]:
    """Every table that holds some of what a commit wrote, and not all of it."""
    changed = [key for key in first.keys() | second.keys() if first.get(key) != second.get(key)]
    for count in range(len(changed) + 1):
        for new in combinations(sorted(changed), count):
            mixed = {key: (second if key in new else first).get(key) for key in first.keys() | second.keys()}
            yield {key: item for key, item in mixed.items() if item is not None}


def test_whatever_half_of_a_commit_is_there_the_customer_can_be_loaded_and_goes_on(aws: World) -> None:
    restored, torn = DynamoRestored(client("dynamodb"), TABLE), 0
    for first, second in pairwise(life(aws)):
        for half in halves(first, second):
            put_back(half)
            if restored.is_torn(STORE, ANNA):
                torn += 1
                restored.mend(STORE, ANNA)
            known = aws.customers.load(STORE, ANNA)
            assert known.live_orders == known.orders.keys()
            gone_on = commit(aws.customers, known, wakes=9)
            assert (gone_on.orders, gone_on.enrolments) == (known.orders, known.enrolments)
            assert commit(aws.customers, gone_on, with_enrolments=[]).orders == {}
            assert [item["sk"]["S"] for item in items() if item["sk"]["S"].startswith("L#")] in (["L#profile"], [])
    assert torn > 20


def test_what_was_whole_is_not_torn(aws: World) -> None:
    restored = DynamoRestored(client("dynamodb"), TABLE)
    for told in life(aws):
        put_back(told)
        assert not restored.is_torn(STORE, ANNA)


def test_an_order_that_a_passage_needs_is_fetched_from_the_archive(aws: World) -> None:
    restored = DynamoRestored(client("dynamodb"), TABLE)
    apart = life(aws)[3]
    key = next(key for key in apart if key[1] == "L#order#1001")
    put_back({**apart, key: {**apart[key], "sk": {"S": "O#1001"}}})
    assert restored.is_torn(STORE, ANNA)
    restored.mend(STORE, ANNA)
    known = aws.customers.load(STORE, ANNA)
    assert (set(known.orders), set(known.enrolments)) == ({"1001", "1002"}, {"care:1001", "care:1002"})


def test_facts_that_are_parked_with_a_customer_stay(aws: World) -> None:
    restored = DynamoRestored(client("dynamodb"), TABLE)
    aws.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA))
    key = next(key for key in snapshot() if key[1].startswith("L#parked#"))
    put_back({key: snapshot()[key]})
    assert not restored.is_torn(STORE, ANNA)
    assert aws.customers.load(STORE, ANNA).parked == 1


def test_everybody_is_met_once_and_the_walk_goes_on_behind_somebody(aws: World) -> None:
    restored = DynamoRestored(client("dynamodb"), TABLE)
    for who in (ANNA, BERT):
        made = replace(stranger(STORE, who), apart=frozenset({"1001"}))
        commit(aws.customers, made, with_orders=[order()], with_enrolments=[enrolment()])
    commit(aws.customers, stranger("other", ANNA), wakes=1)
    first, second = restored.customers(STORE)
    assert {first, second} == {ANNA, BERT}
    assert list(restored.customers(STORE, first)) == [second]
    assert list(restored.customers(STORE, second)) == []


def test_the_place_reached_is_kept_for_each_rearming(aws: World) -> None:
    restored = DynamoRestored(client("dynamodb"), TABLE)
    assert restored.reached(STORE, 5) is None
    restored.reach(STORE, 5, ANNA)
    restored.reach(STORE, 5, BERT)
    assert (restored.reached(STORE, 5), restored.reached(STORE, 6)) == (BERT, None)
    assert list(restored.customers(STORE)) == []


def test_a_mend_that_dies_is_done_again(aws: World) -> None:
    restored = DynamoRestored(client("dynamodb"), TABLE)
    told = life(aws)
    put_back({**told[4], **{key: item for key, item in told[3].items() if key[1] == "L#profile"}})
    assert restored.is_torn(STORE, ANNA)
    for operation in ("UpdateItem", "Query"):
        with fault(client("dynamodb"), operation, "ThrottlingException"), pytest.raises(Unavailable):
            restored.mend(STORE, ANNA)
    restored.mend(STORE, ANNA)
    assert aws.customers.load(STORE, ANNA).live_orders == {"1001", "1002"}
