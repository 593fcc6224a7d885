"""Every message tried out: in each store and language, with facts as given, bare, long and many.

What a marketer cannot see in a sample is found here: a guest without a name, a shop without carrier data, fifty
articles, a language with long words.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from perennial import store, texts
from perennial.content import Content
from perennial.errors import ContentInvalid
from perennial.facts import Facts
from perennial.locales import Scene, formatting_locale
from perennial.rendering import Email, RenderingFailed, Text, layout_names, render_email, render_push, render_text
from perennial.sandbox import TemplateFailed, compiled, names_of, render
from perennial_cli.authoring import Survey
from perennial_cli.folders import Folder
from perennial_cli.linting import lint_email, lint_size
from perennial_cli.samples import facts_of
from perennial_cli.unknown_values import named
from perennial_cli.variants import blanked, crowded, in_store, stretched

PUSH_TITLE, PUSH_BODY = 50, 150


@dataclass(frozen=True)
class Trial:
    """One message in one store and language. `sample` are the facts of its sample.json, set into that store."""

    folder: Folder
    content: Content
    shop: store.Store
    locale: str
    sample: Facts

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.shop.time_zone)


@dataclass(frozen=True)
class Figures:
    """What a message comes to with the longest names: bytes of HTML, parts of its text."""

    html_bytes: int = 0
    text_parts: int = 0
    text_encoding: texts.Encoding | None = None


def trials(survey: Survey, content: Content, folder: Folder) -> Iterator[Trial]:
    """Raises ContentInvalid if the sample is no valid one."""
    sample = facts_of(folder.sample, survey.layout.sample)
    for shop, _ in survey.stores.values():
        for locale in shop.locales:
            to = folder.message.to if folder.message else "customer"
            yield Trial(folder, content, shop, locale, in_store(sample, shop, locale, to))


def variants(trial: Trial, survey: Survey) -> Iterator[tuple[str, Facts]]:
    """Facts to render with, each with the words that say what is special about them."""
    yield "as in sample.json", trial.sample
    yield "with the longest names", stretched(trial.sample)
    yield "without all that a shop may leave out", blanked(trial.sample)
    touches = [touch for journey, _ in survey.journeys.values() for touch in journey.touches]
    for touch in touches:
        if touch.message != trial.folder.name:
            continue
        if touch.offer is None and trial.sample.offer is not None:
            yield f"without an offer, as in touch {touch.touch!r}", replace(trial.sample, offer=None)
        if touch.per != "parcel" and trial.sample.parcel is not None:
            yield f"without a parcel, as in touch {touch.touch!r}", replace(trial.sample, parcel=None, parcels=())
        if touch.per != "refund" and trial.sample.refund is not None:
            yield f"without a refund, as in touch {touch.touch!r}", replace(trial.sample, refund=None)
        if touch.per != "return" and trial.sample.return_case is not None:
            yield f"without a return, as in touch {touch.touch!r}", replace(trial.sample, return_case=None)


def failures(trial: Trial, survey: Survey) -> Iterator[ContentInvalid]:
    """Everything that keeps this message from being made: the first in each of its parts, each once."""
    met = set()
    for occasion, facts in variants(trial, survey):
        for make in _makers(trial):
            try:
                make(facts)
            except RenderingFailed as failure:
                if (failure.file, failure.line, failure.reason) not in met:
                    met.add((failure.file, failure.line, failure.reason))
                    yield _located(trial, survey, facts, failure, occasion)


def looked_over(trial: Trial) -> Iterator[ContentInvalid]:
    """What is wrong with a message that can be made."""
    for occasion, facts in (("", trial.sample), (" with the longest names", stretched(trial.sample))):
        yield from (_said(trial, *found, occasion) for found in _looked_at(trial, facts))
    yield from (_said(trial, *found) for found in _measured(trial))


def _makers(trial: Trial) -> Iterator[Callable[[Facts], object]]:
    channels = trial.folder.message.channels if trial.folder.message else ()
    if "email" in channels:
        yield lambda facts: _email(trial, facts)
    if "text" in channels:
        yield lambda facts: _text(trial, facts)
    if "push" in channels:
        name, content, locale, zone = trial.folder.name, trial.content, trial.locale, trial.zone
        yield lambda facts: render_push(name, facts, content=content, locale=locale, zone=zone)


def _looked_at(trial: Trial, facts: Facts) -> Iterator[tuple[str, str]]:
    message = trial.folder.message
    if message is not None and "email" in message.channels:
        yield from lint_email(message, _email(trial, facts), facts)


def _measured(trial: Trial) -> Iterator[tuple[str, str]]:
    message, facts = trial.folder.message, stretched(trial.sample)
    if message is None:
        return
    if "email" in message.channels:
        yield from lint_size(_email(trial, crowded(facts)).html)
    if "text" in message.channels:
        text = _text(trial, facts)
        if text.parts > message.segments:
            size = f"{text.parts} parts ({len(text.body)} characters, {text.encoding})"
            advice = f"shorten it, or set `segments: {text.parts}` in message.yaml"
            yield "sms.txt", f"in {trial.locale} it takes {size} with the longest names: {advice}"
    if "push" in message.channels:
        note = render_push(message.message, facts, content=trial.content, locale=trial.locale, zone=trial.zone)
        for field, written, most in (("push.title", note.title, PUSH_TITLE), ("push.body", note.body, PUSH_BODY)):
            if len(written) > most:
                yield field, f"in {trial.locale} it has {len(written)} characters with the longest names, not {most}"


def _email(trial: Trial, facts: Facts) -> Email:
    return render_email(trial.folder.name, facts, content=trial.content, locale=trial.locale, zone=trial.zone)


def _text(trial: Trial, facts: Facts) -> Text:
    return render_text(trial.folder.name, facts, content=trial.content, locale=trial.locale, zone=trial.zone)


def figures(trial: Trial) -> Figures:
    """What the message comes to with the longest names. Raises RuleFailed where it cannot be made."""
    message, facts = trial.folder.message, stretched(trial.sample)
    channels = message.channels if message else ()
    size = len(_email(trial, facts).html.encode()) if "email" in channels else 0
    text = _text(trial, facts) if "text" in channels else None
    return Figures(size, text.parts if text else 0, text.encoding if text else None)


def _said(trial: Trial, place: str, problem: str, occasion: str = "") -> ContentInvalid:
    """Of the file or field that is to blame, so far as that can be told from the outcome."""
    source = trial.folder.sources.get(place)
    if source is None:
        return ContentInvalid(problem, file=trial.folder.document.file, field=place)
    return source.problem(1, problem)


def _located(trial: Trial, survey: Survey, facts: Facts, failure: RenderingFailed, occasion: str) -> ContentInvalid:
    """Where in the files the marketer wrote: the compiled body has other lines, so each file is rendered by itself."""
    said = failure.reason
    place = {"email.html": "email.mjml"}.get(failure.file, failure.file)
    suffix = place.rpartition(".")[2]
    own = [(name, source) for name, source in trial.folder.sources.items() if name == place]
    own += [(name, source) for name, source in trial.folder.sources.items() if name.startswith("blocks/")]
    shared = {"email.mjml": survey.layout.mjml, "email.txt": survey.layout.text}
    candidates = [*own, *((name, source) for name, source in shared.items() if name == place)]
    for name, source in candidates:
        if not name.endswith(suffix):
            continue
        names = _names(trial, facts, category=name.partition("/")[2].partition(".")[0])
        line = _failing_line(trial, facts, source.text, names)
        if line is not None:
            return source.problem(line, f"{named(said, source.text, line, names)} ({occasion})")
    return _said(trial, place, f"{said} ({occasion})")


def _names(trial: Trial, facts: Facts, category: str) -> dict[str, Any]:
    """All that a file may use."""
    message = trial.folder.message
    assert message is not None  # noqa: S101 - only messages that were read are tried out
    around = {"subject": "", "preheader": "", "category": category, "others": facts.items}
    return {**names_of(facts), **layout_names(message, trial.locale), **around}


def _failing_line(trial: Trial, facts: Facts, source: str, names: dict[str, Any]) -> int | None:
    scene = Scene(formatting_locale(facts.customer.locale, trial.locale, facts.store.country), trial.zone)
    try:
        render(compiled(source, "text"), names, scene, "text")
    except TemplateFailed as failure:
        return failure.line
    return None
