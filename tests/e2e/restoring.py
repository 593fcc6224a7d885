"""A shop whose table is put back to an earlier day: what it did before, in the lost time, and after."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perennial import wiring
from perennial.customer import schedule_name
from perennial.identity import Alias
from perennial_cli import cloud_timers
from perennial_cli.cloud import Cloud
from perennial_cli.explaining import Row, explain
from perennial_cli.rearm.command import begin
from perennial_cli.rearm.rearming import Tally
from perennial_cli.rearm.run import HELD, Run
from perennial_cli.replaying import Line, Replay
from perennial_cli.stacks import Stack
from tests.e2e.conftest import ROOT, TEMPLATES, compiled
from tests.e2e.shop import line, order, parcel, progress

Items = list[dict[str, Any]]
LOST = "the-table-as-it-was"


def at(day: int, hour: int = 9, minute: int = 12) -> datetime:
    """In March 2026, UTC."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def bought(number: int, day: int, hour: int = 9) -> list[dict[str, Any]]:
    """An order of a buyer of its own, from the shop's till to the door three days later."""
    who = f"buyer{number}@mail.example"
    buyer = {"id": number, "email": who, "first_name": "Mina", "last_name": "Okafor"}
    goods = [{**item, "id": number} for item in order()["line_items"]]
    placed, sent, there = (moment.isoformat() for moment in (at(day, hour), at(day + 1, hour), at(day + 3, hour)))
    body = order(number, placed, email=who, customer=buyer, line_items=goods)
    leaves = {**parcel(number + 5000, number, sent), "line_items": [{"id": number, "quantity": 1}]}
    leaves |= {"tracking_numbers": [f"SP{number}"]}
    arrives = {**progress("delivered", there, number + 5000, number), "id": number + 9000}
    return [
        line("orders/create", placed, body, str(number)),
        line("fulfillments/create", sent, leaves, str(number)),
        line("fulfillment_events/create", there, arrives, str(number)),
    ]


@dataclass
class Shop:
    """`armed` are the moments each name of a schedule was ever asked for."""

    cloud: Cloud
    replay: Replay
    armed: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        wiring.session().get_component("event_emitter").register(
            "provide-client-params.scheduler.CreateSchedule", self._armed
        )

    def _armed(self, params: dict[str, Any], **_: Any) -> None:
        self.armed[params["Name"]].add(params["ScheduleExpression"])

    def reused(self) -> list[str]:
        """Names that were asked for at more than one moment: Scheduler keeps the first, and rings at a wrong time."""
        return [name for name, moments in self.armed.items() if len(moments) > 1]

    def hears(self, lines: Iterable[dict[str, Any]], until: datetime) -> None:
        """Each line at its time, those of the past at once; then time goes on."""
        told = sorted((Line.model_validate(one) for one in lines), key=lambda one: one.at)
        self.replay.feed(told)
        self.cloud.run_until(until)

    @property
    def table(self) -> str:
        return str(self.cloud.resources.attribute("Table", "Ref"))

    def copy(self, table: str | None = None) -> Items:
        pages = self.cloud.admin("dynamodb").get_paginator("scan").paginate(TableName=table or self.table)
        return [item for page in pages for item in page["Items"]]

    def put_back(self, items: Items) -> None:
        """What a restore makes of the table; the table as it was stays, under another name."""
        client = self.cloud.admin("dynamodb")
        made = client.describe_table(TableName=self.table)["Table"]
        keys = {"AttributeDefinitions": made["AttributeDefinitions"][:2], "KeySchema": made["KeySchema"]}
        client.create_table(TableName=LOST, BillingMode="PAY_PER_REQUEST", **keys)
        for item in self.copy():
            client.put_item(TableName=LOST, Item=item)
            client.delete_item(TableName=self.table, Key={name: item[name] for name in ("pk", "sk")})
        for item in items:
            client.put_item(TableName=self.table, Item=item)

    @contextmanager
    def rearming(self, restored_to: datetime, told: bool = False, dry: bool = False) -> Iterator[Run]:
        with (
            self.cloud.receiving() as receiving,
            self.cloud.recording() as recording,
            self.cloud.advancing() as advancing,
        ):
            yield begin(Stack(advancing, receiving, recording), restored_to, None, LOST if told else None, dry=dry)

    def rearm(self, restored_to: datetime, told: bool = False, dry: bool = False) -> Tally:
        with self.rearming(restored_to, told, dry) as run:
            tally = run.store("demo")
            run.orphans()
        return tally

    def resume(self) -> None:
        with self.cloud.advancing() as outside:
            for pause in HELD:
                outside.pauses.resume("demo", pause)

    def sent(self) -> Counter[str]:
        """By touch, however often a provider was asked."""
        return Counter(message.tags["touch"] for message in self.cloud.witness.sent)

    def rows(self) -> list[Row]:
        with self.cloud.advancing() as outside:
            return [row for store, customer in self.cloud.customers() for row in explain(store, customer, outside)[1]]

    def schedules(self) -> set[str]:
        return {schedule.name for _, _, schedule in cloud_timers.live()}

    def wakes(self) -> set[str]:
        """The schedules that there should be; `no wake` for somebody with something ahead and none."""
        with self.cloud.advancing() as outside:
            people = [outside.customers.load(store, customer) for store, customer in self.cloud.customers()]
        return {
            schedule_name(held.profile.customer, held.profile.epoch, held.profile.wake.n)
            if held.profile.wake
            else "no wake"
            for held in people
            if held.profile.wake or held.enrolments
        }

    def customer_of(self, number: int) -> str:
        with self.cloud.receiving() as outside:
            return outside.directory.owner("demo", Alias("order", str(number))) or "nobody"


@contextmanager
def shop(folder: Path) -> Iterator[Shop]:
    with Cloud.open(compiled(Path(TEMPLATES)), ROOT, at(1), folder) as cloud:
        yield Shop(cloud, Replay(cloud, "demo", sign=True))
