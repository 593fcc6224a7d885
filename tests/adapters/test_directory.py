from collections.abc import Callable
from datetime import timedelta

import pytest

from perennial import events, ports
from perennial.errors import Unavailable
from perennial.identity import Alias
from tests.adapters.cloud import NOON, calls, client, fault, items
from tests.adapters.people import ANNA, BERT, EMAIL, ORDER, STORE, fact
from tests.adapters.worlds import World


def test_the_first_who_claims_an_alias_owns_it(world: World) -> None:
    assert world.directory.owner_or_claim(STORE, EMAIL, ANNA) == ANNA
    assert world.directory.owner_or_claim(STORE, EMAIL, BERT) == ANNA
    assert world.directory.owner(STORE, EMAIL) == ANNA


def test_claiming_twice_is_claiming_once(world: World) -> None:
    assert [world.directory.owner_or_claim(STORE, EMAIL, ANNA) for _ in range(2)] == [ANNA, ANNA]


def test_looking_claims_nothing(world: World) -> None:
    assert world.directory.owner(STORE, EMAIL) is None
    assert world.directory.owner_or_claim(STORE, EMAIL, BERT) == BERT


def test_stores_and_kinds_of_alias_are_kept_apart(world: World) -> None:
    world.directory.owner_or_claim(STORE, Alias("customer", "77"), ANNA)
    assert world.directory.owner("other", Alias("customer", "77")) is None
    assert world.directory.owner(STORE, Alias("order", "77")) is None
    assert world.directory.owner(STORE, Alias("tracking", "77")) is None


def test_facts_wait_at_an_alias_until_somebody_owns_it(world: World) -> None:
    for name in ("one", "two", "three"):
        assert world.directory.owner_or_park(STORE, ORDER, fact(name), NOON) is None
    assert [waiting.id for waiting in world.parking.parked(STORE)] == ["one", "three", "two"]
    assert world.directory.owner(STORE, ORDER) is None


def test_a_fact_of_somebody_known_does_not_wait(world: World) -> None:
    world.directory.owner_or_claim(STORE, ORDER, ANNA)
    assert world.directory.owner_or_park(STORE, ORDER, fact(), NOON) == ANNA
    assert world.parking.parked(STORE) == []


def test_facts_that_wait_do_not_own_the_alias(world: World) -> None:
    world.directory.owner_or_park(STORE, ORDER, fact(), NOON)
    assert world.directory.owner_or_claim(STORE, ORDER, ANNA) == ANNA
    assert world.directory.owner_or_park(STORE, ORDER, fact("late"), NOON) == ANNA
    assert [waiting.id for waiting in world.parking.parked(STORE)] == [fact().id]


def test_parking_a_fact_twice_is_parking_it_once(world: World) -> None:
    for _ in range(2):
        assert world.directory.owner_or_park(STORE, ORDER, fact(), NOON) is None
    assert world.directory.owner_or_park(STORE, ORDER, fact("other"), NOON) is None
    assert len(world.parking.parked(STORE)) == 2


@pytest.mark.parametrize("value", ["x" * 65, "x" * 3000, "00 34/0#é", "#1001", "1001"])
@pytest.mark.parametrize("kind", ["order", "tracking", "customer"])
def test_an_alias_may_be_anything(world: World, kind: str, value: str) -> None:
    alias = Alias(kind, value)  # type: ignore[arg-type]
    assert world.directory.owner_or_park(STORE, alias, fact(), NOON) is None
    assert world.directory.owner_or_claim(STORE, alias, ANNA) == ANNA
    assert world.directory.owner(STORE, alias) == ANNA


def big(name: str, size: int = 30_000) -> events.Event:
    """News of a parcel that is as long as one with very many lines."""
    return fact(name).model_copy(update={"parcel": events.Parcel(id="p1", carrier="x" * size)})


def test_facts_that_find_no_room_where_they_would_wait_are_parked_by_themselves(world: World) -> None:
    told = [big(f"{number:02}") for number in range(16)]
    for event in (*told, told[0], told[-1]):
        assert world.directory.owner_or_park(STORE, ORDER, event, NOON) is None
    kept = world.parking.parked(STORE)
    assert [parked.id for parked in kept] == [event.id for event in told]
    assert [world.parking.content(parked) for parked in kept] == [events.to_json(event) for event in told]
    kinds = [parked.kind for parked in kept]
    assert kinds == sorted(kinds), "who comes later finds no room"
    assert (kinds[5], kinds[13]) == ("alias", "event"), "moto reckons items larger than DynamoDB does"
    assert kept[-1].reason.startswith("nobody owns this order yet, and more waits for it than an item holds")


def test_a_fact_that_no_item_holds_is_parked_where_it_fits(world: World) -> None:
    huge = big("huge", 1_100_000)
    assert world.directory.owner_or_park(STORE, ORDER, huge, NOON) is None
    (kept,) = world.parking.parked(STORE)
    assert (kept.kind, world.parking.content(kept)) == ("event", events.to_json(huge))
    world.directory.owner_or_claim(STORE, ORDER, ANNA)
    assert world.directory.owner_or_park(STORE, ORDER, huge, NOON) == ANNA


def test_long_aliases_that_begin_alike_are_two(world: World) -> None:
    world.directory.owner_or_claim(STORE, Alias("order", "x" * 100), ANNA)
    assert world.directory.owner(STORE, Alias("order", "x" * 101)) is None


def test_each_question_is_one_call(aws: World) -> None:
    questions: list[Callable[[], object]] = [
        lambda: aws.directory.owner_or_claim(STORE, EMAIL, ANNA),
        lambda: aws.directory.owner_or_claim(STORE, EMAIL, BERT),
        lambda: aws.directory.owner_or_park(STORE, EMAIL, fact(), NOON),
        lambda: aws.directory.owner(STORE, EMAIL),
    ]
    for ask in questions:
        with calls(client("dynamodb")) as asked:
            ask()
        assert len(asked) == 1


def test_a_fact_waits_since_the_first_one_that_came(aws: World) -> None:
    aws.directory.owner_or_park(STORE, ORDER, fact("one"), NOON)
    aws.directory.owner_or_park(STORE, ORDER, fact("two"), NOON + timedelta(hours=1))
    (item,) = items()
    assert item["due_at"]["S"] == "2026-06-01T12:00:00.000000Z"


@pytest.mark.parametrize("operation", ["UpdateItem", "GetItem"])
def test_no_answer_is_unavailable(aws: World, operation: str) -> None:
    ask: dict[str, Callable[[], object]] = {
        "UpdateItem": lambda: aws.directory.owner_or_claim(STORE, EMAIL, ANNA),
        "GetItem": lambda: aws.directory.owner(STORE, EMAIL),
    }
    with fault(client("dynamodb"), operation, "RequestLimitExceeded"), pytest.raises(Unavailable):
        ask[operation]()


def test_a_fact_is_shown_as_it_was_told(world: World) -> None:
    world.directory.owner_or_park(STORE, ORDER, fact(), NOON)
    assert world.parking.parked(STORE) == [ports.alias_fact(STORE, "order", fact())]
