"""`perennial check`: everything in `templates/` that can be wrong before a deploy, found in one run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from perennial.colours import contrast
from perennial.errors import ContentInvalid
from perennial.locales import NO_TRANSLATIONS, SOURCE, language_of, normalise
from perennial_cli.authoring import Survey, survey
from perennial_cli.bare_words import bare_words
from perennial_cli.catalogs import po_file, texts_of, untranslated
from perennial_cli.condition_trials import try_conditions
from perennial_cli.crosschecks import categories, categories_met
from perennial_cli.folders import Folder
from perennial_cli.hours_met import never_allowed, not_yet_allowed
from perennial_cli.page_trials import try_pages
from perennial_cli.source_lint import lint_sources
from perennial_cli.sources import mentioned
from perennial_cli.trials import Figures, Trial, failures, figures, looked_over, trials

Level = Literal["error", "notice"]

SELLING = ("offer", "accessories", "related", "extensions")
PERSONAL = ("customer",)
READABLE = 4.5
"""WCAG 2.1 AA for text."""


@dataclass(frozen=True)
class Finding:
    """An error stops a deploy; a notice is worth knowing."""

    level: Level
    problem: ContentInvalid

    def as_dict(self) -> dict[str, str | int | None]:
        problem = self.problem
        return {
            "level": self.level,
            "file": problem.file,
            "line": problem.line,
            "field": problem.field,
            "message": problem.message,
        }


@dataclass
class Report:
    """`figures` by message and locale, at the longest plausible names. `untried` are files that cannot be read and
    messages that cannot be made yet: what else is wrong with them is not known.
    """

    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, dict[str, Figures]] = field(default_factory=dict)
    stores: int = 0
    journeys: int = 0
    messages: int = 0
    untried: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[ContentInvalid]:
        return [finding.problem for finding in self.findings if finding.level == "error"]

    @property
    def notices(self) -> list[ContentInvalid]:
        return [finding.problem for finding in self.findings if finding.level == "notice"]


def check(templates: Path) -> Report:
    """Everything that is wrong or worth knowing. Raises ContentInvalid only if there is no such folder."""
    found = survey(templates)
    report = Report(stores=len(found.stores), journeys=len(found.journeys), messages=len(found.folders))
    report.untried = _unread(found)
    errors = [*found.problems, *_empty(found), *_brands(found), *_languages(found)]
    errors += [*never_allowed(found), *bare_words(found)]
    errors += [problem for folder in found.folders.values() for problem in _by_class(folder)]
    errors += [*try_conditions(found), *_rendered(found, report), *try_pages(found)]
    report.findings = [Finding("error", problem) for problem in _sorted(errors)]
    notices = [*not_yet_allowed(found), *(() if _unread(found) else _without_use(found))]
    report.findings += [Finding("notice", problem) for problem in _sorted(notices)]
    return report


def _sorted(problems: Iterable[ContentInvalid]) -> list[ContentInvalid]:
    """Each once, in the order of files and lines."""
    unique = {problem.render(): problem for problem in problems}
    return sorted(unique.values(), key=lambda problem: (problem.file, problem.line or 0))


def _rendered(found: Survey, report: Report) -> Iterator[ContentInvalid]:
    content = found.content
    for name, folder in found.folders.items():
        if name not in content.bodies:
            report.untried.append(name)
            yield from lint_sources(folder)
            continue
        try:
            for trial in trials(found, content, folder):
                yield from _tried(trial, found, report)
        except ContentInvalid as problem:
            report.untried.append(name)
            yield problem


def _tried(trial: Trial, found: Survey, report: Report) -> Iterator[ContentInvalid]:
    name = trial.folder.name
    failed = list(failures(trial, found))
    problems = [*failed, *lint_sources(trial.folder)] if failed else list(looked_over(trial))
    yield from problems
    if failed and name not in report.untried:
        report.untried.append(name)
    if not problems:
        report.figures.setdefault(name, {})[trial.locale] = figures(trial)


def _empty(found: Survey) -> Iterator[ContentInvalid]:
    if not found.stores and not list((found.templates / "stores").glob("*.y*ml")):
        yield ContentInvalid("there is no store: add stores/<name>.yaml", file=f"{found.templates.name}/stores")


def _brands(found: Survey) -> Iterator[ContentInvalid]:
    for store, document in found.stores.values():
        ratio = contrast(store.brand.ink, store.brand.paper)
        if ratio < READABLE:
            message = (
                f"text in {store.brand.ink} on {store.brand.paper} has a contrast of {ratio:.1f}: 4.5 is the least"
            )
            yield document.problem(message, ("brand", "ink"))


def _languages(found: Survey) -> Iterator[ContentInvalid]:
    """Texts that a language some store writes in still lacks."""
    texts = texts_of(found.folders.values(), found.layout, found.pages.sources.values())
    offered = {normalise(tag) for store, _ in found.stores.values() for tag in store.locales}
    for locale in sorted(tag for tag in offered if language_of(tag) != SOURCE):
        known = found.translations.get(locale) or found.translations.get(language_of(locale))
        file = po_file(found.templates, locale).relative_to(found.templates.parent).as_posix()
        if known is None:
            yield ContentInvalid("the language has no catalogue: run `perennial translate`", file=file)
            continue
        for text, source in untranslated(texts, known.catalogue if known else NO_TRANSLATIONS):
            shown = text if len(text) <= 60 else f"{text[:57]}..."
            yield ContentInvalid(f"{shown!r} is not translated (it stands in {source.file})", file=known.file)


def _by_class(folder: Folder) -> Iterator[ContentInvalid]:
    """What a class of messages must not speak of."""
    message = folder.message
    if message is None:
        return
    if message.class_ == "transactional":
        for source, line, name in mentioned(folder.sources.values(), SELLING):
            yield source.problem(line, f"a transactional message must not sell: {name!r} makes it marketing")
    elif not message.promotional:
        for source, line, name in mentioned(folder.sources.values(), ("offer",)):
            yield source.problem(line, f"{name!r} sells: mark the message `promotional: true`")
    push = [source for name, source in folder.sources.items() if name.startswith("push.")]
    for source, line, name in mentioned(push, PERSONAL):
        yield source.problem(line, f"{name!r} would show personal data on a lock screen")


def _unread(found: Survey) -> list[str]:
    """Stores and journeys that cannot be read. Without them what only seems to be of no use is not spoken of."""
    read = {document.file for _, document in (*found.stores.values(), *found.journeys.values())}
    files = [path for folder in ("stores", "journeys") for path in sorted((found.templates / folder).glob("*.y*ml"))]
    return [path.name for path in files if path.relative_to(found.templates.parent).as_posix() not in read]


def _without_use(found: Survey) -> Iterator[ContentInvalid]:
    yield from _without_blocks(found)
    yield from _unused(found)


def _without_blocks(found: Survey) -> Iterator[ContentInvalid]:
    known = categories(found.stores)
    for folder in found.folders.values():
        if folder.categories and folder.message is not None:
            lacking = sorted(categories_met(folder.message, found.stores, found.journeys) - folder.categories)
            if lacking:
                message = f"no words of their own for {', '.join(lacking)}: their buyers read blocks/general"
                yield ContentInvalid(message, file=folder.document.file)
            for name in sorted(folder.categories - known - {"general"}):
                message = f"blocks/{name} is for goods that no store's rules name"
                yield ContentInvalid(message, file=folder.document.file)


def _unused(found: Survey) -> Iterator[ContentInvalid]:
    sent = {touch.message for journey, _ in found.journeys.values() for touch in journey.touches}
    for name, folder in found.folders.items():
        if found.journeys and name not in sent:
            yield ContentInvalid("no journey sends this message", file=folder.document.file)
