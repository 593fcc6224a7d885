"""Journeys as enrolments began with them, in the one table: written once, never changed."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from perennial.adapters.errors import translated
from perennial.adapters.items import pack, unpack
from perennial.errors import RuleFailed
from perennial.journeys import Journey, canonical, version_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoVersions:
    """What a process has kept or found once, it does not ask for again: versions never change."""

    client: "DynamoDBClient"
    name: str
    known: dict[tuple[str, str], Journey] = field(default_factory=dict)

    def keep(self, store: str, journey: Journey) -> None:
        version = version_of(journey)
        if (store, version) in self.known:
            return
        item = {"pk": f"{store}#J", "sk": version, "doc": canonical(journey)}
        with translated():
            self.client.put_item(TableName=self.name, Item=pack(item))
        self.known[store, version] = journey

    def find(self, store: str, version: str) -> Journey | None:
        if (store, version) not in self.known:
            key = pack({"pk": f"{store}#J", "sk": version})
            with translated():
                answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
            if "Item" not in answer:
                return None
            self.known[store, version] = _journey(version, unpack(answer["Item"])["doc"])
        return self.known[store, version]


def _journey(version: str, document: str) -> Journey:
    try:
        return Journey.model_validate_json(document)
    except ValidationError as error:
        raise RuleFailed(f"journey version {version} was kept by a release that took what this one refuses") from error
