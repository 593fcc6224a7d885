"""Answers about frozen values are kept for the very same objects: one run asks the same of them many times over.

By identity and not by equality, as a whole order takes longer to compare than most answers take to make.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple

Values = TypeVarTuple("Values")
T = TypeVar("T")


def remembered(most: int) -> Callable[[Callable[[*Values], T]], Callable[[*Values], T]]:
    """For pure functions of values that never change. Keeps the last answers, `most` of them at once."""

    def remembering(ask: Callable[[*Values], T]) -> Callable[[*Values], T]:
        answers: dict[tuple[int, ...], tuple[tuple[*Values], T]] = {}

        @wraps(ask)
        def answer(*values: *Values) -> T:
            key = tuple(map(id, values))
            held = answers.get(key)
            if held is None:
                if len(answers) >= most:
                    answers.clear()
                # The values are kept with their answer: as long as it is there, nothing else can have their ids.
                held = answers[key] = (values, ask(*values))
            return held[1]

        return answer

    return remembering
