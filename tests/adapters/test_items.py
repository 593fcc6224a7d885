from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from perennial.adapters.items import pack, unpack

numbers = st.integers(-(10**37), 10**37) | st.decimals(-(10**9), 10**9, places=4)
scalars = st.none() | st.booleans() | st.text() | numbers
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(st.dictionaries(st.text(), values))
def test_values_are_packed_and_unpacked_as_boto3_does(item: dict[str, Any]) -> None:
    theirs = {name: TypeSerializer().serialize(value) for name, value in item.items()}
    assert pack(item) == theirs
    assert unpack(theirs) == {name: TypeDeserializer().deserialize(value) for name, value in theirs.items()} == item


@pytest.mark.parametrize("value", [1.5, {"a", "set"}, object()])
def test_what_no_item_holds_is_refused_when_it_is_written(value: object) -> None:
    with pytest.raises(TypeError, match=f"holds no {type(value).__name__}"):
        pack({"name": value})


def test_what_no_item_holds_is_refused_when_it_is_read() -> None:
    with pytest.raises(TypeError, match="holds no BS"):
        unpack({"name": {"BS": ["YQ=="]}})


def test_a_set_that_an_update_made_is_read() -> None:
    assert unpack({"seen": {"SS": ["a", "b"]}}) == {"seen": {"a", "b"}}
