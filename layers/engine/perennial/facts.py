"""The names that templates and conditions may use, and nothing else.

Every message and every `when`, `unless` and `hold while` sees one `Facts`: its fields are the names, their types are
what `perennial check` compares each template with. Plain values only: no secret, no other customer, no way back to the
engine. Instants are aware and in the recipient's zone, so that `date` and `time` print the local wall clock.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from perennial.envelopes import Address as Address


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in its ISO 4217 currency; print it with the `money` filter."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Item:
    """One position of the order, with what the store's goods rules say about it."""

    title: str
    quantity: int
    kind: str
    category: str
    line_id: str = ""
    variant: str | None = None
    sku: str | None = None
    price: Money | None = None
    image_url: str | None = None
    url: str | None = None
    manual_url: str | None = None
    register_url: str | None = None
    recipes_url: str | None = None
    maintenance_url: str | None = None
    warranty_months: int | None = None
    warranty_until: date | None = None


@dataclass(frozen=True, slots=True)
class Tracking:
    number: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """`estimated_delivery` is never a day that has passed; if `postponed`, it is the carrier's new day, not the old."""

    id: str
    items: tuple[Item, ...]
    carrier: str | None = None
    tracking: tuple[Tracking, ...] = ()
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    estimated_delivery: date | None = None
    estimate_source: str | None = None
    postponed: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    refunded_at: datetime
    amount: Money | None = None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """One return. `requested_at` is when it was asked for or declared; `replacements` are what an exchange brought."""

    id: str
    items: tuple[Item, ...] = ()
    replacements: tuple[Item, ...] = ()
    wish: str | None = None
    reason: str | None = None
    note: str | None = None
    withdrawal: bool = False
    requested_at: datetime | None = None
    approved_at: datetime | None = None
    received_at: datetime | None = None
    refunded_at: datetime | None = None
    exchanged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one position."""

    item: Item
    stars: int
    text: str | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """The newest review of the order; `items` are all that have one, `verdicts` what was said of each, newest first."""

    stars: int
    text: str | None = None
    publish: bool = False
    items: tuple[Item, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    placed_at: datetime
    items: tuple[Item, ...]
    purchase_types: tuple[str, ...]
    categories: tuple[str, ...]
    total: Money | None = None
    shipping: Money | None = None
    discount: Money | None = None
    shipping_address: Address | None = None
    shipping_method: str | None = None
    estimated_delivery: date | None = None
    estimate_source: str | None = None
    parcels: tuple[Parcel, ...] = ()
    refunds: tuple[Refund, ...] = ()
    status_url: str | None = None
    cancel_reason: str | None = None
    paid: bool = False
    shipped: bool = False
    delivered: bool = False
    on_its_way: bool = False
    cancelled: bool = False
    refunded: bool = False
    fully_refunded: bool = False
    late: bool = False
    renewal: bool = False
    in_person: bool = False
    channel: str | None = None
    delivered_at: datetime | None = None
    reviewed: bool = False
    score: int | None = None
    score_reason: str | None = None
    detractor: bool = False
    being_returned: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """`to_confirm`: somebody signed this address up for offers, and the person has yet to say yes from the mailbox."""

    first_name: str | None = None
    name: str | None = None
    locale: str = "en"
    orders: int = 0
    last_order_at: datetime | None = None
    detractor: bool = False
    to_confirm: bool = False

    def ordered_since(self, moment: datetime) -> bool:
        """Whether another order, not cancelled, was placed after that moment."""
        return self.last_order_at is not None and self.last_order_at > moment


@dataclass(frozen=True, slots=True)
class Store:
    name: str
    url: str
    country: str
    postal_address: str
    support_email: str
    support_phone: str | None = None
    support_hours: str | None = None
    support_url: str | None = None
    logo_url: str | None = None
    accent: str = "#1f6f54"
    ink: str = "#1d2320"
    paper: str = "#ffffff"
    bonus_points: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """`expires_at` is the last moment of its last local day."""

    name: str
    percent: int
    code: str
    expires_at: datetime
    days: int
    goods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    title: str
    url: str
    role: str
    goes_with: str
    image_url: str | None = None
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Signed links to the shopper's pages; `unsubscribe` is also in the headers of feedback and marketing."""

    unsubscribe: str
    preferences: str
    order: str
    review: str
    support: str
    returns: str = ""
    score: str = ""
    not_me: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one message is about. `items` are those of this touch; `order.items` are all."""

    customer: Customer
    order: Order
    store: Store
    items: tuple[Item, ...] = ()
    categories: tuple[str, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    parcel: Parcel | None = None
    refund: Refund | None = None
    return_case: ReturnCase | None = None
    review: Review | None = None
    offer: Offer | None = None
    accessories: tuple[Suggestion, ...] = ()
    related: tuple[Suggestion, ...] = ()
    extensions: tuple[Suggestion, ...] = ()
    warranty_until: date | None = None
    links: Links = field(default_factory=lambda: Links("", "", "", "", ""))
