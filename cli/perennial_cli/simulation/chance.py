"""Luck by name: what happens to a thing is drawn from the seed and from what that thing is called.

So nothing that is left out changes the luck of the rest, and a run in which a law broke can be cut down to its story.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

BYTES = 4
"""Of each draw: one in four thousand million is as fine as any chance here."""


class Luck:
    """The draws of one thing, in their order."""

    __slots__ = ("_left", "_name", "_turn")

    def __init__(self, seed: str, name: str) -> None:
        self._name, self._turn, self._left = f"{seed}|{name}", 0, b""

    def bytes(self) -> bytes:
        """Sixty-four of them."""
        self._turn += 1
        return hashlib.blake2b(f"{self._name}|{self._turn}".encode()).digest()

    def random(self) -> float:
        """From 0 up to 1."""
        self._left = self._left or self.bytes()
        drawn, self._left = self._left[:BYTES], self._left[BYTES:]
        return int.from_bytes(drawn, "big") / (1 << 8 * BYTES)

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self.random()

    def between(self, low: int, high: int) -> int:
        """From `low` up to, but not, `high`."""
        return low + int((high - low) * self.random())

    def choice(self, options: Sequence[T]) -> T:
        return options[self.between(0, len(options))]
