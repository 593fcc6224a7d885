"""Whatever is sent: an event, or BodyUnreadable with a reason that repeats nothing personal. Never anything else."""

import json
import traceback
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial import events
from perennial.errors import BodyUnreadable
from perennial.platforms import perennial, shopify
from tests.unit.platforms.deliveries import GONE, RECEIVED, SAMPLES, headers, put, sample

PRIVATE = "mina.private@okafor"
"""Part of every text that is put into a body; must be in no reason."""

topics = st.sampled_from(sorted(shopify.TOPICS))
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", "XXX", "JPY", "NaN", "1e999", "\ud800", "\x00", "2026-01-01T00:00:00Z", "gid://shopify/Order/1"]
    ),
    st.just(f"{PRIVATE}.example"),
    st.just(PRIVATE),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(min_value=2**53), st.floats(allow_nan=False), texts
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)


def paths(value: object, way: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The way to every field of a body, at any depth."""
    items: list[tuple[str, Any]] = list(value.items()) if isinstance(value, dict) else []
    items = [(str(place), item) for place, item in enumerate(value)] if isinstance(value, list) else items
    return [path for key, item in items for path in ((*way, key), *paths(item, (*way, key)))]


PATHS = {topic: paths(sample(name)) for topic, name in SAMPLES.items()}


def outcome(topic: str, body: bytes) -> events.Event | None:
    """The event, or None for a refusal whose text is checked here."""
    try:
        event = shopify.parse(headers(topic), body, "larkspur", RECEIVED)
    except BodyUnreadable as refused:
        check_refusal(refused)
        return None
    assert events.from_json(events.to_json(event)) == event
    return event


def own_outcome(body: dict[str, Any]) -> None:
    try:
        event = perennial.parse({}, json.dumps(body).encode(), "larkspur", RECEIVED)
    except BodyUnreadable as refused:
        check_refusal(refused)
    else:
        assert events.from_json(events.to_json(event)) == event


def check_refusal(refused: BodyUnreadable) -> None:
    logged = "".join(traceback.format_exception(refused))
    assert PRIVATE not in logged
    assert refused.__cause__ is None  # a foreign exception quotes what it was given
    assert str(refused)
    assert len(str(refused)) < 600
    assert str(refused).isprintable()


@given(topics, st.dictionaries(texts, anything))
def test_any_object_under_any_topic_is_an_event_or_a_refusal(topic: str, body: dict[str, Any]) -> None:
    outcome(topic, json.dumps(body).encode())


@given(topics, st.binary())
def test_any_bytes_are_an_event_or_a_refusal(topic: str, body: bytes) -> None:
    assert outcome(topic, body) is None


@settings(max_examples=500)
@given(st.data())
def test_a_real_body_with_anything_in_any_field_is_an_event_or_a_refusal(data: st.DataObject) -> None:
    topic = data.draw(topics)
    body = sample(SAMPLES[topic])
    for path in data.draw(st.lists(st.sampled_from(PATHS[topic]), min_size=1, max_size=3)):
        value = data.draw(st.one_of(anything, st.just(GONE)))
        try:
            put(body, list(path), value)
        except (LookupError, TypeError, ValueError):  # an earlier change took this field away
            continue
    outcome(topic, json.dumps(body).encode())


@pytest.mark.parametrize("topic", {name: topic for topic, name in SAMPLES.items()}.values())
def test_no_text_from_a_body_is_repeated_in_a_refusal(topic: str) -> None:
    """Each field in turn holds personal text, as a value of the wrong kind."""
    for path in PATHS[topic]:
        for value in (PRIVATE, [PRIVATE], {PRIVATE: PRIVATE}):
            body = sample(SAMPLES[topic])
            put(body, list(path), value)
            outcome(topic, json.dumps(body).encode())


@pytest.mark.parametrize("topic", SAMPLES)
def test_a_body_cut_short_anywhere_is_refused(topic: str) -> None:
    body = json.dumps(sample(SAMPLES[topic])).encode()
    for end in range(0, len(body), 97):
        assert outcome(topic, body[:end]) is None


@given(
    st.dictionaries(st.sampled_from(["type", "id", "occurred_at", "contact", "order", "order_id", PRIVATE]), anything)
)
def test_any_object_at_our_own_door_is_an_event_or_a_refusal(body: dict[str, Any]) -> None:
    own_outcome(body)


@settings(max_examples=300)
@given(st.data())
def test_a_real_event_with_anything_in_any_field_is_an_event_or_a_refusal(data: st.DataObject) -> None:
    topic = data.draw(topics)
    told = shopify.parse(headers(topic), json.dumps(sample(SAMPLES[topic])).encode(), "larkspur", RECEIVED)
    body = json.loads(events.to_json(told))
    put(body, list(data.draw(st.sampled_from(paths(body)))), data.draw(anything))
    own_outcome(body)
