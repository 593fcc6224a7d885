"""One contract, two implementations: everything that is stored, in memory and in DynamoDB on moto."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial import ports
from perennial.adapters.directory import DynamoDirectory
from perennial.adapters.dynamodb import DynamoCustomers
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
from perennial.adapters.memory_receipts import MemoryReceipts
from perennial.adapters.memory_traces import MemoryTraces
from perennial.adapters.overdue import DynamoOverdue
from perennial.adapters.parking import DynamoParking
from perennial.adapters.patience import Patience
from perennial.adapters.pausing import DynamoPauses
from perennial.adapters.receipts import DynamoReceipts
from perennial.adapters.traces import DynamoTraces
from perennial.adapters.versions import DynamoVersions
from perennial.receipts import First, ReceiptBook, TouchRef
from tests.adapters.cloud import PEPPER, TABLE, Clock, Cloud, client

Kind = Literal["memory", "aws"]

AT_ONCE = Patience(wait=lambda seconds: None)
"""Tests of writes that meet others do not wait for them."""


@dataclass(frozen=True)
class World:
    """`book` is what record_feedback writes."""

    kind: Kind
    clock: Clock
    customers: ports.Customers
    directory: ports.Directory
    parking: ports.Parking
    pauses: ports.Pauses
    versions: ports.Versions
    bodies: ports.Bodies
    overdue: ports.Overdue
    traces: ports.Traces
    book: ReceiptBook

    def report_accepted(self, store: str, customer: str, touch: str, at: datetime) -> None:
        """A provider's Send report."""
        self.book.note(TouchRef(store, customer, touch), {"accepted": First(at)})


def in_memory() -> World:
    memory = Memory()
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
        traces=MemoryTraces(memory),
        book=MemoryReceipts(memory),
    )


def on_aws(cloud: Cloud) -> World:
    dynamodb, clock = client("dynamodb"), Clock()
    parking = DynamoParking(dynamodb, TABLE, cloud.bodies)
    return World(
        kind="aws",
        clock=clock,
        customers=DynamoCustomers(dynamodb, TABLE, PEPPER, cloud.bodies, AT_ONCE),
        directory=DynamoDirectory(dynamodb, TABLE, PEPPER, parking, AT_ONCE),
        parking=parking,
        pauses=DynamoPauses(dynamodb, TABLE, clock),
        versions=DynamoVersions(dynamodb, TABLE),
        bodies=cloud.bodies,
        overdue=DynamoOverdue(dynamodb, TABLE),
        traces=DynamoTraces(dynamodb, TABLE, PEPPER, cloud.bodies, AT_ONCE),
        book=DynamoReceipts(dynamodb, TABLE, lambda: PEPPER, AT_ONCE),
    )
