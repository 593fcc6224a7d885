"""Everything `templates/` says, as the functions carry it: one JSON document that the build writes.

A cold start pays for parsing the JSON (milliseconds) and for nothing else: stores, journeys and messages become models
when they are first asked for, templates are compiled when they are first rendered.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from perennial import shops
from perennial.errors import Misconfigured
from perennial.locales import NO_TRANSLATIONS, SOURCE, Catalogue, language_of, normalise
from perennial.shops import Shop

if TYPE_CHECKING:  # the door reads stores only, a page not even these
    from perennial.journeys import Journey
    from perennial.messages import Message
    from perennial.parts import Model
    from perennial.store import Store

FORMAT = 2
"""Counted up when the shape of the bundle changes: functions refuse a bundle they would misread."""

COMPILED = "compiled"
"""The folder beside the bundle in which the build puts its templates as Python modules."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a message says on each channel, as Jinja. None where the message has no such file."""

    html: str | None = None
    text: str | None = None
    sms: str | None = None


class Lazy(Mapping[str, T], Generic[T]):
    """Values that are made when they are first asked for."""

    def __init__(self, raw: Mapping[str, Any], make: Callable[[Any], T]) -> None:
        self._raw, self._make = raw, make
        self._made: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        if key not in self._made:
            self._made[key] = self._make(self._raw[key])
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


@dataclass(frozen=True)
class Content:
    """`journeys` by name; `versions` by the hash that pins enrolments, older ones as far as they were added.

    `pages` are the shopper's pages as Jinja; `shops` are the stores as far as a page needs them.
    """

    stores: "Mapping[str, Store]"
    journeys: "Mapping[str, Journey]"
    versions: "Mapping[str, Journey]"
    messages: "Mapping[str, Message]"
    bodies: Mapping[str, Bodies]
    catalogues: Mapping[str, Catalogue]
    pages: Mapping[str, str]
    shops: Mapping[str, Shop]

    def catalogue(self, locale: str) -> Catalogue:
        """The translations for `pt_BR`, else for `pt`; none for the language of the templates."""
        tag = normalise(locale)
        return self.catalogues.get(tag) or self.catalogues.get(language_of(tag)) or NO_TRANSLATIONS

    def with_versions(self, journeys: "Iterable[Journey]") -> "Content":
        """With versions that enrolments are pinned to but `templates/` no longer holds."""
        from perennial.journeys import version_of

        older = {version_of(journey): journey for journey in journeys}
        return replace(self, versions={**older, **self.versions})


def make_content(
    stores: "Iterable[Store]",
    journeys: "Iterable[Journey]",
    messages: "Mapping[str, tuple[Message, Bodies]]",
    catalogues: Mapping[str, Catalogue],
    pages: Mapping[str, str] | None = None,
) -> Content:
    from perennial.journeys import version_of

    plans, found = list(journeys), {store.store: store for store in stores}
    return Content(
        stores=found,
        journeys={journey.journey: journey for journey in plans},
        versions={version_of(journey): journey for journey in plans},
        messages={name: message for name, (message, _) in messages.items()},
        bodies={name: bodies for name, (_, bodies) in messages.items()},
        catalogues=dict(catalogues),
        pages=dict(pages or {}),
        shops={name: shops.shop_of(store) for name, store in found.items()},
    )


def dump(content: Content) -> str:
    """The bundle. Equal content gives equal text."""
    document = {
        "format": FORMAT,
        "source": SOURCE,
        "stores": {name: _plain(store) for name, store in content.stores.items()},
        "journeys": {name: _plain(journey) for name, journey in content.journeys.items()},
        "versions": {version: journey.journey for version, journey in content.versions.items()},
        "messages": {name: _plain(message) for name, message in content.messages.items()},
        "bodies": {name: asdict(bodies) for name, bodies in content.bodies.items()},
        "catalogues": {name: asdict(catalogue) for name, catalogue in content.catalogues.items()},
        "pages": dict(content.pages),
        "shops": {name: shops.as_document(shop) for name, shop in content.shops.items()},
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(text: str | bytes) -> Content:
    """The content of a bundle. Raises Misconfigured if this is none, or one of another format."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise Misconfigured(f"the content bundle has format {document['format']}, not {FORMAT}: build it again")
        journeys = Lazy(document["journeys"], _journey)
        return Content(
            stores=Lazy(document["stores"], _store),
            journeys=journeys,
            versions=Lazy(document["versions"], journeys.__getitem__),
            messages=Lazy(document["messages"], _message),
            bodies=Lazy(document["bodies"], lambda raw: Bodies(**raw)),
            catalogues=Lazy(document["catalogues"], lambda raw: Catalogue(**raw)),
            pages=document["pages"],
            shops=Lazy(document["shops"], shops.from_document),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured("this is not a content bundle: build it with `perennial build-content`") from error


def _store(raw: Any) -> "Store":
    from perennial.store import Store

    return Store.model_validate(raw)


def _journey(raw: Any) -> "Journey":
    from perennial.journeys import Journey

    return Journey.model_validate(raw)


def _message(raw: Any) -> "Message":
    from perennial.messages import Message

    return Message.model_validate(raw)


def _plain(model: "Model") -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
