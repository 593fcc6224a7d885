import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perennial.errors import ContentInvalid
from perennial.facts import Facts, Money, Offer, Parcel, ReturnCase, Review, Suggestion, Tracking
from perennial_cli.samples import facts_from, merged
from perennial_cli.variants import LONGEST, SIGNATURE, blanked, crowded, stretched
from tests.templates.trees import LAYOUT

SAMPLE: dict[str, Any] = json.loads(LAYOUT["sample.json"])


@pytest.fixture
def facts() -> Facts:
    return facts_from(SAMPLE)


def test_a_sample_becomes_facts(facts: Facts) -> None:
    assert facts.order.total == Money(Decimal("1234.50"), "EUR")
    assert facts.order.placed_at.isoformat() == "2026-11-20T18:42:00+01:00"
    assert facts.items[1].title == "Toaster"
    assert facts.offer is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"customer": {"fist_name": "A"}}, "customer.fist_name: there is no such key (did you mean 'first_name'?)"),
        ({"order": {"placed_at": "2026-11-20T18:42:00"}}, "order.placed_at: write a moment with its offset"),
        ({"order": {"estimated_delivery": "soon"}}, "order.estimated_delivery: write a date"),
        ({"order": {"total": {"amount": "x", "currency": "EUR"}}}, "order.total.amount: write a number in quotes"),
        ({"order": {"total": "12.50"}}, "order.total: write an object"),
        ({"order": {"paid": "yes"}}, "order.paid: write true or false"),
        ({"items": {}}, "items: write a list"),
        ({"items": [{"title": "A"}]}, "items[0]: `quantity` is missing"),
        ({"customer": {"orders": True}}, "customer.orders: write a whole number"),
    ],
)
def test_a_wrong_sample_says_the_field(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        facts_from(merged(SAMPLE, change))
    assert says in caught.value.render()


def test_objects_are_merged_and_lists_replaced() -> None:
    base = {"a": {"x": 1, "y": 2}, "b": [1, 2], "c": 3}
    assert merged(base, {"a": {"y": 5}, "b": [9], "d": 4}) == {"a": {"x": 1, "y": 5}, "b": [9], "c": 3, "d": 4}


def test_blanked_facts_lack_all_that_is_optional_but_what_the_touch_is_about(facts: Facts) -> None:
    parcel = Parcel("1", facts.items, carrier="DHL", tracking=(Tracking("1", "https://x.example"),))
    offer = Offer("o", 10, "C10", datetime(2026, 12, 1, tzinfo=UTC), 7)
    full = replace(facts, parcel=parcel, offer=offer, warranty_until=date(2028, 1, 1),
                   accessories=(Suggestion("Jug", "https://x.example", "accessory", "kettle"),))  # fmt: skip
    bare = blanked(full)
    assert bare.offer == offer
    assert bare.parcel is not None
    assert (bare.parcel.carrier, bare.parcel.tracking) == (None, ())
    assert (bare.customer.first_name, bare.order.total, bare.warranty_until, bare.accessories) == (None, None, None, ())
    assert [item.title for item in bare.items] == ["Kettle", "Toaster"]
    assert all(item.price is None for item in (*bare.items, *bare.order.items))


def test_a_return_and_a_review_stay_too_without_the_words_that_nobody_has_to_give(facts: Facts) -> None:
    case, review = (
        ReturnCase("r1", facts.items, wish="refund", note="Too loud."),
        Review(2, "Too loud.", True, facts.items),
    )
    bare = blanked(replace(facts, return_case=case, review=review))
    assert bare.return_case is not None
    assert bare.review is not None
    assert (bare.return_case.wish, bare.return_case.note, bare.review.text) == (None, None, None)
    assert [item.title for item in bare.return_case.items] == [item.title for item in facts.items]


def test_stretched_facts_have_the_longest_names_and_nothing_new(facts: Facts) -> None:
    long = stretched(facts)
    assert len(long.items[0].title) > 60
    assert long.customer.first_name == "Maximiliane-Sofia"
    assert long.order.shipping_method is None


def test_crowded_facts_have_fifty_positions(facts: Facts) -> None:
    many = crowded(facts)
    assert (len(many.items), len(many.order.items)) == (50, 50)
    many = crowded(replace(facts, return_case=ReturnCase("r1", facts.items)))
    assert many.return_case is not None
    assert (len(many.return_case.items), len(many.return_case.replacements)) == (50, 50)


def test_the_longest_names_are_of_fields_that_exist() -> None:
    for kind, name in LONGEST:
        assert is_dataclass(kind)
        assert name in {field.name for field in fields(kind)}


def test_links_of_samples_are_as_long_as_signed_ones() -> None:
    assert len(SIGNATURE) == 44


def test_every_real_sample_is_valid() -> None:
    root = Path(__file__).parents[2] / "templates" / "messages"
    shared = json.loads((root / "_layout" / "sample.json").read_text(encoding="utf-8"))
    samples = [path for path in root.glob("*/sample.json") if path.parent.name != "_layout"]
    assert samples
    for path in samples:
        facts_from(merged(shared, json.loads(path.read_text(encoding="utf-8"))), str(path))
