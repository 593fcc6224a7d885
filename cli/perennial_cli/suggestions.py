"""Did you mean …?"""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean 'items'?)` with the closest name that exists; empty if none is close."""
    close = get_close_matches(str(name), [str(entry) for entry in known], n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""
