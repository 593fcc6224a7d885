"""`templates/pages/`: the shopper's pages as somebody wrote them, put into their layout.

`_layout.html` is around every page. It says where the page goes (`{# page #}`) and where its title (`{# title #}`),
which is the text of the page's own `<h1>`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from perennial.errors import ContentInvalid
from perennial.links import PATHS
from perennial.page_facts import PageFacts
from perennial_cli.sources import Source
from perennial_cli.suggestions import did_you_mean

FOLDER = "pages"
LAYOUT = "_layout"
NAMES: Mapping[str, Any] = {**get_type_hints(PageFacts), "lang": str, "dir": str}
"""What pages and their layout may use."""

WANTED = (*PATHS, "trouble")
"""Every page that a link may lead to, and the one for links that lead nowhere."""

_MARKER = {name: re.compile(r"\{#-?\s*" + name + r"\s*-?#\}") for name in ("page", "title")}
_HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)


@dataclass
class Pages:
    """`sources` by page, the layout among them; `compiled` only those in which all is right."""

    sources: dict[str, Source] = field(default_factory=dict)
    compiled: dict[str, str] = field(default_factory=dict)
    problems: list[ContentInvalid] = field(default_factory=list)

    def place(self, page: str, line: int) -> tuple[Source, int]:
        """Where a line of the compiled page was written."""
        layout, own = self.sources[LAYOUT], self.sources[page]
        before = layout.text[: _start(layout.text)].count("\n")
        after = before + own.text.rstrip("\n").count("\n")
        if before < line <= after + 1:
            return own, line - before
        return layout, line if line <= before else line - (after - before)


def read_pages(templates: Path, root: Path) -> Pages:
    """Everything in the folder, and everything that is wrong with it."""
    folder, pages = templates / FOLDER, Pages()
    for path in sorted(folder.glob("*.html")):
        pages.sources[path.stem] = Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"), NAMES)
    pages.problems += [*_missing(pages, folder, root), *_strangers(folder, root)]
    for source in pages.sources.values():
        pages.problems += source.problems()
    if LAYOUT in pages.sources:
        pages.problems += _unmarked(pages.sources[LAYOUT])
    for name, source in pages.sources.items():
        if name != LAYOUT:
            pages.problems += _untitled(source)
    if not pages.problems:
        pages.compiled = {name: _compiled(pages.sources, name) for name in WANTED}
    return pages


def _compiled(sources: Mapping[str, Source], name: str) -> str:
    layout, page = sources[LAYOUT].text, sources[name].text.rstrip("\n")
    heading = _HEADING.search(page)
    title = " ".join(heading[1].split()) if heading else ""
    return _MARKER["title"].sub(lambda _: title, _MARKER["page"].sub(lambda _: page, layout))


def _start(layout: str) -> int:
    found = _MARKER["page"].search(layout)
    return found.start() if found else 0


def _missing(pages: Pages, folder: Path, root: Path) -> Iterator[ContentInvalid]:
    for name in (LAYOUT, *WANTED):
        if name not in pages.sources:
            file = (folder / f"{name}.html").relative_to(root).as_posix()
            yield ContentInvalid("the page is missing: links in messages lead to it", file=file)


def _strangers(folder: Path, root: Path) -> Iterator[ContentInvalid]:
    known = {f"{name}.html" for name in (LAYOUT, *WANTED)}
    for path in sorted(folder.glob("*")):
        if path.name not in known and not path.name.startswith("."):
            hint = did_you_mean(path.name, known)
            yield ContentInvalid(f"no link leads to a page of this name{hint}", file=path.relative_to(root).as_posix())


def _unmarked(layout: Source) -> Iterator[ContentInvalid]:
    for name, pattern in _MARKER.items():
        if len(pattern.findall(layout.text)) != 1:
            yield layout.problem(1, f"the layout says once where the {name} goes: write `{{# {name} #}}`")


def _untitled(page: Source) -> Iterator[ContentInvalid]:
    headings = list(_HEADING.finditer(page.text))
    if len(headings) != 1:
        yield page.problem(1, "a page has one `<h1>`: it is the title of the window too")
    elif "<" in re.sub(r"\{%.*?%\}", "", headings[0][1]):
        line = page.text[: headings[0].start()].count("\n") + 1
        yield page.problem(line, "the `<h1>` is the title of the window too: write it without tags")
