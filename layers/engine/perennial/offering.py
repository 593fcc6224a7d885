"""What a message offers: goods that go with what was bought, and terms that end on a day the customer can read."""

from perennial import facts, timing
from perennial.customer import OfferMade
from perennial.gates import Scene
from perennial.orders import MOST_ORDERS
from perennial.planning import Planned
from perennial.remembering import remembered
from perennial.store import Offer, Store, Suggestion
from perennial.timing import Offset

SHOWN = 4
"""Suggestions in one message."""


def make_offer(name: str, scene: Scene) -> OfferMade | None:
    """The offer as this person gets it now; None if the store has no such offer."""
    terms: Offer | None = scene.store.offers.get(name)
    if terms is None:
        return None
    last_day = timing.end_of_day(timing.shift(scene.now, Offset(days=terms.days), scene.zone), scene.zone)
    return OfferMade(scene.now, last_day, terms.percent, terms.code, terms.days, terms.goods)


def offer_name(planned: Planned) -> str | None:
    """The offer a touch makes, or the one whose last day it speaks of."""
    if planned.step.offer is not None:
        return planned.step.offer
    return next((offer for moment in planned.journey.moments(planned.step) if (offer := moment.depends_on[1])), None)


def offer_of(planned: Planned, scene: Scene) -> facts.Offer | None:
    name = offer_name(planned)
    if name is None:
        return None
    made = planned.enrolment.offers.get(name) or make_offer(name, scene)
    if made is None:
        return None
    return facts.Offer(name, made.percent, made.code, made.expires_at.astimezone(scene.zone), made.days, made.goods)


@remembered(MOST_ORDERS)
def suggested(
    role: str, items: tuple[facts.Item, ...], everything: tuple[facts.Item, ...], store: Store
) -> tuple[facts.Suggestion, ...]:
    """What goes with the categories of these items and is not in the order already, which is `everything`."""
    bought = {item.title for item in everything}
    categories = {item.category for item in items}
    fitting = [
        entry
        for entry in store.suggestions
        if entry.role == role and categories & set(entry.goes_with) and entry.title not in bought
    ]
    return tuple(_suggestion(entry, categories, store) for entry in fitting[:SHOWN])


def _suggestion(entry: Suggestion, categories: set[str], store: Store) -> facts.Suggestion:
    return facts.Suggestion(
        title=entry.title,
        url=entry.url,
        role=entry.role,
        goes_with=next(category for category in entry.goes_with if category in categories),
        image_url=entry.image_url,
        price=facts.Money(entry.price, store.currency) if entry.price is not None else None,
    )
