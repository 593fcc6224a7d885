"""What a rendered page must and must not be, whatever it says: small, quiet, and usable by everybody."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

HEAVIEST = 30_000
"""Bytes of a page: it opens at once on a train."""

_FORBIDDEN = frozenset(("script", "iframe", "object", "embed", "base", "link", "video", "audio", "svg"))
_FIELDS = frozenset(("input", "select", "textarea"))
_LEVELS = ("h1", "h2", "h3", "h4", "h5", "h6")
_VOID = frozenset(("meta", "input", "img", "br", "hr"))


@dataclass
class Seen:
    """What the rules need of a page."""

    tags: Counter[str] = field(default_factory=Counter)
    attributes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    labelled: set[str] = field(default_factory=set)
    headings: list[int] = field(default_factory=list)
    bare_fields: list[dict[str, str]] = field(default_factory=list)
    wordless: int = 0
    style: str = ""
    title: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self._open: list[str] = []
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given, seen = {name: value or "" for name, value in attrs}, self.seen
        seen.tags[tag] += 1
        seen.attributes.append((tag, given))
        if "id" in given:
            seen.ids[given["id"]] += 1
        if tag == "label" and "for" in given:
            seen.labelled.add(given["for"])
        if tag in _LEVELS:
            seen.headings.append(_LEVELS.index(tag) + 1)
        if tag in _FIELDS and given.get("type") != "hidden" and "label" not in self._open:
            seen.bare_fields.append(given)
        if tag not in _VOID:
            self._open.append(tag)
        if tag in ("button", "a"):
            self._words = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]
        if tag in ("button", "a") and not self._words.strip():
            self.seen.wordless += 1

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        self._words += data
        if inside == "style":
            self.seen.style += data
        if inside == "title":
            self.seen.title += data


def read(html: str) -> Seen:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.seen


def lint_page(html: str, logo_url: str | None) -> Iterator[str]:
    """Everything that is wrong with it."""
    seen = read(html)
    size = len(html.encode())
    if size > HEAVIEST:
        yield f"it weighs {size / 1000:.1f} KB, more than {HEAVIEST // 1000}: show fewer entries, or say less"
    if "{{" in html or "{%" in html:
        yield "Jinja is left over"
    yield from _powers(seen, logo_url)
    yield from _structure(seen)
    yield from _forms(seen)


def _powers(seen: Seen, logo_url: str | None) -> Iterator[str]:
    """What its security policy would refuse."""
    for tag in sorted(_FORBIDDEN & seen.tags.keys()):
        yield f"`<{tag}>` is refused by the page's security policy: do without it"
    for tag, given in seen.attributes:
        for name in given:
            if name == "style" or name.startswith("on"):
                yield f"`<{tag} {name}=…>` is refused by the page's security policy: write a class"
        yield from _reach(tag, given, logo_url)
    if seen.tags["style"] != 1 or re.search(r"url\(|@import|expression\(", seen.style):
        yield "a page has one `<style>`, in its layout, that loads nothing"


def _reach(tag: str, given: dict[str, str], logo_url: str | None) -> Iterator[str]:
    """Whom else it would tell that it was opened, and where it leads."""
    if tag == "img" and (given.get("src") != logo_url or "alt" not in given):
        yield "a page shows no image but the store's logo, with its `alt`: any other would tell that it was opened"
    if tag == "form" and (given.get("method") != "post" or "action" in given):
        yield 'a form is `<form method="post">` and nothing else: it answers the link it was opened by'
    if tag == "a" and not given.get("href", "").startswith(("https://", "mailto:", "tel:", "/", "#")):
        yield f"the link {given.get('href')!r} is not https"


def _structure(seen: Seen) -> Iterator[str]:
    page = next((given for tag, given in seen.attributes if tag == "html"), {})
    if not page.get("lang") or not page.get("dir"):
        yield "`<html>` needs `lang` and `dir`, for screen readers"
    if not seen.title.strip() or seen.tags["h1"] != 1 or seen.tags["main"] != 1:
        yield "a page has one title, one `<main>` and one `<h1>`"
    steps = zip(seen.headings, seen.headings[1:], strict=False)
    if any(after > before + 1 for before, after in steps):
        yield "a heading skips a level: readers jump from heading to heading"
    for name, count in seen.ids.items():
        if count > 1:
            yield f"the id {name!r} is used {count} times"
    for tag, given in seen.attributes:
        target = given.get("href", "")
        if tag == "a" and target.startswith("#") and target[1:] not in seen.ids:
            yield f"the link {target!r} leads to nothing on the page"


def _forms(seen: Seen) -> Iterator[str]:
    for given in seen.bare_fields:
        if given.get("id") not in seen.labelled:
            yield f"the field {given.get('name', '')!r} has no label"
    if seen.wordless:
        yield "a button or link has no words"
