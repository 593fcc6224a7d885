"""One store, as its page in `templates/stores/*.yaml` describes it: brand, sender, hours, rules, offers."""

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from perennial.events import Model

Kind = Literal["small-appliance", "large-appliance", "accessory", "service-plan", "other"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


def _clock(value: Any) -> Any:
    return time.fromisoformat(value) if isinstance(value, str) else value


def _window(value: Any) -> Any:
    if isinstance(value, str):
        start, separator, end = value.partition("-")
        if not separator:
            raise ValueError("write the window as 09:00-20:00")
        value = (time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
        if value[1] != time(0) and value[0] >= value[1]:
            raise ValueError("the window must begin before it ends, within one day: write 09:00-20:00")
    return value


Clock = Annotated[time, BeforeValidator(_clock), PlainSerializer(lambda value: value.strftime("%H:%M"))]
Hours = Annotated[
    tuple[time, time],
    BeforeValidator(_window),
    PlainSerializer(lambda value: f"{value[0]:%H:%M}-{value[1]:%H:%M}"),
]
"""A span within one day, `[start, end)`, on the recipient's wall clock."""


class Sender(Model):
    email: str
    name: str
    reply_to: str | None = None


class Support(Model):
    """Where a person gets help from a person."""

    email: str
    phone: str | None = None
    hours: str | None = None
    url: str | None = None


class Brand(Model):
    logo_url: str | None = None
    accent: str = Field(default="#1f6f54", pattern=r"^#[0-9a-fA-F]{6}$")
    ink: str = Field(default="#1d2320", pattern=r"^#[0-9a-fA-F]{6}$")
    paper: str = Field(default="#ffffff", pattern=r"^#[0-9a-fA-F]{6}$")


class QuietHours(Model):
    """When each channel may reach a person. The law may be stricter, never looser."""

    email: Hours = (time(8), time(21))
    text: Hours = (time(9), time(20))
    push: Hours = (time(9), time(20))


class Cap(Model):
    """At most `messages` non-transactional messages in any rolling window of `days` x 24 hours.

    `interested` replaces `messages` for customers who clicked or ordered within the last 30 days.
    """

    messages: int = Field(default=3, ge=1)
    days: int = Field(default=7, ge=1)
    interested: int | None = Field(default=None, ge=1)

    @property
    def most(self) -> int:
        return max(self.messages, self.interested or 0)


class Promise(Model):
    """The store's own delivery estimate, for orders for which neither carrier nor shop gives one."""

    business_days: int = Field(default=4, ge=0, description="From the order, weekends and holidays left out.")
    holidays: tuple[date, ...] = ()


class ConsentRules(Model):
    """Stricter than the law of the store's country is fine; looser has no effect."""

    soft_opt_in: bool = Field(default=False, description="Write to buyers who did not object, where the law allows.")
    opt_out_offered_at_checkout: bool = Field(default=False, description="The law's condition for soft opt-in.")
    feedback_needs_consent: bool = Field(default=False, description="Ask for reviews only with marketing consent.")
    double_opt_in: bool = Field(default=False, description="A yes counts once confirmed by a link that was sent out.")


class Texts(Model):
    """Text messages. Without this section the store sends none."""

    sender_id: str | None = Field(default=None, pattern=r"^[0-9]{0,10}[A-Za-z][A-Za-z0-9]{0,10}$", max_length=11)
    max_price_usd: Decimal = Field(
        default=Decimal("0.30"),
        gt=0,
        description="The most a whole text may cost, all its parts together: SNS drops a dearer one without a word.",
    )


class Identity(Model):
    """Addresses that belong to the shop or to many people, and so identify nobody."""

    denylist_emails: tuple[str, ...] = ()
    denylist_phones: tuple[str, ...] = ()
    denylist_customers: tuple[str, ...] = Field(
        default=(), description="The shop's ids of customers that stand for many: guests, walk-ins, the till."
    )


class GoodsMatch(Model):
    """All that is given must hold. Patterns know `*` and `?`, and ignore case."""

    product_type: str | None = None
    tag: str | None = None
    vendor: str | None = None
    sku: str | None = None
    title: str | None = None
    price_from: Decimal | None = None
    price_below: Decimal | None = None


class GoodsRule(Model):
    """What a line of an order is. The first rule that matches decides."""

    match: GoodsMatch
    kind: Kind
    category: Name
    warranty_months: int | None = Field(default=None, ge=1)
    manual_url: str | None = None
    register_url: str | None = None
    recipes_url: str | None = None
    maintenance_url: str | None = None


class Offer(Model):
    """A named term of sale. `days` run from the message that makes it to the end of the last local day."""

    percent: int = Field(ge=1, le=100)
    days: int = Field(ge=1)
    code: str = Field(pattern=r"^[A-Z0-9-]{3,24}$")
    goods: tuple[Name, ...] = Field(default=(), description="Kinds or categories it holds for; empty: everything.")


class Suggestion(Model):
    """A thing worth adding to what was bought: shown to buyers of the categories in `goes_with`."""

    title: str
    url: str
    goes_with: tuple[Name, ...]
    role: Literal["accessory", "related", "extension"] = "accessory"
    image_url: str | None = None
    price: Decimal | None = None


class Store(Model):
    store: Name
    name: str
    url: str
    country: str = Field(pattern=r"^[A-Z]{2}$", description="Its law decides what may be sent to whom.")
    time_zone: str
    locale: str = "en"
    locales: tuple[str, ...] = Field(default=("en",), description="Languages it writes in; the first is the default.")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    postal_address: str
    sender: Sender
    support: Support
    pages_url: str = Field(description="https address of the shopper's pages; the shorter, the better.")
    brand: Brand = Brand()
    platforms: tuple[Name, ...] = ("perennial",)
    journeys: tuple[Name, ...] = Field(default=(), description="Those it runs; empty: all of them.")
    quiet_hours: QuietHours = QuietHours()
    send_hour: Clock = time(10)
    cap: Cap = Cap()
    order_age_limit_days: int = Field(default=3, ge=1, description="Older orders update facts and enrol nobody.")
    promise: Promise = Promise()
    consent: ConsentRules = ConsentRules()
    texts: Texts | None = None
    identity: Identity = Identity()
    goods: tuple[GoodsRule, ...] = ()
    offers: dict[Name, Offer] = {}
    suggestions: tuple[Suggestion, ...] = ()
    bonus_points: int = Field(default=0, ge=0, description="Thanks for a review, good or bad; 0: no bonus.")
    open_tracking: bool = Field(default=False, description="Only for recipients who have said yes.")
    click_tracking: bool = Field(
        default=False,
        description="Links by way of the provider, to see interest; only for recipients who have said yes.",
    )
