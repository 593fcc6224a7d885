"""What no file can be told alone: do journeys, messages, stores and offers fit together?"""

from collections.abc import Iterator, Mapping
from typing import get_args

from perennial.conditions import tree_of_condition
from perennial.errors import ContentInvalid
from perennial.hygiene import safe_url
from perennial.journeys import Journey, Touch
from perennial.messages import Message
from perennial.projecting import NO_GOODS
from perennial.sandbox import TemplateInvalid, tree_of
from perennial.store import Kind, Store
from perennial.zones import zone_named
from perennial_cli.conditions_of import conditions_of
from perennial_cli.folders import Folder
from perennial_cli.goods_named import Known, goods_problems
from perennial_cli.link_rules import link_problems
from perennial_cli.names import check_condition_names
from perennial_cli.plain_words import plainly_of
from perennial_cli.suggestions import did_you_mean
from perennial_cli.yaml_lines import Document, Path

Stores = Mapping[str, tuple[Store, Document]]
Journeys = Mapping[str, tuple[Journey, Document]]

KINDS = get_args(Kind)


def cross_check(
    stores: Stores, journeys: Journeys, folders: Mapping[str, Folder], *, whole: bool = True
) -> Iterator[ContentInvalid]:
    """`whole`: all stores could be read, so that what no rule of theirs makes is made by none."""
    for store, document in stores.values():
        yield from _store(store, document)
    yield from link_problems(stores)
    for journey, document in journeys.values():
        yield from _journey(journey, document, stores, folders)
    if stores and whole:
        yield from _goods_named(Known.of(store for store, _ in stores.values()), journeys, folders)


def _goods_named(known: Known, journeys: Journeys, folders: Mapping[str, Folder]) -> Iterator[ContentInvalid]:
    for journey, document in journeys.values():
        for path, text, _ in conditions_of(journey):
            yield from (
                document.problem(message, path) for _, message in goods_problems(tree_of_condition, text, known)
            )
    for folder in folders.values():
        for source in folder.sources.values():
            yield from (source.problem(line, message) for line, message in goods_problems(tree_of, source.text, known))


def categories(stores: Stores) -> set[str]:
    """Every category that some store's rules give to goods."""
    return {rule.category for store, _ in stores.values() for rule in store.goods}


def categories_met(message: Message, stores: Stores, journeys: Journeys) -> set[str]:
    """The categories of goods that a message may be about where these journeys send it; all, if none of them does.

    It is about the whole parcel, about all that can be reviewed, or about the goods of its journey (projecting.py).
    """
    rules = [rule for store, _ in stores.values() for rule in store.goods]
    steps = [(j, touch) for j, _ in journeys.values() for touch in j.touches if touch.message == message.message]
    met: set[str] = set()
    for journey, touch in steps:
        wanted = set(journey.goods)
        if touch.per == "parcel" or not wanted:
            return categories(stores)
        if message.one_per is not None and message.class_ == "feedback":
            met |= {rule.category for rule in rules if rule.kind not in NO_GOODS}
        else:
            met |= {rule.category for rule in rules if {rule.kind, rule.category} & wanted}
    return met if steps else categories(stores)


def _store(store: Store, document: Document) -> Iterator[ContentInvalid]:
    yield from _zone(store.time_zone, document)
    if store.locale not in store.locales:
        yield document.problem(f"the store's own locale is not one of its locales {list(store.locales)}", ("locale",))
    for path, url in _urls(store):
        if url is not None and safe_url(url) is None:
            yield document.problem("this is not an https address", path)
    known = {*KINDS, *(rule.category for rule in store.goods)}
    for index, suggestion in enumerate(store.suggestions):
        yield from _goods(suggestion.goes_with, known, document, ("suggestions", index, "goes_with"))
    for name, offer in store.offers.items():
        yield from _goods(offer.goods, known, document, ("offers", name, "goods"))


def _zone(name: str, document: Document) -> Iterator[ContentInvalid]:
    try:
        spelt = zone_named(name).key
    except ValueError as error:
        yield document.problem(str(error), ("time_zone",))
        return
    if spelt != name:
        yield document.problem(f"write {spelt}: case matters on some machines", ("time_zone",))


def _urls(store: Store) -> Iterator[tuple[Path, str | None]]:
    yield from ((("url",), store.url), (("pages_url",), store.pages_url), (("support", "url"), store.support.url))
    yield ("brand", "logo_url"), store.brand.logo_url
    for index, rule in enumerate(store.goods):
        for key in ("manual_url", "register_url", "recipes_url", "maintenance_url"):
            yield ("goods", index, key), getattr(rule, key)
    for index, suggestion in enumerate(store.suggestions):
        yield ("suggestions", index, "url"), suggestion.url
        yield ("suggestions", index, "image_url"), suggestion.image_url


def _journey(
    journey: Journey, document: Document, stores: Stores, folders: Mapping[str, Folder]
) -> Iterator[ContentInvalid]:
    for path, text, _ in conditions_of(journey):
        yield from _condition(text, document, path)
    if stores:
        yield from _goods(journey.goods, {*KINDS, *categories(stores)}, document, ("goods",))
    for index, touch in enumerate(journey.touches):
        place: Path = ("touches", index)
        yield from _message(touch, document, place, folders)
        yield from _offer(touch, document, place, stores)


def _condition(text: str, document: Document, path: Path) -> Iterator[ContentInvalid]:
    try:
        tree_of_condition(text)
        found = check_condition_names(text)
    except TemplateInvalid as invalid:
        found = invalid.problems
    yield from (document.problem(plainly_of(text, message), path) for _, message in found)


def _message(touch: Touch, document: Document, place: Path, folders: Mapping[str, Folder]) -> Iterator[ContentInvalid]:
    if touch.message not in folders:
        hint = did_you_mean(touch.message, folders)
        yield document.problem(f"there is no message {touch.message!r} in messages/{hint}", (*place, "message"))
        return
    message = folders[touch.message].message
    if message is not None and touch.offer is not None and not message.promotional:
        yield document.problem(
            f"the message {touch.message!r} makes an offer here: mark it `promotional: true`", (*place, "offer")
        )


def _offer(touch: Touch, document: Document, place: Path, stores: Stores) -> Iterator[ContentInvalid]:
    if touch.offer is None:
        return
    for name, (store, _) in stores.items():
        if touch.offer not in store.offers:
            hint = did_you_mean(touch.offer, store.offers)
            yield document.problem(f"the store {name!r} has no offer {touch.offer!r}{hint}", (*place, "offer"))


def _goods(names: tuple[str, ...], known: set[str], document: Document, path: Path) -> Iterator[ContentInvalid]:
    for index, name in enumerate(names):
        if name not in known:
            hint = did_you_mean(name, known)
            yield document.problem(f"no rule of the goods makes anything {name!r}{hint}", (*path, index))
