"""Shopify: an order as the shop sees it, its lines, parcels and refunds; and edits, which tell only a difference.

`total_price` is as bought and `current_total_price` after edits and refunds; likewise `quantity` and
`current_quantity`. States come from the body, never from the topic.
"""

from collections.abc import Mapping
from datetime import datetime

from perennial.events import OrderEdited, OrderEvent
from perennial.platforms.bodies import Body, Field, Fields, Reading
from perennial.platforms.shopify_money import amount, currency, order_currency, total
from perennial.platforms.shopify_parcels import is_web_address, parcel
from perennial.platforms.shopify_people import order_contact
from perennial.platforms.shopify_refunds import refund

CHANNELS: Mapping[str, str] = {
    "web": "web",
    "pos": "pos",
    "shopify_draft_order": "draft",
    "subscription_contract": "renewal",
    "subscription_contract_checkout_one": "renewal",
}
Table = Mapping[str, tuple[str, Field]]
"""Ours: theirs, and how it is read."""

_MONEY = {
    "total": "total_price",
    "current_total": "current_total_price",
    "discount": "total_discounts",
    "tax": "total_tax",
}


def placed(body: Body, _told_at: datetime) -> Reading:
    return _order_event("OrderPlaced", body)


def updated(body: Body, _told_at: datetime) -> Reading:
    return _order_event("OrderUpdated", body)


def cancelled(body: Body, _told_at: datetime) -> Reading:
    """The topic is an unsigned header: without `cancelled_at` in the signed body nothing was cancelled."""
    return _order_event("OrderCancelled" if body.moment("cancelled_at") else "OrderUpdated", body)


def edited(body: Body, _told_at: datetime) -> Reading:
    """The lines added may be unknown to us: orders/updated brings them in full."""
    edit = body.part("order_edit") or body.refuse("order_edit", "an object")
    lines = edit.part("line_items") or Body({})
    return OrderEdited, {
        "type": "OrderEdited",
        "occurred_at": edit.first_moment("committed_at", "created_at"),
        "order_id": edit.id("order_id"),
        "edit": {"id": edit.id("id"), "additions": _deltas(lines, "additions"), "removals": _deltas(lines, "removals")},
    }


def _deltas(lines: Body, name: str) -> list[Fields]:
    return [{"line_id": line.id("id"), "delta": line.count("delta")} for line in lines.parts(name)]


def _order_event(type_: str, body: Body) -> Reading:
    """The time is the body's: the Triggered-At header is unsigned, and two topics of one change must agree."""
    return OrderEvent, {
        "type": type_,
        "occurred_at": body.first_moment("updated_at", "created_at"),
        "order": order(body),
    }


def order(body: Body) -> Fields:
    code, shop_code = order_currency(body), currency(body, "currency")
    flat = shop_code in (code, None)
    return {
        "id": body.id("id"),
        "contact": order_contact(body),
        **body.pick(_ORDER),
        **body.known(_ORDER_KNOWN),
        **_placed_at(body),
        **({"currency": code} if code else {}),
        **_money(body, code, flat),
        **({"lines": [_line(line, code, flat) for line in body.parts("line_items")]} if "line_items" in body else {}),
    }


def _placed_at(body: Body) -> Fields:
    """The earlier of both: an order imported today was created today, but processed when it was bought.

    Shopify lets an import set `processed_at` in the past (from memory, not found again in its documentation). Whoever
    moves a shop there must not mail the buyers of years ago; and for other orders the two are seconds apart.
    """
    moments = [moment for moment in (body.moment("created_at"), body.moment("processed_at")) if moment]
    return {"placed_at": min(moments)} if moments else {}


def _money(body: Body, code: str | None, flat: bool) -> Fields:
    amounts = {ours: amount(body, theirs, code, flat=flat) for ours, theirs in _MONEY.items()}
    shipping = amount(body, "total_shipping_price", code, flat=flat)
    if shipping is None:  # shapes without `*_set` have it on the shipping lines only
        shipping = total(amount(line, "price", code, flat=flat) for line in _shipping_lines(body))
    return {name: value for name, value in {**amounts, "shipping": shipping}.items() if value is not None}


def _line(body: Body, code: str | None, flat: bool) -> Fields:
    title = body.text("title") or body.text("name") or body.refuse("title", "text")
    price = amount(body, "price", code, flat=flat)
    return {
        "id": body.id("id"),
        "title": title,
        "quantity": body.count("quantity"),
        **({} if price is None else {"price": price}),
        **body.pick(_LINE),
        **body.known(_LINE_KNOWN),
    }


def _number(body: Body, name: str) -> str | None:
    return body.text(name) or (f"#{body.text('order_number')}" if body.text("order_number") else None)


def _channel(body: Body, name: str) -> str | None:
    source = body.text(name)
    return CHANNELS.get(source, source) if source else None


def _tags(body: Body, name: str) -> list[str] | None:
    """Text with commas; a list where a newer API version says so."""
    value = body.fields[name]
    listed = body.texts(name) if isinstance(value, list) else (body.text(name) or "").split(",")
    return None if value is None else [tag.strip() for tag in listed if tag and tag.strip()]


def _status_url(body: Body, name: str) -> str | None:
    url = body.text(name)
    return url if is_web_address(url) else None


def _address(body: Body, name: str) -> Fields | None:
    address = body.part(name)
    return address.pick(_ADDRESS) if address else None


def _country(body: Body, name: str) -> str | None:
    code = (body.text(name) or "").upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _shipping_lines(body: Body) -> list[Body]:
    return [line for line in body.parts("shipping_lines") if not line.flag("is_removed")]


def _shipping_method(body: Body, name: str) -> str | None:
    return next((title for line in _shipping_lines(body) if (title := line.text("title"))), None)


def _parcels(body: Body, name: str) -> list[Fields]:
    return [parcel(each) for each in body.parts(name)]


def _refunds(body: Body, name: str) -> list[Fields]:
    return [refund(each) for each in body.parts(name)]


_ORDER: Table = {
    "number": ("name", _number),
    "accepts_marketing": ("buyer_accepts_marketing", Body.flag),
    "payment_status": ("financial_status", Body.text),
    "fulfilment_status": ("fulfillment_status", Body.text),
    "cancelled_at": ("cancelled_at", Body.moment),
    "cancel_reason": ("cancel_reason", Body.text),
    "channel": ("source_name", _channel),
    "status_url": ("order_status_url", _status_url),
    "shipping_address": ("shipping_address", _address),
    "shipping_method": ("shipping_lines", _shipping_method),
}
"""Here null says that there is none; in the next table it says nothing."""

_ORDER_KNOWN: Table = {
    "test": ("test", Body.flag),
    "tags": ("tags", _tags),
    "parcels": ("fulfillments", _parcels),
    "refunds": ("refunds", _refunds),
}
_LINE: Table = {
    "current_quantity": ("current_quantity", Body.count_if_any),
    "variant": ("variant_title", Body.text),
    "sku": ("sku", Body.text),
    "product_id": ("product_id", Body.id_if_any),
    "vendor": ("vendor", Body.text),
}
_LINE_KNOWN: Table = {
    "requires_shipping": ("requires_shipping", Body.flag),
    "gift_card": ("gift_card", Body.flag),
}
_ADDRESS: Table = {
    "name": ("name", Body.text),
    "company": ("company", Body.text),
    "line1": ("address1", Body.text),
    "line2": ("address2", Body.text),
    "city": ("city", Body.text),
    "region": ("province", Body.text),
    "region_code": ("province_code", Body.text),
    "postcode": ("zip", Body.text),
    "country": ("country_code", _country),
}
