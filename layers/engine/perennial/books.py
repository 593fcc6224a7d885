"""What remains of orders, touches and events without the person: the books a shop must keep, and nothing else.

Amounts, goods, dates and ids stay (tax law; GDPR art. 17(3)(b)), and the country, which decides the tax. What is not
named here goes: a field that is added later has to be allowed before an erasure leaves it.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from perennial import events
from perennial.answered import Return, Review, Score
from perennial.customer import Profile, Touch
from perennial.orders import Order, Parcel

M = TypeVar("M", bound=events.Model)

OF_ORDER = frozenset(
    {
        *("id", "number", "placed_at", "cancelled_at", "currency", "total", "current_total", "shipping", "discount"),
        *("tax", "lines", "shipping_address", "estimated_delivery", "payment_status", "fulfilment_status", "channel"),
        *("test", "parcels", "refunds"),
    }
)
OF_ADDRESS = frozenset({"country"})
OF_PARCEL = frozenset(
    {"id", "updated_at", "shipped_at", "cancelled", "carrier", "estimated_delivery", "lines", "progress"}
)
"""A tracking number leads to the person at the carrier's."""
OF_VERDICT = frozenset({"stars"})
OF_OPINION = frozenset({"score"})
OF_RETURN = frozenset({"lines", "wish", "replacements"})
OF_EVENT = frozenset({"type", "id", "store", "occurred_at", "received_at", "order_id", "line_id", "return_id", "touch"})


def bare_order(order: Order) -> Order:
    """The very same object if nothing of the person is left."""
    known = _bare_known(order.known)
    stamps = {name: at for name, at in order.stamps.items() if name in OF_ORDER}
    bare = replace(
        order,
        known=known,
        stamps=stamps,
        parcels={name: _bare_parcel(parcel) for name, parcel in order.parcels.items()},
        reviews={name: Review(_only(told.verdict, OF_VERDICT), told.at) for name, told in order.reviews.items()},
        score=_bare_score(order.score),
        returns={name: _bare_return(told) for name, told in order.returns.items()},
    )
    return order if bare == order else bare


def bare_touch(touch: Touch) -> Touch:
    return replace(touch, to=None, subject=None)


def bare_profile(profile: Profile) -> Profile:
    """Whoever this was, that they are gone, what they bought when, and what is still to be settled."""
    return Profile(
        store=profile.store,
        customer=profile.customer,
        version=profile.version,
        commit=profile.commit,
        redirect=profile.redirect,
        latest_orders=profile.latest_orders,
        orders=profile.orders,
        claims=profile.claims,
        wake=profile.wake,
        wakes=profile.wakes,
        epoch=profile.epoch,
        erased_at=profile.erased_at,
        reborn_at=profile.reborn_at,
        merged=profile.merged,
        moving=profile.moving,
    )


def bare_event(event: events.Event) -> events.Event | None:
    """What an event says about the books; None if it says nothing but of the person."""
    match event:
        case events.OrderEvent():
            return event.model_copy(update={"order": _bare_known(event.order)})
        case events.ShipmentEvent():
            return event.model_copy(update={"parcel": _only(event.parcel, OF_PARCEL)})
        case events.ReviewGiven():
            return _only(event, OF_EVENT | OF_VERDICT)
        case events.ScoreEvent():
            return _only(event, OF_EVENT | OF_OPINION)
        case events.ReturnEvent():
            return _only(event, OF_EVENT | OF_RETURN)
        case events.OrderEdited() | events.OrderRefunded() | events.WakeDue():
            return event
        case _:
            return None


def _bare_known(known: events.Order) -> events.Order:
    bare = _only(known, OF_ORDER)
    address, parcels = bare.shipping_address, tuple(_only(parcel, OF_PARCEL) for parcel in bare.parcels)
    told: dict[str, Any] = {"shipping_address": _only(address, OF_ADDRESS)} if address else {}
    return bare.model_copy(update={**told, **({"parcels": parcels} if parcels else {})})


def _bare_parcel(parcel: Parcel) -> Parcel:
    stamps = {name: at for name, at in parcel.stamps.items() if name in OF_PARCEL}
    return replace(parcel, known=_only(parcel.known, OF_PARCEL), stamps=stamps)


def _bare_score(score: Score | None) -> Score | None:
    if score is None:
        return None
    return replace(score, opinion=_only(score.opinion, OF_OPINION), stamps=_stamps(score.stamps, OF_OPINION))


def _bare_return(told: Return) -> Return:
    return replace(told, terms=_only(told.terms, OF_RETURN), stamps=_stamps(told.stamps, OF_RETURN))


def _stamps(stamps: Mapping[str, Any], kept: Collection[str]) -> Mapping[str, Any]:
    return {name: at for name, at in stamps.items() if name in kept}


def _only(model: M, kept: Collection[str]) -> M:
    """The model as if the rest had never been told; what is absent stays absent."""
    told = {name: getattr(model, name) for name in model.model_fields_set if name in kept}
    return type(model).model_validate(told)
