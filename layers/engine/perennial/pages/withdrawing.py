"""What of an order can go back, what is on its way back already, and whether the contract can still be left."""

from dataclasses import replace

from perennial import order_facts, timing
from perennial.answered import Return
from perennial.orders import Order
from perennial.page_facts import Case, Returned, Returning
from perennial.pages import About
from perennial.pages.ordered import facts_of, field_of, order_of, scene_of
from perennial.pages.telling import digest
from perennial.returns import begun, is_open, stages
from perennial.timing import Offset

FOURTEEN_DAYS = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip
"""Countries of the EU, the EEA, and the United Kingdom: where a consumer may leave a contract made at a distance."""

PERIOD = Offset(days=17)
"""Fourteen days, and three for weekends and holidays on which the term does not end (Regulation 1182/71 art. 3)."""


def blank_form(about: About) -> Returning:
    order = order_of(about)
    name = facts_of(about).customer.name
    return Returning(
        items=_returnable(about),
        name=name or "",
        may_withdraw=_may_withdraw(about),
        cases=tuple(_case(case, about) for case in sorted(order.returns.values(), key=begun)),
    )


def reference_of(order: Order, type_: str, wanted: tuple[Returned, ...], said: Returning) -> str:
    """One form sent twice is one return; a form that was opened when there was one more return asks for another.

    Shops' own pages may not say how many they showed: there another is what is asked for after one has ended.
    """
    ended = sum(not is_open(case, order) for case in order.returns.values())
    pieces = ",".join(f"{entry.item.line_id}={entry.wanted}" for entry in wanted)
    return f"R-{digest(f'{order.id}|{type_}|{pieces}|{said.wish}|{said.was or ended}')[:8].upper()}"


def _returnable(about: About) -> tuple[Returned, ...]:
    order = order_of(about)
    gifts = {line.id for line in order.known.lines if line.gift_card}
    back = _on_its_way_back(order)
    found = [(item, item.quantity - back.get(item.line_id, 0)) for item in facts_of(about).order.items]
    left = [(item, most) for item, most in found if most > 0 and item.line_id not in gifts]
    return tuple(Returned(field_of(item.line_id), item, most) for item, most in left)


def _on_its_way_back(order: Order) -> dict[str, int]:
    """Pieces of returns that still run, by position. What came back and was exchanged is among the kept no more."""
    pieces: dict[str, int] = {}
    for case in order.returns.values():
        if is_open(case, order):
            for part in case.terms.lines:
                pieces[part.line_id] = pieces.get(part.line_id, 0) + part.quantity
    return pieces


def _may_withdraw(about: About) -> bool:
    """Where nobody reported a delivery, the term has not begun as far as we know."""
    scene = scene_of(about)
    address = scene.order.known.shipping_address
    if not FOURTEEN_DAYS & {scene.store.country, (address.country if address else None) or ""}:
        return False
    arrived = order_facts.delivered_at(scene.order)
    return arrived is None or scene.now <= timing.end_of_day(timing.shift(arrived, PERIOD, scene.zone), scene.zone)


def _case(case: Return, about: About) -> Case:
    known = {item.line_id: item for item in facts_of(about).order.items}
    items = tuple(
        replace(known[part.line_id], quantity=part.quantity) for part in case.terms.lines if part.line_id in known
    )
    come = stages(case, order_of(about))
    stage = max(come, key=lambda name: (come[name], name))
    return Case(case.id, stage, begun(case).astimezone(about.zone), items, case.terms.wish)
