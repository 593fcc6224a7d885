"""One contract, two implementations: everything that is stored, in memory and in DynamoDB on moto."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial import ports
from perennial.adapters import table
from perennial.adapters.directory import DynamoDirectory
from perennial.adapters.dynamodb import DynamoCustomers
from perennial.adapters.items import pack
from perennial.adapters.memory import (
    Memory,
    MemoryBodies,
    MemoryCustomers,
    MemoryDirectory,
    MemoryParking,
    MemoryPauses,
    MemoryVersions,
)
from perennial.adapters.memory_overdue import MemoryOverdue
from perennial.adapters.overdue import DynamoOverdue
from perennial.adapters.parking import DynamoParking
from perennial.adapters.pausing import DynamoPauses
from perennial.adapters.versions import DynamoVersions
from tests.adapters.cloud import PEPPER, TABLE, Clock, Cloud, client

Kind = Literal["memory", "aws"]


@dataclass(frozen=True)
class World:
    """`report_accepted` does what record_feedback will do with a provider's Send report."""

    kind: Kind
    clock: Clock
    customers: ports.Customers
    directory: ports.Directory
    parking: ports.Parking
    pauses: ports.Pauses
    versions: ports.Versions
    bodies: ports.Bodies
    overdue: ports.Overdue
    report_accepted: Callable[[str, str, str, datetime], None]


def in_memory() -> World:
    memory = Memory()

    def report_accepted(store: str, customer: str, touch: str, at: datetime) -> None:
        memory.receipts[store, touch] = at

    return World(
        kind="memory",
        clock=Clock(),
        customers=MemoryCustomers(memory),
        directory=MemoryDirectory(memory),
        parking=MemoryParking(memory),
        pauses=MemoryPauses(memory),
        versions=MemoryVersions(memory),
        bodies=MemoryBodies(memory),
        overdue=MemoryOverdue(memory),
        report_accepted=report_accepted,
    )


def on_aws(cloud: Cloud) -> World:
    dynamodb, clock = client("dynamodb"), Clock()

    def report_accepted(store: str, customer: str, touch: str, at: datetime) -> None:
        dynamodb.update_item(
            TableName=TABLE,
            Key=pack({"pk": table.customer_key(store, customer), "sk": f"T#{touch}"}),
            UpdateExpression="SET accepted_at = :at",
            ExpressionAttributeValues=pack({":at": table.instant(at)}),
        )

    return World(
        kind="aws",
        clock=clock,
        customers=DynamoCustomers(dynamodb, TABLE, PEPPER, cloud.bodies),
        directory=DynamoDirectory(dynamodb, TABLE, PEPPER),
        parking=DynamoParking(dynamodb, TABLE, cloud.bodies),
        pauses=DynamoPauses(dynamodb, TABLE, clock),
        versions=DynamoVersions(dynamodb, TABLE),
        bodies=cloud.bodies,
        overdue=DynamoOverdue(dynamodb, TABLE),
        report_accepted=report_accepted,
    )
