"""Shopify Admin webhooks (shopify.dev, "Verify webhook deliveries" and the webhook reference 2026-04).

**Ids** are the numbers in `id`, `order_id`, `fulfillment_id` …: real deliveries carry them exactly, and they are all
that an order, its fulfilments, refunds and edits have in common. `admin_graphql_api_id` would name the same order, but
its refunds and parcels have no such field for it. (Published samples went through JavaScript, where 820982911946154508
became …500: every topic of one sample rounds it alike.)

**Headers other than the digest are unsigned**: whoever replays a delivery may change its topic or shop. So the body
must have the topic's shape; an order under the header `customers/redact` erases nobody. The shop's domain is not read.

There is no signed time, hence no replay window; events are merged, so a replay changes nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from perennial.errors import BodyUnreadable, SignatureInvalid
from perennial.events import Event
from perennial.platforms import Secrets, bodies, event_id, lower, same
from perennial.platforms import shopify_orders as orders
from perennial.platforms import shopify_parcels as parcels
from perennial.platforms import shopify_people as people
from perennial.platforms import shopify_refunds as refunds

_DIGEST, _BARE_DIGEST = "x-shopify-hmac-sha256", "shopify-hmac-sha256"

Read = Callable[[bodies.Body, datetime], bodies.Reading]


@dataclass(frozen=True, slots=True)
class Topic:
    """How a topic's body is read, and by which fields it is known; a subscription may leave any other field out.

    All of `needs`, at least one of `marks`, none of `bars`; `kind` is the type inside `admin_graphql_api_id`.
    """

    read: Read
    needs: frozenset[str]
    marks: frozenset[str] = frozenset()
    bars: frozenset[str] = frozenset()
    kind: str | None = None


def _order(read: Read) -> Topic:
    marks = frozenset({"financial_status", "order_number", "admin_graphql_api_id"})
    bars = frozenset({"order_id", "fulfillment_id", "orders_to_redact", "orders_requested"})
    return Topic(read, frozenset({"id"}), marks, bars, "Order")


def _parcel(read: Read) -> Topic:
    return Topic(read, frozenset({"id", "order_id", "status"}), bars=_NOT_A_PARCEL, kind="Fulfillment")


def _consent(read: Read, field: str) -> Topic:
    return Topic(read, frozenset({field}))


def _privacy(read: Read, field: str) -> Topic:
    return Topic(read, _SHOP | {"customer", field}, bars=frozenset({"id"}))


_NOT_A_PARCEL = frozenset({"fulfillment_id", "kind", "refund_line_items"})
_SHOP = frozenset({"shop_id", "shop_domain"})
_REFUND_MARKS = frozenset({"refund_line_items", "transactions"})
_PROGRESS_NEEDS = frozenset({"fulfillment_id", "order_id", "status"})

TOPICS: Mapping[str, Topic] = {
    "orders/create": _order(orders.placed),
    "orders/updated": _order(orders.updated),
    "orders/paid": _order(orders.updated),
    "orders/fulfilled": _order(orders.updated),
    "orders/partially_fulfilled": _order(orders.updated),
    "orders/cancelled": _order(orders.cancelled),
    "orders/edited": Topic(orders.edited, frozenset({"order_edit"})),
    "fulfillments/create": _parcel(parcels.shipped),
    "fulfillments/update": _parcel(parcels.shipment),
    "fulfillment_events/create": Topic(parcels.progress, _PROGRESS_NEEDS, kind="FulfillmentEvent"),
    "refunds/create": Topic(refunds.refunded, frozenset({"id", "order_id"}), _REFUND_MARKS, kind="Refund"),
    "customers_email_marketing_consent/update": _consent(people.email_consent, "email_marketing_consent"),
    "customers_marketing_consent/update": _consent(people.text_consent, "sms_marketing_consent"),
    "customers/merge": Topic(people.merged, frozenset({"admin_graphql_api_customer_kept_id", "status"})),
    "customers/data_request": _privacy(people.data_request, "orders_requested"),
    "customers/redact": _privacy(people.erasure, "orders_to_redact"),
    "shop/redact": Topic(people.store_erasure, _SHOP),
}
_WRAPPERS = frozenset({"order", "orders", "fulfillment", "fulfillment_event", "refund", "customer"})


def verify(headers: Mapping[str, str], body: bytes, secrets: Secrets, now: datetime) -> None:
    """HMAC-SHA256 over the raw bytes, keyed with the app's client secret; after a rotation, for an hour the old one."""
    known = lower(headers)
    given = known.get(_DIGEST) or known.get(_BARE_DIGEST)
    if not given:
        raise SignatureInvalid(f"the header {_DIGEST} is missing")
    if not body:
        raise SignatureInvalid("the body is empty: nothing was signed")
    if not any(same(_digest(body, secret), given) for secret in secrets.valid):
        raise SignatureInvalid(
            "the signature does not match the body: another app's secret, a body changed or cut short on its way, "
            "or Shopify Admin's test notification, which is not signed with the app's secret"
        )


def sign(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> dict[str, str]:
    unsigned = {name: value for name, value in lower(headers).items() if name != _BARE_DIGEST}
    return unsigned | {_DIGEST: _digest(body, secret.strip())}


def _digest(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def parse(headers: Mapping[str, str], body: bytes, store: str, received_at: datetime) -> Event:
    known = lower(headers)
    name = (_header(known, "topic") or "").lower()
    topic = TOPICS.get(name)
    if topic is None:
        raise BodyUnreadable(_unknown(name))
    content = bodies.read(body)
    _check(name, topic, content)
    event, fields = topic.read(content, _told_at(known, received_at))
    envelope = {
        "id": event_id("shopify", name, _header(known, "webhook-id"), body),
        "store": store,
        "received_at": received_at,
    }
    try:
        return event.model_validate(envelope | fields)
    except ValidationError as error:
        raise BodyUnreadable(bodies.reasons(error)) from None


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """Shopify's newer "Events" send the same headers without `X-`."""
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}")


def _unknown(topic: str) -> str:
    if not topic:
        return "the header x-shopify-topic is missing"
    shown = "".join(mark for mark in topic[:60] if mark.isascii() and (mark.isalnum() or mark in "/_.-"))
    return f"unknown topic {shown}"


def _told_at(headers: Mapping[str, str], received_at: datetime) -> datetime:
    """When bodies without a time were sent. The header is unsigned, so it may only say "earlier than now"."""
    try:
        return min(bodies.instant(_header(headers, "triggered-at") or ""), received_at)
    except ValueError:
        return received_at


def _check(name: str, topic: Topic, body: bodies.Body) -> None:
    """Refuse a body that is not what its topic says, before anything is made of it."""
    found = body.fields.keys()
    missing = topic.needs - found or (topic.marks if topic.marks.isdisjoint(found) else None)
    if missing and not _WRAPPERS.isdisjoint(found) and len(found) <= 2:
        raise BodyUnreadable(f"{name}: the body is wrapped, in {_list(_WRAPPERS & found)}; webhooks send it bare")
    if missing:
        raise BodyUnreadable(f"{name}: the body has no {_list(missing)}: it is something else")
    # A body that erases a whole store says which store and nothing else, so that no other body can pass for it.
    surplus = found - _SHOP if topic.needs == _SHOP else found & topic.bars
    if surplus:
        raise BodyUnreadable(f"{name}: the body has {_list(surplus)}: it is something else")
    kind = (body.text("admin_graphql_api_id") or "").removeprefix("gid://shopify/").partition("/")[0]
    if kind and topic.kind and kind != topic.kind:
        raise BodyUnreadable(f"{name}: admin_graphql_api_id is not of the kind {topic.kind}: it is something else")


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(bodies.shown, sorted(names)[:5]))
