"""What pages read from the one table: never written to, and no more than a page needs."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perennial import packing
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.errors import Unavailable
from perennial.visitors import Trace, Visitor, trace_of, visitor_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from perennial.customer import Customer
    from perennial.journeys import Journey
    from perennial.orders import Order

LOOKS = 5
"""How often a customer is read again who is being written to."""


@dataclass(frozen=True, slots=True)
class DynamoLooks:
    """Whole customers need the machinery of events; it is imported by the first page that asks for one."""

    client: "DynamoDBClient"
    name: str

    def visitor(self, store: str, customer: str) -> Visitor | None:
        document = self._document(store, customer, "L#profile")
        if document is None:
            return None
        told = json.loads(document)
        return visitor_of(told.get("profile", told))

    def trace(self, store: str, customer: str, touch: str) -> Trace | None:
        document = self._document(store, customer, f"T#{touch}")
        return trace_of(json.loads(document)) if document else None

    def order(self, store: str, customer: str, order_id: str) -> "Order | None":
        from perennial import documents
        from perennial.orders import Order

        document = self._document(store, customer, f"O#{order_id}")
        return documents.read(Order, document) if document else None

    def customer(self, store: str, customer: str) -> "Customer":
        """Read again while somebody commits, as a query may see the half of it."""
        from perennial.adapters.reading import customer_of
        from perennial.customer import stranger

        for _ in range(LOOKS):
            found = customer_of(self._live(store, customer), stranger(store, customer))
            if found is not None:
                return found
        raise Unavailable("others keep committing to this customer")

    def version(self, store: str, version: str) -> "Journey | None":
        from perennial.adapters.versions import DynamoVersions

        return DynamoVersions(self.client, self.name).find(store, version)

    def _document(self, store: str, customer: str, sort: str) -> str | None:
        key = {"pk": {"S": table.customer_key(store, customer)}, "sk": {"S": sort}}
        with translated():
            found = self.client.get_item(TableName=self.name, Key=key).get("Item", {})
        document = found.get("doc")
        return packing.unpack(document["B"] if "B" in document else document["S"]) if document else None

    def _live(self, store: str, customer: str) -> list[dict[str, Any]]:
        from perennial.adapters.items import unpack

        values = {":pk": {"S": table.customer_key(store, customer)}, ":prefix": {"S": "L#"}}
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        with translated():
            return [unpack(item) for page in pages for item in page["Items"]]
