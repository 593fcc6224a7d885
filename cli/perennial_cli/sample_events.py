"""One event for each function, in Lambda's own shapes: the story of one order. `events/*.json` are made by this.

    python -m perennial_cli.sample_events

Signatures and links are the embedded cloud's. The order is of the past, so that no clock but its own sends anything.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from perennial import events, links
from perennial.customer import enrolment_id, touch_id
from perennial.platforms import shopify
from perennial_cli import ses_events
from perennial_cli.cloud_resources import ACCOUNT, REGION
from perennial_cli.cloud_secrets import link_key, webhook_secret
from perennial_cli.lambda_events import http_event, sqs_event
from perennial_cli.witness import SentMessage

FOLDER = Path("events")
PLACED = datetime(2026, 3, 2, 9, 12, tzinfo=UTC)
STORE, ORDER, EMAIL = "demo", "1001", "mina@mail.example"
CUSTOMER = links.customer_id(b"sample-one")
CONFIRMATION = touch_id(STORE, enrolment_id("order-service", ORDER), "confirmation")
MESSAGE_ID = "0107019a-5f3c-4a2b-9f6e-0c8b1d2e3f40-000000"

Sample = dict[str, Any]


def samples() -> dict[str, Sample]:
    """By the logical id of the function, in the order in which they happen."""
    return {
        "ReceiveWebhook": webhook(),
        "AdvanceCustomer": in_line(),
        "RecordFeedback": report(),
        "ServePages": visit(),
        "SweepOverdue": {"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {}},
    }


def webhook() -> Sample:
    headers, body = _delivery()
    return http_event("POST", f"/webhooks/shopify/{STORE}", headers, body, PLACED)


def in_line() -> Sample:
    """The same order as the customer's line brings it."""
    event = shopify.parse(*_delivery(), STORE, PLACED)
    return sqs_event(_message(events.to_json(event), f"{STORE}:{CUSTOMER}"), _arn("urgent.fifo"))


def report() -> Sample:
    """SES delivered the confirmation."""
    tags = {"store": STORE, "customer": CUSTOMER, "touch": CONFIRMATION, "message": "order-confirmation"}
    request = {
        "FromEmailAddress": "hello@ovenbird.example",
        "Destination": {"ToAddresses": [EMAIL]},
        "Content": {"Simple": {"Subject": {"Data": "Thank you"}}},
        "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        "ConfigurationSetName": "perennial",
    }
    sent = SentMessage("email", PLACED, request, MESSAGE_ID)
    told = ses_events.make("Delivery", sent, PLACED + timedelta(seconds=2))
    return sqs_event(_message(json.dumps(told), None), _arn("feedback"))


def visit() -> Sample:
    """The buyer opens the page of the order by the link in that mail."""
    ring = links.KeyRing(1, {1: link_key()})
    token = links.sign(ring, "order", STORE, CUSTOMER, CONFIRMATION, PLACED)
    return http_event("GET", f"/{links.PATHS['order']}/{token}", {"accept-language": "en-GB"}, b"", PLACED)


def _delivery() -> tuple[dict[str, str], bytes]:
    told = {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": "sample-1"}
    body = json.dumps(_order(), ensure_ascii=False).encode()
    signed = shopify.sign(told, body, webhook_secret(STORE, "shopify"), PLACED)
    return {**signed, "content-type": "application/json"}, body


def _order() -> Sample:
    placed = PLACED.isoformat()
    return {
        "id": int(ORDER),
        "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}",
        "name": f"#{ORDER}",
        "order_number": int(ORDER),
        "email": EMAIL,
        **dict.fromkeys(("created_at", "processed_at", "updated_at"), placed),
        "cancelled_at": None,
        "currency": "GBP",
        "total_price": "89.00",
        "current_total_price": "89.00",
        "financial_status": "paid",
        "fulfillment_status": None,
        "buyer_accepts_marketing": True,
        "source_name": "web",
        "test": False,
        "line_items": [_item()],
        "fulfillments": [],
        "refunds": [],
        "shipping_address": {"name": "Mina Okafor", "address1": "1 High St", "city": "Leeds", "country_code": "GB"},
        "customer": {"id": 77, "email": EMAIL, "first_name": "Mina", "last_name": "Okafor"},
    }


def _item() -> Sample:
    return {
        "id": 1,
        "title": "Stand blender",
        "sku": "BLND-500-R",
        "quantity": 1,
        "current_quantity": 1,
        "price": "89.00",
        "requires_shipping": True,
        "gift_card": False,
    }


def _message(body: str, group: str | None) -> Sample:
    stamp = str(int(PLACED.timestamp() * 1000))
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": stamp, "ApproximateFirstReceiveTimestamp": stamp}
    attributes |= {"SenderId": "AIDAEXAMPLE"}
    if group is not None:
        attributes |= {"MessageGroupId": group, "MessageDeduplicationId": "sample-1", "SequenceNumber": "1"}
    names = {"MessageId": "0b1c2d3e-0000-4000-8000-000000000001", "ReceiptHandle": "sample", "MD5OfBody": "0" * 32}
    return {**names, "Body": body, "Attributes": attributes}


def _arn(queue: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"


def files() -> Iterator[tuple[str, str]]:
    """Names and contents."""
    for function, event in samples().items():
        yield f"{function}.json", json.dumps(event, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files():
        (FOLDER / name).write_text(text, encoding="utf-8")
