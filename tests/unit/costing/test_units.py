"""What DynamoDB charges for reading and writing items."""

from typing import Any

import pytest

from perennial_cli.costing import units


def item(size: int, due: str | None = None) -> dict[str, Any]:
    """An item of so many bytes, index attributes not counted."""
    found: dict[str, Any] = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    found["doc"] = {"S": "x" * (size - units.size(found) - len("doc"))}
    return found | ({"due": {"S": "demo#wake#01"}, "due_at": {"S": due}} if due else {})


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    assert units.size({"pk": {"S": "ä"}}) == 4
    assert units.size({"v": {"N": "1234"}}) == 1 + 4
    assert units.size({"m": {"M": {"ab": {"BOOL": True}}}}) == 1 + 3 + 1 + 2 + 1
    assert units.size({"l": {"L": [{"S": "abc"}, {"NULL": True}]}}) == 1 + 3 + 4 + 2
    assert units.size({"s": {"SS": ["ab", "c"]}}) == 4


@pytest.mark.parametrize(("bytes_", "charged"), [(1024, 1), (1025, 2), (2048, 2), (2049, 3)])
def test_a_write_costs_a_unit_for_each_kilobyte_begun_and_a_transaction_twice_that(bytes_: int, charged: int) -> None:
    assert units.write_units({}, item(bytes_), transaction=False) == charged
    assert units.write_units({}, item(bytes_), transaction=True) == 2 * charged


def test_a_write_that_makes_an_item_smaller_is_charged_by_what_was_there() -> None:
    assert units.write_units(item(3000), item(100), transaction=False) == 3


def test_a_refused_write_to_nothing_still_costs_one_unit() -> None:
    assert units.write_units({}, {}, transaction=False) == 1


def test_the_index_is_charged_when_an_entry_comes_goes_or_moves_and_not_otherwise() -> None:
    early, late, none = item(100, "2026-03-01"), item(100, "2026-03-02"), item(100)
    assert units.index_units(none, early) == 1
    assert units.index_units(early, none) == 1
    assert units.index_units(early, late) == 2
    assert units.index_units(early, item(500, "2026-03-01")) == 0
    assert units.index_units(none, item(500)) == 0


def test_a_read_costs_a_unit_for_four_kilobytes_begun_and_half_if_it_may_be_old() -> None:
    assert units.read_units(4096, consistent=True) == 1
    assert units.read_units(4097, consistent=True) == 2
    assert units.read_units(0, consistent=False) == 0.5


def test_what_lies_in_the_table_has_an_overhead_and_lies_in_the_index_too_if_it_is_due() -> None:
    assert units.stored(item(300)) == 400
    due = item(300, "2026-03-01")
    assert units.stored(due) > units.size(due) + 200
