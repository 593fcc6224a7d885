"""Words that stand outside `_()` go out in English to everybody, and no catalogue ever lists them."""

import re
from collections.abc import Iterator

from perennial.errors import ContentInvalid
from perennial.locales import language_of
from perennial_cli.authoring import Survey
from perennial_cli.sources import Source

_TRANSLATED = re.compile(r"\{%-?\s*trans\b.*?\bendtrans\s*-?%\}", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_UNSEEN = re.compile(r"<!--.*?-->|<(style|mj-style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_NO_WORDS = re.compile(r"&#?\w+;|https?://\S+|(?:mailto|tel):\S*|\S+@\S+")
_WORDS = re.compile(r"[^\W\d_].*")
SHOWN = 40
"""Characters of what stands there: enough to find it by."""


def bare_words(found: Survey) -> Iterator[ContentInvalid]:
    """Every line of words that no translator sees. None where no store writes in two languages.

    A journey runs in every store, so any message may go out in any language that is offered.
    """
    if all(len({language_of(tag) for tag in store.locales}) < 2 for store, _ in found.stores.values()):
        return
    for source in _sources(found):
        for line, words in _words(source):
            shown = words if len(words) <= SHOWN else f"{words[: SHOWN - 3]}..."
            yield source.problem(
                line, f"these words are not in `_()`, so nobody can translate them: write `{{{{ _({shown!r}) }}}}`"
            )


def _sources(found: Survey) -> Iterator[Source]:
    yield from (found.layout.mjml, found.layout.text)
    for folder in found.folders.values():
        yield from folder.sources.values()
    yield from found.pages.sources.values()


def _words(source: Source) -> Iterator[tuple[int, str]]:
    text = source.text
    for pattern in (_TRANSLATED, _JINJA):
        text = pattern.sub(_hole, text)
    if source.kind == "mjml" or source.file.endswith(".html"):
        for pattern in (_UNSEEN, _TAG):
            text = pattern.sub(_hole, text)
    for number, line in enumerate(_NO_WORDS.sub(_hole, text).split("\n"), 1):
        if match := _WORDS.search(line):
            yield number, " ".join(match[0].split())


def _hole(match: re.Match[str]) -> str:
    """As many lines as were there."""
    return " " + "\n" * match[0].count("\n")
