"""`perennial preview page:order`: a page in every state it can come to, on a phone and a desktop, in light and dark."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from perennial.errors import ContentInvalid
from perennial.page_rendering import Reader, render_page
from perennial_cli.authoring import ContentProblems, Survey, survey
from perennial_cli.page_files import WANTED
from perennial_cli.page_samples import scenes
from perennial_cli.previewing import frame, sheet
from perennial_cli.samples import facts_of
from perennial_cli.suggestions import did_you_mean
from perennial_cli.variants import in_store
from perennial_cli.yaml_lines import Document

PREFIX = "page:"


@dataclass(frozen=True)
class PagePreview:
    """`page` shows all states; `first` is the one that people open."""

    name: str
    locale: str
    first: str
    page: str


def preview_page(templates: Path, name: str, *, locale: str | None = None, store: str | None = None) -> PagePreview:
    """Raises ContentProblems if the pages are not sound, ContentInvalid if there is no such page, language or store."""
    found = survey(templates)
    if name not in WANTED:
        raise ContentInvalid(f"there is no page {name!r}{did_you_mean(name, WANTED)}", file=f"{templates.name}/pages")
    if not found.pages.compiled or found.layout.problems:
        raise ContentProblems(found.pages.problems or found.problems)
    shop, language = _chosen(found, locale, store)
    sample = in_store(facts_of(Document("sample.json", {}), found.layout.sample), found.stores[shop][0], language)
    reader = Reader(language, ZoneInfo(found.stores[shop][0].time_zone), language)
    made = [(words, render_page(scene, reader, found.content)) for words, scene in scenes(name, sample)]
    sections = [_section(words, html) for words, html in made]
    return PagePreview(name, language, made[0][1], sheet(f"{name} · {shop} · {language}", sections, language))


def _chosen(found: Survey, locale: str | None, store: str | None) -> tuple[str, str]:
    offered = [(name, tag) for name, (shop, _) in found.stores.items() for tag in shop.locales]
    fitting = [pair for pair in offered if store in (None, pair[0]) and locale in (None, pair[1])]
    if not fitting:
        known = ", ".join("/".join(pair) for pair in offered) or "none"
        raise ContentInvalid(f"no store has pages in that language; there are {known}", file="templates/stores")
    return fitting[0]


def _section(words: str, html: str) -> str:
    frames = [
        frame(html, width=width, dark=dark, label=f"{device}, {'dark' if dark else 'light'}")
        for dark in (False, True)
        for device, width in (("Phone, 320 px", 320), ("Desktop, 700 px", 700))
    ]
    size = f"{len(html.encode()) / 1000:.1f} KB"
    return f'<h2>{escape(words)}</h2><p class=quiet>{size}</p><div class="frames">{"".join(frames)}</div>'
