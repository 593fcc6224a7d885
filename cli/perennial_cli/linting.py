"""What a rendered message must and must not be, whatever it says."""

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from html.parser import HTMLParser

from perennial.facts import Facts
from perennial.messages import Message
from perennial.rendering import Email

HEAVIEST = 90_000
"""Bytes of HTML: Gmail clips at 102 KB, and the footer with the unsubscribe link goes first."""

LONG_SUBJECT = 78

_PROMOTION = re.compile(
    r"\d+\s*%|\b(?:sale|discounts?|deals?|coupons?|vouchers?|bargains?|special offer|save \d+|free gift)\b"
    r"|скидк|распродаж|акци[яию]\b|промокод|купон|подарок",
    re.IGNORECASE,
)
_FORBIDDEN = frozenset(("script", "iframe", "form", "input", "object", "embed", "base", "link", "video", "audio"))
_UNSTATED = (None, "", "und", "auto")
"""What MJML writes where nobody said the language or the direction."""

_LEFT_TO_RIGHT = re.compile(r"direction:\s*ltr")
_MIRRORED_BY_HALF = (
    "tables run left to right in a language that is read from the right: the layout's `mj-attributes` need "
    '`<mj-section direction="{{ dir }}" />` and `<mj-column direction="{{ dir }}" />`'
)

_LINK = re.compile(r"https?://[^\s<>()\"']+[^\s<>()\"'.,;:!?]")


@dataclass
class Page:
    """What the checks need of a rendered HTML body."""

    links: list[str] = field(default_factory=list)
    images: list[tuple[str, str | None]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    handlers: set[str] = field(default_factory=set)
    html: dict[str, str | None] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.page.tags.add(tag)
        self.page.handlers |= {name for name in given if name.startswith("on")}
        self._hidden += tag in ("style", "title")
        if tag == "a":
            self.page.links.append(given.get("href") or "")
        if tag == "img":
            self.page.images.append((given.get("src") or "", given.get("alt")))
        if tag == "html":
            self.page.html = given

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.page.words.append(data)


def read_page(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def lint_email(message: Message, email: Email, facts: Facts) -> Iterator[tuple[str, str]]:
    """What is wrong, as `(file, what and what to do)`."""
    page = read_page(email.html)
    yield from _html(page, email.html)
    yield from _subject(message, email.subject)
    yield from _twin(page, email.text, facts)
    yield from _footer(message, page, email, facts)


def _html(page: Page, html: str) -> Iterator[tuple[str, str]]:
    yield from (("email.mjml", problem) for problem in (*_links(page), *_images(page)))
    for tag in sorted(page.tags & _FORBIDDEN):
        yield "email.mjml", f"`<{tag}>` is dropped or distrusted by mail clients: do without it"
    for name in sorted(page.handlers):
        yield "email.mjml", f"the attribute `{name}` runs code: mail clients refuse it"
    if page.html.get("lang") in _UNSTATED or page.html.get("dir") in _UNSTATED:
        yield "email.mjml", 'the layout needs `<mjml lang="{{ lang }}" dir="{{ dir }}">` for screen readers'
    if page.html.get("dir") == "rtl" and _LEFT_TO_RIGHT.search(html):
        yield "email.mjml", _MIRRORED_BY_HALF
    if "{{" in html or "{%" in html:
        yield "email.mjml", "Jinja is left over in the rendered body"


def _links(page: Page) -> Iterator[str]:
    yield from (problem for link in page.links if (problem := link_problem(link)))


def link_problem(link: str) -> str | None:
    safe = link.startswith(("https://", "mailto:", "tel:"))
    return None if safe else f"the link {link!r} is not https: readers cannot trust it"


def _images(page: Page) -> Iterator[str]:
    for source, alt in page.images:
        yield from image_problems(source, alt)


def image_problems(source: str, alt: str | None, *, shown: str | None = None) -> Iterator[str]:
    """`shown` is how it is called, where that is something else."""
    if not source.startswith("https://"):
        yield f"the image {source!r} is not https: mail clients drop it"
    if alt is None:
        yield f'the image {shown or source!r} has no alt text: write `alt=""` if it only decorates'


def _subject(message: Message, subject: str) -> Iterator[tuple[str, str]]:
    if not subject:
        yield "subject", "the subject comes out empty"
    if len(subject) > LONG_SUBJECT:
        yield "subject", f"the subject has {len(subject)} characters with long names: {LONG_SUBJECT} at most are shown"
    if message.class_ == "transactional" and (match := _PROMOTION.search(subject)):
        yield "subject", f"{match[0]!r} in the subject makes this marketing in the eyes of the law (16 CFR 316.3)"


def _twin(page: Page, text: str, facts: Facts) -> Iterator[tuple[str, str]]:
    own = astuple(facts.links)
    for link in dict.fromkeys(page.links):
        bare = link.partition("?")[0]  # a page of ours with something filled in is that page
        if link.startswith("https://") and (bare if bare in own else link) not in text:
            yield "email.txt", f"the text lacks the link {link}: whoever reads text must reach it too"
    for link in _LINK.findall(text):
        if not link.startswith("https://"):
            yield "email.txt", f"the link {link!r} is not https"


def _footer(message: Message, page: Page, email: Email, facts: Facts) -> Iterator[tuple[str, str]]:
    for file, text in (("email.mjml", page.text), ("email.txt", email.text)):
        if facts.store.support_email not in text:
            yield file, "nobody is named who helps: show `store.support_email`"
        if message.class_ == "transactional":
            continue
        if " ".join(facts.store.postal_address.split()) not in " ".join(text.split()):
            yield file, f"a {message.class_} mail must show `store.postal_address`"
    if message.class_ != "transactional" and facts.links.unsubscribe not in page.links:
        yield "email.mjml", f"a {message.class_} mail must hold `links.unsubscribe`"


def lint_size(html: str) -> Iterator[tuple[str, str]]:
    size = len(html.encode())
    if size > HEAVIEST:
        yield (
            "email.mjml",
            f"with 50 items it weighs {size // 1000} KB: Gmail cuts it off at 102 KB; "
            "show the first dozen, as in `{% for item in items[:12] %}`, and say how many more there are",
        )
