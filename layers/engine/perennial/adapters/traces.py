"""What a person leaves in the one table beside their live items, and how it is emptied: page by page, item by item.

Every write says what it expects to find, so that a commit that comes in between is never undone; it is simply met again
by the next run.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import documents, ports
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.items import items_of, pack, unpack
from perennial.adapters.parking import DynamoParking
from perennial.adapters.table import Item
from perennial.books import bare_order, bare_touch
from perennial.customer import Touch
from perennial.identity import Alias
from perennial.orders import Order, tracking_numbers
from perennial.suppression import Left

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailedException"
ACCOUNT = "-"
"""Where reports are parked before anybody knows whose they are (table.py)."""


@dataclass(frozen=True, slots=True)
class DynamoTraces:
    client: "DynamoDBClient"
    name: str
    pepper: bytes = field(repr=False)
    bodies: ports.Bodies

    def bury(self, store: str, customer: str, alias: Alias, left: Left | None, *, again: bool = False) -> bool:
        kept = "if_not_exists(#left, :left)" if again else ":left"
        told = f", #left = {kept}" if left else ""
        values = {":me": customer, **({":left": documents.write(left)} if left else {})}
        return self._if(
            "attribute_not_exists(#owner) OR #owner = :me",
            self.client.update_item,
            Key=pack({"pk": table.alias_key(store, alias, self.pepper), "sk": "alias"}),
            UpdateExpression=f"SET #owner = :me{told} REMOVE facts, due, due_at, looks",
            ExpressionAttributeNames={"#owner": "owner", **({"#left": "left"} if left else {})},
            ExpressionAttributeValues=pack(values),
        )

    def drop(self, store: str, customer: str, alias: Alias) -> None:
        self._if(
            "#owner = :me",
            self.client.delete_item,
            Key=pack({"pk": table.alias_key(store, alias, self.pepper), "sk": "alias"}),
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=pack({":me": customer}),
        )

    def empty(self, store: str, customer: str) -> ports.Emptied:
        orders = sum(self._bare_order(store, customer, item) for item in self._items(store, customer, "O#"))
        touches = sum(self._bare_touch(item) for item in self._items(store, customer, "T#"))
        words = sum(self._delete(item) for item in self._items(store, customer, "K#"))
        parked = sum(self._unpark(item) for item in self._items(store, customer, "L#parked#"))
        return ports.Emptied(orders, touches, words, parked)

    def archive(self, store: str, customer: str) -> Sequence[Order]:
        return [documents.read(Order, item["doc"]) for item in self._items(store, customer, "O#")]

    def everybody(self, store: str) -> Iterator[str]:
        prefix = table.customer_key(store, "")
        for item in self._all(prefix):
            if item["sk"] == "L#profile":
                yield item["pk"].removeprefix(prefix)

    def clear(self, store: str) -> int:
        return sum(self._delete(item) for item in self._all(f"{store}#"))

    def purge(self, store: str, values: Collection[str]) -> int:
        parking = DynamoParking(self.client, self.name, self.bodies)
        wanted = [value.lower() for value in values]
        found = 0
        for parked in (*parking.parked(store), *parking.parked(ACCOUNT)):
            held = parked.kind != "alias" and any(value in parking.content(parked).lower() for value in wanted)
            if held:
                self._forget_body(parked)
                parking.remove(parked)
                found += 1
        return found

    def _bare_order(self, store: str, customer: str, item: Item) -> bool:
        order = documents.read(Order, item["doc"])
        for number in tracking_numbers(order):
            self.drop(store, customer, Alias("tracking", number))
        bare = bare_order(order)
        return bare is not order and self._rewrite(item, documents.packed(bare))

    def _bare_touch(self, item: Item) -> bool:
        if "doc" not in item:
            return False
        touch = documents.read(Touch, item["doc"])
        bare = bare_touch(touch)
        return bare != touch and self._rewrite(item, documents.write(bare))

    def _unpark(self, item: Item) -> bool:
        parked = documents.read(ports.Parked, item["doc"])
        self._forget_body(parked)
        return self._delete(item)

    def _forget_body(self, parked: ports.Parked) -> None:
        if parked.stored_as is not None:
            self.bodies.forget(parked.stored_as)

    def _rewrite(self, item: Item, document: str | bytes) -> bool:
        return self._if(
            "doc = :old",
            self.client.update_item,
            Key=_key(item),
            UpdateExpression="SET doc = :new",
            ExpressionAttributeValues=pack({":old": item["doc"], ":new": document}),
        )

    def _delete(self, item: Item) -> bool:
        return self._if("attribute_exists(pk)", self.client.delete_item, Key=_key(item))

    def _if(self, condition: str, write: Callable[..., Any], **asked: Any) -> bool:
        try:
            with translated(REFUSED):
                write(TableName=self.name, ConditionExpression=condition, **asked)
        except ClientError:
            return False
        return True

    def _all(self, prefix: str) -> Iterator[Item]:
        """The whole table is read: no key leads to a store, so that no store can have a hot one."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.name,
            FilterExpression="begins_with(pk, :prefix)",
            ExpressionAttributeValues=pack({":prefix": prefix}),
            ProjectionExpression="pk, sk",
        )
        with translated():
            for page in pages:
                yield from (unpack(item) for item in page["Items"])

    def _items(self, store: str, customer: str, prefix: str) -> Iterator[Item]:
        return items_of(self.client, self.name, table.customer_key(store, customer), prefix)


def _key(item: Item) -> Item:
    return pack({"pk": item["pk"], "sk": item["sk"]})
