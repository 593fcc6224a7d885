"""A page's facts, made into HTML, and the policy under which a browser may show it.

The one style sheet stands in the page itself, and the policy names it by its hash: nothing else may style the page, and
nothing at all may run in it.
"""

import base64
import hashlib
from dataclasses import dataclass, fields
from datetime import tzinfo

from perennial.content import Content
from perennial.errors import RuleFailed
from perennial.locales import Scene, direction, formatting_locale, html_lang
from perennial.page_facts import PageFacts
from perennial.sandbox import TemplateFailed, TemplateInvalid, compiled, render

NAMES = tuple(field.name for field in fields(PageFacts))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: one of the store's languages, how they write dates, and where they are."""

    locale: str
    zone: tzinfo
    own_locale: str | None = None


class PageFailed(RuleFailed):
    """A page cannot be made with these facts: its template is wrong. No value is named."""

    def __init__(self, page: str, line: int, reason: str) -> None:
        self.page, self.line, self.reason = page, line, reason
        super().__init__(f"page {page!r}, line {line}: {reason}")


def render_page(facts: PageFacts, reader: Reader, content: Content) -> str:
    """Raises PageFailed."""
    name, source = facts.page.name, content.pages.get(facts.page.name)
    if source is None:
        raise PageFailed(name, 1, "the content has no such page")
    written = formatting_locale(reader.own_locale, reader.locale, facts.store.country)
    scene = Scene(written, reader.zone, content.catalogue(reader.locale))
    names = {field: getattr(facts, field) for field in NAMES}
    around = {"lang": html_lang(reader.locale), "dir": direction(reader.locale)}
    try:
        return render(compiled(source, "html"), {**names, **around}, scene, "html")
    except TemplateFailed as error:
        raise PageFailed(name, error.line, error.message) from error
    except TemplateInvalid as error:
        raise PageFailed(name, error.problems[0].line, error.problems[0].message) from error


def policy(html: str, logo_url: str | None) -> str:
    """The Content-Security-Policy of that page: its own style, its store's logo, its own address for answers."""
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    images = f"img-src {logo_url.partition('?')[0]}; " if logo_url and not set(logo_url) & set(" ;,") else ""
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; {images}"
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
