"""Between the use cases and the twins: every outside call goes through here, and here it can go wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from perennial import events, ports
from perennial.errors import Unavailable
from perennial.journeys import version_of
from perennial_cli.simulation.chance import Luck
from perennial_cli.simulation.faults import SERVICES

if TYPE_CHECKING:
    from perennial_cli.simulation.world import World

CHANNELS = ("email", "text", "push")
TAKES = timedelta(milliseconds=15)
"""What an outside call takes, so that no two stand at one moment."""

KNOWN_BY_HEART = ("versions",)
"""What the real adapter asks for once in the life of a process, and so costs no event anything."""

STALL = timedelta(seconds=200)
"""Longer than a message stays invisible: it is handed to another worker meanwhile."""


SPOILT = ("throttled", "fails", "times out")
"""Ways in which nothing takes effect, and whoever called lives to hear of it."""

OF_A_TOUCH = ("enrolment", "key", "version", "state", "due", "reason")
"""What the log keeps of a record that is written with a commit."""


class Died(BaseException):
    """The process is gone; nothing of its own code gets to see that."""


@dataclass(slots=True)
class Run:
    """One call of a function by whoever calls it. `name` stays the same when other things are left out; `number`, which
    only tells runs apart, does not.
    """

    function: str
    number: int
    name: str
    luck: Luck
    person: str = ""
    customer: str | None = None
    event: events.Event | None = None
    skew: timedelta = timedelta()
    nested: bool = False
    doomed: bool = False
    calls: int = 0
    made: int = 0
    claim: dict[str, Any] = field(default_factory=dict)
    adopted: list[events.Event] = field(default_factory=list)
    again: Callable[[], None] | None = None


class Boundary:
    """A port as the use cases hold it."""

    def __init__(self, service: str, port: Any, world: "World") -> None:
        self._service, self._port, self._world = service, port, world

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._port, method)
        return lambda *told, **more: through(self._world, (self._service, method), lambda: call(*told, **more), told)


def through(world: "World", name: tuple[str, str], call: Callable[[], Any], told: Sequence[Any]) -> Any:
    """One outside call, as it goes or goes wrong."""
    run = world.run
    world.now += TAKES
    if run.doomed:
        raise Died
    run.calls += name[0] not in KNOWN_BY_HEART
    world.calls += 1
    run.made += 1
    known_as = f"{run.name} call {run.made}"
    way = None if run.nested else world.faults.at_call(world.calls, known_as, run.luck, name[0], world.now)
    if way is None:
        return _seen(world, name, call(), told)
    world.log.note("fault", world.now, kind=way, name=known_as, call=".".join(name), service=SERVICES[name[0]],
                   number=world.calls, run=run.number, function=run.function, customer=run.customer,
                   touch=run.claim.get("touch"), event=run.event.id if run.event else None)  # fmt: skip
    return _wrong(world, way, name, call, told)


def _wrong(world: "World", way: str, name: tuple[str, str], call: Callable[[], Any], told: Sequence[Any]) -> Any:
    if way == "dies before":
        raise Died
    if way in SPOILT:
        return _refuse(name, way)
    result = _seen(world, name, call(), told)
    if way == "dies during":
        raise Died
    if way == "answer lost":
        return _refuse(name, way)
    _meddle(world, way)
    return result


def _refuse(name: tuple[str, str], way: str) -> Any:
    """As the adapters put it: only a throttle says that a message was not taken (perennial/adapters/replies.py)."""
    if name[0] in CHANNELS:
        return ports.Reply("released", "throttled") if way == "throttled" else None
    raise Unavailable(f"{name[0]}: {way}")


def _meddle(world: "World", way: str) -> None:
    run = world.run
    if way == "dies after":
        run.doomed = True
    if way == "stalls":
        world.now += STALL
    if way in ("stalls", "raced") and run.again is not None:
        run.again()


def _seen(world: "World", name: tuple[str, str], result: Any, told: Sequence[Any]) -> Any:
    """What anybody standing outside could note about a call that took effect."""
    if name == ("customers", "commit"):
        _see_commit(world, result, *told)
    if name == ("customers", "commit_both"):
        _see_merge(world, result, *told)
    if name == ("directory", "take_over") or (name == ("customers", "load") and told[1] != world.run.customer):
        world.log.note("merging", world.now, run=world.run.number, customer=world.run.customer)
    if name == ("customers", "load"):
        world.run.claim = {}
    if name[1] in ("park", "remove"):
        _see_parking(world, name, told[-1])
    if name == ("overdue", "put_off"):
        world.log.note("counted", world.now, run=world.run.number, place=told[0].place[0])
    return result


def _see_parking(world: "World", name: tuple[str, str], parked: ports.Parked) -> None:
    what = "parked" if name[1] == "park" else "unparked"
    world.log.note(what, world.now, id=parked.id, kind=parked.kind, customer=parked.customer, run=world.run.number,
                   reason=parked.reason)  # fmt: skip


def _see_commit(world: "World", result: ports.Result, decision: Any, adopted: Any) -> None:
    run = world.run
    if isinstance(result, ports.Taken):
        run.adopted = [fact for held in result.held for fact in held.facts]
    if not isinstance(result, ports.Committed):
        return
    if adopted and run.adopted:
        for fact in run.adopted:
            world.log.note("applied", world.now, run=run.number, customer=run.customer, event=fact)
        run.adopted = []
    if decision.before.profile.moving == decision.after.profile.moving:
        world.hear(run)
    before, after, send = decision.before.enrolments, decision.after.enrolments, decision.send
    entered = {
        name: {"version": held.version, "journey": held.journey, "order": held.order_id}
        for name, held in after.items()
        if name not in before
    }
    entered = {**_begun(world, decision), **entered}
    records = [{"touch": touch.id, **{name: getattr(touch, name) for name in OF_A_TOUCH}} for touch in decision.touches]
    world.log.note("committed", world.now, run=run.number, customer=run.customer, entered=entered, touches=records,
                   ended=[{"touch": end.touch, "state": end.state} for end in decision.endings])  # fmt: skip
    if send is not None:
        _see_claim(world, send)


def _see_merge(world: "World", result: ports.Result, winner: Any, loser: Any) -> None:
    """Whoever looks at the table sees that one customer redirects to another; further commits only hand over."""
    before, after = loser.before.profile, loser.after.profile
    if isinstance(result, ports.Committed) and after.redirect is not None:
        known = any(told["loser"] == before.customer for told in world.log.of("merged"))
        if not known:
            world.log.note("merged", world.now, run=world.run.number, customer=after.redirect, loser=before.customer,
                           winner=after.redirect)  # fmt: skip


def _see_claim(world: "World", send: Any) -> None:
    run = world.run
    run.claim = {
        "touch": send.touch.id,
        "customer": run.customer,
        "class": send.touch.class_,
        "channel": send.go.channel,
        "message": send.touch.message,
        "journey": send.touch.journey,
        "order": send.touch.order_id,
        "version": send.touch.version,
        "to_store": send.planned.message.to == "store",
    }
    more = {"key": send.touch.key, "to": send.go.address, "due": send.touch.due}
    world.log.note("claimed", send.touch.at, run=run.number, **more, **run.claim)


def _begun(world: "World", decision: Any) -> dict[str, dict[str, str]]:
    """Passages that the orders themselves say were begun, also if they were over in the same commit."""
    found = {}
    for name, order in decision.after.orders.items():
        held = decision.before.orders.get(name)
        for journey in set(order.entered) - set(held.entered if held else ()):
            version = version_of(world.content.journeys[journey])
            found[f"{journey}:{name}"] = {"version": version, "journey": journey, "order": name}
    return found
