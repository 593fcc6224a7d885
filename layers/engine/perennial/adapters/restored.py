"""A table that was restored to a point in time: walked from a kept place on, and sealed anew.

A restore is no transaction: of a commit that was under way it may hold the half. Such a customer cannot be loaded
(reading.py), and whoever restores has stopped everybody else, so that it can be mended item by item, the profile last.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from perennial import documents
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.items import items_of, pack, unpack
from perennial.adapters.reading import bundle_of, customer_of
from perennial.adapters.table import Item
from perennial.customer import Enrolment, stranger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutItemInputTypeDef, ScanInputTypeDef

REFUSED = "ConditionalCheckFailedException"
PAST_LIVE = "L#~"
"""Behind every live item of a customer."""

ORDER, ENROLMENT = "L#order#", "L#enrolment#"


@dataclass(frozen=True, slots=True)
class DynamoRestored:
    client: "DynamoDBClient"
    name: str

    def customers(self, store: str, after: str | None = None) -> Iterator[str]:
        """Everybody of a store, in the table's own order, from the one that follows `after`."""
        prefix, start = table.customer_key(store, ""), None
        if after is not None:
            start = pack({"pk": prefix + after, "sk": PAST_LIVE})
        keys = (item["pk"]["S"] for item in self._scan(prefix, "begins_with(sk, :sort)", "L#", start))
        yield from (pk.removeprefix(prefix) for pk, _ in groupby(keys))

    def newcomers(self, store: str, was: "DynamoRestored") -> Iterator[str]:
        """Whoever the table as it was knows and this one does not."""
        for customer in was.customers(store):
            key = pack({"pk": table.customer_key(store, customer), "sk": "L#profile"})
            with translated():
                known = "Item" in self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
            if not known:
                yield customer

    def adopt(self, store: str, was: "DynamoRestored", customer: str) -> None:
        """Everything of theirs, the profile last."""
        self._copy(was, table.customer_key(store, customer))

    def adopt_aliases(self, store: str, was: "DynamoRestored", customers: Collection[str]) -> None:
        """What led to these customers leads to them again, where nothing else has come in its place."""
        for item in was._scan(f"{store}#A#", "sk = :sort", "alias", None):
            if item.get("owner", {}).get("S") in customers:
                self._put(item, "attribute_not_exists(pk)")

    def adopt_versions(self, store: str, was: "DynamoRestored") -> None:
        """Journeys as passages began with them in the lost time; a version is the same wherever it lies."""
        self._copy(was, f"{store}#J")

    def _copy(self, was: "DynamoRestored", pk: str) -> None:
        """Everything under one key."""
        pages = self.client.get_paginator("query").paginate(
            TableName=was.name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=pack({":pk": pk}),
            ConsistentRead=True,
        )
        with translated():
            items = [item for page in pages for item in page["Items"]]
        for item in sorted(items, key=lambda item: item["sk"]["S"] == "L#profile"):
            self._put(item)

    def reached(self, store: str, epoch: int) -> str | None:
        """The last customer of a rearming that was written down."""
        key = pack({"pk": f"{store}#R", "sk": str(epoch)})
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
        return unpack(answer.get("Item", {})).get("customer")

    def reach(self, store: str, epoch: int, customer: str) -> None:
        with translated():
            self.client.put_item(
                TableName=self.name, Item=pack({"pk": f"{store}#R", "sk": str(epoch), "customer": customer})
            )

    def is_torn(self, store: str, customer: str) -> bool:
        """Whether the live items are halves of different commits."""
        return customer_of(self._live(store, customer), stranger(store, customer)) is None

    def mend(self, store: str, customer: str) -> None:
        """Makes whole what a restore has torn: each order lies in one place, with the passages that need it."""
        live = self._live(store, customer)
        profile = next((item for item in live if item["sk"] == "L#profile"), None)
        orders = {item["sk"].removeprefix(ORDER): item for item in live if item["sk"].startswith(ORDER)}
        passages: dict[str, list[Item]] = {name: [] for name in orders}
        for item in live:
            if item["sk"].startswith(ENROLMENT):
                passages.setdefault(documents.read(Enrolment, item["doc"]).order_id, []).append(item)
        version = 1 + max(int(item.get("v", 0)) for item in live)
        within = _within(profile)
        kept = [
            item
            for name, held in sorted(passages.items())
            for item in self._mend_order(orders.get(name), held, within.get(name), version)
        ]
        if profile is not None:
            self._seal(profile, version, kept)

    def _mend_order(self, order: Item | None, held: list[Item], within: int | None, version: int) -> list[Item]:
        """The items apart that stay. `within`: of which version the profile's own item holds the order as well.

        A passage whose order is nowhere goes, and comes back when the shop tells of that order again.
        """
        if within is not None and (order is None or int(order["v"]) <= within):
            return self._drop(*held, *([order] if order else []))
        if not held and order is not None:
            self._move(order, order["sk"].replace(ORDER, "O#", 1))
            return []
        if order is None:
            name = documents.read(Enrolment, held[0]["doc"]).order_id
            order = self._archived(held[0]["pk"], name)
            if order is None:
                return self._drop(*held)
            order = {**order, "v": version}
            self._move(order, f"{ORDER}{name}")
        return [order, *held]

    def _seal(self, profile: Item, version: int, kept: list[Item]) -> None:
        seal = {"commit": version, "wrote": sum(int(item["v"]) == version for item in kept), "live": len(kept)}
        with translated():
            self.client.update_item(
                TableName=self.name,
                Key=_key(profile),
                UpdateExpression="SET v = :version, seal = :seal",
                ExpressionAttributeValues=pack({":version": version, ":seal": seal}),
            )

    def _scan(self, prefix: str, sort: str, value: str, start: Item | None) -> Iterator[Item]:
        while True:
            asked: ScanInputTypeDef = {
                "TableName": self.name,
                "FilterExpression": f"begins_with(pk, :prefix) AND {sort}",
                "ExpressionAttributeValues": pack({":prefix": prefix, ":sort": value}),
            }
            if start:
                asked["ExclusiveStartKey"] = start
            with translated():
                page = self.client.scan(**asked)
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")
            if not start:
                return

    def _live(self, store: str, customer: str) -> list[Item]:
        return list(items_of(self.client, self.name, table.customer_key(store, customer), "L#"))

    def _archived(self, pk: str, order_id: str) -> Item | None:
        with translated():
            answer = self.client.get_item(
                TableName=self.name, Key=pack({"pk": pk, "sk": f"O#{order_id}"}), ConsistentRead=True
            )
        return unpack(answer["Item"]) if "Item" in answer else None

    def _drop(self, *items: Item) -> list[Item]:
        for item in items:
            self._delete(item)
        return []

    def _move(self, item: Item, sk: str) -> None:
        """First where it belongs, then no more where it was."""
        self._put(pack({**item, "sk": sk}))
        self._delete(item)

    def _put(self, item: Item, condition: str | None = None) -> None:
        asked: PutItemInputTypeDef = {"TableName": self.name, "Item": item}
        if condition is not None:
            asked["ConditionExpression"] = condition
        try:
            with translated(REFUSED):
                self.client.put_item(**asked)
        except ClientError:
            return  # something else is there already

    def _delete(self, item: Item) -> None:
        with translated():
            self.client.delete_item(TableName=self.name, Key=_key(item))


def _within(profile: Item | None) -> dict[str, int]:
    """The orders that the profile's own item holds, and its version."""
    if profile is None or "doc" not in profile:
        return {}
    bundle = bundle_of(profile)
    return {order.id: bundle.profile.version for order in bundle.orders}


def _key(item: Item) -> Item:
    return pack({"pk": item["pk"], "sk": item["sk"]})
