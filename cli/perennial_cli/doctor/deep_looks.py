"""Reads every customer of a table, and the record of every touch. Nothing here changes anything."""

from collections.abc import Collection, Iterator
from functools import cache

from rich.progress import track

from perennial.adapters.dynamodb import DynamoCustomers
from perennial.adapters.restored import DynamoRestored
from perennial.adapters.s3 import S3Bodies
from perennial.adapters.versions import DynamoVersions
from perennial.customer import Customer, Touch
from perennial.errors import PerennialError
from perennial.every_name import names_of
from perennial.journeys import Journey
from perennial_cli.doctor import deep_rules
from perennial_cli.doctor.findings import Finding
from perennial_cli.doctor.place import Place
from perennial_cli.screen import err


def balance(place: Place) -> Iterator[Finding]:
    for store in sorted(place.content.stores):
        yield from _balance(place, store)


def _balance(place: Place, store: str) -> Iterator[Finding]:
    client, name = place.client("dynamodb"), place.named("Table")
    bodies = S3Bodies(place.resources.get("Bucket", ""), lambda: place.client("s3"))
    customers, table = DynamoCustomers(client, name, b"", bodies), DynamoRestored(client, name)
    kept = DynamoVersions(client, name)

    @cache
    def find(version: str) -> Journey | None:
        return place.content.versions.get(version) or kept.find(store, version)

    met, torn = 0, list[str]()
    lost: list[deep_rules.Lost] = []
    for customer in track(table.customers(store), f"Looking at {store}", console=err, transient=True):
        met += 1
        try:
            loaded = None if table.is_torn(store, customer) else customers.load(store, customer)
        except (ValueError, PerennialError):  # a document that nobody can read
            loaded = None
        if loaded is None:
            torn.append(customer)
        elif loaded.profile.redirect is None:  # else the person they turned out to be is looked at
            lost += deep_rules.lost(loaded, _records(loaded, customers), find)
    yield from deep_rules.broken(store, torn)
    yield from deep_rules.unbalanced(store, lost, met)


def _records(customer: Customer, customers: DynamoCustomers) -> Collection[Touch]:
    """Under every name: records stay where they were written when a merge takes their passage along."""
    store = customer.profile.store
    return {touch.id: touch for name in names_of(customer) for touch in customers.touches(store, name)}.values()
