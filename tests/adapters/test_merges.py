"""Two customers become one: written together or not at all, and what the loser had registered is the winner's."""

from dataclasses import replace

import pytest

from perennial import ports
from perennial.customer import Customer, Progress, Wake, stranger
from perennial.handing_over import Pair, follow, settled, unite
from perennial.identity import Alias
from perennial.receipts import First, TouchRef
from tests.adapters.cloud import NOON
from tests.adapters.people import ANNA, BERT, CARLA, EMAIL, ORDER, STORE, commit, decision, enrolment, order, touch
from tests.adapters.worlds import World

SECOND = Alias("order", "2001")


def anna(world: World) -> Customer:
    return commit(world.customers, stranger(STORE, ANNA), register=[EMAIL], wakes=3, wake=Wake(NOON, 3))


def bert(world: World, *orders: str) -> Customer:
    lives = [order(name) for name in orders]
    passages = [enrolment(name) for name in orders]
    return commit(
        world.customers, stranger(STORE, BERT), with_orders=lives, with_enrolments=passages, wake=Wake(NOON, 1)
    )


def both(world: World, pair: Pair) -> tuple[Customer, Customer]:
    assert world.customers.commit_both(pair.winner, pair.loser) == ports.Committed()
    return world.customers.load(STORE, ANNA), world.customers.load(STORE, BERT)


def merged(world: World, *orders: str) -> tuple[Customer, Customer]:
    return both(world, unite(anna(world), bert(world, *orders), {}, NOON, "united"))


def test_the_loser_redirects_and_its_live_passages_are_the_winners(world: World) -> None:
    winner, loser = merged(world, "1001", "1002")
    assert winner.enrolments.keys() == {"care:1001", "care:1002"}
    assert winner.orders.keys() == {"1001", "1002"}
    assert (loser.profile.redirect, loser.enrolments, loser.orders) == (ANNA, {}, {})


def test_only_the_winner_is_due(world: World) -> None:
    merged(world, "1001")
    assert world.customers.due(STORE) == [ANNA]


def test_more_passages_than_one_commit_takes_follow_in_further_ones(world: World) -> None:
    names = [f"{number}" for number in range(1001, 1061)]
    winner, loser = merged(world, *names)
    seen = [len(loser.enrolments)]
    while loser.enrolments:
        winner, loser = both(world, follow(winner, loser, {}, f"follows-{len(seen)}", None))
        seen.append(len(loser.enrolments))
    assert len(seen) > 2
    assert winner.enrolments.keys() == {f"care:{name}" for name in names}
    world.customers.commit(settled(winner, BERT, "settled"), {})
    assert world.customers.load(STORE, ANNA).profile.moving == ()


@pytest.mark.parametrize("who", [ANNA, BERT])
def test_whoever_commits_to_either_first_overtakes_a_merge(world: World, who: str) -> None:
    winner, loser = anna(world), bert(world, "1001")
    commit(world.customers, world.customers.load(STORE, who), wakes=7)
    before = [world.customers.load(STORE, name) for name in (ANNA, BERT)]
    pair = unite(winner, loser, {}, NOON, "late")
    assert world.customers.commit_both(pair.winner, pair.loser) == ports.Overtaken()
    assert [world.customers.load(STORE, name) for name in (ANNA, BERT)] == before


def test_a_merge_overtakes_whoever_loaded_the_loser_before_it(world: World) -> None:
    winner, loser = anna(world), bert(world, "1001")
    pair = unite(winner, loser, {}, NOON, "united")
    world.customers.commit_both(pair.winner, pair.loser)
    assert world.customers.commit(decision(loser, wakes=9), {}) == ports.Overtaken()


def test_somebody_of_whom_nothing_is_known_yet_may_be_the_loser(world: World) -> None:
    pair = unite(anna(world), stranger(STORE, BERT), {}, NOON, "united")
    winner, loser = both(world, pair)
    assert (winner.profile.merged, loser.profile.redirect) == ((BERT,), ANNA)


def test_an_alias_of_the_loser_is_the_winners_to_register(world: World) -> None:
    other = Alias("email", "bert@example.com")
    world.directory.owner_or_claim(STORE, other, BERT)
    winner, _ = merged(world)
    commit(world.customers, winner, register=[other])
    assert world.directory.owner(STORE, other) == ANNA


def test_an_order_of_the_loser_is_told_from_a_new_one_and_then_is_the_winners(world: World) -> None:
    world.directory.owner_or_claim(STORE, SECOND, BERT)
    winner, _ = merged(world)
    made = decision(winner, with_orders=[order("2001")], register=[SECOND])
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(SECOND, BERT),))
    assert world.customers.commit(made, {SECOND: 0}) == ports.Committed()
    assert world.directory.owner(STORE, SECOND) == ANNA


def test_an_alias_of_a_third_stays_in_the_way(world: World) -> None:
    world.directory.owner_or_claim(STORE, ORDER, CARLA)
    winner, _ = merged(world)
    made = decision(winner, with_orders=[order()], register=[ORDER])
    assert world.customers.commit(made, {ORDER: 0}) == ports.Taken((ports.Held(ORDER, CARLA),))


def test_the_record_of_a_touch_that_waits_again_goes_along_and_its_reports_stay(world: World) -> None:
    waits = touch("tips", state="released", reason="throttled")
    passage = enrolment(touches={"tips": Progress("released", NOON, tries=1)})
    loser = commit(
        world.customers, stranger(STORE, BERT), with_orders=[order()], with_enrolments=[passage], touches=[waits]
    )
    world.book.note(TouchRef(STORE, BERT, waits.id), {"accepted": First(NOON)})
    found = world.customers.record(STORE, BERT, waits.id)
    assert found is not None
    both(world, unite(anna(world), loser, {waits.id: replace(found, receipts=waits.receipts)}, NOON, "united"))
    moved = world.customers.record(STORE, ANNA, waits.id)
    assert moved is not None
    assert (moved.state, moved.reason) == ("released", "throttled")
    assert world.customers.record(STORE, BERT, waits.id) == found


def test_a_touch_that_nobody_has_written_down_has_no_record(world: World) -> None:
    assert world.customers.record(STORE, ANNA, "nothing") is None
