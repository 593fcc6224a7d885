"""Erasure: within one run nothing personal is left, nothing goes out any more, and nobody comes back by accident."""

import dataclasses
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial import documents, events, ports
from perennial.advancing import advance
from perennial.books import bare_event, bare_order, bare_profile
from perennial.customer import Profile
from perennial.identity import Alias
from perennial.orders import Order
from perennial.ports import Outgoing, Reply
from tests.adapters import values
from tests.unit.core.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    WHO,
    a_content,
    a_journey,
    a_touch,
    an_event,
    an_order,
    consented,
    delivered,
    device,
    placed,
    refunded,
    shipped,
    snapshot,
)
from tests.unit.core.life import FINAL
from tests.unit.core.world import Died, World

MAIL, PHONE, SHOP_ID, TRACKING = "ann@example.com", "+447911123456", "7700112233", "JD0002"
PERSONAL = (
    MAIL,
    "annabel",
    "lovelace",
    "7911123456",
    SHOP_ID,
    TRACKING.lower(),
    "ferry lane",
    "arn:phone",
    "ring twice",
)
EMAIL, ORDER = Alias("email", MAIL), Alias("order", "1001")
CARE = (
    a_journey(
        "service", a_touch("thanks", "order.placed", "thanks"), a_touch("ship", "parcel.shipped", "note", per="parcel")
    ),
    a_journey("care", a_touch("tips", "order.delivered + 3 days"), a_touch("more", "order.placed + 90 days", "note")),
)


def ann(at: datetime = NOW, order: str = "1001", **fields: Any) -> events.Event:
    """Everything that Ann may be known by."""
    told: dict[str, Any] = {
        "contact": {
            "email": MAIL,
            "phone": PHONE,
            "customer_id": SHOP_ID,
            "first_name": "Annabel",
            "last_name": "Lovelace",
        },
        "shipping_address": {"name": "Annabel Lovelace", "line1": "3 Ferry Lane", "city": "Hove", "country": "GB"},
        "accepts_marketing": True,
        "tags": ["Annabel's birthday"],
        "status_url": "https://shop.example/orders/ann",
        "cancel_reason": "Annabel said so",
        "shipping_method": "to Annabel, ring twice",
    }
    return placed(at, order, **{**told, **fields})


def erasure(at: datetime, **contact: str) -> events.PrivacyEvent:
    event = an_event("ErasureRequested", at, contact=contact)
    assert isinstance(event, events.PrivacyEvent)
    return event


def story() -> tuple[events.Event, ...]:
    tracked = shipped(NOW + HOUR, tracking=[{"number": TRACKING, "url": f"https://dhl.example/{TRACKING}"}])
    review: dict[str, Any] = {"order_id": "1001", "line_id": "l1", "stars": 2, "text": "Annabel was here"}
    score: dict[str, Any] = {"order_id": "1001", "score": 3, "why": "Annabel is cross"}
    back: dict[str, Any] = {"order_id": "1001", "return_id": "x1", "lines": [{"line_id": "l1", "quantity": 1}]}
    return (
        ann(),
        tracked,
        delivered(NOW + 2 * DAY),
        device("Registered", NOW + DAY),
        an_event("ReviewGiven", NOW + 3 * DAY, **review),
        an_event("ScoreGiven", NOW + 3 * DAY, **score),
        an_event(
            "ReturnRequested",
            NOW + 3 * DAY,
            wish="refund",
            reason="Annabel changed her mind",
            note="ring twice",
            **back,
        ),
        refunded(NOW + 4 * DAY),
        consented("Withdrawn", NOW + 4 * DAY, source="one-click", evidence="abc"),
    )


def lived(*journeys: Any, **fields: Any) -> World:
    """A world in which Ann has bought, and everything about her is known."""
    world = World(a_content(*(journeys or CARE)), **fields)
    for event in story():
        world.now = max(world.now, event.occurred_at)
        world.tell(event)
    return world


def everything_held(world: World) -> str:
    """All that the store holds, as text: documents, aliases by their kind (their values stand as hashes in keys)."""
    memory = world.memory
    held: list[Any] = [
        *(documents.write(customer.profile) for customer in memory.customers.values()),
        *(documents.write(order) for customer in memory.customers.values() for order in customer.orders.values()),
        *(
            documents.write(enrolment)
            for customer in memory.customers.values()
            for enrolment in customer.enrolments.values()
        ),
        *(documents.write(order) for order in memory.archive.values()),
        *(documents.write(touch) for records in memory.touches.values() for touch in records.values()),
        *(documents.write(entry) for entries in memory.ledger.values() for entry in entries.values()),
        *(parked.content for parked in memory.parked.values()),
        *(events.to_json(fact) for item in memory.aliases.values() for fact in item.facts),
        *(documents.write(item.left) for item in memory.aliases.values() if item.left),
        *memory.bodies.values(),
    ]
    return "\n".join(held).lower()


def found(world: World) -> list[str]:
    return [value for value in PERSONAL if value in everything_held(world)]


def erase(world: World, **contact: str) -> None:
    world.tell(erasure(world.now, **contact))


# What goes


def test_a_life_leaves_much_that_is_personal_until_it_is_erased() -> None:
    world = lived()
    assert set(found(world)) >= {MAIL, "lovelace", SHOP_ID, TRACKING.lower(), "ferry lane", "arn:phone", "ring twice"}
    erase(world, email=MAIL)
    assert found(world) == []


def test_what_older_versions_wrote_of_a_parcels_number_goes_too() -> None:
    world, number = lived(), Alias("tracking", TRACKING)
    world.directory.owner_or_claim("shop", number, WHO)
    erase(world, email=MAIL)
    assert world.directory.owner("shop", number) is None


def test_one_run_is_enough_however_much_there_is() -> None:
    world = World(a_content(*CARE))
    for n in range(60):
        world.now = NOW + MINUTE * n
        world.tell(ann(world.now, f"{n}", contact={"email": MAIL, "first_name": "Annabel"}))
    assert len(world.customer().enrolments) == 120
    report = world.advance(erasure(world.now, email=MAIL))
    assert report.emptied is not None
    assert (found(world), world.customer().enrolments, world.customer().profile.wake) == ([], {}, None)
    assert len(world.memory.archive) == 60


def test_the_books_stay() -> None:
    world = lived()
    before = world.memory.archive.get(("shop", WHO, "1001")) or world.customer().orders["1001"]
    erase(world)
    order = world.memory.archive["shop", WHO, "1001"]
    kept = order.known
    assert (kept.number, kept.total, kept.placed_at, kept.lines) == (
        "#1001",
        before.known.total,
        NOW,
        before.known.lines,
    )
    assert (kept.shipping_address, kept.contact) == (events.Address(country="GB"), None)
    assert (order.firsts, order.refunds, order.reviews["l1"].verdict.stars) == (before.firsts, before.refunds, 2)
    assert (order.score and order.score.score, order.returns["x1"].terms.wish) == (3, "refund")


def test_every_touch_that_was_ahead_ends_with_the_reason() -> None:
    world = lived()
    erase(world)
    assert world.told()["care/more"] == "skipped: stopped: the customer was erased"
    assert {state.split(":")[0] for state in world.told().values()} <= FINAL
    assert (world.timers.armed, world.customer().profile.wake) == ({}, None)


def test_what_is_parked_of_the_person_is_purged_wherever_it_lies() -> None:
    world = lived()
    world.people.park("shop", WHO, parked("rule", events.to_json(ann()), customer=WHO))
    world.parking.park(parked("unread", f'{{"customer": {{"mail": "{MAIL.upper()}"}}}}'))
    world.parking.park(parked("other", '{"customer": {"mail": "bob@example.com"}}'))
    erase(world)
    assert [entry.id for entry in world.parking.parked("shop")] == ["other"]
    assert world.customer().parked == 0


def parked(name: str, content: str, customer: str | None = None) -> ports.Parked:
    return ports.Parked(name, "shop", "event" if customer else "body", "odd", NOW, content, customer=customer)


def test_the_report_says_what_was_done() -> None:
    world = lived()
    world.people.park("shop", WHO, parked("rule", "{}", customer=WHO))
    report = world.advance(erasure(world.now, email=MAIL))
    assert report.emptied == ports.Emptied(orders=0, touches=2, words=4, parked=1, aliases=2)
    assert json.dumps(report.as_log()).lower().count("annabel") == 0


def test_a_second_request_finds_nothing_to_do() -> None:
    world = lived()
    erase(world, email=MAIL)
    held = everything_held(world)
    report = world.advance(erasure(world.now + HOUR, email=MAIL))
    assert (everything_held(world), report.emptied) == (held, ports.Emptied(aliases=1))


# What no longer goes out


def test_no_claim_passes_from_the_first_commit_on() -> None:
    """Law 3: also where a touch is due in the very run that erases."""
    world = World(a_content(a_journey("care", a_touch("more", "order.placed + 1 day", "note"))))
    world.tell(placed())
    world.now += 2 * DAY
    erase(world)
    assert world.told() == {"care/more": "skipped: the customer was erased"}
    assert world.accepted == []


@pytest.mark.parametrize("accepted", [True, False])
def test_a_message_in_doubt_ends_as_it_went_and_is_never_sent_again(accepted: bool) -> None:
    def silent(message: Outgoing) -> Reply | None:
        return None

    world = World(
        a_content(a_journey("care", a_touch("note", "order.placed", "note"))), answer=silent, receipts=accepted
    )
    world.tell(placed())
    erase(world)
    assert (found(world), len(world.accepted)) == ([], 1)
    world.to_the_end()
    assert world.told()["care/note"].split(":")[0] == ("sent" if accepted else "unconfirmed")
    assert (len(world.accepted), world.customer().enrolments, world.customer().profile.wake) == (1, {}, None)
    assert found(world) == []


# Who comes back


def receive(world: World, event: events.Event) -> str | None:
    """A webhook at the door, and all that follows from it."""
    told = json.loads(events.to_json(event))
    told.pop("received_at", None)
    receipt = world.receive(told, delivery=event.id)
    world.work()
    return receipt.customer


def at_the_door(*news: events.Event) -> World:
    world = World(a_content(*CARE))
    for event in news:
        world.now = max(world.now, event.occurred_at)
        receive(world, event)
    return world


def people(world: World) -> list[Profile]:
    return [customer.profile for customer in world.memory.customers.values()]


def test_a_late_webhook_about_an_old_order_keeps_the_books_and_brings_nobody_back() -> None:
    world = at_the_door(ann(), erasure(NOW + DAY, email=MAIL))
    world.now = NOW + 2 * DAY
    for late in (
        snapshot(NOW + 2 * DAY, placed_at=NOW, total="99.00", contact={"email": MAIL, "first_name": "Annabel"}),
        ann(NOW, "0999"),
    ):
        receive(world, late)
    assert (found(world), len(people(world)), len(world.accepted)) == ([], 1, 1)
    totals = {key[2]: order.known.total for key, order in world.memory.archive.items()}
    assert {name: str(total) for name, total in totals.items()} == {"1001": "99.00", "0999": "40.00"}


def test_an_order_after_the_erasure_founds_a_new_customer() -> None:
    world = at_the_door(ann(), erasure(NOW + DAY, email=MAIL))
    world.now = NOW + 2 * DAY
    receive(world, ann(world.now, "2002"))
    old, new = sorted(people(world), key=lambda profile: profile.erased_at is None)
    assert (new.contact.email, new.erased_at, new.reborn_at) == (MAIL, None, old.erased_at)
    assert (bare_profile(old), [mark.id for mark in new.latest_orders]) == (old, ["2002"])
    assert len(world.accepted) == 2, "the new order has its confirmation"
    assert {
        world.directory.owner("shop", alias) for alias in (EMAIL, Alias("customer", SHOP_ID), Alias("order", "2002"))
    } == {new.customer}
    receive(world, ann(world.now + HOUR, "2003"))
    assert len(people(world)) == 2


def test_an_old_request_that_comes_again_does_not_erase_who_came_back() -> None:
    request = erasure(NOW + DAY, email=MAIL)
    world = at_the_door(ann(), request)
    world.now = NOW + 2 * DAY
    receive(world, ann(world.now, "2002"))
    receive(world, replace_id(request, "again"))
    (new,) = [profile for profile in people(world) if profile.erased_at is None]
    assert new.contact.email == MAIL
    receive(world, erasure(world.now + HOUR, email=MAIL))
    assert [profile.erased_at is None for profile in people(world)] == [False, False]
    assert found(world) == []


def replace_id(event: events.Event, name: str) -> events.Event:
    return event.model_copy(update={"id": name})


def test_somebody_nobody_knows_can_be_erased_before_they_are_told_of() -> None:
    world = at_the_door(erasure(NOW + DAY, email=MAIL, customer_id=SHOP_ID))
    receive(world, ann(NOW, "1001"))
    assert (found(world), len(people(world)), world.accepted) == ([], 1, [])


def test_an_address_that_is_only_in_the_request_leads_to_who_left_as_well() -> None:
    world = at_the_door(placed(), erasure(NOW + DAY, email=MAIL, customer_id=SHOP_ID))
    receive(world, consented("Given", NOW, contact={"customer_id": SHOP_ID}))
    assert (found(world), len(people(world))) == ([], 1)


def test_facts_that_waited_for_the_person_wait_no_more() -> None:
    world = World(a_content(*CARE))
    receive(
        world,
        device("Registered", NOW, endpoint="arn:phone").model_copy(
            update={"contact": events.Contact(customer_id=SHOP_ID)}
        ),
    )
    assert found(world) == ["arn:phone"] or SHOP_ID in found(world)
    receive(world, erasure(NOW + DAY, email=MAIL, customer_id=SHOP_ID))
    assert (found(world), list(world.parking.parked("shop"))) == ([], [])


GONE = "they had themselves erased, and asked for nothing since"


def internal(type_: str, **fields: Any) -> Any:
    told = {"type": type_, "id": "x", "store": "shop", "occurred_at": NOW + HOUR}
    return events.ANY.validate_python({**told, **fields})


BOUNCED = internal("AddressBounced", channel="email", address=MAIL, reason="no such mailbox")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (consented("Withdrawn", NOW + HOUR, source="one-click"), GONE),
        (consented("Given", NOW + HOUR, source="preferences"), GONE),
        (internal("MessageComplained", channel="email"), "the customer complained"),
        (BOUNCED, "dead address: no such mailbox"),
    ],
)
def test_an_import_cannot_write_to_somebody_who_left(told: events.Event, reason: str) -> None:
    world = lived_until(told)
    world.now = NOW + 2 * DAY
    receive(world, consented("Given", world.now, source="import"))
    receive(world, ann(world.now, "2002", accepts_marketing=None))
    receive(world, delivered(world.now, order="2002"))
    world.until(NOW + 9 * DAY)
    (new,) = [profile for profile in people(world) if profile.erased_at is None]
    assert world.told(new.customer)["care/tips"].startswith("skipped: ")
    assert world.told(new.customer)["care/tips"].endswith(reason)


def lived_until(told: events.Event) -> World:
    world = at_the_door(ann())
    world.now = NOW + HOUR
    (profile,) = people(world)
    world.tell(told, customer=profile.customer)
    world.now = NOW + DAY
    receive(world, erasure(world.now, email=MAIL))
    return world


@pytest.mark.parametrize(("source", "outcome"), [("form", "sent"), ("preferences", "sent"), (None, "skipped")])
def test_who_asks_again_after_they_left_is_written_to_again_and_a_box_asks_for_nothing(
    source: str | None, outcome: str
) -> None:
    """The shop may show its box ticked to somebody who had only us forget them."""
    world = lived_until(consented("Withdrawn", NOW + HOUR))
    world.now = NOW + 2 * DAY
    receive(world, ann(world.now, "2002", accepts_marketing=True))
    if source is not None:
        receive(world, consented("Given", world.now, source=source))
    receive(world, delivered(world.now, order="2002"))
    world.until(NOW + 9 * DAY)
    (new,) = [profile for profile in people(world) if profile.erased_at is None]
    assert world.told(new.customer)["care/tips"].partition(":")[0] == outcome
    assert ("email:marketing" in new.suppressed) == (outcome == "skipped")


def test_a_shops_word_for_it_right_after_the_form_takes_nothing_back() -> None:
    """Shops tell of one sign-up twice: with the form, and as their own news of the customer."""
    world = lived_until(consented("Withdrawn", NOW + HOUR))
    world.now = NOW + 2 * DAY
    for event in (
        consented("Given", world.now + MINUTE),
        ann(world.now, "2002"),
        consented("Given", world.now + 2 * MINUTE, source="form"),
        consented("Given", world.now + 3 * MINUTE),
    ):
        world.now = max(world.now, event.occurred_at)
        receive(world, event)
    (new,) = [profile for profile in people(world) if profile.erased_at is None]
    assert new.suppressed.keys() == {"text:feedback", "text:marketing", "push:feedback", "push:marketing"}


def test_who_left_twice_has_left_the_second_time() -> None:
    world = lived_until(consented("Withdrawn", NOW + HOUR))
    for day in (2, 4, 6):
        world.now = NOW + day * DAY
        receive(world, ann(world.now, f"{day}"))
        world.now += DAY
        if day < 6:
            receive(world, erasure(world.now, email=MAIL))
    (new,) = [profile for profile in people(world) if profile.erased_at is None]
    assert (new.reborn_at, new.suppressed["text:marketing"]) == (NOW + 5 * DAY, NOW + 5 * DAY)


# Orders of whom only the order is known


def named_orders(at: datetime, *orders: str) -> events.Event:
    return an_event("ErasureRequested", at, contact={"email": MAIL, "customer_id": SHOP_ID}, order_ids=orders)


def nobodys(order: str, at: datetime = NOW) -> events.Event:
    """It comes without a buyer, but with somebody's address."""
    return ann(at, order, contact={"email": None})


def not_erased(world: World) -> list[Profile]:
    return [profile for profile in people(world) if profile.erased_at is None and profile.redirect is None]


@pytest.mark.parametrize("known", [True, False])
def test_an_order_that_a_request_names_is_erased_though_nobody_knows_whose_it_was(known: bool) -> None:
    world = at_the_door(*([ann()] if known else []), nobodys("2001"), nobodys("2002"))
    world.now = NOW + DAY
    receive(world, named_orders(world.now, "1001", "2001", "2002"))
    assert (found(world), not_erased(world)) == ([], [])
    sent = len(world.accepted)
    receive(world, snapshot(world.now + HOUR, "2001", contact={"email": MAIL, "customer_id": SHOP_ID}))
    receive(world, delivered(world.now + HOUR, order="2001"))
    world.to_the_end()
    assert (found(world), len(world.accepted)) == ([], sent)


def test_an_order_that_got_its_buyer_late_is_erased_with_them() -> None:
    world = at_the_door(ann(), nobodys("2001"), ann(NOW + HOUR, "2001").model_copy(update={"type": "OrderUpdated"}))
    world.now = NOW + DAY
    receive(world, named_orders(world.now, "1001", "2001"))
    assert (found(world), not_erased(world)) == ([], [])


def test_whom_an_older_version_took_for_a_second_person_of_that_address_is_erased_by_the_order() -> None:
    world = at_the_door(ann(), nobodys("2001"))
    split = next(held for held in world.memory.customers.values() if "2001" in held.orders)
    theirs = replace(split.profile, aliases=(str(EMAIL),), contact=events.Contact(email=MAIL))
    world.memory.customers["shop", theirs.customer] = replace(split, profile=theirs)
    world.now = NOW + DAY
    receive(world, named_orders(world.now, "1001", "2001"))
    assert (found(world), not_erased(world)) == ([], [])


def test_a_request_that_names_another_persons_order_erases_nobody_else() -> None:
    bobs = placed(NOW, "3001", contact={"email": "bob@example.com"})
    world = at_the_door(ann(), bobs)
    world.now = NOW + DAY
    receive(world, named_orders(world.now, "1001", "3001"))
    (bob,) = not_erased(world)
    assert bob.contact.email == "bob@example.com"
    receive(world, shipped(world.now, order="3001"))
    assert world.told(bob.customer)["service/ship/p1"] == "sent"


# Crashes and orders of arrival


def test_wherever_the_run_dies_the_next_one_finishes_it() -> None:
    story_of_trouble = (internal("MessageComplained", channel="email"), BOUNCED)
    before = lived()
    before.tell(*story_of_trouble)
    calls, done = len(before.calls), lived()
    done.tell(*story_of_trouble)
    erase(done, email=MAIL)
    for number in range(calls, len(done.calls)):
        for done_first in (False, True):
            world = lived(deaths={number: done_first})
            world.tell(*story_of_trouble)
            erase(world, email=MAIL)
            where = (done.calls[number], done_first)
            assert (found(world), world.customer().enrolments) == ([], {}), where
            assert {name: told.split(":")[0] for name, told in world.told().items()} == {
                name: told.split(":")[0] for name, told in done.told().items()
            }, where
            assert world.memory.aliases[("shop", EMAIL)].left == done.memory.aliases[("shop", EMAIL)].left, where
            left = world.memory.aliases[("shop", EMAIL)].left
            assert left is not None
            assert (left.complained_at, left.dead) == (NOW + HOUR, "no such mailbox")


def test_no_call_follows_that_could_have_died_before_the_first_commit_and_be_forgotten() -> None:
    """A death right after the first commit leaves somebody to whom nothing goes out until the run is done again."""
    world = lived(a_journey("care", a_touch("note", "order.placed + 9 days", "note")))
    world.deaths = {len(world.calls) + 2: True}
    with pytest.raises(Died):
        world.advance(erasure(world.now, email=MAIL))
    assert world.customer().profile.erased_at is not None
    world.until(NOW + 12 * DAY)
    assert world.accepted == []
    world.advance(erasure(world.now, email=MAIL), redelivered=True)
    assert found(world) == []


# What takes more than one run


def in_a_hurry(world: World) -> World:
    """Time goes by with every look at the clock, so that a run is over after a few things."""

    def tick() -> datetime:
        world.now += MINUTE / 20
        return world.now

    world.advancing = replace(world.advancing, now=tick)
    return world


def with_much_behind(**fields: Any) -> World:
    """Thirty orders, and as many unreadable bodies, every third of which names the person."""
    world = lived(**fields)
    for n in range(30):
        world.memory.archive["shop", WHO, f"old-{n:02}"] = replace(an_order(ann()), sent={}, entered=())
        world.parking.park(parked(f"body-{n:02}", MAIL if n % 3 == 0 else "bob@example.com"))
    return world


def test_what_is_too_much_for_one_run_is_done_by_the_next_ones_and_nothing_is_looked_at_twice() -> None:
    world = in_a_hurry(with_much_behind())
    world.queue.append((erasure(world.now, email=MAIL), WHO, "urgent"))
    reports = []
    while world.queue:
        event, customer, lane = world.queue.pop(0)
        assert (customer, lane) == (WHO, "urgent")
        reports.append(world.advance(event))
    *cut, last = reports
    assert 10 < len(reports) < 40
    assert ([report.goes_on for report in cut], last.goes_on) == ([True] * len(cut), False)
    assert sum(report.emptied.orders for report in reports if report.emptied) == 30
    assert sum(report.emptied.parked for report in reports if report.emptied) == 10
    assert (found(world), world.customer().enrolments, world.customer().profile.erasing) == ([], {}, {})
    assert bare_profile(world.customer().profile) == world.customer().profile
    assert len(world.parking.parked("shop")) == 20


def test_nothing_goes_out_between_the_runs_of_an_erasure() -> None:
    world = in_a_hurry(with_much_behind())
    before = list(world.accepted)
    assert world.advance(erasure(world.now, email=MAIL)).goes_on
    world.queue.clear()
    world.to_the_end()
    assert world.accepted == before


def test_a_run_with_all_the_time_there_is_is_enough() -> None:
    """A command on somebody's own machine is not ended by Lambda."""
    world = in_a_hurry(with_much_behind())
    report = advance(erasure(world.now, email=MAIL), WHO, world.advancing, to_the_end=True)
    assert (report.goes_on, found(world), world.queue) == (False, [], [])


def test_two_requests_that_take_turns_both_come_to_their_end() -> None:
    """Each goes on where it stopped itself: the other one looks for other values."""
    world = in_a_hurry(with_much_behind())
    world.parking.park(parked("other", "annabel@work.example"))
    world.tell(erasure(world.now, email=MAIL), replace_id(erasure(world.now, email="annabel@work.example"), "second"))
    assert (found(world), world.customer().profile.erasing) == ([], {})


def test_requests_that_the_queue_brings_twice_do_not_bring_about_others_for_ever() -> None:
    world = in_a_hurry(with_much_behind())
    world.advance(erasure(world.now, email=MAIL))
    runs = 0
    while world.queue and runs < 200:
        event, _, _ = world.queue.pop(0)
        runs += 2
        world.advance(event)
        world.advance(event)
    assert runs < 200
    assert (found(world), world.customer().profile.erasing) == ([], {})


def test_a_run_that_only_goes_on_ends_where_nothing_is_left_to_be_done() -> None:
    world = in_a_hurry(with_much_behind())
    request = erasure(world.now, email=MAIL)
    advance(request, WHO, world.advancing, to_the_end=True)
    report = world.advance(request.model_copy(update={"goes_on": True}))
    assert (report.outcome, report.goes_on, world.queue) == ("unchanged", False, [])


def test_what_a_first_run_has_buried_is_not_told_worse_by_a_later_one() -> None:
    world = in_a_hurry(with_much_behind())
    world.tell(internal("MessageComplained", channel="email", address=MAIL))
    erase(world, email=MAIL)
    world.tell(replace_id(erasure(world.now, email=MAIL), "second"))
    left = world.memory.aliases["shop", EMAIL].left
    assert left is not None
    assert left.complained_at is not None


def test_a_death_in_any_of_several_runs_leaves_nothing_and_loses_nothing() -> None:
    calm = in_a_hurry(with_much_behind())
    first = len(calm.calls)
    erase(calm, email=MAIL)
    for number in range(first, len(calm.calls), 7):
        for done_first in (False, True):
            world = in_a_hurry(with_much_behind(deaths={number: done_first}))
            erase(world, email=MAIL)
            assert (found(world), world.customer().profile.erasing) == ([], {}), (number, done_first)
            assert len(world.parking.parked("shop")) == 20


OLD = (
    *story(),
    snapshot(NOW + HOUR, placed_at=NOW, total="41.00", contact={"email": MAIL, "first_name": "Annabel"}),
    ann(NOW - DAY, "0999"),
)


def books(world: World) -> dict[str, Any]:
    """What any order of arrival must agree on: facts of orders, but not which messages went out in between."""
    orders = {key[2]: order for key, order in world.memory.archive.items()}
    return {name: replace(order, sent={}, entered=()) for name, order in orders.items()}


@settings(max_examples=60)
@given(
    order=st.permutations(range(len(OLD))),
    cut=st.integers(0, len(OLD)),
    again=st.lists(st.sampled_from(range(len(OLD))), max_size=4),
)
def test_whatever_comes_late_twice_or_shuffled_nobody_comes_back_and_the_books_agree(
    order: list[int], cut: int, again: list[int]
) -> None:
    world = at_the_door()
    world.now = NOW + 5 * DAY
    told = [OLD[index] for index in order]
    for event in told[:cut]:
        receive(world, event)
    receive(world, erasure(world.now, email=MAIL, customer_id=SHOP_ID))
    world.now += DAY
    for event in (*told[cut:], *(OLD[index] for index in again)):
        receive(world, event)
        assert {MAIL, "lovelace", "ferry lane", SHOP_ID}.isdisjoint(found(world)), "a parcel may wait for its order"
    world.to_the_end()
    assert found(world) == []
    calm = at_the_door()
    calm.now = NOW + 5 * DAY
    for event in OLD:
        receive(calm, event)
    receive(calm, erasure(calm.now, email=MAIL, customer_id=SHOP_ID))
    assert books(world) == books(calm)
    assert len([profile for profile in people(world) if profile.erased_at is None]) == 0
    assert {touch.state for records in world.memory.touches.values() for touch in records.values()} <= FINAL


# What is bare


@given(order=values.orders)
def test_making_an_order_bare_twice_is_making_it_bare_once(order: Order) -> None:
    bare = bare_order(order)
    assert bare_order(bare) is bare
    assert documents.read(Order, documents.write(bare)) == bare


@pytest.mark.parametrize("event", story(), ids=lambda event: event.type)
def test_an_event_says_the_same_about_bare_books_whether_it_is_bare_or_not(event: events.Event) -> None:
    told = bare_event(event)
    if told is not None:
        assert bare_order(an_order(ann(), event)) == bare_order(an_order(ann(), told))
        assert [value for value in PERSONAL if value in events.to_json(told).lower()] == []


def test_nothing_of_a_profile_stays_that_is_not_named() -> None:
    """A field that is added to the profile is gone after an erasure, unless somebody decides otherwise here."""
    kept = {"store", "customer", "version", "commit", "redirect", "latest_orders", "orders", "claims", "wake", "wakes"}
    kept |= {"epoch", "erased_at", "reborn_at", "merged", "moving"}
    filled: dict[str, Any] = {field.name: "x" for field in dataclasses.fields(Profile)[2:]}
    full = Profile("shop", WHO, **filled)
    bare = bare_profile(full)
    assert {field.name for field in dataclasses.fields(Profile) if getattr(bare, field.name) == "x"} | {
        "store",
        "customer",
    } == kept
