import json
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from perennial import documents, events, ports
from perennial.adapters.reading import Bundle
from perennial.customer import Enrolment, OrderMark, Profile, Touch, Wake
from perennial.journeys import Journey
from perennial.orders import Order
from tests.adapters import values
from tests.adapters.cloud import NOON
from tests.adapters.people import everything_known, rich_enrolment, rich_order, stranger_profile, touch
from tests.adapters.test_pauses_and_versions import JOURNEY

AGGREGATE: dict[type[Any], st.SearchStrategy[Any]] = {
    Profile: values.profiles,
    Order: values.orders,
    Enrolment: values.enrolments,
    Touch: values.touches,
}
bundles = st.builds(
    Bundle,
    values.profiles,
    st.lists(values.orders, max_size=2).map(tuple),
    st.lists(values.enrolments, max_size=2).map(tuple),
)
slow_to_make = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("kind", AGGREGATE)
@slow_to_make
@given(data=st.data())
def test_whatever_is_written_is_read_back_equal(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(AGGREGATE[kind])
    assert documents.read(kind, documents.write(value)) == value


@pytest.mark.parametrize("kind", AGGREGATE)
@slow_to_make
@given(data=st.data())
def test_writing_what_was_read_writes_the_same(kind: type[Any], data: st.DataObject) -> None:
    document = documents.write(data.draw(AGGREGATE[kind]))
    assert documents.write(documents.read(kind, document)) == document


@settings(slow_to_make, max_examples=20)
@given(bundle=bundles)
def test_what_lies_in_one_item_is_read_back_equal(bundle: Bundle) -> None:
    assert documents.read(Bundle, documents.packed(bundle)) == bundle


@pytest.mark.parametrize("kind", values.COVERED)
def test_no_field_is_left_out_of_these_properties(kind: type[Any]) -> None:
    present = {field.name for field in fields(kind)} if is_dataclass(kind) else set(kind.model_fields)
    assert values.COVERED[kind] == present, "add the field to tests/adapters/values.py"


def test_parked_things_are_read_back_too() -> None:
    parked = ports.Parked("a", "demo", "body", "r", NOON, '{"é": "\\u0000"}', "shopify", {"X-A": "b"}, "c", "parked/a")
    assert documents.read(ports.Parked, documents.write(parked)) == parked


def test_what_is_as_usual_is_left_out() -> None:
    assert json.loads(documents.write(stranger_profile())) == {"store": "demo", "customer": "annaaaaaaaaaaaaa"}
    assert json.loads(documents.write(Wake(NOON, 3))) == {"at": "2026-06-01T12:00:00Z", "n": 3}
    assert json.loads(documents.write(OrderMark("1", NOON, cancelled=True)))["cancelled"] is True


def test_an_order_says_no_more_than_was_told() -> None:
    known = json.loads(documents.write(rich_order()))["known"]
    assert known == {"id": "1001", "total": "118.00", "lines": [{"id": "1", "title": "Kettle é", "quantity": 1}]}


def test_money_is_written_as_it_was_told() -> None:
    order = Order(events.Order.model_validate({"id": "1", "total": "10.00", "tax": "0.000"}))
    assert json.loads(documents.write(order))["known"] == {"id": "1", "total": "10.00", "tax": "0.000"}


@pytest.mark.parametrize("document", ["", "{}", "[]", '{"store": 5}', '{"store": "s", "customer": "c", "wake": {}}'])
def test_what_is_no_document_is_not_read(document: str) -> None:
    with pytest.raises(ValidationError):
        documents.read(Profile, document)


def test_a_usual_customer_fits_into_a_kilobyte() -> None:
    """What a write costs is counted in kilobytes."""
    rare = {"devices", "dead", "complained_at", "heard", "suppressed", "erased_at", "reborn_at"}
    usual = {name: value for name, value in everything_known().items() if name not in rare}
    known = Bundle(replace(stranger_profile(), **usual), (rich_order(),), (rich_enrolment(),))
    assert len(documents.packed(known)) < 900, "beside keys, version and wake"
    assert (
        len(documents.write(touch(subject="How to look after your kettle", nonce="0123456789abcdef", due=NOON))) < 512
    )


def test_a_journey_that_was_kept_means_what_it_meant() -> None:
    assert Journey.model_validate_json(JOURNEY.model_dump_json(by_alias=True)) == JOURNEY
