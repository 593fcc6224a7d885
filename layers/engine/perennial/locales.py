"""Languages: which one a message is written in, which way it runs, and its translations.

Nothing here imports Babel (38 ms): choosing a language and finding a translation is needed for every message,
formatting a date is not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache
from typing import Literal

SOURCE = "en"
"""The language templates are written in: it needs no catalogue."""

_RTL = frozenset((
    "apc", "ar", "bal", "bgn", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "nqo", "ps", "rhg", "sd", "sdh", "skr",
    "syr", "trw", "ug", "ur", "yi",
))  # fmt: skip
_RTL_SCRIPTS = frozenset(("Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"))
_OLD = {"iw": "he", "in": "id", "ji": "yi", "no": "nb", "sh": "sr", "tl": "fil"}


def normalise(tag: str) -> str:
    """`de-at` and `de_AT.UTF-8` both as `de_AT`; old language codes as today's."""
    parts = tag.partition(".")[0].partition("@")[0].replace("-", "_").split("_")
    language = parts[0].lower()
    rest = [part.title() if len(part) == 4 else part.upper() for part in parts[1:] if part]
    return "_".join([_OLD.get(language, language), *rest])


def language_of(tag: str) -> str:
    return normalise(tag).partition("_")[0]


def choose_locale(wanted: str | None, offered: Sequence[str]) -> str:
    """The offered locale that suits the wanted one best; the first offered if none speaks its language.

    Exact, then without region, then the plain language, then any region of it (`de_AT` reads `de_DE` rather than
    English). Returned as spelt in `offered`, which must not be empty.
    """
    known = {normalise(tag): tag for tag in reversed(offered)}
    parts = normalise(wanted or "").split("_")
    for length in range(len(parts), 0, -1):
        if (match := known.get("_".join(parts[:length]))) is not None:
            return match
    return next((tag for tag in offered if language_of(tag) == parts[0]), offered[0])


def formatting_locale(customer: str | None, chosen: str, country: str = "") -> str:
    """How dates and money are written: as in the customer's region where it speaks the language of the message.

    A bare language is read as that of the shop's country: plain `en` in a British shop means `24 November`.
    """
    speaks = customer if customer and language_of(customer) == language_of(chosen) else chosen
    tag = normalise(speaks)
    return tag if "_" in tag or not country else f"{tag}_{country}"


def direction(locale: str) -> Literal["ltr", "rtl"]:
    """Which way it is written; a script in the tag, as in `uz_Arab`, decides over the language."""
    language, *rest = normalise(locale).split("_")
    script = next((part for part in rest if len(part) == 4), None)
    return "rtl" if (language in _RTL if script is None else script in _RTL_SCRIPTS) else "ltr"


def html_lang(locale: str) -> str:
    """As HTML wants it: `pt_BR` as `pt-BR`."""
    return normalise(locale).replace("_", "-")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Translations of one locale. Plural messages hold one text per form of the rule `plural` (C, as in .po files)."""

    messages: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    plural: str = "(n != 1)"

    def one(self, text: str) -> str:
        """The translation; the text itself where there is none."""
        found = self.messages.get(text, text)
        return found if isinstance(found, str) else found[_rule(self.plural)(1)]

    def many(self, singular: str, plural: str, count: int) -> str:
        found = self.messages.get(singular)
        if found is None or isinstance(found, str):
            return singular if count == 1 else plural
        return found[_rule(self.plural)(count)]


NO_TRANSLATIONS = Catalogue()


@lru_cache(maxsize=64)
def _rule(plural: str) -> Callable[[int], int]:
    from gettext import c2py  # brings regular expressions of its own, and most catalogues need one rule

    return c2py(plural)


@dataclass(frozen=True, slots=True)
class Scene:
    """For whom something is rendered: locale of dates and money, the recipient's zone, the translations."""

    locale: str
    zone: tzinfo
    catalogue: Catalogue = NO_TRANSLATIONS
