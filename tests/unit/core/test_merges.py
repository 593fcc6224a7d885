"""People who turn out to be one: found out by an order or told by the shop, in any order, with deaths in every call."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from perennial import events, ports
from perennial.adapters.memory_looks import MemoryLooks
from perennial.customer import Claim, Customer, Lane, touch_id
from perennial.errors import Unavailable
from perennial.identity import Alias
from perennial.ports import Reply
from tests.unit.core.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    a_content,
    a_journey,
    a_store,
    a_touch,
    an_event,
    consented,
    delivered,
    gone,
    placed,
    scored,
    shipped,
    snapshot,
)
from tests.unit.core.world import Died, World

ANN, WORK, ID = Alias("email", "ann@example.com"), Alias("email", "ann@work.example"), Alias("customer", "7")
JOURNEYS = (
    a_journey(
        "service",
        a_touch("thanks", "order.placed", "thanks"),
        a_touch("ship", "parcel.shipped", "note", per="parcel"),
    ),
    a_journey(
        "care", a_touch("tips", "order.delivered + 3 days"), a_touch("more", "order.delivered + 5 days", "offer")
    ),
    a_journey("club", a_touch("hello", "order.placed + 10 days"), enrol={"on": "order.placed", "once_per": "customer"}),
)


def a_world(**fields: Any) -> World:
    return World(a_content(*JOURNEYS, store=a_store(cap={"messages": 1, "days": 3})), **fields)


def at_home(order: str = "1001", **fields: Any) -> events.Event:
    return placed(order=order, contact={"email": "ann@example.com", **fields})


def at_work(order: str = "2001", **fields: Any) -> events.Event:
    return placed(order=order, contact={"email": "ann@work.example", **fields})


def receive(world: World, *news: events.Event) -> None:
    """By the door, as a shop tells it."""
    for event in news:
        world.receive(event.model_dump(mode="json", exclude_unset=True, exclude={"id", "store", "received_at"}))
        world.work()


def owner(world: World, alias: Alias = ANN) -> Customer:
    name = world.directory.owner("shop", alias) or ""
    while world.customer(name).profile.redirect is not None:
        name = world.customer(name).profile.redirect or ""
    return world.customer(name)


def two(**fields: Any) -> World:
    """Ann ordered at home, and Ann ordered at work: nobody knows yet that they are one."""
    world = a_world(**fields)
    receive(world, at_home(), at_work())
    assert owner(world, ANN) != owner(world, WORK)
    return world


MERGED = an_event("CustomersMerged", NOW, contact={"email": "ann@example.com"}, merged={"email": "ann@work.example"})


# What unites


@pytest.mark.parametrize("last", [ANN, WORK])
def test_two_orders_of_one_account_under_two_addresses_are_one_customer(last: Alias) -> None:
    world = a_world()
    receive(world, at_home(customer_id="7"), at_work(customer_id="7"))
    one = owner(world, last)
    assert one.profile.orders == 2
    assert {owner(world, alias).profile.customer for alias in (ANN, WORK, ID)} == {one.profile.customer}
    assert one.enrolments.keys() >= {"care:1001", "care:2001"}


def test_a_guest_who_turns_out_to_own_another_address_is_one_customer() -> None:
    world = two()
    receive(world, an_event("CustomerUpdated", NOW, contact={"email": "ann@example.com", "customer_id": "7"}))
    receive(world, an_event("CustomerUpdated", NOW, contact={"email": "ann@work.example", "customer_id": "7"}))
    assert owner(world, ANN) == owner(world, WORK)


def test_the_shop_may_say_that_two_are_one() -> None:
    world = two()
    receive(world, MERGED)
    assert owner(world, ANN) == owner(world, WORK)
    assert owner(world).profile.orders == 2


def test_of_three_who_are_one_nobody_stays_behind_whatever_is_told_first() -> None:
    tellings = [
        an_event("CustomersMerged", NOW, contact={"customer_id": one}, merged={"customer_id": other})
        for one, other in (("1", "2"), ("2", "3"), ("3", "1"))
    ]
    for order in permutations(tellings):
        world = a_world()
        for who in "123":
            receive(world, placed(order=who, contact={"email": f"a{who}@example.com", "customer_id": who}))
        receive(world, *order)
        owners = {owner(world, Alias("customer", who)).profile.customer for who in "123"}
        assert len(owners) == 1
        assert owner(world, Alias("customer", "1")).profile.orders == 3


@pytest.mark.parametrize(
    "contact",
    [
        {"email": "ann@work.example", "phone": "+447911123456", "first_name": "Ann", "last_name": "Lee"},
        {"email": "ann@work.example", "customer_id": "0"},
        {"email": "till@shop.example", "customer_id": "8"},
    ],
)
def test_neither_phones_nor_names_nor_tills_nor_guest_ids_unite(contact: dict[str, str]) -> None:
    world = World(a_content(*JOURNEYS, store=a_store(identity={"denylist_emails": ["till@shop.example"]})))
    first = {"email": "ann@example.com", "phone": "+447911123456", "first_name": "Ann", "last_name": "Lee"}
    receive(
        world, placed(contact=first), placed(order="3001", contact={"email": "till@shop.example", "customer_id": "0"})
    )
    receive(world, placed(order="2001", contact=contact))
    assert owner(world).profile.orders == 1
    assert owner(world).profile.merged == ()


def test_an_order_that_names_another_address_alone_unites_nobody() -> None:
    """A shop that mends the address of an order may have given it to somebody else."""
    world = two()
    receive(world, snapshot(NOW + HOUR, contact={"email": "ann@work.example"}))
    assert owner(world, ANN) != owner(world, WORK)


def test_an_id_under_which_many_people_order_is_found_out_and_shown() -> None:
    world = a_world()
    receive(
        world, *(placed(order=f"{n}", contact={"email": f"p{n}@example.com", "customer_id": "7"}) for n in range(9))
    )
    reasons = [reason for _, reason in world.parked()]
    assert len(reasons) == 2
    assert all("stands for many" in reason for reason in reasons)
    assert owner(world, Alias("email", "p8@example.com")).profile.orders == 1
    assert "service/thanks" in world.told(owner(world, Alias("email", "p8@example.com")).profile.customer)


def test_nobody_is_united_with_somebody_who_was_erased() -> None:
    world = two()
    request = an_event("ErasureRequested", NOW + HOUR, contact={"email": "ann@work.example"})
    world.now += HOUR
    receive(world, request)
    receive(world, replace_time(MERGED, NOW))
    assert owner(world, ANN).profile.merged == ()
    assert owner(world, WORK).profile.erased_at is not None


def replace_time(event: events.Event, at: Any) -> events.Event:
    return event.model_copy(update={"occurred_at": at})


# Orders that first come without a buyer

ACCOUNT = {"email": "ann@example.com", "customer_id": "7"}


def nobodys(order: str, at: Any = NOW) -> events.Event:
    """As some tills, drafts and apps tell of an order: the shop says later whose it is."""
    return placed(at, order=order, contact={"email": None})


def named(order: str, at: Any, **contact: str) -> events.Event:
    return snapshot(at, order, contact=contact)


def everybody(world: World) -> list[Customer]:
    return [held for held in world.memory.customers.values() if held.profile.redirect is None]


@pytest.mark.parametrize("contact", [ACCOUNT, {"email": "ann@example.com"}])
def test_who_has_left_gets_no_offers_for_an_order_that_named_them_late(contact: dict[str, str]) -> None:
    world = a_world()
    receive(world, placed(contact=contact), consented("Withdrawn", NOW + HOUR, contact={"email": "ann@example.com"}))
    receive(world, nobodys("2001"), named("2001", NOW + 2 * HOUR, **contact), delivered(NOW + DAY, order="2001"))
    world.to_the_end()
    (ann,) = everybody(world)
    assert ann.profile.orders == 2
    assert everything(world)["care/tips/2001"] == "skipped: email: consent withdrawn"
    assert world.parked() == []


@pytest.mark.parametrize("contact", [ACCOUNT, {"email": "ann@example.com"}, {"customer_id": "7"}])
def test_whom_nobody_knew_has_the_order_that_names_them_late(contact: dict[str, str]) -> None:
    world = a_world()
    receive(world, nobodys("2001"), named("2001", NOW + HOUR, **contact))
    receive(world, named("2002", NOW + 2 * HOUR, **contact))
    (ann,) = everybody(world)
    assert ann.profile.orders == 2
    assert {text.partition(":")[2] for text in ann.profile.aliases} == set(contact.values())


def test_several_orders_without_a_buyer_are_all_those_of_whom_they_turn_out_to_name() -> None:
    world = a_world()
    orders = ("2001", "2002", "2003")
    receive(world, *(nobodys(order) for order in orders))
    assert len(everybody(world)) == len(orders)
    receive(world, *(named(order, NOW + HOUR, **ACCOUNT) for order in orders))
    (ann,) = everybody(world)
    assert ann.profile.orders == len(orders)


def test_an_order_that_names_two_who_are_known_by_one_name_each_unites_all_three() -> None:
    world = a_world()
    receive(world, at_home(), placed(order="1002", contact={"customer_id": "7"}), nobodys("2001"))
    assert len(everybody(world)) == 3
    receive(world, named("2001", NOW + HOUR, **ACCOUNT))
    (ann,) = everybody(world)
    assert ann.profile.orders == 3


def test_whose_an_order_is_does_not_hang_on_when_its_buyer_was_named() -> None:
    news = (nobodys("2001"), named("2001", NOW + HOUR, **ACCOUNT), snapshot(NOW + 2 * HOUR, "2001", total="39.00"))
    for order in permutations(news):
        world = a_world(now=NOW + DAY)
        receive(world, at_home(customer_id="7"), *order)
        (ann,) = everybody(world)
        assert (ann.profile.orders, str(ann.orders["2001"].known.total)) == (2, "39.00")


@pytest.mark.parametrize("known", [True, False])
def test_an_order_that_names_its_buyer_within_the_hour_is_confirmed_then(known: bool) -> None:
    world = a_world()
    receive(world, *([at_home(customer_id="7")] if known else []), nobodys("2001"))
    assert len(world.accepted) == known
    world.now += 20 * MINUTE
    receive(world, named("2001", world.now, **ACCOUNT))
    world.pass_minutes(2)
    assert everything(world)["service/thanks/2001"] == "sent"
    assert len(world.accepted) == known + 1


def test_an_order_that_names_nobody_within_the_hour_is_not_confirmed() -> None:
    world = a_world()
    receive(world, nobodys("2001"))
    world.pass_minutes(58)
    (nobody,) = everybody(world)
    assert "service/thanks" not in world.told(nobody.profile.customer)
    world.pass_minutes(3)
    assert world.told(nobody.profile.customer)["service/thanks"] == "skipped: email: no usable email address"


def test_a_tills_order_stays_nobodys_until_it_names_somebody() -> None:
    world = World(a_content(*JOURNEYS, store=a_store(identity={"denylist_emails": ["till@shop.example"]})))
    receive(world, at_home(), placed(order="3001", contact={"email": "till@shop.example"}))
    receive(world, named("3001", NOW + HOUR, email="till@shop.example", customer_id="0"))
    assert len(everybody(world)) == 2
    receive(world, named("3001", NOW + 2 * HOUR, email="ann@example.com"))
    assert [ann.profile.orders for ann in everybody(world)] == [2]


def test_an_order_that_has_named_somebody_unites_them_with_nobody_else() -> None:
    world = a_world()
    receive(world, at_home(), nobodys("2001"), named("2001", NOW + HOUR, email="ann@work.example"))
    receive(world, named("2001", NOW + 2 * HOUR, email="ann@example.com"))
    assert owner(world, ANN) != owner(world, WORK)


# What counts for both


def test_a_withdrawal_of_either_stops_what_both_would_have_got() -> None:
    world = two()
    receive(world, consented("Withdrawn", NOW + HOUR, contact={"email": "ann@work.example"}), MERGED)
    receive(world, delivered(NOW + HOUR), delivered(NOW + HOUR, order="2001"))
    world.to_the_end()
    ends = {word for touch, word in everything(world).items() if touch.startswith("care/")}
    assert ends == {"skipped: email: consent withdrawn"}


def test_a_dead_address_of_either_stays_dead() -> None:
    world = two()
    who = owner(world, WORK).profile.customer
    world.tell(gone(NOW, "ann@work.example"), customer=who)
    receive(world, MERGED)
    assert owner(world).profile.dead == {"ann@work.example": "bounced"}


def test_a_low_score_of_either_holds_what_both_would_have_got() -> None:
    world = two()
    receive(world, scored(NOW + HOUR, 2, order="2001"), MERGED, delivered(NOW + HOUR))
    world.pass_minutes(60 * 24 * 8)
    assert not any(touch.startswith("care/") and word == "sent" for touch, word in everything(world).items())


def test_messages_to_either_count_under_one_cap() -> None:
    world = two()
    receive(world, delivered(NOW), delivered(NOW, order="2001"))
    world.until(NOW + 3 * DAY + 8 * HOUR)
    receive(world, replace_time(MERGED, world.now))
    counted = owner(world).profile.recent
    assert len(counted) == 2
    world.to_the_end()
    later = sorted(owner(world).profile.recent)[len(counted) :]
    assert all(moment >= max(counted) + 3 * DAY for moment in later)


def test_what_goes_once_to_each_customer_ends_for_the_second_half() -> None:
    world = two()
    receive(world, MERGED, delivered(NOW), delivered(NOW, order="2001"))
    world.to_the_end()
    told = [(touch.state, touch.reason) for touch in records(world) if touch.journey == "club"]
    assert sorted(state for state, _ in told) == ["sent", "skipped"]


# What goes on


def records(world: World) -> list[Any]:
    mine = owner(world).profile
    found = {
        touch.id: touch
        for name in (*reversed(mine.merged), mine.customer)
        for touch in world.people.touches("shop", name)
    }
    return list(found.values())


def everything(world: World) -> dict[str, str]:
    return {
        f"{touch.journey}/{touch.key}/{touch.order_id}": touch.state
        if touch.reason is None
        else f"{touch.state}: {touch.reason}"
        for touch in records(world)
    }


@pytest.mark.parametrize("told", [delivered(NOW + HOUR), delivered(NOW + HOUR, order="2001")])
def test_news_of_either_ones_orders_find_them_and_go_on(told: events.Event) -> None:
    world = two()
    receive(world, MERGED, told)
    world.to_the_end()
    order = getattr(told, "order_id", "")
    assert everything(world)[f"care/tips/{order}"] == "sent"
    assert owner(world).enrolments == {}


def test_orders_in_either_ones_archive_are_still_told_from_new_ones() -> None:
    world = two()
    receive(world, delivered(NOW), delivered(NOW, order="2001"))
    world.to_the_end()
    receive(world, replace_time(MERGED, world.now))
    for order in ("1001", "2001"):
        receive(world, snapshot(world.now, order, payment_status="refunded", contact={"email": "ann@example.com"}))
    assert owner(world).profile.orders == 2
    kept = [world.people.archived("shop", owner(world).profile.customer, order) for order in ("1001", "2001")]
    assert [order and order.known.payment_status for order in kept] == ["refunded", "refunded"]
    assert [order and order.known.number for order in kept] == ["#1001", "#2001"]


def test_the_losers_wake_wakes_nobody_and_the_winners_covers_both() -> None:
    world = two()
    wakes = [(who.profile.customer, who.profile.wake) for who in (owner(world, ANN), owner(world, WORK))]
    receive(world, MERGED)
    assert [customer for _, customer, _, _ in world.timers.armed.values()] == [owner(world).profile.customer]
    ((loser, wake),) = [told for told in wakes if told[0] != owner(world).profile.customer]
    assert wake is not None
    world.calls.clear()
    ring = an_event("WakeDue", NOW, customer=loser, epoch=0, n=wake.n)
    assert world.advance(ring, loser).outcome == "unchanged"
    assert world.queue == []


def test_a_link_that_was_sent_before_still_leads_to_the_person() -> None:
    world = two()
    names = [owner(world, alias).profile.customer for alias in (ANN, WORK)]
    receive(world, MERGED)
    word = an_event("ConsentWithdrawn", NOW + HOUR, channel="email", source="one-click")
    for name in names:
        world.tell(word, customer=name)
    assert owner(world).profile.consents["email:marketing"].state == "withdrawn"
    loser = next(name for name in names if name != owner(world).profile.customer)
    visitor = MemoryLooks(world.memory).visitor("shop", loser)
    assert visitor is not None
    assert visitor.redirect == owner(world).profile.customer


def test_an_event_that_comes_home_by_way_of_another_line_is_a_telling_of_its_own() -> None:
    """A queue takes the same event in the same line for a repetition within five minutes."""
    world = two()
    recorder = Recorder(world.advancing.line)
    world.advancing = replace(world.advancing, line=recorder)
    receive(world, snapshot(NOW + HOUR, contact={"email": "ann@work.example", "customer_id": "7"}))
    receive(world, snapshot(NOW + HOUR, "2001", contact={"email": "ann@example.com", "customer_id": "7"}))
    assert recorder.fresh
    assert None not in recorder.fresh
    assert len(set(recorder.fresh)) == len(recorder.fresh)


class Recorder:
    """A line that remembers which tellings it was asked to take for new ones."""

    def __init__(self, line: ports.Line) -> None:
        self.line, self.fresh = line, list[str | None]()

    def join(self, event: events.Event, customer: str, lane: Lane, fresh: str | None = None) -> None:
        self.fresh.append(fresh)
        self.line.join(event, customer, lane, fresh=fresh)


# What waits


def in_doubt(world: World) -> str:
    """Somebody whose provider never answered: their claim is open."""
    world.answer, world.receipts = lambda message: None, False
    receive(world, at_work())
    world.answer, world.receipts = lambda message: Reply("accepted", provider_id="ok"), True
    return owner(world, WORK).profile.customer


def test_somebody_with_a_call_in_doubt_is_united_once_that_is_settled() -> None:
    world = a_world()
    receive(world, at_home(), at_home("1002"), at_home("1003"))
    loser = in_doubt(world)
    other = in_doubt_too(world)
    receive(world, MERGED)
    assert world.customer(loser).profile.redirect is None
    assert other.profile.customer != loser
    assert owner(world).profile.same_as.keys() | owner(world, WORK).profile.same_as.keys()
    world.pass_minutes(40)
    assert owner(world, ANN) == owner(world, WORK)
    assert owner(world).profile.same_as == {}
    world.to_the_end()
    assert [touch.state for touch in records(world) if touch.key == "thanks"] == ["sent"] * 4


def in_doubt_too(world: World) -> Customer:
    """Both have one, so that neither is free to go."""
    mine = owner(world)
    mark = Claim("gone:1", "x", "n", world.now, world.now + 15 * MINUTE, "email", "feedback")
    touch = touch_id("shop", "gone:1", "x")
    held = replace(mine, profile=replace(mine.profile, claims={touch: mark}))
    world.memory.customers["shop", mine.profile.customer] = held
    world.memory.touches["shop", mine.profile.customer][touch] = replace(records(world)[0], id=touch, key="x")
    return mine


def test_while_two_are_not_united_yet_only_what_is_needed_goes_out() -> None:
    world = two()
    for alias in (ANN, WORK):
        who = owner(world, alias).profile.customer
        world.people.park("shop", who, a_parked(who))
    receive(world, MERGED, delivered(NOW + HOUR), shipped(NOW + HOUR))
    for parked in world.parking.parked("shop"):
        if parked.customer == pending(world).profile.customer:
            world.parking.remove(parked)
    world.pass_minutes(60 * 24 * 4)
    told = everything(world)
    assert told["service/ship/p1/1001"] == "sent"
    assert not any(touch.startswith("care/") for touch in told)


def pending(world: World) -> Customer:
    return next(held for held in world.memory.customers.values() if held.profile.same_as)


def a_parked(who: str) -> ports.Parked:
    return ports.Parked(f"p-{who}", "shop", "event", "a rule failed", NOW, "{}", customer=who)


# What is asked of both


def test_an_erasure_finds_everything_of_both() -> None:
    world = two()
    receive(world, delivered(NOW), delivered(NOW, order="2001"), consented("Given", NOW))
    world.to_the_end()
    receive(world, replace_time(MERGED, world.now), at_home("1009"))
    world.now += DAY
    receive(world, an_event("ErasureRequested", world.now, contact={"email": "ann@example.com"}))
    told = repr((world.memory.customers, world.memory.archive, world.memory.touches, world.memory.ledger))
    assert "ann@" not in told
    assert "Ann" not in told
    for alias in (ANN, WORK):
        item = world.memory.aliases["shop", alias]
        assert item.left is not None


def test_who_is_erased_while_another_half_is_not_free_to_come_is_erased_there_as_well() -> None:
    world = two()
    for alias in (ANN, WORK):
        who = owner(world, alias).profile.customer
        world.people.park("shop", who, a_parked(who))
    receive(world, MERGED)
    waits = pending(world).profile
    world.now += DAY
    request = an_event("ErasureRequested", world.now, contact={"email": waits.contact.email})
    world.tell(request, customer=waits.customer)
    assert [held.profile.erased_at is not None for held in world.memory.customers.values()] == [True, True]


# Deaths


def merge_story(world: World) -> None:
    receive(world, at_home(customer_id="7"))
    world.now += MINUTE
    receive(world, at_work(), shipped(NOW + MINUTE, "p1", "2001", tracking=[{"number": "T2"}]))
    world.now += HOUR
    receive(world, snapshot(NOW + HOUR, "2001", contact={"email": "ann@work.example", "customer_id": "7"}))
    receive(world, delivered(NOW + 2 * HOUR), delivered(NOW + 2 * HOUR, "p1", "2001"))
    world.to_the_end()


ENDED = (
    *("service/thanks/1001", "service/thanks/2001", "service/ship/p1/2001"),
    *("care/tips/1001", "care/tips/2001", "care/more/1001", "care/more/2001"),
)


def settled(world: World) -> None:
    """Law 2: whatever a half had begun ended, once; law 1: nothing was taken twice."""
    told = everything(world)
    assert len([touch for touch in told if touch.startswith("club/")]) == 2
    for touch in ENDED:
        assert told[touch].split(":")[0] in ("sent", "expired", "unconfirmed"), (touch, told[touch])
    assert len(set(world.accepted)) == len(world.accepted)
    assert owner(world, ANN) == owner(world, WORK) == owner(world, ID)
    assert (owner(world).profile.orders, owner(world).profile.moving, owner(world).profile.same_as) == (2, (), {})
    assert owner(world).enrolments == {}
    assert not world.timers.armed


def test_a_life_that_becomes_one_with_another() -> None:
    world = a_world()
    merge_story(world)
    settled(world)
    assert owner(world).profile.merged


@pytest.fixture(scope="module")
def calls() -> int:
    world = a_world()
    merge_story(world)
    return len(world.calls)


@pytest.mark.parametrize("done", [False, True])
def test_a_death_in_any_call_of_a_merge_loses_and_doubles_nothing(calls: int, done: bool) -> None:
    for number in range(calls):
        world = a_world(deaths={number: done})
        try:
            merge_story(world)
        except Died:  # at the door: the shop tells it again
            world = a_world(deaths={number: done})
            patiently(world)
        settled(world)


def patiently(world: World) -> None:
    """A shop that was not answered tells it again, until it is."""
    receive_once = world.receive

    def again(told: Any, delivery: str | None = None) -> Any:
        for _ in range(3):
            try:
                return receive_once(told, delivery)
            except (Died, Unavailable):
                continue
        raise AssertionError("nobody answers")

    world.receive = again  # type: ignore[method-assign]  # a shop that repeats itself
    merge_story(world)
