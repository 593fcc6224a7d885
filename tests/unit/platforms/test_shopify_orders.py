"""Orders from Shopify: what of them becomes a fact, and what stays silent."""

import json
from decimal import Decimal
from typing import Any

import pytest

from perennial import events
from perennial.errors import BodyUnreadable
from perennial.platforms.shopify import TOPICS
from tests.unit.platforms.deliveries import GONE, at, order, sample, told

ORDER_TOPICS = [topic for topic in TOPICS if topic.startswith("orders/") and topic != "orders/edited"]


def test_a_new_order_is_placed() -> None:
    event = told("orders/create", sample("order"))
    assert (event.type, event.store) == ("OrderPlaced", "larkspur")
    assert event.id == "shopify:orders/create:b54557e4-0001"


@pytest.mark.parametrize("topic", ["orders/updated", "orders/paid", "orders/fulfilled", "orders/partially_fulfilled"])
def test_later_news_of_an_order_are_updates(topic: str) -> None:
    assert told(topic, sample("order")).type == "OrderUpdated"


def test_a_cancelled_order_is_cancelled_when_the_body_says_so() -> None:
    event = told("orders/cancelled", sample("order", {"cancelled_at": "2026-03-04T17:59:00+01:00"}))
    assert event.type == "OrderCancelled"
    assert event.order.cancelled_at == at("2026-03-04T16:59:00Z")


def test_the_unsigned_topic_alone_cancels_nothing() -> None:
    assert told("orders/cancelled", sample("order")).type == "OrderUpdated"


def test_an_order_happened_at_its_updated_at_whatever_the_unsigned_header_says() -> None:
    event = told("orders/updated", sample("order"), triggered_at="2026-03-09T00:00:00Z")
    assert event.occurred_at == at("2026-03-04T17:00:00Z")


def test_without_updated_at_an_order_is_as_old_as_its_creation() -> None:
    assert told("orders/updated", sample("order", {"updated_at": None})).occurred_at == at("2026-03-02T08:15:04Z")


def test_an_order_without_any_time_cannot_be_put_in_order() -> None:
    timeless = sample("order", {"updated_at": GONE, "created_at": GONE})
    with pytest.raises(BodyUnreadable, match="^updated_at: expected a date and time, got nothing$"):
        told("orders/updated", timeless)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-04T13:00:00-05:00", "2026-03-04T18:00:00+00:00"),
        ("2026-03-04T18:00:00Z", "2026-03-04T18:00:00+00:00"),
        ("2026-03-04T18:00:00.123456789Z", "2026-03-04T18:00:00.123456+00:00"),
    ],
)
def test_times_are_read_with_any_offset_and_with_nanoseconds(written: str, meant: str) -> None:
    event = told("orders/updated", sample("order", {"updated_at": written}))
    assert event.occurred_at.isoformat() == meant


def test_an_imported_order_was_placed_when_it_was_bought_and_not_when_it_was_imported() -> None:
    assert order({"processed_at": "2021-07-01T10:00:00+02:00"}).placed_at == at("2021-07-01T08:00:00Z")
    assert order({"processed_at": None}).placed_at == at("2026-03-02T08:15:04Z")


# --- ids ---------------------------------------------------------------------------------------------------------


def test_ids_past_2_to_the_53_keep_every_digit() -> None:
    assert order().id == "9007199254740993"
    assert order({"id": 820982911946154508}).id == "820982911946154508"


def test_an_id_may_be_written_as_text_or_as_a_gid() -> None:
    assert order({"id": "820982911946154508"}).id == order({"id": "gid://shopify/Order/820982911946154508"}).id


def test_the_number_is_the_id_even_where_the_gid_disagrees() -> None:
    rounded = {"id": 820982911946154500, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508"}
    assert order(rounded).id == "820982911946154500"


def test_all_topics_of_one_order_agree_on_its_id() -> None:
    ids = {told(topic, sample("order")).order.id for topic in ORDER_TOPICS}
    others = ("fulfillments/create", "fulfillment"), ("fulfillment_events/create", "fulfillment_event")
    more = ("refunds/create", "refund"), ("orders/edited", "order_edit")
    assert ids | {told(topic, sample(name)).order_id for topic, name in (*others, *more)} == {"9007199254740993"}


def test_parcels_and_refunds_have_the_same_ids_within_and_outside_their_order() -> None:
    assert told("fulfillments/update", sample("fulfillment")).parcel.id == order().parcels[0].id
    assert told("refunds/create", sample("refund")).refund == order().refunds[0]


@pytest.mark.parametrize("odd", [1.5, True, "gid://else/Order/1", "-1", "", [], 10**30])
def test_what_is_no_id_is_refused(odd: object) -> None:
    with pytest.raises(BodyUnreadable, match=r"^line_items\[1\]\.id: expected an id"):
        order({"line_items.1.id": odd})


# --- money -------------------------------------------------------------------------------------------------------


def test_money_is_what_the_buyer_paid_in_the_buyers_currency() -> None:
    found = order()
    assert found.currency == "GBP"
    assert (found.total, found.current_total) == (Decimal("153.08"), Decimal("101.48"))
    assert (found.shipping, found.discount, found.tax) == (Decimal("5.16"), Decimal("10.32"), Decimal("24.44"))
    assert found.lines[0].price == Decimal("67.94")


def test_shapes_without_money_sets_fall_back_to_the_flat_amounts() -> None:
    found = order(name="order_flat")
    assert (found.currency, found.total, found.lines[0].price) == ("USD", Decimal("24.50"), Decimal("9.75"))


def test_without_a_money_set_shipping_is_what_the_shipping_lines_cost() -> None:
    assert order(name="order_flat").shipping == Decimal("5.00")


def test_removed_shipping_lines_cost_nothing_and_name_no_method() -> None:
    dear = {"total_shipping_price_set": GONE, "shipping_lines.0.price_set.presentment_money.amount": "99.00"}
    assert (order(dear).shipping, order(dear).shipping_method) == (Decimal("5.16"), "Next day")


def test_a_flat_amount_in_the_shops_currency_is_not_taken_for_the_buyers() -> None:
    found = order({"total_discounts_set": GONE})
    assert "discount" not in found.model_fields_set


def test_an_amount_in_another_currency_than_the_orders_is_unknown() -> None:
    found = order({"total_discounts_set.presentment_money.currency_code": "CHF"})
    assert "discount" not in found.model_fields_set


@pytest.mark.parametrize("placeholder", ["XXX", None, "", "pounds"])
def test_a_placeholder_is_no_currency(placeholder: str | None) -> None:
    hidden = {"total_price_set.presentment_money.currency_code": placeholder}
    assert order(hidden).currency == "GBP"
    assert order(hidden).total == Decimal("153.08")
    assert order(hidden | {"presentment_currency": placeholder, "currency": "EUR"}).currency == "EUR"
    nameless = order(hidden | {"presentment_currency": placeholder, "currency": placeholder})
    assert "currency" not in nameless.model_fields_set


@pytest.mark.parametrize(
    ("code", "amount", "cut"),
    [
        ("EUR", 89.99, "89.99"),
        ("EUR", 3, "3.00"),
        ("EUR", 1e-300, "0.00"),
        ("JPY", "1200.00", "1200"),
        ("KWD", "1.2345", "1.235"),
    ],
)
def test_amounts_are_cut_to_the_currencys_minor_unit(code: str, amount: object, cut: str) -> None:
    both = {"shop_money": {}, "presentment_money": {"amount": amount, "currency_code": code}}
    assert str(order({"total_price_set": both}).total) == cut


def test_floats_do_not_leave_their_dust() -> None:
    body = json.dumps(sample("order")).replace('"153.08"', "153.08000000000001").encode()
    assert told("orders/updated", body).order.total == Decimal("153.08")


@pytest.mark.parametrize("odd", ["12,50", "NaN", "1_0", "1e400", True, [], "٣"])
def test_an_amount_that_is_no_number_is_refused_with_its_path(odd: object) -> None:
    with pytest.raises(BodyUnreadable, match=r"^total_price_set\.presentment_money\.amount: expected a number, got"):
        order({"total_price_set.presentment_money.amount": odd})


def test_null_amounts_are_unknown() -> None:
    assert "tax" not in order(name="order_flat").model_fields_set


# --- lines -------------------------------------------------------------------------------------------------------


def test_a_line_tells_what_was_bought_and_what_is_left_of_it() -> None:
    blender, kettle, card = order().lines
    assert blender.model_dump(exclude_unset=True) == {
        "id": "12000000000000001",
        "title": "Hand blender",
        "quantity": 1,
        "price": Decimal("67.94"),
        "current_quantity": 1,
        "variant": "Sage",
        "sku": "HB-SAGE",
        "product_id": "81000000000001",
        "vendor": "Larkspur",
        "requires_shipping": True,
        "gift_card": False,
    }
    assert (kettle.quantity, kettle.current_quantity, kettle.sku) == (1, 0, None)
    assert (card.gift_card, card.requires_shipping) == (True, False)


def test_a_line_without_current_quantity_is_silent_about_it() -> None:
    assert "current_quantity" not in order(name="order_flat").lines[0].model_fields_set


def test_a_line_without_a_title_shows_its_name_and_without_both_is_refused() -> None:
    assert order({"line_items.0.title": ""}).lines[0].title == "Hand blender - Sage"
    with pytest.raises(BodyUnreadable, match=r"^line_items\[0\]\.title: expected text"):
        order({"line_items.0.title": None, "line_items.0.name": GONE})


def test_absent_lists_are_silence_and_empty_lists_are_facts() -> None:
    lists = {
        "line_items": "lines",
        "fulfillments": "parcels",
        "refunds": "refunds",
        "shipping_lines": "shipping_method",
    }
    absent = order(dict.fromkeys(lists, GONE)).model_fields_set
    assert absent.isdisjoint(lists.values())
    empty = order({name: [] for name in lists})
    assert empty.model_fields_set.issuperset(lists.values())
    assert (empty.lines, empty.parcels, empty.refunds, empty.shipping_method) == ((), (), (), None)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("id", 10**200, "id: expected an id, got a number"),
        ("line_items", {}, "line_items: expected a list, got an object"),
        ("line_items.2", "x", r"line_items\[2\]: expected an object, got text"),
        ("line_items.0.quantity", "1", r"line_items\[0\]\.quantity: expected a count, got text"),
        ("line_items.0.quantity", -1, r"line_items\[0\]\.quantity: expected a count, got a number"),
        ("line_items.0.quantity", True, r"line_items\[0\]\.quantity: expected a count, got a boolean"),
        ("line_items.0.gift_card", "no", r"line_items\[0\]\.gift_card: expected a boolean, got text"),
        ("customer", [], "customer: expected an object, got a list"),
        ("tags", 1.5, "tags: expected text, got a number"),
        ("created_at", 1700000000, "created_at: expected an ISO 8601 date and time, got a number"),
        ("created_at", "2026-03-02T09:15:04", "created_at: expected a time with its UTC offset"),
        ("created_at", "yesterday", "created_at: expected an ISO 8601 date and time"),
        ("created_at", "0001-01-01T00:00:00+23:00", "created_at: expected an ISO 8601 date and time"),
        ("created_at", "9999-01-01T00:00:00Z", "created_at: expected a year that can be true"),
    ],
)
def test_a_wrong_shape_is_refused_with_path_and_type(path: str, value: object, reason: str) -> None:
    with pytest.raises(BodyUnreadable, match=f"^{reason}"):
        order({path: value})


# --- the rest ----------------------------------------------------------------------------------------------------


def test_an_order_keeps_what_the_buyer_sees() -> None:
    found = order()
    assert (found.number, found.channel, found.tags) == ("#4711", "web", ("gift", "early bird"))
    assert found.status_url == "https://shop.example/58000/orders/5ecre7/authenticate?key=k3y"
    assert (found.payment_status, found.fulfilment_status, found.test) == ("paid", "partial", False)
    assert found.accepts_marketing is False


def test_the_order_number_stands_in_for_a_missing_name() -> None:
    assert order({"name": None}).number == "#4711"


def test_the_address_is_mapped_and_blanks_are_none() -> None:
    address = order().shipping_address
    assert address == events.Address(
        name="Tayo Okafor",
        company=None,
        line1="4 Kiln Lane",
        line2=None,
        city="Leeds",
        region="England",
        region_code="ENG",
        postcode="LS1 9ZZ",
        country="GB",
    )


def test_without_access_to_protected_data_an_address_is_a_country_and_silence() -> None:
    address = order(name="order_protected").shipping_address
    assert address is not None
    assert address.model_dump(exclude_unset=True) == {"region": "England", "region_code": "ENG", "country": "GB"}


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("web", "web"),
        ("pos", "pos"),
        ("shopify_draft_order", "draft"),
        ("subscription_contract", "renewal"),
        ("subscription_contract_checkout_one", "renewal"),
        ("580111", "580111"),
        (580111, "580111"),
        (None, None),
    ],
)
def test_the_source_becomes_a_channel_and_unknown_words_stay(source: object, channel: str | None) -> None:
    assert order({"source_name": source}).channel == channel


def test_a_till_and_a_renewal_are_told_apart_from_a_purchase() -> None:
    assert order(name="order_pos").channel == "pos"
    assert order(name="order_renewal").channel == "renewal"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//x.example", "see desk", 'https://x.example/"onload='])
def test_a_status_address_that_is_no_link_is_dropped(url: str) -> None:
    assert order({"order_status_url": url}).status_url is None


def test_tags_may_be_a_list() -> None:
    assert order({"tags": ["gift", " early bird ", ""]}).tags == ("gift", "early bird")


def test_text_is_one_line_without_control_characters() -> None:
    assert (
        order({"line_items.0.title": " Hand\r\nBcc: all\x00\u2028blender "}).lines[0].title == "Hand Bcc: all blender"
    )


def test_half_an_emoji_does_not_break_an_order() -> None:
    assert order({"line_items.0.title": "Kettle \ud83d"}).lines[0].title == "Kettle \ufffd"


@pytest.mark.parametrize("topic", ORDER_TOPICS)
def test_an_order_survives_the_queue_with_its_silences(topic: str) -> None:
    event = told(topic, sample("order_protected"))
    again: Any = events.from_json(events.to_json(event))
    assert again == event
    assert again.order.model_fields_set == event.order.model_fields_set
    assert again.order.contact.model_fields_set == event.order.contact.model_fields_set


# --- edits -------------------------------------------------------------------------------------------------------


def test_an_edit_tells_only_what_changed_even_of_lines_we_do_not_know() -> None:
    event = told("orders/edited", sample("order_edit"))
    assert (event.type, event.order_id) == ("OrderEdited", "9007199254740993")
    assert event.occurred_at == at("2026-03-02T09:01:00Z")
    assert event.edit == events.Edit(
        id="78001",
        additions=(events.LineDelta(line_id="12000000000000099", delta=2),),
        removals=(events.LineDelta(line_id="12000000000000002", delta=1),),
    )


def test_an_edit_of_no_lines_is_an_edit() -> None:
    assert told("orders/edited", sample("order_edit", {"order_edit.line_items": GONE})).edit.additions == ()


def test_an_edit_survives_the_queue() -> None:
    event = told("orders/edited", sample("order_edit"))
    assert events.from_json(events.to_json(event)) == event
