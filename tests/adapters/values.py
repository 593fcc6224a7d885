"""Values of the aggregate for property tests: every field, filled or not, with whatever text and time there may be."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar, get_args

from hypothesis import strategies as st

from perennial import events
from perennial.answered import Return, Review, Score
from perennial.customer import (
    Claim,
    Consent,
    Device,
    Enrolment,
    OfferMade,
    OrderMark,
    Outcome,
    Profile,
    Progress,
    State,
    Touch,
    Wake,
)
from perennial.orders import Order, Parcel
from perennial.receipts import KINDS, Click, First, Receipts

T = TypeVar("T")

COVERED: dict[type[Any], frozenset[str]] = {}
"""Which fields of each kind are filled: all of them, or these properties say less than they seem to."""

ZONES = (UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-3, minutes=-30)))


def maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


def some(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


def named(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[dict[str, T]]:
    return st.dictionaries(names, strategy, max_size=3)


def one_of(literal: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(literal))


def model(kind: type[events.Model], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A model with its required fields and any of the optional ones."""
    COVERED[kind] = frozenset(fields)
    required = {name: made for name, made in fields.items() if kind.model_fields[name].is_required()}
    optional = {name: made for name, made in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda told: kind(**told))


def record(kind: type[T], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """A frozen value of the aggregate."""
    COVERED[kind] = frozenset(fields)
    return st.builds(kind, **fields)


texts = st.text(max_size=8)
names = st.text(min_size=1, max_size=8)
counts = st.integers(0, 2**40)
instants = st.datetimes(
    datetime(1990, 1, 3),  # noqa: DTZ001  hypothesis adds the zone
    datetime(2199, 12, 29),  # noqa: DTZ001
    timezones=st.sampled_from(ZONES),
)
beginnings = instants | st.sampled_from([datetime.min.replace(tzinfo=zone) for zone in ZONES])
prices = st.decimals(Decimal("-1E9"), Decimal("1E9"), places=3, allow_nan=False)
times = named(instants)

contacts = model(
    events.Contact,
    email=maybe(texts),
    email_missing=maybe(st.sampled_from(["absent", "null", "empty", "invalid"])),
    phone=maybe(texts),
    customer_id=maybe(texts),
    first_name=maybe(texts),
    last_name=maybe(texts),
    locale=maybe(texts),
    time_zone=maybe(texts),
)
addresses = model(events.Address, **{name: maybe(texts) for name in events.Address.model_fields})
lines = model(
    events.Line,
    id=texts,
    title=texts,
    quantity=counts,
    current_quantity=maybe(counts),
    price=maybe(prices),
    variant=maybe(texts),
    sku=maybe(texts),
    product_id=maybe(texts),
    vendor=maybe(texts),
    product_type=maybe(texts),
    tags=some(texts),
    image_url=maybe(texts),
    url=maybe(texts),
    requires_shipping=st.booleans(),
    gift_card=st.booleans(),
)
quantities = model(events.LineQuantity, line_id=texts, quantity=counts)
deltas = model(events.LineDelta, line_id=texts, delta=counts)
parcels_told = model(
    events.Parcel,
    id=texts,
    updated_at=maybe(instants),
    shipped_at=maybe(instants),
    cancelled=st.booleans(),
    carrier=maybe(texts),
    tracking=some(model(events.Tracking, number=maybe(texts), url=maybe(texts))),
    estimated_delivery=maybe(instants),
    lines=some(quantities),
    progress=st.dictionaries(one_of(events.ProgressStatus), instants, max_size=3),
)
refunds = model(
    events.Refund,
    id=texts,
    refunded_at=instants,
    amount=maybe(prices),
    currency=maybe(texts),
    lines=some(quantities),
    settled=st.booleans(),
)
verdicts = model(events.Verdict, stars=st.integers(1, 5), text=maybe(texts), publish=st.booleans())
opinions = model(events.Opinion, score=maybe(st.integers(0, 10)), why=maybe(texts))
return_terms = model(
    events.ReturnTerms,
    lines=some(quantities),
    wish=st.sampled_from([None, "refund", "exchange", "credit"]),
    reason=maybe(texts),
    note=maybe(texts),
    replacements=some(lines),
)
edits = model(events.Edit, id=texts, additions=some(deltas), removals=some(deltas))
orders_told = model(
    events.Order,
    id=names,
    placed_at=maybe(instants),
    contact=maybe(contacts),
    accepts_marketing=maybe(st.booleans()),
    lines=some(lines),
    shipping_address=maybe(addresses),
    estimated_delivery=maybe(instants),
    cancelled_at=maybe(instants),
    tags=some(texts),
    test=st.booleans(),
    parcels=some(parcels_told),
    refunds=some(refunds),
    **{name: maybe(prices) for name in ("total", "current_total", "shipping", "discount", "tax")},
    **{
        name: maybe(texts)
        for name in (
            *("number", "currency", "shipping_method", "payment_status", "fulfilment_status", "cancel_reason"),
            *("channel", "status_url"),
        )
    },
)

parcels = record(Parcel, known=parcels_told, stamps=times, firsts=times, promised=maybe(st.tuples(instants, instants)))
orders = record(
    Order,
    known=orders_told,
    stamps=times,
    firsts=times,
    parcels=named(parcels),
    refunds=named(refunds),
    edits=named(st.tuples(instants, edits)),
    sent=named(texts),
    entered=some(texts),
    undecided=some(texts),
    reviews=named(record(Review, verdict=verdicts, at=instants)),
    score=maybe(record(Score, opinion=opinions, stamps=times, settled_at=maybe(instants))),
    returns=named(record(Return, id=names, terms=return_terms, stamps=times, firsts=times)),
)
progresses = record(Progress, state=one_of(State), at=instants, until=maybe(instants), tries=counts, doubts=counts)
offers = record(
    OfferMade, made_at=instants, expires_at=instants, percent=counts, code=texts, days=counts, goods=some(texts)
)
enrolments = record(
    Enrolment,
    id=names,
    journey=texts,
    version=texts,
    order_id=names,
    entered_at=instants,
    touches=named(progresses),
    offers=named(offers),
    stopped=maybe(texts),
    wishes=named(st.tuples(instants, st.booleans())),
)
clicks = record(Click, at=instants, link=names, mark=names, reasons=some(names))
receipts = record(
    Receipts,
    firsts=st.dictionaries(st.sampled_from(KINDS), record(First, at=instants, words=texts), max_size=3),
    clicks=some(clicks),
)
channels, classes = one_of(events.Channel), one_of(events.MessageClass)
touches = record(
    Touch,
    id=names,
    enrolment=texts,
    key=texts,
    journey=texts,
    version=texts,
    order_id=texts,
    message=texts,
    class_=classes,
    state=one_of(State) | one_of(Outcome),
    at=instants,
    due=maybe(instants),
    channel=maybe(channels),
    reason=maybe(texts),
    subject=maybe(texts),
    nonce=maybe(texts),
    provider_id=maybe(texts),
    tries=counts,
    zone=maybe(texts),
    to=maybe(texts),
    receipts=receipts,
)
claims = record(
    Claim,
    enrolment=texts,
    key=texts,
    nonce=texts,
    at=instants,
    grace_until=instants,
    channel=channels,
    class_=classes,
    tries=counts,
    others=some(texts),
    offer=maybe(texts),
)
consents = record(
    Consent,
    state=st.sampled_from(["given", "pending", "withdrawn", "absent"]),
    at=instants,
    source=texts,
    level=maybe(texts),
    wording=maybe(texts),
    evidence=maybe(texts),
    number=maybe(texts),
)
wakes = record(Wake, at=instants, n=counts, lane=st.sampled_from(["urgent", "patient"]), flexible_minutes=counts)
profiles = record(
    Profile,
    store=names,
    customer=names,
    version=counts,
    commit=texts,
    redirect=maybe(texts),
    contact=contacts,
    stamps=times,
    consents=named(consents),
    dead=named(texts),
    devices=named(record(Device, platform=texts, registered_at=beginnings, removed_at=maybe(instants))),
    recent=some(instants),
    latest_orders=some(record(OrderMark, id=texts, placed_at=instants, cancelled=st.booleans())),
    orders=counts,
    clicked_at=maybe(instants),
    complained_at=maybe(instants),
    rests_until=maybe(instants),
    detracted=times,
    once=some(texts),
    heard=some(texts),
    suppressed=times,
    erasing=named(st.tuples(names, texts)),
    erased_at=maybe(instants),
    reborn_at=maybe(instants),
    aliases=some(texts),
    claims=named(claims),
    wake=maybe(wakes),
    wakes=counts,
    epoch=counts,
    merged=some(texts),
    moving=some(texts),
    same_as=times,
)
