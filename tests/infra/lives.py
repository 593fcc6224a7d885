"""Lives in the embedded cloud in which every function does all that it can do, each call of it seen."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from perennial import events, recording, wiring
from perennial.content import Bodies, Content, make_content
from perennial.identity import Alias
from perennial_cli.cloud import FEEDBACK, SWEEP, Cloud
from perennial_cli.functions_host import Function
from perennial_cli.page_visits import LinkOf, visit
from perennial_cli.replaying import Line, Replay
from tests.adapters.cloud import ROOT
from tests.handlers.shop import page_sources
from tests.infra.rights import Watch
from tests.unit.core.builders import DAY, HOUR, KETTLE, MESSAGES, MINUTE, NOW, a_journey, a_store, a_touch, consented

NUMBER, EMAIL = "+447911123456", "ann@example.com"
WHO = {"email": EMAIL, "phone": NUMBER, "first_name": "Ann"}
BODIES = Bodies(
    html='<a href="{{ links.order }}">{{ order.number }}</a>', text="{{ order.number }}", sms="{{ order.number }}"
)
HUGE = 1_000_000
"""Characters that fit neither into a queue nor, as a parked body, into an item, however they are packed."""


def noise(length: int) -> str:
    """Characters that no packing makes shorter than half."""
    parts = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(length // 64 + 1))
    return "".join(parts)[:length]


def content() -> Content:
    """All channels, something to ask by, and a wake of each lane."""
    soon = [a_touch(name, "order.placed", name) for name in ("note", "ping", "buzz")]
    later = [a_touch("later", "order.placed + 5 days", "note")]
    journeys = (
        a_journey("care", *soon, *later, stop=["order.cancelled"]),
        a_journey("offers", a_touch("offer", "order.placed + 4 days", "tips"), stop=["order.cancelled"]),
    )
    return make_content([a_store()], journeys, {told.message: (told, BODIES) for told in MESSAGES}, {}, page_sources())


def an_order(order: str, at: datetime, lines: int = 1, **fields: Any) -> dict[str, Any]:
    """`lines` of some 300 bytes each: 900 are too many for a queue, 4,000 for an item."""
    text = noise(250 * lines)
    goods = [{**KETTLE, "id": str(n), "title": text[250 * n : 250 * (n + 1)]} for n in range(lines)]
    money = {"currency": "GBP", "total": "40.00"}
    return {
        "id": order,
        "number": order,
        "placed_at": at.isoformat(),
        "contact": WHO,
        "lines": goods,
        **money,
        **fields,
    }


class Life:
    """One cloud, told things in turn."""

    def __init__(self, cloud: Cloud, watch: Watch) -> None:
        self.cloud, self.watch = cloud, watch
        self.replay = Replay(cloud, "shop", sign=True)

    def tell(self, type_: str, after: timedelta = MINUTE, **body: Any) -> None:
        at = self.cloud.now + after
        event = {"type": type_, "id": f"{type_}:{at.isoformat()}", "occurred_at": at.isoformat(), **body}
        self.hear("perennial", event, after)

    def hear(self, platform: str, body: Any, after: timedelta = MINUTE) -> None:
        self.replay.feed([Line(at=self.cloud.now + after, platform=platform, body=body)])

    def order(self, order: str, lines: int = 1, **fields: Any) -> None:
        self.tell("OrderPlaced", order=an_order(order, self.cloud.now, lines, **fields))

    def visit(self, purpose: Any, method: str = "GET", body: Mapping[str, str] | None = None) -> None:
        assert visit(self.cloud, LinkOf(message="note", purpose=purpose), method, {}, body).answer.status == 200

    def restart(self) -> None:
        """The functions start afresh, and read their keys again."""
        self.cloud.deploy(self.cloud.content)
        self.watch.listen()

    def sweep(self) -> None:
        self.cloud.call(SWEEP, {})
        self.cloud.settle()

    def lose_wakes(self) -> None:
        scheduler = self.cloud.admin("scheduler")
        for schedule in scheduler.list_schedules()["Schedules"]:
            scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])


def bought(life: Life) -> None:
    """All channels, bodies too large for a queue, and news that nobody can read or own."""
    device = {"endpoint": "arn:aws:sns:x:1:app/1", "platform": "fcm"}
    life.tell("DeviceRegistered", contact=WHO, device=device)
    life.order("1001")
    life.tell("ShipmentShipped", order_id="unknown", parcel={"id": "p1"})
    life.tell("OrderPlacedd")
    life.hear("perennial", f"{EMAIL} {noise(HUGE)}")
    life.tell("CustomerUpdated", contact={**WHO, "first_name": "Anna"})


def looked(life: Life) -> None:
    """Pages that only look, and one that tells."""
    life.visit("order")
    life.visit("review")
    life.visit("unsubscribe", "POST", {"List-Unsubscribe": "One-Click"})


def reported(life: Life, patch: pytest.MonkeyPatch) -> None:
    """Clicks, complaints, a list of numbers that is longer than one run reads, and reports that nobody can read."""
    life.hear("ses", {"eventType": "Click", "to": "note", "link": "order"})
    life.cloud.run_until(life.cloud.now + HOUR)
    life.hear("ses", {"eventType": "Complaint", "to": "note"})
    life.hear("ses", "unreadable")
    life.cloud.call(FEEDBACK, {"awslogs": {"data": noise(HUGE)}})
    life.restart()
    patch.setattr(recording, "PAGES", 1)
    with goes_on(life.cloud):
        life.hear("sns", {"optedOut": NUMBER})


@contextmanager
def goes_on(cloud: Cloud) -> Iterator[None]:
    """SNS's list has one more page than moto has."""
    pages = iter(["more"])

    def add(parsed: dict[str, Any], **_: Any) -> None:
        parsed["nextToken"] = next(pages, None)

    emitter = wiring.client("sns").meta.events
    emitter.register("after-call.sns.ListPhoneNumbersOptedOut", add)
    yield
    emitter.unregister("after-call.sns.ListPhoneNumbersOptedOut", add)


def swept(life: Life) -> None:
    """A wake that comes, wakes of both lanes that never do, a large fact whose owner is known, and a newcomer's."""
    life.restart()
    life.cloud.run_until(life.cloud.now + 6 * DAY)
    for number in ("2001", "2002"):
        life.order(number, contact={"email": f"{number}@example.com"})
    life.lose_wakes()
    late = events.ANY.validate_python(
        {
            "type": "OrderUpdated",
            "id": "late",
            "store": "shop",
            "occurred_at": life.cloud.now,
            "order": an_order("3001", life.cloud.now, 900, contact=None),
        }
    )
    with life.cloud.receiving() as outside:
        alias, owner = Alias("order", "3001"), outside.directory.owner("shop", Alias("email", "2001@example.com"))
        outside.directory.owner_or_park("shop", alias, late, life.cloud.now)
        outside.directory.owner_or_claim("shop", alias, str(owner))
    life.cloud.now += timedelta(days=4, hours=1)
    life.sweep()
    life.lose_wakes()
    life.cloud.now += timedelta(days=2)
    with life.cloud.receiving() as outside:
        said = consented("Given", life.cloud.now - timedelta(days=401), contact={"customer_id": "404"})
        outside.directory.owner_or_park("shop", Alias("customer", "404"), said, life.cloud.now - timedelta(days=2))
    life.sweep()


def left(life: Life) -> None:
    """An order of somebody else, one that is cancelled, one that no item can hold, an erasure, the same person anew."""
    life.order("2001", lines=900, contact={"email": "eve@example.com"})
    life.tell("OrderCancelled", order={"id": "1001", "cancelled_at": life.cloud.now.isoformat()})
    life.order("1002", lines=4000)
    life.tell("ErasureRequested", contact={"email": EMAIL})
    life.tell("CustomerUpdated", contact=WHO)
    life.tell("ErasureRequested", contact={"email": EMAIL})
    life.order("1003", lines=900)


def all_of_it(folder: Path, patch: pytest.MonkeyPatch) -> Watch:
    """What the functions are seen to need in all of these lives."""
    watch = Watch()
    with Cloud.open(content(), ROOT, NOW, folder) as cloud:
        watch.listen()
        patch.setattr(cloud.host, "invoke", watching(watch, cloud.host.invoke))
        life = Life(cloud, watch)
        bought(life)
        looked(life)
        reported(life, patch)
        swept(life)
        left(life)
        assert cloud.failures == []
    return watch


def watching(watch: Watch, invoke: Callable[[Function, Mapping[str, Any]], Any]) -> Callable[..., Any]:
    def watched(function: Function, event: Mapping[str, Any]) -> Any:
        watch.running = function.name
        try:
            return invoke(function, event)
        finally:
            watch.running = ""

    return watched
