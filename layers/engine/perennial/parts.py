"""What events are made of: people, orders, parcels, refunds, devices; and what every event carries.

Instants are aware; money is a decimal string with its ISO 4217 currency.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

Channel = Literal["email", "text", "push"]
MessageClass = Literal["transactional", "feedback", "marketing"]

ProgressStatus = Literal[
    "in_transit", "out_for_delivery", "attempt_failed", "ready_for_pickup", "delivered", "delayed", "failed"
]


def _plausible(moment: datetime) -> datetime:
    """Far-off dates are a sender's placeholder, and would overflow when days are added to them."""
    if not 1990 <= moment.year <= 2200:
        raise ValueError("the year is not between 1990 and 2200")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_plausible)]

OrderId = Annotated[str, Field(min_length=1, max_length=200)]
"""A part of keys: DynamoDB takes sort keys of 1,024 bytes, and a letter may have four of them."""


class Model(BaseModel):
    """Frozen, and strict about misspelt fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Contact(Model):
    """Whom an event is about, as far as the sender knows. Only an email identifies a person across orders."""

    email: str | None = None
    email_missing: Literal["absent", "null", "empty", "invalid"] | None = None
    phone: str | None = Field(default=None, description="E.164, as in +4915112345678.")
    customer_id: str | None = Field(default=None, description="The shop's own id of a logged-in customer.")
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = Field(default=None, description="BCP 47 or POSIX, as in `de-AT` or `en_GB`.")
    time_zone: str | None = Field(default=None, description="IANA name, where the customer stated one.")


class Address(Model):
    name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    region_code: str | None = Field(default=None, description="ISO 3166-2 part after the country, as in `CA`.")
    postcode: str | None = None
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")


class Line(Model):
    """One position of an order. `quantity` is as bought, `current_quantity` after edits and refunds."""

    id: str
    title: str
    quantity: int = Field(ge=0)
    current_quantity: int | None = Field(default=None, ge=0)
    price: Decimal | None = Field(default=None, description="Per piece, in the order's currency.")
    variant: str | None = None
    sku: str | None = None
    product_id: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    url: str | None = None
    requires_shipping: bool = True
    gift_card: bool = False


class LineQuantity(Model):
    line_id: str
    quantity: int = Field(ge=0)


class Tracking(Model):
    number: str | None = None
    url: str | None = None


class Parcel(Model):
    """One shipment of an order. `progress` holds when each status was first reached."""

    id: str
    updated_at: Instant | None = Field(default=None, description="Default: the event's `occurred_at`.")
    shipped_at: Instant | None = None
    cancelled: bool = False
    carrier: str | None = None
    tracking: tuple[Tracking, ...] = ()
    estimated_delivery: Instant | None = None
    lines: tuple[LineQuantity, ...] = Field(default=(), description="Empty: whatever no other parcel holds.")
    progress: dict[ProgressStatus, Instant] = {}


class Refund(Model):
    id: str
    refunded_at: Instant
    amount: Decimal | None = None
    currency: str | None = None
    lines: tuple[LineQuantity, ...] = ()
    settled: bool = Field(default=False, description="Money has moved; a refund may be recorded before it has.")


class LineDelta(Model):
    line_id: str
    delta: int = Field(ge=0)


class Edit(Model):
    """A change of an order that says only what was added and removed."""

    id: str
    additions: tuple[LineDelta, ...] = ()
    removals: tuple[LineDelta, ...] = ()


class Order(Model):
    """What the sender knows of an order at `occurred_at`; absent fields leave earlier facts alone."""

    id: OrderId
    number: str | None = Field(default=None, description="What the buyer sees, as in `#1001`.")
    placed_at: Instant | None = None
    contact: Contact | None = None
    accepts_marketing: bool | None = Field(
        default=None, description="The checkbox at checkout, at that moment; heard where `channel` is web or absent."
    )
    currency: str | None = Field(default=None, description="ISO 4217: what the buyer paid in.")
    total: Decimal | None = Field(default=None, description="As bought.")
    current_total: Decimal | None = Field(default=None, description="After edits and refunds.")
    shipping: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    lines: tuple[Line, ...] = ()
    shipping_address: Address | None = None
    shipping_method: str | None = None
    estimated_delivery: Instant | None = Field(default=None, description="The shop's own promise.")
    payment_status: str | None = None
    fulfilment_status: str | None = None
    cancelled_at: Instant | None = None
    cancel_reason: str | None = None
    channel: str | None = Field(default=None, description="web, pos, draft, renewal or the shop's own word.")
    tags: tuple[str, ...] = ()
    status_url: str | None = None
    test: bool = False
    parcels: tuple[Parcel, ...] = ()
    refunds: tuple[Refund, ...] = ()


class Device(Model):
    endpoint: str = Field(min_length=1, description="ARN of the SNS platform endpoint.")
    platform: Literal["apns", "apns_sandbox", "fcm"]


class Event(Model):
    """What every event carries. `received_at` is stamped at the door; senders leave it out."""

    type: str
    id: str = Field(min_length=1, max_length=200, description="Derived from platform, topic and delivery.")
    store: str = Field(min_length=1)
    occurred_at: Instant
    received_at: Instant | None = None

    @property
    def happened_at(self) -> datetime:
        """`occurred_at`, never later than the moment of receipt: a clock that runs ahead wins nothing."""
        return self.occurred_at if self.received_at is None else min(self.occurred_at, self.received_at)
