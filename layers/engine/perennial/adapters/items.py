"""Items as DynamoDB spells them, and the two kinds that more than one adapter writes: parked facts and aliases."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from perennial import documents, events, ports
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.table import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LARGEST = 350_000
"""Bytes of a parked document that fit into an item (400 KB); the content of a larger one lies in the bucket."""


def pack(item: Mapping[str, Any]) -> Item:
    """Plain values as attribute values."""
    return {name: _serialize(value) for name, value in item.items()}


def unpack(item: Mapping[str, Any]) -> Item:
    """Attribute values as plain values; numbers are Decimal."""
    return {name: _deserialize(value) for name, value in item.items()}


def _serialize(value: Any) -> Item:
    """As boto3's own converter does, which would bring all of boto3 into every cold start. Raises TypeError."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case int() | Decimal():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [_serialize(entry) for entry in value]}
        case Mapping():
            return {"M": pack(value)}
    raise TypeError(f"an item holds no {type(value).__name__}")


def _deserialize(value: Item) -> Any:
    """Raises TypeError for a kind that no item of ours has."""
    ((kind, held),) = value.items()
    match kind:
        case "S" | "B" | "BOOL":
            return held
        case "NULL":
            return None
        case "N":
            return Decimal(held)
        case "L":
            return [_deserialize(entry) for entry in held]
        case "M":
            return unpack(held)
        case "SS":
            return set(held)
    raise TypeError(f"an item of ours holds no {kind}")


def items_of(client: "DynamoDBClient", name: str, pk: str, prefix: str, after: str = "") -> Iterator[Item]:
    """The items of one partition whose sort key begins so, and comes after that one, as they are now."""
    start: dict[str, Any] = {"ExclusiveStartKey": pack({"pk": pk, "sk": after})} if after.startswith(prefix) else {}
    pages = client.get_paginator("query").paginate(
        TableName=name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues=pack({":pk": pk, ":prefix": prefix}),
        ConsistentRead=True,
        **start,
    )
    with translated():
        for page in pages:
            yield from (unpack(item) for item in page["Items"])


def parked_item(parked: ports.Parked, pk: str, sk: str, bodies: ports.Bodies) -> Item:
    document = documents.write(parked)
    if len(document.encode()) > LARGEST:
        key = f"parked/{parked.store}/{parked.id}"
        bodies.keep(key, parked.content)
        document = documents.write(replace(parked, content="", stored_as=key))
    return {
        "pk": pk,
        "sk": sk,
        "doc": document,
        **table.due(parked.store, "parked", pk, parked.parked_at),
    }


def facts_of(item: Mapping[str, Any]) -> tuple[events.Event, ...]:
    """The events that wait at an alias."""
    return tuple(events.from_json(text) for text in item.get("facts", ()))


def wake_due(store: str, customer: str, at: datetime) -> Item:
    return table.due(store, "wake", table.customer_key(store, customer), at)
