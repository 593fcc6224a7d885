"""Who calls the functions: the shops at the door, the queues, the providers' reports, the hourly sweep."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from perennial import events
from perennial.adapters.memory_overdue import MemoryOverdue
from perennial.advancing import advance
from perennial.errors import DeliveryRefused, Unavailable
from perennial.platforms import platform
from perennial.receiving import Delivery, receive
from perennial.recording import record, record_text
from perennial.serving import Shown, Visit, serve
from perennial.sweeping import LATE, WAITED, sweep
from perennial_cli.simulation.answering import Answering, boxes_of
from perennial_cli.simulation.boundary import Died, Run
from perennial_cli.simulation.carrying import fetched
from perennial_cli.simulation.hurrying import hurried
from perennial_cli.simulation.lines import VISIBILITY, Group, Message
from perennial_cli.simulation.poison import Poisons, try_unreadable
from perennial_cli.simulation.providers import FORGED, SCANNER, Method
from perennial_cli.simulation.stories import Telling
from perennial_cli.simulation.world import World

RETRIES = (timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
"""How a shop tries again after anything but a 2xx; the last one repeats."""

HOUR = timedelta(hours=1)

MOST_PRESSES = 20
"""How often a button is pressed that does nothing but say sorry; outages are shorter."""


class Workers:
    """Puts a world to work."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.poisons = Poisons(world, self._called)
        world.work, world.record, world.visit = self.work, self.record, self.visit
        world.answer = Answering(world).begin

    def expect(self, tellings: tuple[Telling, ...]) -> None:
        """Each at its time, as far as the net between shop and door allows."""
        rates = self.world.faults.rates
        for telling in tellings:
            luck = self.world.faults.luck(f"{telling.name} on its way")
            at = telling.at + timedelta(seconds=luck.between(1, 20))
            late, apart = luck.choice((10, 240, 3000)), luck.choice((0, 3, 600))
            if self._goes_wrong("late", telling, at, rates.delivery_delayed):
                at += timedelta(minutes=late)
            self._at_the_door(at, telling)
            if self._goes_wrong("doubled", telling, at, rates.delivery_doubled):
                self._at_the_door(at + timedelta(minutes=apart), telling)
            if self._goes_wrong("forged", telling, at, rates.forged):
                self._at_the_door(at, replace(telling, name=f"{telling.name}-forged"))
            if self._goes_wrong("unreadable", telling, at, rates.unreadable):
                self._at_the_door(at, replace(telling, name=f"{telling.name}-cut"))

    def _goes_wrong(self, how: str, telling: Telling, at: Any, rate: float) -> bool:
        name = f"{telling.name} {how}"
        wrong = self.world.faults.happens(name, rate)
        if wrong:
            told = {"kind": f"delivery {how}", "name": name, "delivery": telling.name}
            self.world.later(at, lambda: self.world.log.note("fault", self.world.now, **told))
        return wrong

    def _at_the_door(self, at: Any, telling: Telling, tries: int = 0) -> None:
        self.world.later(at, lambda: self._deliver(telling, tries))

    def _deliver(self, telling: Telling, tries: int) -> None:
        """One webhook. Whatever is not taken is brought again."""
        world = self.world
        body = json.dumps(telling.body).encode()
        body = body[: len(body) // 2] if telling.name.endswith("-cut") else body
        genuine = not telling.name.endswith("-forged")
        secret = world.keys.shops if genuine else world.keys.forgers
        headers = platform("perennial").sign({"webhook-id": telling.name}, body, secret, world.now)
        run = world.new_run("receive", telling.name, person=f"p{telling.person.number}")
        delivery = Delivery("perennial", world.store, headers, body, world.now)
        receipt = self._called(run, lambda: receive(delivery, world.receiving))
        if not genuine:
            world.log.note("forgery", world.now, delivery=telling.name, run=run.number, taken=receipt is not None)
            return
        taken = receipt is not None
        world.log.note("webhook", world.now, delivery=telling.name, type=telling.body["type"],
                       person=telling.person.number, status=200 if taken else 500, run=run.number, happened=telling.at,
                       secret=world.keys.stage, told=receipt.as_log() if receipt is not None else None)  # fmt: skip
        if not taken:
            self._at_the_door(world.now + RETRIES[min(tries, len(RETRIES) - 1)], telling, tries + 1)

    def _called(self, run: Run, call: Callable[[], Any]) -> Any:
        """What a function answers; None if it died or failed, as whoever called it sees it."""
        world = self.world
        with world.running(run):
            try:
                done = call()
                if run.doomed:
                    raise Died
            except Died:
                world.log.note("died", world.now, run=run.number, function=run.function, customer=run.customer)
                return None
            except DeliveryRefused as error:
                world.log.note("refused", world.now, run=run.number, function=run.function, status=error.status)
                return None
            except Exception as error:  # noqa: BLE001  as the handlers do it: whatever it is, it is brought again
                words = str(error) if isinstance(error, Unavailable) else f"{type(error).__name__}: {error}"
                world.log.note("failed", world.now, run=run.number, function=run.function, reason=words,
                               foreseen=isinstance(error, Unavailable))  # fmt: skip
                return None
        return done

    def work(self, group: Group) -> None:
        """Hands on what stands in a customer's line, one after the other."""
        message = self.world.lines.head(group)
        if message is None:
            return
        if self.handle(message):
            self.world.lines.done(message)
        else:
            self.world.lines.back(message)
        if self.world.lines.groups.get(group):
            self.world.later(self.world.now + timedelta(milliseconds=50), lambda: self.work(group))

    def handle(self, message: Message, nested: bool = False) -> bool:
        """Whether the message is done."""
        world = self.world
        message.receives += 1
        event = events.from_json(message.body)
        label = world.label(message.group[2])
        told_of = {"customer": message.group[2], "event": event, "person": label}
        run = world.new_run("advance", _what(event, label), nested=nested, **told_of)
        run.again = None if nested else lambda: self._meanwhile(message)
        redelivered = message.receives > 1

        def read() -> events.Event:
            return self.poisons.strike(run, fetched(event, message.body, world.bodies))

        outside = hurried(world, run, event)
        report = self._called(run, lambda: advance(read(), message.group[2], outside, redelivered=redelivered))
        if report is None:
            return False
        if report.outcome in ("applied", "unchanged") and not self._speaks_for_nobody(event, message.group[2]):
            world.hear(run)
        world.log.note("handled", world.now, run=run.number, event=event.id, type=event.type, calls=run.calls,
                       customer=message.group[2], told=report.as_log())  # fmt: skip
        name = f"{run.name} again"
        again = not nested and world.faults.happens(name, world.faults.rates.message_again)
        if again:
            world.log.note("fault", world.now, kind="message again", name=name, event=event.id, run=run.number,
                           customer=run.customer)  # fmt: skip
        return not again

    def _speaks_for_nobody(self, event: events.Event, customer: str) -> bool:
        """Whoever became another has nothing to apply, whatever is said: only wakes may end there."""
        held = self.world.memory.customers.get((self.world.store, customer))
        return held is not None and held.profile.redirect is not None and not isinstance(event, events.WakeDue)

    def _meanwhile(self, message: Message) -> None:
        """Another worker goes through with the same message while this one stands still."""
        self.handle(message, nested=True)

    def record(self, which: str, body: str, name: str) -> None:
        world = self.world
        run = world.new_run("record", name)
        call = record if which == "ses" else record_text
        done = self._called(run, lambda: call(body, world.recording))
        if done is not None:
            world.log.note("report", world.now, run=run.number, told=done.as_log(), **_type_of(which, body))
        if done is None or done.outcome == "waiting":
            world.later(world.now + VISIBILITY, lambda: self.record(which, body, name))

    def visit(self, method: Method, link: str, name: str, form: bytes, tries: int = 0) -> Shown | None:
        """A link is followed, or its button pressed; whoever pressed it presses again if the page says so."""
        world = self.world
        path, _, query = link.partition("?")
        page, token = path.split("/")[-2:]
        kind = "application/x-www-form-urlencoded"
        told, before = Visit(method, page, token, world.now, query=query, content_type=kind, body=form), self._prints()
        run = world.new_run("serve", f"{method} /{page} of {name}")
        shown: Shown | None = self._called(run, lambda: serve(told, world.serving))
        if shown is None and method == "POST" and tries < MOST_PRESSES:
            world.later(world.now + timedelta(hours=2), lambda: self.visit(method, link, name, form, tries + 1))
        if shown is not None:
            about = {"outcome": shown.outcome, "events": shown.told, "store": shown.store, "touch": shown.touch}
            button = parse_qs(form.decode()).get("do", [""])[0]
            forged, changed = name.endswith(FORGED), self._prints() != before
            told_of = {"boxes": boxes_of(shown.body)} if (method, page, shown.status) == ("GET", "p", 200) else {}
            world.log.note("visit", world.now, method=method, page=page, token=token, status=shown.status, **told_of,
                           button=button, forged=forged, run=run.number, changed=changed, told=about)  # fmt: skip
        return shown

    def _prints(self) -> tuple[Any, ...]:
        """What there is and which values it is made of: none is ever changed in place."""
        memory, lines = self.world.memory, self.world.lines
        kept = [tuple(map(id, one.values())) for one in (memory.customers, memory.archive, memory.receipts)]
        counts = [len(one) for one in (memory.aliases, memory.parked, memory.bodies, memory.texts, lines.groups)]
        touches = [tuple(map(id, records.values())) for records in memory.touches.values() if records]
        return (*kept, *counts, *touches, lines.waiting)

    def sweep_hourly(self, until: Any) -> None:
        """As the schedule does it; a run that would find nothing is left out, which nobody can tell."""
        world = self.world
        if self._anything_late():
            run = world.new_run("sweep", f"{world.now:%Y-%m-%dT%H}")
            swept = self._called(run, lambda: list(sweep(world.sweeping)))
            world.log.note("swept", world.now, run=run.number, told=[found.as_log() for found in swept or ()])
        if world.lines.dead and world.now.hour % 6 == 0:
            world.log.note("redriven", world.now, messages=world.lines.redrive())
        if world.now.day == world.now.hour == 1:
            try_unreadable(world, self._called)
        if world.now + HOUR <= until:
            world.later(world.now + HOUR, lambda: self.sweep_hourly(until))

    def _anything_late(self) -> bool:
        memory, late, waited = self.world.memory, self.world.now - LATE, self.world.now - WAITED
        if any(held.profile.wake and held.profile.wake.at < late for held in memory.customers.values()):
            return True
        if any(parked.customer and parked.parked_at < waited for parked in memory.parked.values()):
            return any(MemoryOverdue(memory).find(self.world.store, "parked", waited, 1))
        return any(item.since and item.since < waited for item in memory.aliases.values())


def _what(event: events.Event, label: str) -> str:
    """What a run is about, in a name that stays the same when other things are left out."""
    if isinstance(event, events.WakeDue):
        return f"wake {label} {event.occurred_at:%Y-%m-%dT%H:%M}"
    return f"{event.id} {label}"


def _type_of(which: str, body: str) -> dict[str, Any]:
    told = json.loads(body)
    if which == "ses":
        machine = told.get("click", {}).get("userAgent") == SCANNER
        for_good = told.get("bounce", {}).get("bounceType") == "Permanent"
        about = {"type": told["eventType"], "provider_id": told["mail"]["messageId"]}
        return {**about, "machine": machine, "for_good": for_good}
    return {"type": "text", "provider_id": told["notification"]["messageId"]}
