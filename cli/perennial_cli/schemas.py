"""`perennial schema`: JSON Schema of what people write, for editors and for other programs."""

from collections.abc import Callable, Mapping
from typing import Any

from perennial.events import OUTSIDE
from perennial.journeys import Journey
from perennial.messages import Message
from perennial.store import Store

SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "journeys": Journey.model_json_schema,
    "messages": Message.model_json_schema,
    "stores": Store.model_json_schema,
    "events": OUTSIDE.json_schema,
}


def schema(kind: str) -> dict[str, Any]:
    """The schema of `templates/<kind>/*.yaml`, or of the events that `/webhooks/perennial/` takes.

    Raises KeyError for another kind.
    """
    document = SCHEMAS[kind]()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind, **document}
