"""The door: is this delivery genuine, what does it tell, whose is it? Nothing is lost."""

import base64
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from perennial import events
from perennial.adapters import overflow
from perennial.customer import Lane
from perennial.errors import AddressUnknown, BodyUnreadable, Misconfigured, SignatureInvalid
from perennial.identity import Alias
from perennial.parking import Parked
from perennial.platforms import Secrets, platform
from perennial.receiving import Delivery, Receipt, lane_of, put_back, receive
from tests.unit.core.builders import (
    NOW,
    a_content,
    a_journey,
    a_store,
    a_touch,
    an_event,
    clicked,
    complained,
    consented,
    delivered,
    device,
    gone,
    placed,
    refunded,
    rested,
    returned,
    reviewed,
    scored,
    snapshot,
    wish,
    withdrawn,
)
from tests.unit.core.world import SECRET, Died, World

CARE = a_journey("care", a_touch("note", "order.placed", "note"))


def a_world(**fields: Any) -> World:
    return World(a_content(CARE, store=a_store(identity={"denylist_emails": ["till@shop.example"]})), **fields)


def body_of(event: events.Event) -> dict[str, Any]:
    """The event as a sender would write it."""
    told: dict[str, Any] = json.loads(events.to_json(event))
    return {name: value for name, value in told.items() if name not in ("id", "received_at", "store")}


def told(world: World, event: events.Event, delivery: str = "msg_1") -> Receipt:
    return world.receive(body_of(event), delivery)


def waiting(world: World) -> list[tuple[str, str, str]]:
    return [(event.type, customer, lane) for event, customer, lane in world.queue]


ANN = "aeaqcaibaeaqcaib"
"""The first customer that this world mints."""


# Whose is it


def test_an_order_founds_a_customer_and_joins_their_line() -> None:
    world = a_world()
    receipt = told(world, placed())
    assert receipt == Receipt("queued", "perennial:OrderPlaced:msg_1", "OrderPlaced", ANN)
    assert waiting(world) == [("OrderPlaced", ANN, "urgent")]
    assert world.directory.owner("shop", Alias("email", "ann@example.com")) == ANN


def test_two_first_orders_of_one_address_meet_at_the_door() -> None:
    world = a_world()
    assert told(world, placed()).customer == told(world, placed(order="1002", email=" ANN@Example.com")).customer


def test_a_guest_and_an_account_of_one_address_are_one_customer() -> None:
    world = a_world()
    told(world, placed())
    account = placed(order="1002", contact={"email": "ann@example.com", "customer_id": "7"})
    assert told(world, account).customer == ANN
    world.work()
    assert told(world, an_event("CustomerUpdated", NOW, contact={"customer_id": "7"})).customer == ANN


@pytest.mark.parametrize(
    "contact", [{"email": "till@shop.example"}, {"email": "nonsense"}, {"phone": "+447911123456"}, {}]
)
def test_an_order_that_names_nobody_belongs_to_itself(contact: dict[str, str]) -> None:
    """An address of the shop, a bad one or a phone never merge two people."""
    world = a_world()
    one, other = (told(world, placed(order=order, contact=contact)).customer for order in ("1001", "1002"))
    assert one != other
    assert told(world, delivered(NOW)).customer == one


def test_news_of_an_order_join_its_owners_line() -> None:
    world = a_world()
    told(world, placed())
    world.work()
    assert told(world, delivered(NOW)).customer == ANN
    assert told(world, refunded(NOW)).customer == ANN


@pytest.mark.parametrize("news", [delivered(NOW), refunded(NOW)])
def test_news_of_an_order_that_nobody_knows_wait_for_it_and_are_adopted(news: events.Event) -> None:
    world = a_world()
    assert told(world, news) == Receipt(
        "parked", f"perennial:{news.type}:msg_1", news.type, reason="nobody owns this yet"
    )
    assert waiting(world) == []
    assert world.parked() == [("alias", "nobody owns this order yet")]
    told(world, placed())
    world.work()
    assert world.parked() == []
    order = world.people.archived("shop", ANN, "1001") or world.customer(ANN).orders["1001"]
    assert order.parcels or order.refunds


def test_a_snapshot_that_overtakes_its_order_does_not_part_it_from_its_buyer() -> None:
    world = a_world()
    told(world, consented("Withdrawn"), "msg_0")
    assert told(world, snapshot(NOW, payment_status="paid"), "msg_2").outcome == "parked"
    assert told(world, placed(), "msg_1").customer == ANN
    world.work()
    order = world.people.archived("shop", ANN, "1001")
    assert order is not None
    assert order.known.payment_status == "paid"
    assert world.customer(ANN).profile.consents["email:marketing"].state == "withdrawn"


def test_an_address_founds_a_customer_even_without_an_order() -> None:
    """Somebody may unsubscribe before they ever buy here: that must not be lost."""
    world = a_world()
    assert told(world, consented("Withdrawn")).outcome == "queued"
    world.work()
    assert world.customer(ANN).profile.consents["email:marketing"].state == "withdrawn"


def test_what_is_said_of_an_account_that_nobody_knows_waits_for_its_first_order() -> None:
    world = a_world()
    said = consented("Withdrawn", contact={"customer_id": "7"})
    assert told(world, said).outcome == "waiting"
    assert world.parked() == [("newcomer", "waits for this person's first order")]
    told(world, placed(contact={"email": "ann@example.com", "customer_id": "7"}))
    world.work()
    assert world.parked() == []
    assert world.customer(ANN).profile.consents["email:marketing"].state == "withdrawn"


def test_what_names_nobody_at_all_is_parked_with_its_body() -> None:
    world = a_world()
    said = consented("Withdrawn", contact={"phone": "+447911123456"})
    assert told(world, said).reason == "ConsentWithdrawn names nobody: no email, no customer id, no order"
    ((kind, _),) = world.parked()
    assert kind == "body"


# Lanes


ANSWERS = [
    reviewed(NOW),
    scored(NOW),
    withdrawn(NOW),
    complained(NOW),
    gone(NOW),
    rested(NOW, None),
    wish("Declined", NOW, "care:1001", "note"),
]


@pytest.mark.parametrize("event", [placed(), delivered(NOW), refunded(NOW), consented("Withdrawn"), *ANSWERS])
def test_orders_parcels_and_answers_do_not_wait_behind_a_rush(event: events.Event) -> None:
    assert lane_of(event) == "urgent"


@pytest.mark.parametrize("event", [device("Registered"), clicked(NOW), an_event("CustomerUpdated", NOW, contact={})])
def test_what_can_wait_does(event: events.Event) -> None:
    assert lane_of(event) == "patient"


@pytest.mark.parametrize("event", [reviewed(NOW), scored(NOW, 2), returned("Requested", NOW), withdrawn(NOW)])
def test_an_answer_about_an_order_may_come_by_the_shops_own_door_and_joins_its_buyers_line(
    event: events.Event,
) -> None:
    world = a_world()
    told(world, placed())
    ((_, buyer, _),) = waiting(world)
    world.work()
    assert told(world, event, "msg_2").customer == buyer
    assert waiting(world) == [(event.type, buyer, "urgent")]


def test_an_answer_about_an_order_that_nobody_has_placed_yet_waits_for_it() -> None:
    world = a_world()
    assert told(world, scored(NOW, 2)).outcome == "parked"


@pytest.mark.parametrize("event", [complained(NOW), gone(NOW), clicked(NOW), rested(NOW, None)])
def test_what_only_our_own_functions_can_know_is_not_taken_from_outside(event: events.Event) -> None:
    world = a_world()
    told(world, placed())
    assert told(world, event, "msg_2").outcome == "parked"
    assert len(waiting(world)) == 1


# Genuine, readable, ours


def delivery(world: World, body: bytes = b"{}", **changes: Any) -> Delivery:
    headers = platform("perennial").sign({}, body, SECRET, NOW)
    told = {"platform": "perennial", "store": "shop", "headers": headers, "body": body, "received_at": NOW}
    return Delivery(**{**told, **changes})


@pytest.mark.parametrize("changes", [{"body": b"{ }"}, {"headers": {}}])
def test_a_delivery_that_is_not_genuine_leaves_no_trace(changes: dict[str, Any]) -> None:
    world = a_world()
    with pytest.raises(SignatureInvalid):
        receive(replace(delivery(world), **changes), world.receiving)
    assert (world.queue, world.parked(), world.calls) == ([], [], [])


@pytest.mark.parametrize("changes", [{"store": "other"}, {"platform": "shopify"}, {"platform": "nonsense"}])
def test_a_store_or_platform_that_is_not_set_up_is_unknown(changes: dict[str, Any]) -> None:
    world = a_world()
    with pytest.raises(AddressUnknown):
        receive(delivery(world, **changes), world.receiving)


def test_a_store_without_a_secret_is_our_own_fault() -> None:
    world = a_world()
    world.receiving.secrets.webhooks.clear()  # type: ignore[attr-defined]
    with pytest.raises(Misconfigured):
        receive(delivery(world), world.receiving)


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"not json", b"\xff\xfe", b'{"type": "OrderPlaced"}', b'{"type": "WakeDue"}']
)
def test_a_genuine_body_that_nobody_can_read_is_parked_and_never_refused(body: bytes) -> None:
    """Repeated refusals make shops delete the subscription."""
    world = a_world()
    try:
        receipt = receive(delivery(world, body), world.receiving)
    except SignatureInvalid:
        assert body == b"\xff\xfe", "what is not UTF-8 cannot have been signed by this scheme"
        return
    assert (receipt.outcome, receipt.event_type) == ("parked", "unreadable")
    assert [kind for kind, _ in world.parked()] == ["body"]
    assert receive(delivery(world, body), world.receiving) == receipt
    assert len(world.parked()) == 1


def test_a_secret_that_was_just_rotated_still_opens_the_door() -> None:
    world = a_world()
    newer = Secrets(base64.b64encode(b"n" * 24).decode(), previous=SECRET)
    world.receiving.secrets.webhooks["shop", "perennial"] = newer  # type: ignore[attr-defined]
    assert told(world, placed()).outcome == "queued"


def test_a_legal_request_is_kept_for_a_person_to_answer() -> None:
    world = a_world()
    request = an_event("DataRequested", NOW, contact={"email": "ann@example.com"})
    reason = "DataRequested: answer it within 30 days, see `perennial export`"
    assert told(world, request).reason == reason
    assert world.parked() == [("request", reason)]
    assert world.queue == []


def test_the_moment_of_receipt_is_stamped_at_the_door() -> None:
    world = a_world()
    told(world, placed())
    assert world.queue[0][0].received_at == NOW


def test_only_ids_and_reasons_are_logged() -> None:
    """Law 11."""
    log = json.dumps(told(a_world(), placed()).as_log())
    assert "ann" not in log.lower()


def test_two_calls_accept_a_webhook() -> None:
    """Who owns it, and the line (DESIGN section 7)."""
    world = a_world()
    told(world, placed())
    assert world.calls == ["MemoryDirectory.owner_or_claim", "MemoryLine.join"]


def test_a_door_that_dies_anywhere_is_knocked_at_again_and_loses_nothing() -> None:
    """The shop was not answered, so it delivers again; the fact that was stored already is there once."""
    for number, done_first in ((number, done) for number in range(2) for done in (False, True)):
        for first in (placed(), delivered(NOW)):
            world = a_world(deaths={number: done_first})
            for delivery in ("msg_1", "msg_1", "msg_2"):
                with suppress(Died):
                    told(world, first if delivery == "msg_1" else placed(), delivery)
            told(world, placed(), "msg_2")
            world.work()
            owner = world.directory.owner("shop", Alias("order", "1001"))
            assert owner is not None
            assert world.told(owner) == {"care/note": "sent"}
            assert world.parked() == []


# Putting back what was parked


def test_what_was_parked_goes_on_its_way_once_it_can() -> None:
    world = a_world()
    world.receive({**body_of(placed()), "type": "OrderPlacedd"}, "msg_1")
    (parked,) = world.parking.parked("shop")
    with pytest.raises(BodyUnreadable):
        put_back(parked, world.receiving)
    assert world.parking.parked("shop") == [parked]
    mended = replace(parked, content=json.dumps(body_of(placed())))
    assert put_back(mended, world.receiving).customer == ANN
    assert waiting(world) == [("OrderPlaced", ANN, "urgent")]
    assert world.parked() == []


def test_an_event_that_failed_goes_back_to_its_customer() -> None:
    world, parked = failing_on(placed())
    world = World(a_content(CARE), memory=world.memory)
    assert put_back(parked, world.receiving).outcome == "queued"
    world.work()
    assert world.customer().parked == 0
    assert world.told() == {"care/note": "sent"}


def failing_on(event: events.Event) -> tuple[World, Parked]:
    """A world in which a rule failed on that event."""
    world = a_world()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perennial.decide.apply", None)
        world.tell(event)
    (parked,) = world.parking.parked("shop")
    return world, parked


def test_what_found_no_room_beside_other_news_is_put_back_once_its_order_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overflow, "ITEM", 1)
    world = a_world()
    assert told(world, delivered(NOW)).outcome == "parked"
    (parked,) = world.parking.parked("shop")
    with pytest.raises(BodyUnreadable, match="nobody owns"):
        put_back(parked, world.receiving)
    told(world, placed(), "msg_2")
    world.work()
    assert put_back(parked, world.receiving).customer == ANN
    world.work()
    order = world.people.archived("shop", ANN, "1001") or world.customer(ANN).orders["1001"]
    assert order.parcels
    assert world.parked() == []


def test_a_legal_request_is_not_put_back() -> None:
    world = a_world()
    told(world, an_event("DataRequested", NOW, contact={"email": "ann@example.com"}))
    (parked,) = world.parking.parked("shop")
    with pytest.raises(BodyUnreadable, match="answered by a person"):
        put_back(parked, world.receiving)


def test_each_putting_back_is_a_telling_of_its_own() -> None:
    """The queue may have taken the very same words minutes ago, and would swallow them."""
    tellings: list[str | None] = []

    class Line:
        def join(self, event: events.Event, customer: str, lane: Lane, fresh: str | None = None) -> None:
            tellings.append(fresh)

    world, parked = failing_on(placed())
    outside = replace(world.receiving, line=Line())
    for _ in range(2):
        put_back(parked, outside)
    assert None not in tellings
    assert len(set(tellings)) == 2


# Two customers of the shop that became one


MERGED = an_event("CustomersMerged", NOW, contact={"customer_id": "7"}, merged={"customer_id": "8"})


def test_that_two_customers_are_one_concerns_whichever_is_known() -> None:
    world = a_world()
    world.directory.owner_or_claim("shop", Alias("customer", "8"), ANN)
    assert told(world, MERGED).customer == ANN


def test_that_two_customers_are_one_waits_while_neither_is_known() -> None:
    world = a_world()
    assert told(world, MERGED).outcome == "waiting"
    told(world, placed(contact={"email": "ann@example.com", "customer_id": "7"}))
    world.work()
    assert world.directory.owner("shop", Alias("customer", "8")) == ANN
