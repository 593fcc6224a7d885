"""The demo's order, as Shopify would tell of it: a blender and a refrigerator, in two parcels, one of them late.

Invented from the first letter to the last, in the documented shape of the Admin API (2026-04).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from perennial.store import Store
from perennial_cli.replaying import Line

ORDER, CUSTOMER, BLENDER, FRIDGE = 6104480219137, 8230015541249, 15520010440705, 15520010473473
FIRST, SECOND = 5510002933761, 5510003392513

PLACES = {
    "GB": ("Bristol", "BS1 4ND", "+447400123456"),
    "IE": ("Cork", "T12 X8YC", "+353850123456"),
    "DE": ("Leipzig", "04109", "+4915123456789"),
    "US": ("Boise", "83702", "+12015550123"),
}
"""Numbers are the examples of the libphonenumber library: valid in form, nobody's."""


@dataclass(frozen=True)
class Delivery:
    """One webhook of the story, and what it means."""

    words: str
    line: Line


def story(store: Store, placed: datetime) -> Iterator[Delivery]:
    """Everything the shop and the carriers send, in time. The last parcel arrives six days after the order."""
    numbers = count(1)

    def tell(words: str, topic: str, days: float, body: dict[str, Any], number: int | None = None) -> Delivery:
        at = placed + timedelta(days=days)
        delivery = f"demo-{number or next(numbers)}"
        headers = {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": delivery, "X-Shopify-API-Version": "2026-04"}
        return Delivery(words, Line(at=at, platform="shopify", headers=headers, body=body))

    def day(days: float) -> str:
        return (placed + timedelta(days=days)).isoformat()

    order = _order(store, day(0))
    yield tell("consent to texts", "customers_marketing_consent/update", -0.01, _consent(store, day(-0.01)))
    yield tell("order placed", "orders/create", 0, order)
    yield tell("payment", "orders/paid", 0.0001, order)
    yield tell("Shopify tries the same delivery again", "orders/create", 0.01, order, number=2)
    for words, parcel, line, days in (("blender", FIRST, BLENDER, 1.2), ("refrigerator", SECOND, FRIDGE, 2.0)):
        yield tell(f"the {words} leaves", "fulfillments/create", days, _parcel(parcel, line, day(days)))
    for words, parcel, status, days in JOURNEY:
        yield tell(words, "fulfillment_events/create", days, _progress(parcel, status, day(days)))


JOURNEY = (
    ("the blender is on its way", FIRST, "in_transit", 2.1),
    ("the blender is with the courier", FIRST, "out_for_delivery", 2.95),
    ("the blender is there", FIRST, "delivered", 3.1),
    ("the refrigerator is on its way", SECOND, "in_transit", 3.2),
    ("the refrigerator is late", SECOND, "delayed", 4.1),
    ("the refrigerator is with the courier", SECOND, "out_for_delivery", 5.95),
    ("the refrigerator is there", SECOND, "delivered", 6.2),
)


def _order(store: Store, at: str) -> dict[str, Any]:
    who, address = _buyer(store.country)
    return {
        "id": ORDER,
        "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}",
        "name": "#1042",
        **dict.fromkeys(("email", "contact_email"), "alma.reyes@mail.example"),
        "phone": who["phone"],
        **dict.fromkeys(("created_at", "processed_at", "updated_at"), at),
        "cancelled_at": None,
        "cancel_reason": None,
        **_paid(store.currency),
        "financial_status": "paid",
        "fulfillment_status": None,
        "buyer_accepts_marketing": True,
        "customer_locale": f"en-{store.country}",
        "source_name": "web",
        "tags": "",
        "test": False,
        "line_items": [
            _item(BLENDER, "Stand blender, 1.5 l", "BLND-500-R", "89.00", "Red"),
            _item(FRIDGE, "Refrigerator, 350 l", "FRDG-350-W", "749.00", "White"),
        ],
        "fulfillments": [],
        "refunds": [],
        "shipping_address": address,
        "billing_address": address,
        "shipping_lines": [{"title": "Standard delivery", "price": "0.00"}],
        "customer": {"id": CUSTOMER, "email": "alma.reyes@mail.example", **who},
    }


def _buyer(country: str) -> tuple[dict[str, str], dict[str, str]]:
    """Who it is, and where they live."""
    city, postcode, phone = PLACES.get(country, PLACES["GB"])
    who = {"first_name": "Alma", "last_name": "Reyes", "phone": phone}
    place = {"address1": "7 Orchard Lane", "city": city, "zip": postcode, "country_code": country}
    return who, {**who, "name": "Alma Reyes", **place}


def _paid(currency: str) -> dict[str, Any]:
    money = {"amount": "838.00", "currency_code": currency}
    return {
        "currency": currency,
        "presentment_currency": currency,
        "total_price": "838.00",
        "total_price_set": {"shop_money": money, "presentment_money": money},
        "current_total_price": "838.00",
        "current_total_price_set": {"shop_money": money, "presentment_money": money},
        "total_discounts": "0.00",
        "total_tax": "139.67",
    }


def _item(line: int, title: str, sku: str, price: str, variant: str) -> dict[str, Any]:
    return {
        "id": line,
        "title": title,
        "name": f"{title} - {variant}",
        "variant_title": variant,
        "sku": sku,
        "quantity": 1,
        "current_quantity": 1,
        "fulfillable_quantity": 1,
        "price": price,
        "vendor": "Demo Works",
        "product_id": line + 1,
        "requires_shipping": True,
        "gift_card": False,
        "properties": [],
    }


def _consent(store: Store, at: str) -> dict[str, Any]:
    said = {
        "state": "subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": at,
        "consent_collected_from": "SHOPIFY",
    }
    return {"id": CUSTOMER, "phone": PLACES.get(store.country, PLACES["GB"])[2], "sms_marketing_consent": said}


def _parcel(parcel: int, line: int, at: str) -> dict[str, Any]:
    number = f"00340434{parcel % 10**10:010}"
    return {
        "id": parcel,
        "admin_graphql_api_id": f"gid://shopify/Fulfillment/{parcel}",
        "order_id": ORDER,
        "status": "success",
        "created_at": at,
        "updated_at": at,
        "tracking_company": "Swift Parcel",
        "shipment_status": None,
        "tracking_number": number,
        "tracking_numbers": [number],
        "tracking_url": f"https://track.swift-parcel.example/{number}",
        "tracking_urls": [f"https://track.swift-parcel.example/{number}"],
        "line_items": [{"id": line, "quantity": 1}],
    }


def _progress(parcel: int, status: str, at: str) -> dict[str, Any]:
    return {
        "id": parcel + int(at[8:10]),
        "fulfillment_id": parcel,
        "order_id": ORDER,
        "status": status,
        "message": None,
        "happened_at": at,
        "created_at": at,
        "updated_at": at,
        "estimated_delivery_at": None,
        "country": None,
        "city": None,
        "zip": None,
        "admin_graphql_api_id": f"gid://shopify/FulfillmentEvent/{parcel + int(at[8:10])}",
    }
