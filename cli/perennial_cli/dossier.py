"""Everything that is held about one customer, as one object: what a person may ask for (GDPR art. 15 and 20)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from perennial import documents
from perennial.customer import Customer
from perennial.every_name import archive_of, ledger_of, names_of, touches_of
from perennial.forgetting import told_of
from perennial.ledger import Entry
from perennial.outside import ForAdvancing, ForReceiving
from perennial.ports import Parked
from perennial_cli.explaining import explain


def dossier(store: str, customer: str, advancing: ForAdvancing, receiving: ForReceiving) -> dict[str, Any]:
    """`parked` holds whatever is kept about the person or names them, with its content."""
    held, rows = explain(store, customer, advancing)
    archived, names = archive_of(held, advancing), names_of(held)
    contacts = [held.profile.contact, *(order.contact for order in (*held.orders.values(), *archived))]
    values = told_of(contacts, held.profile.aliases, advancing.content.stores[store])
    parked = [entry for entry in receiving.parking.parked(store) if _is_of(entry, names, values, receiving)]
    return {
        "store": store,
        "customer": held.profile.customer,
        "as_of": advancing.now().isoformat(),
        "profile": plain(held.profile),
        "aliases": list(held.profile.aliases),
        "orders": {"live": plain_all(held.orders.values()), "archived": plain_all(archived)},
        "enrolments": plain_all(held.enrolments.values()),
        "touches": plain_all(touches_of(held, advancing)),
        "ahead": [row.as_dict() for row in rows if row.outcome == "waiting"],
        "consent_ledger": ledger_rows(ledger_of(held, advancing)),
        "parked": [{**plain(entry), "content": receiving.parking.content(entry)} for entry in parked],
    }


def is_nobody(held: Customer) -> bool:
    return held.profile.version == 0


def plain(value: object) -> dict[str, Any]:
    """As the table holds it: what is at its default is left out."""
    found: dict[str, Any] = json.loads(documents.write(value))
    return found


def plain_all(values: Iterable[object]) -> list[dict[str, Any]]:
    return [plain(value) for value in values]


def ledger_rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each word as a person reads it."""
    return [
        {
            "channel": entry.topic.partition(":")[0],
            "class": entry.topic.partition(":")[2],
            "state": entry.said.state,
            "basis": entry.basis,
            "at": entry.said.at.isoformat(),
            "heard_at": entry.heard_at.isoformat(),
            "source": entry.said.source,
            "level": entry.said.level,
            "wording": entry.said.wording,
            "evidence": entry.said.evidence,
        }
        for entry in entries
    ]


def _is_of(entry: Parked, names: Sequence[str], values: Sequence[str], outside: ForReceiving) -> bool:
    if entry.customer is not None:
        return entry.customer in names
    content = outside.parking.content(entry).lower()
    return any(value.lower() in content for value in values)
