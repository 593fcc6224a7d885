"""What a message may speak of: items, parcels, offers and suggestions as one touch sees them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from perennial import events
from perennial.customer import Consent, ConsentState, Enrolment, OfferMade, OrderMark
from perennial.facts import Facts, Money
from perennial.gates import Scene
from perennial.offering import SHOWN, make_offer, offer_name
from perennial.planning import Planned
from perennial.projecting import project
from tests.unit.core.builders import (
    DAY,
    FRIDGE,
    HOUR,
    KETTLE,
    LONDON,
    MANUAL,
    NOW,
    a_journey,
    a_message,
    a_store,
    a_touch,
    an_order,
    cancelled,
    delivered,
    edited,
    placed,
    refunded,
    returned,
    reviewed,
    score_settled,
    scored,
    shipment,
    shipped,
    snapshot,
    somebody,
    withdrawn,
)

PLAN = {"id": "l5", "title": "Extra years", "quantity": 1, "sku": "PLAN", "requires_shipping": False}
PLAN_RULE = {"match": {"sku": "PLAN"}, "kind": "service-plan", "category": "plans"}


def scene(
    *news: events.Event, zone: ZoneInfo = LONDON, now: datetime = NOW, profile: Any = None, **store: Any
) -> Scene:
    customer = somebody(**(profile or {}))
    return Scene(customer, an_order(*news), a_store(**store), (zone,), zone, now)


def a_plan(
    touch: Mapping[str, Any] | None = None,
    class_: str = "transactional",
    parts: tuple[str, ...] = (),
    one_per: str | None = None,
    offers: Mapping[str, OfferMade] | None = None,
    **journey: Any,
) -> Planned:
    told = a_journey("care", touch or a_touch("a", "order.placed"), **journey)
    enrolment = Enrolment("care:1001", "care", "v", "1001", NOW, offers=offers or {})
    message = a_message("hello", class_, one_per=one_per)
    return Planned(enrolment, told, told.touches[-1], message, "a", parts, NOW, NOW + DAY)


def titles(facts: Facts) -> list[str]:
    return [item.title for item in facts.items]


# Items


def test_an_enrolment_sees_everything_that_was_bought() -> None:
    facts = project(scene(placed(lines=[KETTLE, FRIDGE])))
    assert titles(facts) == ["Kettle", "Fridge"]
    assert facts.order.purchase_types == ("small-appliance", "large-appliance")
    assert facts.order.categories == facts.categories == ("kettle", "fridge")


def test_a_journey_for_some_goods_speaks_of_those_alone() -> None:
    everything = scene(placed(lines=[KETTLE, FRIDGE]))
    assert titles(project(everything, a_plan(goods=["kettle"]))) == ["Kettle"]
    assert titles(project(everything, a_plan(goods=["large-appliance"]))) == ["Fridge"]
    assert titles(project(everything, a_plan())) == ["Kettle", "Fridge"]
    assert [item.title for item in project(everything, a_plan(goods=["kettle"])).order.items] == ["Kettle", "Fridge"]


def test_a_review_that_journeys_share_asks_about_all_goods_but_no_service_plan() -> None:
    told = scene(placed(lines=[KETTLE, FRIDGE, PLAN]), goods=[*a_store().model_dump()["goods"], PLAN_RULE])
    shared = a_plan(class_="feedback", one_per="order", goods=["kettle"])
    assert titles(project(told, shared)) == ["Kettle", "Fridge"]


def test_a_message_about_parcels_speaks_of_what_lies_in_them() -> None:
    told = scene(
        placed(lines=[KETTLE, FRIDGE, MANUAL]),
        shipped(NOW, "p1", lines={"l1": 1}),
        shipped(NOW, "p2", carrier="DHL", tracking=[{"number": "T1", "url": "javascript:x"}, {"url": "javascript:x"}]),
    )
    ship = a_touch("a", "parcel.shipped", per="parcel")
    facts = project(told, a_plan(ship, parts=("p2",)))
    assert titles(facts) == ["Fridge"]
    assert facts.parcel is not None
    assert facts.parcel.carrier == "DHL"
    assert [(entry.number, entry.url) for entry in facts.parcel.tracking] == [("T1", None)]
    assert titles(project(told, a_plan(ship, parts=("p1", "p2")))) == ["Kettle", "Fridge"]
    assert project(told, a_plan()).parcel is None
    assert len(project(told, a_plan()).order.parcels) == 2


BLENDER = {"id": "l9", "title": "Blender", "quantity": 1, "sku": "BLND"}


def test_a_message_about_a_return_speaks_of_what_goes_back_and_once_exchanged_of_what_came_instead() -> None:
    told = scene(
        placed(lines=[KETTLE, FRIDGE]),
        returned("Requested", NOW, {"l1": 1}, wish="exchange"),
        returned("Requested", NOW, {"l2": 1}, case="t2"),
        returned("Exchanged", NOW + HOUR, replacements=[BLENDER]),
    )

    def about(anchor: str, case: str) -> list[str]:
        return titles(project(told, a_plan(a_touch("a", anchor, per="return"), parts=(case,))))

    assert about("return.requested", "t1") == ["Kettle"]
    assert about("return.requested", "t2") == ["Fridge"]
    assert about("return.exchanged + 6 days", "t1") == ["Blender"]


def review_request(*news: events.Event) -> list[str]:
    told = scene(placed(lines=[KETTLE, FRIDGE, MANUAL]), *news)
    return titles(project(told, a_plan(class_="feedback", one_per="order")))


def test_a_review_request_names_what_has_no_review_yet() -> None:
    assert review_request() == ["Kettle", "Fridge", "Manual"]
    assert review_request(reviewed(NOW, "l2")) == ["Kettle", "Manual"]


def test_a_review_request_names_what_has_arrived_as_far_as_parcels_tell() -> None:
    both = [shipped(NOW, "p1", lines={"l1": 1}), shipped(NOW, "p2", lines={"l2": 1})]
    assert review_request(*both) == ["Kettle", "Fridge", "Manual"]
    assert review_request(*both, delivered(NOW, "p1")) == ["Kettle", "Manual"]


def test_what_an_exchange_brought_is_among_what_the_buyer_has() -> None:
    asked = returned("Requested", NOW, {"l1": 1}, replacements=[BLENDER])
    assert titles(project(scene(placed(), asked))) == ["Kettle"]
    assert titles(project(scene(placed(), asked, returned("Exchanged", NOW)))) == ["Blender"]


def test_conditions_know_of_scores_reviews_and_returns() -> None:
    order = project(scene(placed(), scored(NOW, 3, why="It came\nlate."), reviewed(NOW), withdrawn(NOW))).order
    assert (order.score, order.score_reason, order.detractor) == (3, "It came late.", True)
    assert (order.reviewed, order.being_returned) == (True, True)
    calm = project(scene(placed(), scored(NOW, 3), score_settled(NOW + HOUR))).order
    assert (calm.score, calm.detractor, calm.reviewed, calm.being_returned) == (3, False, False, False)


def test_a_customer_is_a_detractor_whichever_order_it_was_about() -> None:
    assert project(scene(placed(), profile={"detracted": {"1000": NOW}})).customer.detractor
    assert not project(scene(placed())).customer.detractor


def test_a_return_tells_its_stages_in_local_time_and_what_it_is_for() -> None:
    told = scene(
        placed(lines=[KETTLE, FRIDGE]),
        withdrawn(NOW, reason="change of mind", note="Sorry,\nnot for us."),
        returned("Received", NOW + HOUR),
        zone=ZoneInfo("Asia/Tokyo"),
    )
    case = project(told, a_plan(a_touch("a", "return.withdrawn", per="return"), parts=("t1",))).return_case
    assert case is not None
    assert (case.withdrawal, case.reason, case.note) == (True, "change of mind", "Sorry, not for us.")
    assert (str(case.requested_at), str(case.received_at)) == ("2026-03-02 18:00:00+09:00", "2026-03-02 19:00:00+09:00")
    assert (case.refunded_at, [item.title for item in case.items]) == (None, ["Kettle", "Fridge"])


def test_every_review_of_an_order_is_told_the_newest_first() -> None:
    told = scene(
        placed(lines=[KETTLE, FRIDGE]),
        reviewed(NOW + HOUR, "l1", stars=2, text="Too loud."),
        reviewed(NOW, "l2", stars=5, publish=True),
    )
    review = project(told).review
    assert review is not None
    assert (review.stars, review.text, [item.title for item in review.items]) == (2, "Too loud.", ["Kettle", "Fridge"])
    assert [(one.item.title, one.stars, one.text, one.publish) for one in review.verdicts] == [
        ("Kettle", 2, "Too loud.", False),
        ("Fridge", 5, None, True),
    ]


def test_a_day_that_the_carrier_has_moved_is_told_from_one_that_was_missed() -> None:
    first = shipped(NOW, estimated_delivery=NOW + DAY)
    late = a_plan(a_touch("a", "parcel.delayed", per="parcel"), parts=("p1",))

    def parcel(*news: events.Event) -> tuple[bool, date | None]:
        facts = project(scene(placed(lines=[KETTLE]), first, *news), late)
        assert facts.parcel is not None
        return facts.parcel.postponed, facts.parcel.estimated_delivery

    moved = shipment("Updated", NOW + HOUR, estimated_delivery=NOW + 3 * DAY)
    assert parcel(shipment("Delayed", NOW + HOUR)) == (False, (NOW + DAY).date())
    assert parcel(shipment("Delayed", NOW + HOUR), moved) == (True, (NOW + 3 * DAY).date())


def test_items_are_those_the_buyer_keeps() -> None:
    two = {**KETTLE, "quantity": 2}
    facts = project(scene(placed(lines=[two, FRIDGE]), edited(NOW + HOUR, removed={"l1": 1, "l2": 1})))
    assert [(item.title, item.quantity) for item in facts.items] == [("Kettle", 1)]


def test_what_strangers_wrote_is_made_harmless() -> None:
    nasty = {
        **KETTLE,
        "title": "Kettle\r\nBcc: x \u202e",
        "url": "javascript:x",
        "image_url": "https://x.example/k.png",
    }
    item = project(scene(placed(lines=[nasty]))).items[0]
    assert item.title == "Kettle Bcc: x"
    assert (item.url, item.image_url) == (None, "https://x.example/k.png")


def test_the_warranty_runs_from_delivery_by_the_stores_rule() -> None:
    told = [placed(lines=[KETTLE, FRIDGE])]
    assert project(scene(*told)).warranty_until is None
    facts = project(scene(*told, shipped(NOW), delivered(NOW + DAY)))
    assert [item.warranty_until for item in facts.items] == [date(2028, 3, 3), None]
    assert facts.warranty_until == date(2028, 3, 3)


# The order


def test_money_is_in_the_orders_currency_and_after_edits() -> None:
    order = project(scene(placed(), snapshot(NOW, current_total="30.00", shipping="4.00"))).order
    assert (order.total, order.shipping, order.discount) == (
        Money(Decimal("30.00"), "GBP"),
        Money(Decimal("4.00"), "GBP"),
        None,
    )
    assert project(scene(placed(currency=None))).order.total is None


def test_instants_are_on_the_recipients_clock() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    facts = project(scene(placed(), shipped(NOW), delivered(NOW + HOUR), zone=tokyo))
    assert (facts.order.placed_at.hour, facts.order.delivered_at and facts.order.delivered_at.hour) == (18, 19)


@pytest.mark.parametrize(
    ("news", "name"),
    [
        (snapshot(NOW, payment_status="paid"), "paid"),
        (shipped(NOW), "shipped"),
        (delivered(NOW), "delivered"),
        (shipment("InTransit", NOW), "on_its_way"),
        (cancelled(NOW), "cancelled"),
        (refunded(NOW), "refunded"),
        (refunded(NOW, "40.00"), "fully_refunded"),
        (snapshot(NOW, channel="renewal"), "renewal"),
        (snapshot(NOW, channel="pos"), "in_person"),
    ],
)
def test_conditions_see_what_became_of_the_order(news: events.Event, name: str) -> None:
    assert getattr(project(scene(placed())).order, name) is False
    assert getattr(project(scene(placed(), news)).order, name) is True


def test_conditions_see_by_which_way_an_order_came() -> None:
    told = [project(scene(placed(channel=name))).order.channel for name in (None, "web", "a\nb")]
    assert told == [None, "web", "a b"]


def test_conditions_see_that_an_order_is_late() -> None:
    assert project(scene(placed(), now=NOW + 10 * DAY)).order.late


def test_an_address_names_its_country_only_abroad() -> None:
    home = project(scene(placed(shipping_address={"city": "Leeds", "postcode": "LS1", "country": "GB"}))).order
    abroad = project(scene(placed(shipping_address={"city": "Lyon", "country": "FR"}))).order
    assert home.shipping_address is not None
    assert abroad.shipping_address is not None
    assert set(home.shipping_address.lines) == {"Leeds", "LS1"}
    assert abroad.shipping_address.lines[0] == "Lyon"
    assert abroad.shipping_address.lines[1:] in (("FR",), ("France",))


def test_a_message_about_a_refund_speaks_of_that_refund() -> None:
    told = scene(
        placed(lines=[KETTLE, FRIDGE]), refunded(NOW, "1.00", "r1", lines={"l1": 1}), refunded(NOW, "2.00", "r2")
    )
    facts = project(told, a_plan(a_touch("a", "refund.made", per="refund"), parts=("r1",)))
    assert facts.refund is not None
    assert facts.refund.amount == Money(Decimal("1.00"), "GBP")
    assert [item.title for item in facts.refund.items] == ["Kettle"]
    assert len(facts.order.refunds) == 2


# The person


def test_a_person_is_called_as_they_said_themselves_or_as_the_order_says() -> None:
    assert project(scene(placed())).customer.first_name == "Ann"
    own = {"contact": events.Contact(first_name="Anna", last_name="Bell", locale="de-AT")}
    person = project(scene(placed(), profile=own)).customer
    assert (person.first_name, person.name, person.locale) == ("Anna", "Anna Bell", "de-AT")


@pytest.mark.parametrize("state", ["given", "pending", "withdrawn", "absent"])
def test_only_who_was_signed_up_and_has_not_said_yes_is_asked_once_more(state: ConsentState) -> None:
    asked = project(scene(placed(), profile={"consents": {"email:marketing": Consent(state, NOW)}}))
    assert asked.customer.to_confirm is (state == "pending")
    assert not project(scene(placed())).customer.to_confirm


def test_who_ordered_since_is_known_by_the_orders_that_stand() -> None:
    marks = (OrderMark("2", NOW + DAY, cancelled=True), OrderMark("1", NOW))
    person = project(scene(placed(), profile={"latest_orders": marks, "orders": 2})).customer
    assert person.orders == 2
    assert not person.ordered_since(NOW)
    assert person.ordered_since(NOW - HOUR)


# Offers and suggestions


def test_an_offer_ends_with_its_last_local_day() -> None:
    made = make_offer("tenth", scene(placed(), zone=ZoneInfo("America/Los_Angeles")))
    assert made is not None
    assert made.expires_at == datetime.fromisoformat("2026-03-09T23:59:59-07:00")
    assert make_offer("none", scene(placed())) is None


def test_a_message_shows_the_offer_as_it_was_made() -> None:
    made = OfferMade(NOW - DAY, NOW + DAY, 20, "TWENTY", 3)
    plan = a_plan(a_touch("a", "order.placed", offer="tenth"), offers={"tenth": made})
    offer = project(scene(placed()), plan).offer
    assert offer is not None
    assert (offer.percent, offer.code, offer.expires_at) == (20, "TWENTY", NOW + DAY)


def test_the_message_of_the_last_day_speaks_of_that_offer() -> None:
    touches = [a_touch("offer", "order.placed", offer="tenth"), a_touch("a", "offer.tenth.last_day")]
    journey = a_journey("care", *touches)
    plan = replace(a_plan(), journey=journey, step=journey.touches[1])
    assert offer_name(plan) == "tenth"
    assert offer_name(a_plan()) is None
    assert project(scene(placed()), a_plan()).offer is None


def suggestions(**more: Any) -> list[dict[str, Any]]:
    return [
        {"title": f"Filter {n}", "url": "https://x.example", "goes_with": ["kettle"], "price": "5.00", **more}
        for n in range(6)
    ]


def test_suggestions_go_with_what_the_message_is_about() -> None:
    told = scene(placed(lines=[KETTLE, FRIDGE]), suggestions=suggestions())
    assert len(project(told, a_plan(goods=["kettle"])).accessories) == SHOWN
    assert project(told, a_plan(goods=["fridge"])).accessories == ()
    shown = project(told, a_plan()).accessories[0]
    assert (shown.goes_with, shown.price) == ("kettle", Money(Decimal("5.00"), "GBP"))


def test_nobody_is_offered_what_they_have() -> None:
    bought = {**KETTLE, "id": "l9", "title": "Filter 0", "sku": "X"}
    facts = project(scene(placed(lines=[KETTLE, bought]), suggestions=suggestions()))
    assert [entry.title for entry in facts.accessories] == ["Filter 1", "Filter 2", "Filter 3", "Filter 4"]


def test_suggestions_are_told_apart_by_role() -> None:
    facts = project(scene(placed(), suggestions=suggestions(role="related")[:1] + suggestions(role="extension")[:1]))
    assert (len(facts.accessories), len(facts.related), len(facts.extensions)) == (0, 1, 1)
