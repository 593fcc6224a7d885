"""A message and the facts, made into what a provider sends: an email, a text, a push note.

Every failure is a RuleFailed that names the message, its file and line and what is missing, never what anybody is
called: it is logged, and the event is parked under it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from jinja2 import nodes

from perennial import texts
from perennial.allowlist import TRANSLATORS
from perennial.content import Bodies, Content
from perennial.errors import RuleFailed
from perennial.facts import Facts
from perennial.hygiene import NAME, SUBJECT, header_text
from perennial.locales import Catalogue, Scene, direction, formatting_locale, html_lang
from perennial.messages import Message
from perennial.sandbox import Mode, TemplateFailed, TemplateInvalid, compiled, names_of, render, tree_of

PUSH_BODY = 240
"""Characters of a push note that any lock screen shows; `perennial check` asks for fewer."""

_TRAILING = re.compile(r"[ \t]+(?=\n)")
_BLANK = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[ \t]*\n\s*|[ \t]{2,}")


@dataclass(frozen=True, slots=True)
class Email:
    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """`parts` is what the carrier charges."""

    body: str
    parts: int
    encoding: texts.Encoding


@dataclass(frozen=True, slots=True)
class PushNote:
    title: str
    body: str


class RenderingFailed(RuleFailed):
    """One message cannot be made with these facts. `file` and `line` say where in the message's folder."""

    def __init__(self, message: str, file: str, line: int, reason: str) -> None:
        self.message, self.file, self.line, self.reason = message, file, line, reason
        super().__init__(f"message {message!r}, {file}, line {line}: {reason}")


@dataclass(frozen=True, slots=True)
class _Rendering:
    """One message on its way: what all its parts share."""

    name: str
    message: Message
    bodies: Bodies
    scene: Scene
    names: dict[str, Any]

    def part(self, file: str, source: str | None, mode: Mode = "text", more: Mapping[str, str] = {}) -> str:
        """The text of one file or field. Raises RenderingFailed."""
        if source is None:
            raise RenderingFailed(self.name, file, 1, "the message does not have this part")
        try:
            return render(compiled(source, mode), {**self.names, **more}, self.scene, mode)
        except TemplateFailed as error:
            raise RenderingFailed(self.name, file, error.line, error.message) from error
        except TemplateInvalid as error:
            raise RenderingFailed(self.name, file, error.problems[0].line, error.problems[0].message) from error


def _begin(name: str, facts: Facts, content: Content, locale: str, zone: tzinfo) -> _Rendering:
    message = content.messages.get(name)
    if message is None:
        raise RuleFailed(f"there is no message {name!r} in the content")
    written = formatting_locale(facts.customer.locale, locale, facts.store.country)
    scene = Scene(written, zone, content.catalogue(locale))
    names = {**names_of(facts), **layout_names(message, locale)}
    return _Rendering(name, message, content.bodies[name], scene, names)


def layout_names(message: Message, locale: str) -> Mapping[str, str]:
    """What bodies may use beside the facts; `subject` and `preheader` come with them."""
    way = direction(locale)
    sides = {"start": "left", "end": "right"} if way == "ltr" else {"start": "right", "end": "left"}
    return {"lang": html_lang(locale), "dir": way, **sides, "message_class": message.class_}


def render_email(name: str, facts: Facts, *, content: Content, locale: str, zone: tzinfo) -> Email:
    """`locale` is one that the store offers (`choose_locale`), `zone` the recipient's. Raises RuleFailed."""
    rendering = _begin(name, facts, content, locale, zone)
    subject = header_text(rendering.part("subject", rendering.message.subject), SUBJECT)
    preheader = header_text(rendering.part("preheader", rendering.message.preheader or ""), SUBJECT)
    heads = {"subject": subject, "preheader": preheader}
    html = rendering.part("email.html", rendering.bodies.html, "html", heads)
    text = rendering.part("email.txt", rendering.bodies.text, more=heads)
    return Email(subject, preheader, html, _tidy_lines(text))


def render_subject(name: str, facts: Facts, *, content: Content, locale: str, zone: tzinfo) -> str:
    """Only the subject, for lists. Raises RuleFailed, also for a message that has none."""
    rendering = _begin(name, facts, content, locale, zone)
    return header_text(rendering.part("subject", rendering.message.subject), SUBJECT)


def _tidy_lines(text: str) -> str:
    return _BLANK.sub("\n\n", _TRAILING.sub("", text)).strip() + "\n"


def render_text(name: str, facts: Facts, *, content: Content, locale: str, zone: tzinfo) -> Text:
    """One line, in GSM-7 wherever its template is. Raises RuleFailed."""
    rendering = _begin(name, facts, content, locale, zone)
    written = rendering.part("sms.txt", rendering.bodies.sms)
    body = _SPACES.sub(" ", texts.tidy(written))
    if _written_in_gsm(rendering.bodies.sms or "", rendering.scene.catalogue):
        body = texts.to_gsm(body)
    parts, encoding = texts.count_parts(body)
    return Text(body, parts, encoding)


def render_push(name: str, facts: Facts, *, content: Content, locale: str, zone: tzinfo) -> PushNote:
    """Raises RuleFailed."""
    rendering = _begin(name, facts, content, locale, zone)
    push = rendering.message.push
    title = rendering.part("push.title", push.title if push else None)
    body = rendering.part("push.body", push.body if push else None)
    return PushNote(header_text(title, NAME), header_text(body, PUSH_BODY))


@lru_cache(maxsize=512)
def _written_in_gsm(source: str, catalogue: Catalogue) -> bool:
    """Whether the words of the template itself, in that language, need nothing but GSM-7."""
    tree = tree_of(source)
    words = [data.data for data in tree.find_all(nodes.TemplateData)]
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in TRANSLATORS:
            words += _translations([text.as_const() for text in call.args[: TRANSLATORS[call.node.name]]], catalogue)
    return texts.is_gsm(texts.tidy(" ".join(words)))


def _translations(originals: list[str], catalogue: Catalogue) -> list[str]:
    found = catalogue.messages.get(originals[0])
    return originals if found is None else [found] if isinstance(found, str) else list(found)
