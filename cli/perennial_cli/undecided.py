"""Journeys of which nobody can tell whether an order begins them, because the condition beside their `enrol` fails."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from perennial.conditions import compile_condition
from perennial.customer import Customer
from perennial.draft import Draft, Setting
from perennial.enrolling import enrol
from perennial.errors import RuleFailed
from perennial.every_name import archive_of
from perennial.journeys import Journey
from perennial.order_facts import moments
from perennial.orders import Order
from perennial.outside import ForAdvancing
from perennial.projecting import Projection
from perennial.scenes import scene_of
from perennial_cli.explaining import notes_on, setting_for
from perennial_cli.screen import out

Outcome = Literal["fails", "begins", "says no", "too late", "gone"]

NEXT: dict[Outcome, str] = {
    "fails": "It fails here, too: mend it and deploy. It is asked again with the next news of the order{until}.",
    "begins": "Here it holds: once that is deployed, the journey begins with the next news of the order{until}.",
    "says no": "Here it says no: once that is deployed, the journey will not begin for this order.",
    "too late": "It is asked no more: the order is too old by now, or has met what ends the journey.",
    "gone": "The journey is not in these templates: once they are deployed, it is asked no more.",
}


@dataclass(frozen=True)
class Undecided:
    """`since` is when the journey's moment came, `until` how long it may still begin. `outcome` is what the next news
    of the order would bring with the templates that are here, and `reason` how the condition fails.
    """

    journey: str
    order: str
    on: str | None
    since: datetime | None
    until: datetime | None
    outcome: Outcome
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """The shape that `perennial replay --json` documents."""
        times = {"since": self.since, "until": self.until}
        return asdict(self) | {name: moment.isoformat() if moment else None for name, moment in times.items()}


def undecided_of(customer: Customer, outside: ForAdvancing) -> tuple[Undecided, ...]:
    """Asks each of them once more, as the engine would with the next news of its order; orders in the archive, too."""
    setting = setting_for(customer, outside)
    orders = (*customer.orders.values(), *archive_of(customer, outside))
    return tuple(_asked(name, order, customer, setting) for order in orders for name in order.undecided)


def show_notes(customer: Customer, outside: ForAdvancing) -> None:
    """Prints what stands below the table of touches."""
    for note in (*notes_on(customer.profile), *notes_on_undecided(undecided_of(customer, outside))):
        out.print(note, markup=False, highlight=False)


def notes_on_undecided(found: Iterable[Undecided]) -> Iterator[str]:
    """A sentence for each, and what to do."""
    for one in found:
        since = f" since {one.on} on {_clock(one.since)}" if one.since else ""
        until = f", until {_clock(one.until)}" if one.until else ""
        why = f": {one.reason}" if one.reason else ""
        yield (
            f"Nobody can tell{since} whether order {one.order} begins {one.journey}, as the `when` of its `enrol` "
            f"failed{why}. {NEXT[one.outcome].format(until=until)}"
        )


def _asked(name: str, order: Order, customer: Customer, setting: Setting) -> Undecided:
    journey = next((one for one in setting.journeys() if one.journey == name), None)
    if journey is None:
        return Undecided(name, order.id, None, None, None, "gone", None)
    since = moments(order).get(journey.enrol.on)
    until = since + timedelta(days=setting.store.order_age_limit_days) if since else None
    outcome, reason = _next_news(journey, order, customer, setting)
    return Undecided(name, order.id, journey.enrol.on, since, until, outcome, reason)


def _next_news(journey: Journey, order: Order, customer: Customer, setting: Setting) -> tuple[Outcome, str | None]:
    """By the engine's own rule, which takes a copy of the order for news that tell nothing new."""
    draft = Draft.of(replace(customer, orders={order.id: order}), setting)
    enrol(draft, {order.id: replace(order)})
    if journey.journey in draft.undecided:
        return "fails", draft.undecided[journey.journey]
    if journey.journey in draft.orders[order.id].entered:
        return "begins", None
    return ("says no" if _says_no(journey, order, customer, setting) else "too late"), None


def _says_no(journey: Journey, order: Order, customer: Customer, setting: Setting) -> bool:
    facts = Projection(scene_of(replace(customer, orders={**customer.orders, order.id: order}), order, setting))
    try:
        return journey.enrol.when is not None and not compile_condition(journey.enrol.when).holds(facts)
    except RuleFailed:
        return False


def _clock(moment: datetime | None) -> str:
    return f"{moment:%-d %b %Y %H:%M} UTC" if moment else ""
