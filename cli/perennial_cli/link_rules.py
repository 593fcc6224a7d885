"""What links ask of stores: an address that fits into a header, and a mark in tokens that is theirs alone."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from perennial.errors import ContentInvalid
from perennial.links import store_mark
from perennial.store import Store
from perennial_cli.yaml_lines import Document

LONGEST = 75 - len("/u/") - 44 - 1
"""Characters of `pages_url` that keep `List-Unsubscribe` under 75: some mailers fold longer ones, and mailboxes show no
button then."""


def link_problems(stores: Mapping[str, tuple[Store, Document]]) -> Iterator[ContentInvalid]:
    marks: dict[bytes, str] = {}
    for store, document in stores.values():
        yield from (document.problem(problem, ("pages_url",)) for problem in _address(store.pages_url))
        other = marks.setdefault(store_mark(store.store), store.store)
        if other != store.store:
            message = f"links could not tell this store from {other!r}: give one of the two another name"
            yield document.problem(message, ("store",))


def _address(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.path.strip("/") or parts.query or parts.fragment:
        yield "pages lead to each other from the root: name the host alone, as in https://p.shop.example"
    size = len(url.rstrip("/"))
    if size > LONGEST:
        yield f"links would be too long for mail headers: {LONGEST} characters at the most, and this has {size}"
