"""What a sample does not show: the facts of a message as poor, as long and as many as they may really be."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from perennial import facts, store
from perennial.facts import Facts, Money
from perennial.links import PATHS
from perennial.shops import brand_of
from perennial_cli.names import bare

D = TypeVar("D")

SIGNATURE = "A7fk2Qw9ZpLm4Rt8Xc1Vb6Nh3Js5Dg0Ye-Ui_OaTrKqM"
"""As long as the token of a signed link."""

LONGEST: Mapping[tuple[type, str], str] = {
    (facts.Customer, "first_name"): "Maximiliane-Sofia",
    (facts.Customer, "name"): "Maximiliane-Sofia Oberhuber-Wagner",
    (facts.Order, "number"): "#1000012345",
    (facts.Order, "shipping_method"): "Expresszustellung am nächsten Werktag",
    (facts.Item, "title"): "Stand Mixer ProBlend 1500 W with Glass Jug, 1.75 l, Brushed Steel",
    (facts.Item, "variant"): "Brushed Steel / 220-240 V",
    (facts.Parcel, "carrier"): "Österreichische Post",
    (facts.Tracking, "number"): "00340434161094042557",
    (facts.Tracking, "url"): "https://www.dhl.example/track?piececode=00340434161094042557",
    (facts.Offer, "code"): "WELCOME-BACK-2026",
    (facts.Order, "score_reason"): "It came late, and nobody told me. " * 117,
    (facts.ReturnCase, "note"): "I can hear it two rooms away. " * 133,
    (facts.Review, "text"): "Quiet for its strength. " * 166,
}
"""The longest one plausibly meets: nine in ten are shorter by far. What people write of their own is cut at 4,000."""

ABOUT = ("parcel", "refund", "return_case", "review", "offer")
"""The optional facts that some touches are about."""


def links_of(shop: store.Store) -> facts.Links:
    """Links as long as real ones."""
    base = shop.pages_url.rstrip("/")
    return facts.Links(**{purpose.replace("-", "_"): f"{base}/{path}/{SIGNATURE}" for purpose, path in PATHS.items()})


def in_store(given: Facts, shop: store.Store, locale: str, to: str = "customer") -> Facts:
    """The same order in one of the real stores, by a customer who reads that language.

    What is written `to` the store holds no links: those are the shopper's own.
    """
    customer = replace(given.customer, locale=locale)
    links = facts.Links("", "", "", "", "") if to == "store" else links_of(shop)
    return replace(given, store=brand_of(shop), links=links, customer=customer)


def blanked(given: Facts) -> Facts:
    """Without anything a shop may leave out. What the touch is about stays, bare."""
    about = {name: value for name in ABOUT if (value := getattr(given, name)) is not None}
    return replace(_rebuilt(given, _blank), **{name: _rebuilt(value, _blank) for name, value in about.items()})


def _blank(kind: type, name: str, hint: Any, value: Any) -> Any:
    if bare(hint) is not hint:
        return None
    if get_origin(hint) is tuple and get_args(hint)[0] in (facts.Suggestion, facts.Tracking):
        return ()
    return value


def stretched(given: Facts) -> Facts:
    """With the longest names and numbers one plausibly meets."""
    return _rebuilt(given, lambda kind, name, hint, value: value if value is None else LONGEST.get((kind, name), value))


def crowded(given: Facts, count: int = 50) -> Facts:
    """With that many positions in the order, in the touch and in its parcel or return."""
    some = given.items or given.order.items
    many = tuple(some[index % len(some)] for index in range(count)) if some else ()
    parcel = given.parcel and replace(given.parcel, items=many)
    case = given.return_case and replace(given.return_case, items=many, replacements=many)
    return replace(given, items=many, order=replace(given.order, items=many), parcel=parcel, return_case=case)


def emptied(given: Facts) -> Facts:
    """All of it taken back: nothing is left to speak of."""
    order = replace(given.order, items=(), purchase_types=(), categories=())
    return replace(
        given, order=order, items=(), categories=(), accessories=(), related=(), extensions=(), warranty_until=None
    )


def of_goods(given: Facts, names: tuple[str, ...]) -> Facts:
    """With goods of these kinds or categories among the others."""
    order = given.order
    kinds, categories = (*order.purchase_types, *names), (*order.categories, *names)
    order = replace(order, purchase_types=kinds, categories=categories)
    return replace(given, order=order, categories=(*given.categories, *names))


def filled(given: Facts) -> Facts:
    """With all that a shop may tell, where the sample does not."""
    placed = given.order.placed_at
    usual = {Money: Money(Decimal(100), "EUR"), datetime: placed, date: placed.date(), int: 5, str: "-"}
    return _rebuilt(given, lambda kind, name, hint, value: usual.get(bare(hint)) if value is None else value)


def without(given: Facts, path: str) -> Facts | None:
    """Without that one thing, as `order.total`; None where it is always there. What a touch is about always is."""
    hint = _hint(given, path)
    return None if "." not in path or hint is None or bare(hint) is hint else _set(given, path, None)


def saying(given: Facts, told: Mapping[str, str | int], more: int = 0) -> Facts:
    """With these values at these paths, as far as it may have them; numbers by so much more."""
    for path, value in told.items():
        kind = bare(_hint(given, path))
        if isinstance(value, int) and kind in (int, Decimal):
            given = _set(given, path, kind(value + more))
        elif isinstance(value, str) and kind is str:
            given = _set(given, path, value)
    return given


def _hint(given: Facts, path: str) -> Any:
    *outer, name = path.split(".")
    owner = _owners(given, outer)[-1]
    return get_type_hints(type(owner)).get(name) if is_dataclass(owner) else None


def _owners(given: Facts, steps: list[str]) -> list[Any]:
    owners: list[Any] = [given]
    for step in steps:
        owners.append(getattr(owners[-1], step, None))
    return owners


def _set(given: Facts, path: str, value: Any) -> Facts:
    steps = path.split(".")
    for owner, step in zip(reversed(_owners(given, steps[:-1])), reversed(steps), strict=True):
        value = replace(owner, **{step: value})
    return cast(Facts, value)


def decided(given: Facts, answer: bool) -> Facts:
    """With that for every yes and no."""
    return _rebuilt(given, lambda kind, name, hint, value: answer if hint is bool else value)


def _rebuilt(value: D, change: Callable[[type, str, Any, Any], Any]) -> D:
    """A copy in which `change(class, field, type, value)` had its say on every field, from the inside out."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    hints = get_type_hints(type(value))
    changed = {}
    for field in fields(value):
        inner = getattr(value, field.name)
        if isinstance(inner, tuple):
            inner = tuple(_rebuilt(entry, change) for entry in inner)
        changed[field.name] = change(type(value), field.name, hints[field.name], _rebuilt(inner, change))
    return replace(value, **changed)
