"""What a shop sends in these tests, in Shopify's shape, as small as the point of a test allows."""

from typing import Any

PLACED = "2026-03-02T09:12:00+00:00"


def line(topic: str, at: str, body: Any, number: str = "1") -> dict[str, Any]:
    headers = {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": f"{topic}-{number}"}
    return {"at": at, "platform": "shopify", "headers": headers, "body": body}


def order(order_id: int = 1001, at: str = PLACED, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{order_id}",
        "order_number": order_id,
        "email": "mina@mail.example",
        "created_at": at,
        "processed_at": at,
        "updated_at": at,
        "cancelled_at": None,
        "currency": "GBP",
        "total_price": "89.00",
        "current_total_price": "89.00",
        "financial_status": "paid",
        "fulfillment_status": None,
        "buyer_accepts_marketing": True,
        "source_name": "web",
        "test": False,
        "line_items": [item()],
        "fulfillments": [],
        "refunds": [],
        "shipping_address": {"name": "Mina Okafor", "address1": "1 High St", "city": "Leeds", "country_code": "GB"},
        "customer": {"id": 77, "email": "mina@mail.example", "first_name": "Mina", "last_name": "Okafor"},
    }
    return {**body, **more}


def item(line_id: int = 1, sku: str = "BLND-500-R", **more: Any) -> dict[str, Any]:
    body = {
        "id": line_id,
        "title": "Stand blender",
        "sku": sku,
        "quantity": 1,
        "current_quantity": 1,
        "price": "89.00",
        "requires_shipping": True,
        "gift_card": False,
    }
    return {**body, **more}


def parcel(parcel_id: int = 501, order_id: int = 1001, at: str = "2026-03-03T10:00:00+00:00") -> dict[str, Any]:
    return {
        "id": parcel_id,
        "order_id": order_id,
        "status": "success",
        "created_at": at,
        "updated_at": at,
        "tracking_company": "Swift Parcel",
        "tracking_numbers": ["SP1"],
        "tracking_urls": ["https://track.swift.example/SP1"],
        "line_items": [{"id": 1, "quantity": 1}],
    }


def progress(status: str, at: str, parcel_id: int = 501, order_id: int = 1001) -> dict[str, Any]:
    return {
        "id": 9000,
        "fulfillment_id": parcel_id,
        "order_id": order_id,
        "status": status,
        "happened_at": at,
        "created_at": at,
        "updated_at": at,
    }
