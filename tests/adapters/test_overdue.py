"""What time has passed by is found where it lies, and met again only when its turn has come."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from perennial import ports
from perennial.adapters import table
from perennial.adapters.items import pack
from perennial.adapters.overdue import DynamoOverdue
from perennial.customer import Wake
from perennial.errors import Unavailable
from perennial.identity import Alias
from tests.adapters.cloud import NOON, calls, client, fault
from tests.adapters.people import ANNA, BERT, ORDER, STORE, commit, fact, parked
from tests.adapters.worlds import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def find(world: World, kind: ports.LateKind, before: datetime = NOON, store: str = STORE) -> list[ports.Late]:
    return sorted(
        world.overdue.find(store, kind, before, 160), key=lambda late: (late.at, late.owner or "", late.facts)
    )


def owners(found: Iterable[ports.Late]) -> list[str | None]:
    return [late.owner for late in found]


def waking(world: World, customer: str, at: datetime, lane: str = "patient") -> None:
    before = world.customers.load(STORE, customer)
    wakes = before.profile.wakes + 1
    commit(world.customers, before, wake=Wake(at, wakes, lane), wakes=wakes)  # type: ignore[arg-type]


def test_a_wake_whose_time_has_passed_is_found_with_its_customer_and_lane(world: World) -> None:
    waking(world, ANNA, NOON - HOUR, "urgent")
    waking(world, BERT, NOON)
    assert [(late.owner, late.lane, late.at, late.looks) for late in find(world, "wake")] == [
        (ANNA, "urgent", NOON - HOUR, 0),
        (BERT, "patient", NOON, 0),
    ]


def test_a_wake_ahead_is_not_late(world: World) -> None:
    waking(world, ANNA, NOON + timedelta(minutes=1))
    assert find(world, "wake") == []


def test_a_customer_without_a_wake_is_not_late(world: World) -> None:
    waking(world, ANNA, NOON - HOUR)
    commit(world.customers, world.customers.load(STORE, ANNA), wake=None)
    assert find(world, "wake") == []


def test_stores_are_looked_at_one_by_one(world: World) -> None:
    waking(world, ANNA, NOON - HOUR)
    assert find(world, "wake", store="other") == []
    assert find(world, "wake", store="dem") == []


def test_what_was_put_off_is_met_when_its_turn_comes_and_counted(world: World) -> None:
    waking(world, ANNA, NOON - HOUR)
    (late,) = find(world, "wake")
    world.overdue.put_off(late, NOON + HOUR)
    assert find(world, "wake", NOON + timedelta(minutes=59)) == []
    (again,) = find(world, "wake", NOON + HOUR)
    assert again == replace(late, at=NOON + HOUR, looks=1)


def test_a_commit_writes_the_true_time_again(world: World) -> None:
    waking(world, ANNA, NOON - HOUR)
    world.overdue.put_off(find(world, "wake")[0], NOON + DAY)
    waking(world, ANNA, NOON - timedelta(minutes=5))
    (late,) = find(world, "wake")
    assert (late.at, late.looks) == (NOON - timedelta(minutes=5), 0)


def test_putting_off_changes_nothing_about_the_customer(world: World) -> None:
    waking(world, ANNA, NOON - HOUR)
    before = world.customers.load(STORE, ANNA)
    world.overdue.put_off(find(world, "wake")[0], NOON + DAY)
    assert world.customers.load(STORE, ANNA) == before
    assert world.customers.due(STORE) == [ANNA]


def test_facts_of_nobody_are_found_with_all_that_waits_with_them(world: World) -> None:
    for name in ("one", "two"):
        world.directory.owner_or_park(STORE, ORDER, fact(name), NOON - DAY)
    (late,) = find(world, "parked")
    assert (late.owner, late.at, {told.id for told in late.facts}) == (None, NOON - DAY, {"one", "two"})


def test_facts_whose_owner_has_come_are_handed_over_once(world: World) -> None:
    world.directory.owner_or_park(STORE, ORDER, fact(), NOON - DAY)
    world.directory.owner_or_claim(STORE, ORDER, ANNA)
    (late,) = find(world, "parked")
    assert (late.owner, late.facts) == (ANNA, (fact(),))
    world.overdue.take_facts(late)
    assert find(world, "parked") == []
    assert (world.parking.parked(STORE), world.directory.owner(STORE, ORDER)) == ([], ANNA)


def test_facts_that_others_have_come_to_meanwhile_stay(world: World) -> None:
    world.directory.owner_or_park(STORE, ORDER, fact("one"), NOON - DAY)
    (late,) = find(world, "parked")
    world.directory.owner_or_park(STORE, ORDER, fact("two"), NOON)
    world.overdue.take_facts(late)
    assert len(world.parking.parked(STORE)) == 2


def test_facts_that_waited_in_vain_are_given_up_and_nothing_is_left_of_their_alias(world: World) -> None:
    world.directory.owner_or_park(STORE, ORDER, fact(), NOON - DAY)
    world.overdue.give_up(find(world, "parked")[0])
    assert (find(world, "parked"), world.parking.parked(STORE)) == ([], [])
    assert world.directory.owner_or_claim(STORE, ORDER, ANNA) == ANNA


def test_facts_that_found_company_or_an_owner_meanwhile_are_not_given_up(world: World) -> None:
    other = Alias("order", "9")
    for alias in (ORDER, other):
        world.directory.owner_or_park(STORE, alias, fact("one"), NOON - DAY)
    met = find(world, "parked")
    world.directory.owner_or_park(STORE, ORDER, fact("two"), NOON)
    world.directory.owner_or_claim(STORE, other, ANNA)
    for late in met:
        world.overdue.give_up(late)
    assert len(world.parking.parked(STORE)) == 3
    assert world.directory.owner(STORE, other) == ANNA


def test_bodies_and_events_that_are_parked_are_found_and_can_be_put_off(world: World) -> None:
    world.parking.park(parked(at=NOON - DAY))
    world.customers.park(STORE, ANNA, parked("event", NOON - DAY, kind="event", customer=ANNA))
    found = find(world, "parked")
    assert [(late.owner, late.facts, late.at) for late in found] == [(None, (), NOON - DAY)] * 2
    for late in found:
        world.overdue.put_off(late, NOON + DAY)
    assert find(world, "parked") == []
    assert len(world.parking.parked(STORE)) == 2


def test_putting_off_what_is_gone_changes_nothing(world: World) -> None:
    world.parking.park(parked(at=NOON - DAY))
    (late,) = find(world, "parked")
    world.parking.remove(parked())
    world.overdue.put_off(late, NOON + DAY)
    world.overdue.take_facts(late)
    assert (find(world, "parked", NOON + 9 * DAY), world.parking.parked(STORE)) == ([], [])


def test_no_shard_is_starved_by_a_full_one(aws: World) -> None:
    for n in range(64):
        aws.directory.owner_or_park(STORE, Alias("order", f"{n}"), fact(f"{n}"), NOON - DAY)
    found = list(aws.overdue.find(STORE, "parked", NOON, 16))
    assert 10 <= len(found) <= 16, "one of each shard that has any"


def test_a_look_at_an_empty_index_is_one_question_a_shard(aws: World) -> None:
    waking(aws, ANNA, NOON + DAY)
    with calls(client("dynamodb")) as asked:
        assert find(aws, "wake") == []
    assert [name for name, _ in asked] == ["Query"] * 16


def test_an_index_that_lags_is_not_believed(aws: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has been woken meanwhile, has nothing ahead any more, or is gone, is not late."""
    waking(aws, ANNA, NOON + HOUR)
    waking(aws, BERT, NOON - HOUR)
    commit(aws.customers, aws.customers.load(STORE, BERT), wake=None)
    names = (ANNA, BERT, "goneaaaaaaaaaaaa")
    lagging = [pack({"pk": table.customer_key(STORE, name), "sk": "L#profile"}) for name in names]
    monkeypatch.setattr(DynamoOverdue, "_keys", lambda *asked: lagging)
    assert find(aws, "wake") == []


@pytest.mark.parametrize("operation", ["Query", "GetItem", "UpdateItem"])
def test_no_answer_is_unavailable(aws: World, operation: str) -> None:
    waking(aws, ANNA, NOON - HOUR)
    (late,) = find(aws, "wake")
    asks: dict[str, Callable[[], object]] = {"UpdateItem": lambda: aws.overdue.put_off(late, NOON)}
    ask = asks.get(operation, lambda: find(aws, "wake"))
    with fault(client("dynamodb"), operation, "InternalServerError", 500), pytest.raises(Unavailable):
        ask()
