"""Text messages: how many parts one takes, and how to keep it from taking more.

GSM-7 fits 160 characters into one part and 153 into each of several; one character outside it turns the whole text
into UCS-2 with 70 and 67. Sizes: 3GPP TS 23.038 and 23.040.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")
"""Characters of GSM-7 that cost two and must stay within one part."""

GSM = BASIC | EXTENSION

_TYPOGRAPHY = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "•": "*", "·": "*", "…": "...", "×": "x",
    "→": "->", "\t": " ", "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ",
})  # fmt: skip
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_LETTERS = {
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i",
    "œ": "oe", "Œ": "OE", "ẞ": "SS", "ŋ": "n", "ĸ": "k", "₽": "RUB", "₹": "INR", "₺": "TRY", "₴": "UAH", "©": "(c)",
    "®": "(R)", "™": "TM", "°": " deg", "½": "1/2", "¼": "1/4", "¾": "3/4",
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u", "ђ": "dj", "ј": "j", "љ": "lj", "њ": "nj",
    "ћ": "c", "џ": "dz", "ќ": "k", "ѓ": "g", "ѕ": "dz",
}  # fmt: skip
"""What no decomposition yields: single letters, and Cyrillic by sound, for names within a Latin text."""


def tidy(text: str) -> str:
    """Without what only costs: invisible marks that Babel adds, spaces of odd widths, typographic signs."""
    return _INVISIBLE.sub("", text.translate(_TYPOGRAPHY)).strip()


def is_gsm(text: str) -> bool:
    return GSM.issuperset(text)


def to_gsm(text: str) -> str:
    """The text in GSM-7 (`Zoë` as `Zoe`, `Иван` as `Ivan`); as it was if a letter would be lost."""
    pieces = [_letter(char) for char in tidy(text)]
    return text if None in pieces else "".join(piece for piece in pieces if piece is not None)


def _letter(char: str) -> str | None:
    """`char` in GSM-7; empty for pictures and marks, which may go; None for a letter that nobody could read."""
    if char in GSM:
        return char
    for candidate in (_LETTERS.get(char), _cased(char), _without_marks(char)):
        if candidate is not None:
            return candidate
    return "" if unicodedata.category(char) in ("So", "Sk", "Mn", "Me", "Cf", "Cs", "Co", "Cn", "Cc") else None


def _cased(char: str) -> str | None:
    lower = _LETTERS.get(char.lower())
    return None if lower is None else lower.capitalize()


def _without_marks(char: str) -> str | None:
    letters = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return letters if letters and is_gsm(letters) else None


def count_parts(text: str) -> tuple[int, Encoding]:
    """How many parts the text is sent in, and how it is encoded. An empty text still takes one."""
    if is_gsm(text):
        return _parts(text, lambda char: 2 if char in EXTENSION else 1, single=160, each=153), "GSM-7"
    return _parts(text, lambda char: 2 if ord(char) > 0xFFFF else 1, single=70, each=67), "UCS-2"


def _parts(text: str, cost: Callable[[str], int], *, single: int, each: int) -> int:
    costs = [cost(char) for char in text]
    if sum(costs) <= single:
        return 1
    parts, used = 1, 0
    for units in costs:
        if used + units > each:
            parts, used = parts + 1, 0
        used += units
    return parts
