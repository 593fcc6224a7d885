"""The pauses of a store, in the one table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from perennial.adapters.errors import translated
from perennial.adapters.items import pack, unpack
from perennial.adapters.table import Item
from perennial.pauses import Pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DynamoPauses:
    """A process looks again after half a minute: a switch works everywhere within one, and costs next to nothing."""

    client: "DynamoDBClient"
    name: str
    now: Callable[[], datetime]
    seen: dict[str, tuple[datetime, frozenset[Pause]]] = field(default_factory=dict)

    def paused(self, store: str) -> frozenset[Pause]:
        at, pauses = self.seen.get(store, (None, frozenset[Pause]()))
        if at is None or abs(self.now() - at) > FRESH:
            pauses = self._read(store)
            self.seen[store] = (self.now(), pauses)
        return pauses

    def _read(self, store: str) -> frozenset[Pause]:
        with translated():
            answer = self.client.query(
                TableName=self.name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues=pack({":pk": f"{store}#P"}),
                ConsistentRead=True,
            )
        keys = [unpack(item)["sk"].partition("#") for item in answer["Items"]]
        return frozenset(Pause(scope, name) for scope, _, name in keys)

    def pause(self, store: str, pause: Pause) -> None:
        with translated():
            self.client.put_item(TableName=self.name, Item=_pause_key(store, pause))
        self.seen.pop(store, None)

    def resume(self, store: str, pause: Pause) -> None:
        with translated():
            self.client.delete_item(TableName=self.name, Key=_pause_key(store, pause))
        self.seen.pop(store, None)


def _pause_key(store: str, pause: Pause) -> Item:
    return pack({"pk": f"{store}#P", "sk": f"{pause.scope}#{pause.name}"})
