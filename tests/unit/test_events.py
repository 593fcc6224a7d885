import json

import pytest
from pydantic import ValidationError

from perennial import events

NAMED = {"id": "1", "store": "s", "occurred_at": "2026-03-02T09:00:00Z"}
PLACED = {"type": "OrderPlaced", **NAMED, "order": {"id": "1001", "currency": None}}


def test_every_type_of_event_is_read_by_its_own_class() -> None:
    schema = events.ANY.json_schema()
    listed = set(schema["discriminator"]["mapping"])
    assert listed == events._kinds().keys()


@pytest.mark.parametrize("as_bytes", [False, True])
def test_what_was_written_is_read_back_with_what_was_left_out_still_left_out(as_bytes: bool) -> None:
    event = events.ANY.validate_python(PLACED)
    text = events.to_json(event)
    again = events.from_json(text.encode() if as_bytes else text)
    assert again == event
    assert isinstance(again, events.OrderEvent)
    assert again.order.model_fields_set == {"id", "currency"}


def test_the_type_need_not_come_first() -> None:
    turned = json.dumps(dict(reversed(PLACED.items())))
    assert events.from_json(turned) == events.ANY.validate_python(PLACED)


@pytest.mark.parametrize("text", ['{"type":"OrderEaten","id":"1"}', '{"type":"OrderPlaced"}', "{", '["type"]', ""])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        events.from_json(text)
