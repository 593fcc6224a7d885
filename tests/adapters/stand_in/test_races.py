"""Conditional writes and transactions, met by several workers at once: one wins, and all others know it."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from perennial import ports
from perennial.customer import stranger, touch_id
from perennial.identity import Alias
from perennial.receipts import Click, First, TouchRef
from tests.adapters.cloud import NOON
from tests.adapters.people import ANNA, BERT, EMAIL, ORDER, STORE, commit, decision, enrolment, fact, order, touch
from tests.adapters.stand_in.races import WORKERS, at_once
from tests.adapters.worlds import World

pytestmark = pytest.mark.usefixtures("stand_in")

ROUNDS = range(10)
NAMES = tuple(f"worker{number}aaaaaaaa" for number in range(WORKERS))


@pytest.mark.parametrize("number", ROUNDS)
def test_of_many_who_loaded_one_version_exactly_one_commits(aws: World, number: int) -> None:
    """And nothing of the others is written: neither orders nor touches nor aliases."""
    before = commit(aws.customers, stranger(STORE, ANNA), wakes=1)
    made = [
        decision(
            before,
            nonce=name,
            with_orders=[order(name)],
            with_enrolments=[enrolment(name)],
            touches=[touch(name)],
            register=[Alias("order", name)],
        )
        for name in NAMES
    ]
    answers = at_once([partial(aws.customers.commit, one, {}) for one in made])
    (winner,) = [name for name, answer in zip(NAMES, answers, strict=True) if answer == ports.Committed()]
    assert Counter(type(answer).__name__ for answer in answers) == {"Committed": 1, "Overtaken": WORKERS - 1}
    found = aws.customers.load(STORE, ANNA)
    assert (found.profile.version, found.profile.commit, [*found.orders]) == (
        before.profile.version + 1,
        winner,
        [winner],
    )
    assert [each.key for each in aws.customers.touches(STORE, ANNA)] == [winner]
    assert [name for name in NAMES if aws.directory.owner(STORE, Alias("order", name)) == ANNA] == [winner]


def test_two_workers_of_one_customer_lose_no_step(aws: World) -> None:
    """Each loads, decides, commits and begins anew where it was overtaken: every step is counted once."""

    def work(steps: int) -> None:
        while steps:
            before = aws.customers.load(STORE, ANNA)
            made = decision(before, nonce=f"{before.profile.wakes}", wakes=before.profile.wakes + 1)
            steps -= aws.customers.commit(made, {}) == ports.Committed()

    at_once([partial(work, 25)] * 2)
    assert aws.customers.load(STORE, ANNA).profile.wakes == 50
    assert aws.customers.load(STORE, ANNA).profile.version == 50


@pytest.mark.parametrize("number", ROUNDS)
def test_simultaneous_first_orders_of_one_address_agree_on_its_owner(aws: World, number: int) -> None:
    owners = at_once([partial(aws.directory.owner_or_claim, STORE, EMAIL, name) for name in NAMES])
    assert len({*owners}) == 1
    assert owners[0] in NAMES
    assert aws.directory.owner(STORE, EMAIL) == owners[0]


@pytest.mark.parametrize("number", ROUNDS)
def test_two_customers_cannot_both_register_an_order(aws: World, number: int) -> None:
    both = [decision(stranger(STORE, who), with_orders=[order()], register=[ORDER]) for who in (ANNA, BERT)]
    first, second = at_once([partial(aws.customers.commit, one, {}) for one in both])
    owner = ANNA if first == ports.Committed() else BERT
    loser = {ANNA: second, BERT: first}[owner]
    assert loser == ports.Taken((ports.Held(ORDER, owner),))
    assert aws.directory.owner(STORE, ORDER) == owner
    assert aws.customers.load(STORE, BERT if owner == ANNA else ANNA).orders == {}


@pytest.mark.parametrize("number", ROUNDS)
def test_a_fact_either_finds_the_owner_or_is_found_by_them(aws: World, number: int) -> None:
    """Facts that come while their order is registered: there is no moment in which one slips through."""
    facts = [fact(f"fact-{name}") for name in NAMES]

    def register() -> set[str]:
        adopted: tuple[str, ...] = ()
        while True:
            made = decision(stranger(STORE, ANNA), with_orders=[order()], register=[ORDER])
            answer = aws.customers.commit(made, {ORDER: len(adopted)} if adopted else {})
            if not isinstance(answer, ports.Taken):
                assert answer == ports.Committed()
                return {*adopted}
            (held,) = answer.held
            assert held.owner is None
            adopted = tuple(waiting.id for waiting in held.facts)

    def park(name: str) -> set[str]:
        (told,) = [each for each in facts if each.id == name]
        return {name} if aws.directory.owner_or_park(STORE, ORDER, told, NOON) is None else set()

    tasks: list[Callable[[], set[str]]] = [*(partial(park, each.id) for each in facts), register]
    *parked, adopted = at_once(tasks)
    assert set.union(*parked) == adopted
    assert aws.directory.owner(STORE, ORDER) == ANNA
    assert aws.parking.parked(STORE) == []


def test_facts_that_come_at_once_all_wait(aws: World) -> None:
    names = [f"fact-{name}" for name in NAMES]
    at_once([partial(aws.directory.owner_or_park, STORE, ORDER, fact(name), NOON) for name in names])
    assert sorted(waiting.id for waiting in aws.parking.parked(STORE)) == sorted(names)


@pytest.mark.parametrize("number", ROUNDS)
def test_of_reports_that_come_at_once_the_earliest_of_each_kind_stays(aws: World, number: int) -> None:
    commit(aws.customers, stranger(STORE, ANNA), touches=[touch()])
    ref = TouchRef(STORE, ANNA, touch_id(STORE, "care:1001", "tips"))
    moments = [NOON + timedelta(minutes=minute) for minute in (5, 3, 8, 1, 7, 2, 6, 4)]
    at_once([partial(aws.book.note, ref, {"accepted": First(at), "delivered": First(at)}) for at in moments])
    found = aws.customers.receipts(STORE, ANNA, [ref.touch])
    assert found == {ref.touch: min(moments)}


def test_clicks_that_come_at_once_are_all_kept(aws: World) -> None:
    commit(aws.customers, stranger(STORE, ANNA), touches=[touch()])
    ref = TouchRef(STORE, ANNA, touch_id(STORE, "care:1001", "tips"))
    clicks = [Click(NOON + timedelta(seconds=second), "order", "m") for second in range(WORKERS)]
    answers = at_once([partial(aws.book.note_click, ref, click) for click in clicks])
    assert sorted(len(answer or ()) for answer in answers) == [*range(1, WORKERS + 1)]
