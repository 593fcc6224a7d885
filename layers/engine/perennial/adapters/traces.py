"""What a person leaves in the one table beside their live items, and how it is emptied: page by page, item by item.

Every write says what it expects to find, so that a commit that comes in between is never undone; it is simply met again
by the next run.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import documents, events, ports
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.items import items_of, pack, unpack
from perennial.adapters.parking import DynamoParking
from perennial.adapters.patience import Patience
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
    patience: Patience = Patience()

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

    def withdraw(self, store: str, alias: Alias, fact: events.Event) -> bool:
        key = pack({"pk": table.alias_key(store, alias, self.pepper), "sk": "alias"})
        with translated():
            item = unpack(self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item", {}))
        held = item.get("facts", [])
        rest = [text for text in held if events.from_json(text) != fact]
        if len(rest) == len(held):
            return False
        asked: dict[str, Any] = {"Key": key, "ExpressionAttributeValues": pack({":held": held})}
        if rest:
            told = {**asked["ExpressionAttributeValues"], **pack({":rest": rest})}
            asked |= {"UpdateExpression": "SET facts = :rest", "ExpressionAttributeValues": told}
        elif "owner" in item:
            asked["UpdateExpression"] = "REMOVE facts, due, due_at, looks"
        if "UpdateExpression" in asked:
            return self._if("facts = :held", self.client.update_item, **asked)
        names = {"#owner": "owner"}
        alone = "facts = :held AND attribute_not_exists(#owner)"
        return self._if(alone, self.client.delete_item, ExpressionAttributeNames=names, **asked)

    def drop(self, store: str, customer: str, alias: Alias) -> None:
        self._if(
            "#owner = :me",
            self.client.delete_item,
            Key=pack({"pk": table.alias_key(store, alias, self.pepper), "sk": "alias"}),
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=pack({":me": customer}),
        )

    def empty(self, store: str, names: Sequence[str], enough: ports.Enough, after: str = "") -> ports.Cleared:
        found: Counter[str] = Counter()
        for item in self._behind(store, names[0], after):
            kind = self._emptied(store, names, item)
            found.update([kind] if kind else [])
            if enough():
                return ports.Cleared(ports.Emptied(**found), item["sk"])
        return ports.Cleared(ports.Emptied(**found))

    def _behind(self, store: str, customer: str, after: str) -> Iterator[Item]:
        """What lies behind the live items, in the order of its keys."""
        pk = table.customer_key(store, customer)
        for prefix in ("K#", "L#parked#", "O#", "T#"):
            if after < prefix or after.startswith(prefix):
                yield from items_of(self.client, self.name, pk, prefix, after)

    def _emptied(self, store: str, names: Sequence[str], item: Item) -> str | None:
        """Under what it counts; None if there was nothing to do."""
        match item["sk"].partition("#")[0]:
            case "K":
                return "words" if self._delete(item) else None
            case "L":
                return "parked" if self._unpark(item) else None
            case "O":
                return "orders" if self._bare_order(store, names, item) else None
        return "touches" if self._bare_touch(item) else None

    def archive(self, store: str, customer: str) -> Sequence[Order]:
        return [documents.read(Order, item["doc"]) for item in self._items(store, customer, "O#")]

    def everybody(self, store: str) -> Iterator[str]:
        prefix = table.customer_key(store, "")
        for item in self._all(prefix):
            if item["sk"] == "L#profile":
                yield item["pk"].removeprefix(prefix)

    def clear(self, store: str) -> int:
        return sum(self._delete(item) for item in self._all(f"{store}#"))

    def purge(self, store: str, values: Collection[str], enough: ports.Enough, after: str = "") -> ports.Cleared:
        parking = DynamoParking(self.client, self.name, self.bodies)
        wanted = [value.lower() for value in values]
        found = 0
        for entry, place in parking.entries((store, ACCOUNT), after):
            if entry is not None and any(value in parking.content(entry).lower() for value in wanted):
                self._forget_body(entry)
                parking.remove(entry)
                found += 1
            if enough():
                return ports.Cleared(ports.Emptied(parked=found), place)
        return ports.Cleared(ports.Emptied(parked=found))

    def _bare_order(self, store: str, names: Sequence[str], item: Item) -> bool:
        order = documents.read(Order, item["doc"])
        for number in tracking_numbers(order):
            for name in names:
                self.drop(store, name, Alias("tracking", number))
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
                self.patience.through(partial(write, TableName=self.name, ConditionExpression=condition, **asked))
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
