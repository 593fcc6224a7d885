"""What happens to one order: parcels, cancellations, refunds, returns, reviews; in an order that shops really tell."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from perennial.store import GoodsRule, Store
from perennial_cli.simulation.people import MARK, Person, aside

GIFT_CARD = {"id": "g1", "title": "Gift card", "quantity": 1, "price": "25.00", "gift_card": True}
BOXLESS = ("renewal", "draft", "amazon")
"""Where orders come from without a checkout of ours, though the shop calls the buyer a subscriber."""

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Telling:
    """One webhook: when it happened, what our own door takes, and what the delivery is called."""

    at: datetime
    person: Person
    body: dict[str, Any]
    name: str = ""


@dataclass(slots=True)
class Story:
    """One order on its way. `told` is everything the shop, the carrier and the buyer say of it."""

    person: Person
    order: str
    placed: datetime
    lines: list[dict[str, Any]]
    chance: random.Random
    told: list[Telling] = field(default_factory=list)
    email: str = ""
    extras: list[dict[str, Any]] = field(default_factory=list)
    channel: str | None = None

    def happens(self, rate: float) -> bool:
        return self.chance.random() < rate

    def later(self, low: float, high: float, than: datetime | None = None) -> datetime:
        """Some hours after a moment, to the second."""
        seconds = self.chance.uniform(low, high) * 3600
        return (than or self.placed) + timedelta(seconds=int(seconds))

    def tell(self, type_: str, at: datetime, **fields: Any) -> None:
        body = {"type": type_, "occurred_at": at.isoformat(), **fields}
        self.told.append(Telling(at, self.person, body))

    def snapshot(self, type_: str, at: datetime, **fields: Any) -> None:
        self.tell(type_, at, order={"id": self.order, **fields})

    @property
    def total(self) -> float:
        return sum(float(line["price"]) * int(line["quantity"]) for line in (*self.lines, *self.extras))


def lines_for(store: Store, chance: random.Random) -> list[dict[str, Any]]:
    """One to three positions that the store's own rules for goods know."""
    chosen = chance.sample(store.goods, k=min(len(store.goods), chance.choice((1, 1, 1, 2, 3))))
    return [_line(f"l{number}", rule, chance) for number, rule in enumerate(chosen, 1)]


def _line(name: str, rule: GoodsRule, chance: random.Random) -> dict[str, Any]:
    match = rule.match
    fields = {"sku": match.sku, "product_type": match.product_type, "vendor": match.vendor, "title": match.title}
    told = {key: text.replace("*", "7").replace("?", "7") for key, text in fields.items() if text}
    price = float(match.price_from or 20) + chance.randrange(80)
    return {"id": name, "title": rule.category, "quantity": chance.choice((1, 1, 2)), "price": f"{price:.2f}", **told}


def live(story: Story) -> None:
    """The order's whole life."""
    vary(story, aside(story.chance, f"kind of {story.order}"))
    place(story)
    if story.happens(0.06):
        cancel(story)
        return
    give(story)
    arrived = parcels(story)
    if story.happens(0.08):
        refund(story, arrived or story.later(72, 200))
    if arrived and story.happens(0.10):
        send_back(story, arrived)
    if arrived and story.happens(0.25):
        review(story, story.later(24, 700, arrived))
    if arrived and story.happens(0.25):
        score(story, story.later(24, 400, arrived))


def vary(story: Story, chance: random.Random) -> None:
    """A gift card among the goods, and another way in than the shop's own checkout."""
    story.extras = [GIFT_CARD] if chance.random() < 0.1 else []
    story.channel = chance.choice(BOXLESS) if chance.random() < 0.1 else chance.choice(("web", None))


def give(story: Story) -> None:
    """Shops fulfil gift cards as they do goods, and at once."""
    if story.extras:
        at = story.placed + 2 * MINUTE
        card = {"id": "d1", "lines": _all_of(story.extras)}
        story.tell("ShipmentShipped", at, order_id=story.order, parcel=card)


def place(story: Story) -> None:
    person = story.person
    contact = {"email": story.email or person.email, "first_name": person.first_name}
    if person.phone and story.happens(0.8):
        contact["phone"] = person.phone
    if person.customer_id and story.happens(0.7):
        contact["customer_id"] = person.customer_id
    address = {"name": person.first_name, "line1": f"{MARK} street 1", "country": person.country}
    if person.region:
        address["region_code"] = person.region
    told: dict[str, Any] = {
        "number": f"#{story.order}", "placed_at": story.placed.isoformat(), "contact": contact, "currency": "GBP",
        "total": f"{story.total:.2f}", "lines": story.lines + story.extras, "shipping_address": address,
        "accepts_marketing": story.happens(0.4) or story.channel in BOXLESS, "payment_status": "pending",
    }  # fmt: skip
    if story.channel:
        told["channel"] = story.channel
    story.snapshot("OrderPlaced", story.placed, **told)
    story.snapshot("OrderUpdated", story.later(0.01, 2), payment_status="paid")
    if story.happens(0.3):
        story.snapshot("OrderUpdated", story.later(1, 60), **told | {"payment_status": "paid"})


def cancel(story: Story) -> None:
    at = story.later(0.05, 40)
    story.snapshot("OrderCancelled", at, cancelled_at=at.isoformat())
    if story.happens(0.7):
        money_back(story, story.later(0.05, 60, at), story.total, "r1")


def money_back(story: Story, at: datetime, amount: float, name: str, lines: Any = ()) -> None:
    told = {"id": name, "refunded_at": at.isoformat(), "amount": f"{amount:.2f}", "currency": "GBP", "settled": True,
            "lines": list(lines)}  # fmt: skip
    story.tell("OrderRefunded", at, order_id=story.order, refund=told)


def refund(story: Story, after: datetime) -> None:
    at = story.later(2, 900, after)
    if story.happens(0.4):
        money_back(story, at, story.total, "r1", _all_of(story.lines))
    else:
        money_back(story, at, 5, "r1")


def _all_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"line_id": line["id"], "quantity": line["quantity"]} for line in lines]


def parcels(story: Story) -> datetime | None:
    """Everything in one parcel, or each position in its own. Returns when the last one arrived, if they did."""
    together = len(story.lines) == 1 or story.happens(0.6)
    loads = [story.lines] if together else [[line] for line in story.lines]
    arrivals = [_parcel(story, f"p{number}", load) for number, load in enumerate(loads, 1)]
    known = [moment for moment in arrivals if moment is not None]
    return max(known) if len(known) == len(arrivals) else None


def _parcel(story: Story, name: str, load: list[dict[str, Any]]) -> datetime | None:
    left = story.later(6, 90)
    parcel = {"id": name, "carrier": "Post", "lines": _all_of(load),
              "tracking": [{"number": f"T{story.order}{name}", "url": None}]}  # fmt: skip
    if story.happens(0.5):
        parcel["estimated_delivery"] = (left + 3 * DAY).isoformat()
    story.tell("ShipmentShipped", left, order_id=story.order, parcel=parcel)
    if story.happens(0.15):  # a carrier that reports nothing
        return None

    def report(type_: str, at: datetime, **more: Any) -> datetime:
        story.tell(type_, at, order_id=story.order, parcel={"id": name, **more})
        return at

    at = report("ShipmentInTransit", story.later(2, 20, left))
    if story.happens(0.08):
        at = report("ShipmentDelayed", story.later(1, 30, at), estimated_delivery=(at + 5 * DAY).isoformat())
    at = report("ShipmentOutForDelivery", story.later(10, 60, at))
    if story.happens(0.06):
        at = report(
            "ShipmentOutForDelivery", story.later(20, 30, report("ShipmentAttemptFailed", story.later(1, 6, at)))
        )
    if story.happens(0.02):
        report("ShipmentFailed", story.later(1, 20, at))
        return None
    return report("ShipmentDelivered", story.later(1, 8, at))


def send_back(story: Story, arrived: datetime) -> None:
    at = story.later(12, 500, arrived)
    case = {"order_id": story.order, "return_id": "t1"}
    withdraws = story.happens(0.3)
    wish = story.chance.choice(("refund", "exchange"))
    line = story.chance.choice(story.lines)
    part = [{"line_id": line["id"], "quantity": line["quantity"]}]
    story.tell("WithdrawalDeclared" if withdraws else "ReturnRequested", at, **case, lines=part, wish=wish,
               note=f"{MARK} is sorry")  # fmt: skip
    if story.happens(0.15):
        story.tell("ReturnClosed", story.later(24, 600, at), **case)
        return
    back = story.later(40, 300, at)
    story.tell("ReturnReceived", back, **case)
    end = story.later(0.1, 80, back)
    if wish == "exchange":
        story.tell("ReturnExchanged", end, **case, replacements=[{**line, "id": "l9"}])
    else:
        story.tell("ReturnRefunded", end, **case)
        money_back(story, end, float(line["price"]) * int(line["quantity"]), "r9", part)


def review(story: Story, at: datetime) -> None:
    line = story.chance.choice(story.lines)
    story.tell("ReviewGiven", at, order_id=story.order, line_id=line["id"], stars=story.chance.randint(1, 5),
               text=f"{MARK} thinks so", publish=True)  # fmt: skip


def score(story: Story, at: datetime) -> None:
    value = story.chance.choice((0, 3, 5, 6, 7, 8, 9, 9, 10, 10))
    story.tell("ScoreGiven", at, order_id=story.order, score=value, why=f"{MARK} says why")
    if value <= 6 and story.happens(0.6):
        story.tell("ScoreSettled", story.later(10, 800, at), order_id=story.order)
