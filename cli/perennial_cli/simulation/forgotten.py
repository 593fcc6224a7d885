"""What a restored table has forgotten of the log: still there, under another name, so that no law counts on it."""

from collections.abc import Collection, Iterator, Mapping

from perennial import events
from perennial.customer import Customer
from perennial_cli.simulation.log import Log, Record
from perennial_cli.simulation.people import Person
from perennial_cli.simulation.stories import Telling

UNDONE = ("applied", "committed", "parked", "unparked", "merged")

CARRIED = (
    events.ConsentEvent,
    events.MessageComplained,
    events.AddressEvent,
    events.ScoreEvent,
    events.ReturnEvent,
    events.MessagesRested,
    events.TouchEvent,
)
"""What people said on the pages and what providers told, as docs/restoring.md promises to carry it over."""


def forget(log: Log, first: int, adopted: Collection[str], told: bool) -> None:
    """Of the records from `first` on. Customers of the lost time who were carried over are as they were."""
    by_webhook = _by_webhook(log)
    for record in log.records[first:]:
        if record["what"] in UNDONE and not _stays(record, adopted, told, by_webhook):
            record["what"] = f"forgotten: {record['what']}"


def _by_webhook(log: Log) -> set[str]:
    return {told["told"]["event_id"] for told in log.of("webhook") if told["status"] == 200}


def _stays(record: Record, adopted: Collection[str], told: bool, by_webhook: Collection[str]) -> bool:
    if record["what"] == "merged":
        return {record["winner"], record["loser"]} <= {*adopted}
    if record["customer"] in adopted:
        return True
    said = record["what"] == "applied" and record["event"].id not in by_webhook
    return told and said and isinstance(record["event"], CARRIED)


def withdrawals(
    log: Log, first: int, restored: Mapping[str, Customer], people: Mapping[str, Person]
) -> Iterator[Telling]:
    """What the lines of ServePages' log tell of known people who left, as deliveries to the shop's own door."""
    by_webhook = _by_webhook(log)
    for number, record in enumerate(log.records[first:]):
        event = record.get("event")
        if record["what"] != "applied" or not isinstance(event, events.ConsentEvent) or event.id in by_webhook:
            continue
        held = restored.get(record["customer"])
        person = people.get(held.profile.contact.email or "") if held is not None else None
        if event.type == "ConsentWithdrawn" and person is not None:
            body = {"type": event.type, "occurred_at": event.happened_at.isoformat(), "source": event.source,
                    "contact": {"email": person.email}, "channel": event.channel,
                    "classes": list(event.classes)}  # fmt: skip
            yield Telling(event.happened_at, person, body, f"again-{number}")
