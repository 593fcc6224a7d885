"""Every page tried out in each store and language, in each of its states: as given, bare, with the longest names."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from perennial.content import Content
from perennial.errors import ContentInvalid
from perennial.facts import Facts
from perennial.page_facts import PageFacts
from perennial.page_rendering import NAMES, PageFailed, Reader, render_page
from perennial_cli.authoring import Survey
from perennial_cli.page_files import WANTED, Pages
from perennial_cli.page_lint import lint_page
from perennial_cli.page_samples import scenes
from perennial_cli.samples import facts_of
from perennial_cli.sources import Source
from perennial_cli.unknown_values import named
from perennial_cli.variants import blanked, crowded, in_store, stretched
from perennial_cli.yaml_lines import Document

MANY = 60
"""Positions of an order that a page must be able to show."""


def try_pages(found: Survey) -> Iterator[ContentInvalid]:
    """Everything that goes wrong when the pages are made. What is not sound in itself is not tried."""
    if not found.pages.compiled or found.layout.problems:
        return
    try:
        sample, content = facts_of(Document("sample.json", {}), found.layout.sample), found.content
    except ContentInvalid as problem:
        yield problem
        return
    for store, _ in found.stores.values():
        for locale in store.locales:
            given = in_store(sample, store, locale)
            trial = Trial(found.pages, content, store.store, Reader(locale, ZoneInfo(store.time_zone), locale))
            for page in WANTED:
                yield from _tried(trial, page, given)


@dataclass(frozen=True)
class Trial:
    """The pages in one store and language."""

    pages: Pages
    content: Content
    store: str
    reader: Reader


def _tried(trial: Trial, page: str, given: Facts) -> Iterator[ContentInvalid]:
    """The first thing that is wrong with a page: the others are often the same once more."""
    for facts, occasion in _occasions(given):
        for words, scene in scenes(page, facts):
            problem = _first_problem(trial, page, scene)
            if problem is not None:
                source, line, said = problem
                yield source.problem(line, f"{said} ({words}{occasion}, {trial.store} in {trial.reader.locale})")
                return


def _occasions(given: Facts) -> Iterator[tuple[Facts, str]]:
    yield given, ""
    yield blanked(given), ", without all that a shop may leave out"
    longest = crowded(stretched(given), MANY)
    numbered = tuple(replace(item, line_id=str(index)) for index, item in enumerate(longest.items))
    yield replace(longest, items=numbered, parcels=()), ", with the longest names"


def _first_problem(trial: Trial, page: str, scene: PageFacts) -> tuple[Source, int, str] | None:
    try:
        html = render_page(scene, trial.reader, trial.content)
    except PageFailed as failure:
        source, line = trial.pages.place(page, failure.line)
        return source, line, named(failure.reason, source.text, line, {name: getattr(scene, name) for name in NAMES})
    wrong = next(lint_page(html, scene.store.logo_url), None)
    return (trial.pages.sources[page], 1, wrong) if wrong else None
