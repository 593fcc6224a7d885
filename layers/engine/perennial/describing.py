"""An order as templates and conditions see it: its items, parcels and refunds, in the customer's own time.

Titles, numbers and links were written by strangers, and are made harmless on the way.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from perennial import events, facts, order_facts, returns, timing
from perennial.answered import Return
from perennial.estimates import Estimate, estimate_order, estimate_parcel, is_late
from perennial.gates import Scene
from perennial.goods import MOST_LINES, classify
from perennial.hygiene import NAME, clean, header_text, safe_url
from perennial.introducing import address_of, locale_of
from perennial.orders import MOST_ORDERS, PAID, Order, Parcel
from perennial.remembering import remembered
from perennial.store import Store
from perennial.timing import Offset

MOVING = ("in_transit", "out_for_delivery", "attempt_failed", "ready_for_pickup")
SHOWN_STAGES = ("approved", "received", "refunded", "exchanged")


def order_of(items: tuple[facts.Item, ...], scene: Scene) -> facts.Order:
    order, known, come = scene.order, scene.order.known, order_facts.moments(scene.order)
    estimate = _still_ahead(estimate_order(order, scene.store, scene.zone), scene)
    total = known.total if known.current_total is None else known.current_total
    return facts.Order(
        number=header_text(known.number or known.id, NAME),
        placed_at=come.get("order.placed", scene.now).astimezone(scene.zone),
        items=items,
        purchase_types=tuple(dict.fromkeys(item.kind for item in items)),
        categories=tuple(dict.fromkeys(item.category for item in items)),
        total=money_of(total, known.currency),
        shipping=money_of(known.shipping, known.currency),
        discount=money_of(known.discount, known.currency),
        shipping_address=address_of(
            known.shipping_address, scene.store, locale_of(scene.customer.profile, order) or "en"
        ),
        shipping_method=header_text(known.shipping_method, NAME) if known.shipping_method else None,
        estimated_delivery=estimate.on if estimate else None,
        estimate_source=estimate.source if estimate else None,
        parcels=tuple(parcel_of(parcel, scene) for parcel in order_facts.parcels_of(order)),
        refunds=tuple(refund_of(refund, scene) for refund in order_facts.settled_refunds(order)),
        status_url=safe_url(known.status_url),
        cancel_reason=known.cancel_reason,
        **_become(scene, come),
    )


def _become(scene: Scene, come: Mapping[str, datetime]) -> dict[str, Any]:
    """What has become of the order: the facts that conditions ask for."""
    order, known, delivered = scene.order, scene.order.known, come.get("order.delivered")
    parcels = order_facts.parcels_of(order)
    return {
        "paid": known.payment_status in PAID,
        "shipped": "order.shipped" in come,
        "delivered": delivered is not None,
        "on_its_way": delivered is None and any(set(parcel.firsts) & set(MOVING) for parcel in parcels),
        "cancelled": "order.cancelled" in come,
        "refunded": "order.refunded" in come,
        "fully_refunded": "order.fully_refunded" in come,
        "late": is_late(order, scene.store, scene.zone, scene.now),
        "renewal": known.channel == "renewal",
        "in_person": known.channel == "pos",
        "channel": header_text(known.channel, NAME) if known.channel else None,
        "delivered_at": local(delivered, scene.zone),
        "reviewed": "order.reviewed" in come,
        "score": order.score.score if order.score else None,
        "score_reason": clean(order.score.opinion.why) if order.score and order.score.opinion.why else None,
        "detractor": order.score is not None and order.score.detracted_at is not None,
        "being_returned": returns.being_returned(order),
    }


def items_of(lines: Iterable[events.Line], scene: Scene) -> tuple[facts.Item, ...]:
    arrived, currency = order_facts.delivered_at(scene.order), scene.order.known.currency
    return _items(tuple(lines), arrived, currency, scene.store, scene.zone)


@remembered(MOST_ORDERS)
def _items(
    lines: tuple[events.Line, ...], arrived: datetime | None, currency: str | None, store: Store, zone: ZoneInfo
) -> tuple[facts.Item, ...]:
    return tuple(_item(line, arrived, currency, store, zone) for line in lines)


@remembered(MOST_LINES)
def _item(
    line: events.Line, arrived: datetime | None, currency: str | None, store: Store, zone: ZoneInfo
) -> facts.Item:
    rule = classify(line, store)
    until = None
    if rule.warranty_months and arrived:
        until = timing.shift(arrived, Offset(months=rule.warranty_months), zone).astimezone(zone).date()
    return facts.Item(
        line_id=line.id,
        title=header_text(line.title, 120),
        quantity=line.quantity,
        kind=rule.kind,
        category=rule.category,
        variant=header_text(line.variant, NAME) if line.variant else None,
        sku=clean(line.sku) if line.sku else None,
        price=money_of(line.price, currency),
        image_url=safe_url(line.image_url),
        url=safe_url(line.url),
        manual_url=rule.manual_url,
        register_url=rule.register_url,
        recipes_url=rule.recipes_url,
        maintenance_url=rule.maintenance_url,
        warranty_months=rule.warranty_months,
        warranty_until=until,
    )


def parcel_of(parcel: Parcel, scene: Scene) -> facts.Parcel:
    estimate = _still_ahead(estimate_parcel(parcel, scene.order, scene.store, scene.zone), scene)
    return facts.Parcel(
        id=parcel.known.id,
        items=items_of(order_facts.parcel_lines(scene.order, parcel), scene),
        carrier=header_text(parcel.known.carrier, NAME) if parcel.known.carrier else None,
        tracking=tuple(
            facts.Tracking(header_text(entry.number, NAME) if entry.number else None, safe_url(entry.url))
            for entry in parcel.known.tracking
            if entry.number or safe_url(entry.url)
        ),
        shipped_at=local(parcel.shipped_at, scene.zone),
        delivered_at=local(parcel.firsts.get("delivered"), scene.zone),
        estimated_delivery=estimate.on if estimate else None,
        estimate_source=estimate.source if estimate else None,
        postponed=parcel.postponed,
    )


def refund_of(refund: events.Refund, scene: Scene) -> facts.Refund:
    currency = refund.currency or scene.order.known.currency
    return facts.Refund(
        refunded_at=refund.refunded_at.astimezone(scene.zone),
        amount=facts.Money(refund.amount, currency) if refund.amount is not None and currency else None,
        items=items_of(_portions(refund.lines, scene.order), scene),
    )


def _portions(parts: Iterable[events.LineQuantity], order: Order) -> list[events.Line]:
    """The positions that are named, with the pieces that are."""
    back = {part.line_id: part.quantity for part in parts}
    return [line.model_copy(update={"quantity": back[line.id]}) for line in order.known.lines if back.get(line.id)]


def return_of(case: Return, scene: Scene) -> facts.ReturnCase:
    """One return; where it lists no positions, it is of all that was bought."""
    order, terms, come = scene.order, case.terms, returns.stages(case, scene.order)
    lines = _portions(terms.lines, order) if terms.lines else order.known.lines
    return facts.ReturnCase(
        id=case.id,
        items=items_of(lines, scene),
        replacements=items_of(terms.replacements, scene),
        wish=terms.wish,
        reason=clean(terms.reason) if terms.reason else None,
        note=clean(terms.note) if terms.note else None,
        withdrawal="withdrawn" in come,
        requested_at=local(returns.asked_at(case), scene.zone),
        **{f"{stage}_at": local(come.get(stage), scene.zone) for stage in SHOWN_STAGES},
    )


def review_of(order: Order, items: Iterable[facts.Item]) -> facts.Review | None:
    """The newest of the order's reviews, and what was said of each item that has one."""
    newest = sorted(order.reviews.items(), key=lambda entry: (entry[1].at, entry[0]), reverse=True)
    by_line = {item.line_id: item for item in items}
    if not newest:
        return None
    said = {line: review.verdict for line, review in newest}
    verdict = newest[0][1].verdict
    return facts.Review(
        stars=verdict.stars,
        text=_words(verdict),
        publish=verdict.publish,
        items=tuple(item for line, item in by_line.items() if line in said),
        verdicts=tuple(
            facts.Verdict(by_line[line], one.stars, _words(one), one.publish)
            for line, one in said.items()
            if line in by_line
        ),
    )


def _words(verdict: events.Verdict) -> str | None:
    return clean(verdict.text) if verdict.text else None


def _still_ahead(estimate: Estimate | None, scene: Scene) -> Estimate | None:
    """A day that has passed is nothing to look forward to, and no message names it."""
    today = scene.now.astimezone(scene.zone).date()
    return estimate if estimate is not None and estimate.on >= today else None


def money_of(amount: Decimal | None, currency: str | None) -> facts.Money | None:
    return None if amount is None or currency is None else facts.Money(amount, currency)


def local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone) if moment else None
