"""Who is who, and what a line is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.goods import UNKNOWN, classify
from perennial.identity import (
    Alias,
    contact_of,
    identifying_email,
    named_aliases,
    normal_email,
    normal_phone,
    order_id_of,
    personal_aliases,
)
from tests.unit.core.builders import (
    NOW,
    a_store,
    an_event,
    consented,
    delivered,
    device,
    edited,
    placed,
    refunded,
    returned,
    reviewed,
    score_settled,
    scored,
    withdrawn,
)

STORE = a_store(identity={"denylist_emails": ["till@shop.example"]})


@pytest.mark.parametrize(
    ("text", "email"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("ann+kettle@mail.example.com", "ann+kettle@mail.example.com"),
        ("a.n.n@example.com", "a.n.n@example.com"),
        ("ann", None),
        ("ann@example", None),
        ("ann@example.c", None),
        ("ann@@example.com", None),
        ("ann @example.com", None),
        ("ann@example.com, bob@example.com", None),
        ("Ann <ann@example.com>", None),
        ("ann@example.com\r\nBcc: x@y.example", None),
        ("a" * 65 + "@example.com", None),
        ("Ann@MÜNCHEN.example", "ann@xn--mnchen-3ya.example"),
        ("ann@xn--mnchen-3ya.example", "ann@xn--mnchen-3ya.example"),
        ("ann@mu\u0308nchen.example", "ann@xn--mnchen-3ya.example"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("анна@почта.рф", "анна@xn--80a1acny.xn--p1ai"),
        ("ann@pay\u200dpal.example", None),
        ("ann@exam\u2044ple.example", None),
        ("ann@" + "ü" * 60 + ".example", None),
        ("a@" + "b" * 250 + ".com", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_in_its_normal_form_or_none(text: str | None, email: str | None) -> None:
    assert normal_email(text) == email


@given(st.text(max_size=40))
def test_a_normal_address_is_its_own_normal_form_and_safe_in_a_header(text: str) -> None:
    email = normal_email(text)
    if email is not None:
        assert normal_email(email) == email
        assert not set(email) & set("\r\n <>,;")


@pytest.mark.parametrize(
    ("text", "country", "phone"),
    [
        ("07911 123456", "GB", "+447911123456"),
        ("+49 151 23456789", "GB", "+4915123456789"),
        ("0151 23456789", None, None),
        ("12", "GB", None),
        ("call me", "GB", None),
        ("", "GB", None),
        (None, "GB", None),
        ("07911 123456", "XX", None),
    ],
)
def test_a_number_in_its_international_form_or_none(text: str | None, country: str | None, phone: str | None) -> None:
    assert normal_phone(text, country) == phone


def test_an_address_of_the_shop_or_of_many_identifies_nobody() -> None:
    assert identifying_email(events.Contact(email="Till@Shop.Example"), STORE) is None
    assert identifying_email(events.Contact(email="Ann@Example.com"), STORE) == "ann@example.com"
    assert identifying_email(None, STORE) is None


def test_an_email_is_the_stronger_alias_and_phones_are_none() -> None:
    contact = events.Contact(email="Ann@Example.com", customer_id="7", phone="+447911123456")
    assert personal_aliases(contact, STORE) == (Alias("email", "ann@example.com"), Alias("customer", "7"))
    assert personal_aliases(events.Contact(phone="+447911123456"), STORE) == ()


def test_which_events_are_about_an_order_and_which_name_a_person() -> None:
    for event in (placed(), edited(NOW), refunded(NOW), delivered(NOW)):
        assert order_id_of(event) == "1001"
    for event in (reviewed(NOW), scored(NOW), score_settled(NOW), returned("Requested", NOW), withdrawn(NOW)):
        assert order_id_of(event) == "1001"
        assert contact_of(event) is None
    for event in (placed(), consented("Given"), device("Registered")):
        contact = contact_of(event)
        assert contact is not None
        assert contact.email == "ann@example.com"
    assert order_id_of(consented("Given")) is None
    assert contact_of(delivered(NOW)) is None


def line(**fields: object) -> events.Line:
    return events.Line.model_validate({"id": "l1", "title": "Thing", "quantity": 1, **fields})


def category(match: dict[str, object], **fields: object) -> str:
    store = a_store(goods=[{"match": match, "kind": "other", "category": "hit"}])
    return classify(line(**fields), store).category


@pytest.mark.parametrize(
    ("match", "fields", "hit"),
    [
        ({"sku": "KET-*"}, {"sku": "ket-1"}, True),
        ({"sku": "KET-?"}, {"sku": "KET-12"}, False),
        ({"sku": "KET*"}, {"sku": None}, False),
        ({"tag": "kitchen"}, {"tags": ["Sale", "Kitchen"]}, True),
        ({"tag": "kitchen"}, {"tags": []}, False),
        ({"vendor": "acme", "product_type": "*kettle*"}, {"vendor": "ACME", "product_type": "Electric kettles"}, True),
        ({"vendor": "acme", "product_type": "*kettle*"}, {"vendor": "ACME"}, False),
        ({"title": "thing"}, {}, True),
        ({"price_from": "10"}, {"price": "10.00"}, True),
        ({"price_from": "10"}, {"price": "9.99"}, False),
        ({"price_below": "10"}, {"price": "10.00"}, False),
        ({"price_below": "10"}, {"price": "9.99"}, True),
        ({"price_from": "0"}, {}, False),
        ({"price_below": "10"}, {}, False),
    ],
)
def test_a_rule_holds_if_all_that_it_says_does(match: dict[str, object], fields: dict[str, object], hit: bool) -> None:
    assert (category(match, **fields) == "hit") == hit


def test_the_first_rule_that_holds_decides() -> None:
    rules = [
        {"match": {"sku": "A*"}, "kind": "accessory", "category": "first"},
        {"match": {"sku": "*"}, "kind": "other", "category": "second"},
    ]
    store = a_store(goods=rules)
    assert [classify(line(sku=sku), store).category for sku in ("A1", "B1")] == ["first", "second"]


def test_what_no_rule_names_is_something_else() -> None:
    assert classify(line(), a_store()) is UNKNOWN


# What says that two are one


def named(contact: dict[str, str], type_: str = "CustomerUpdated", **more: Any) -> set[str]:
    identity = {"denylist_emails": ["till@shop.example"], "denylist_customers": ["walk-in"]}
    event = an_event(type_, NOW, contact=contact, **more)
    return {str(alias) for alias in named_aliases(event, a_store(identity=identity))}


def test_an_email_beside_a_customer_id_names_one_person_twice() -> None:
    assert named({"email": "A@b.example", "customer_id": "7"}) == {"email:a@b.example", "customer:7"}


def test_a_merge_of_the_shop_names_both() -> None:
    both = named({"customer_id": "7"}, "CustomersMerged", merged={"customer_id": "8", "email": "c@d.example"})
    assert both == {"customer:7", "customer:8", "email:c@d.example"}


@pytest.mark.parametrize("nobody", ["0", "guest", "Guest", "null", "walk-in", ""])
def test_an_id_that_stands_for_many_says_nothing_about_anybody(nobody: str) -> None:
    assert named({"email": "a@b.example", "customer_id": nobody}) == {"email:a@b.example"}


def test_neither_a_till_nor_a_phone_nor_a_name_says_that_two_are_one() -> None:
    told = {"email": "till@shop.example", "phone": "+447911123456", "first_name": "Ann", "customer_id": "7"}
    assert named(told) == {"customer:7"}
