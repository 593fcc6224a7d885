"""Offsets, local hours and windows: wall-clock intentions kept with their zone until the last step.

Days, weeks and months are calendar units in local time ("3 days later" keeps the wall-clock hour across a clock
change); minutes and hours are absolute.
"""

import re
from dataclasses import dataclass

UNITS = {
    "minute": ("minutes", 1),
    "hour": ("minutes", 60),
    "day": ("days", 1),
    "week": ("days", 7),
    "month": ("months", 1),
}

_TERM = re.compile(r"(\d+)\s+(minute|hour|day|week|month)s?")


@dataclass(frozen=True, slots=True)
class Offset:
    """A span of calendar months, calendar days and absolute minutes; may be negative."""

    months: int = 0
    days: int = 0
    minutes: int = 0

    def __neg__(self) -> "Offset":
        return Offset(-self.months, -self.days, -self.minutes)

    def __str__(self) -> str:
        parts = [(self.months, "month"), (self.days, "day"), (self.minutes, "minute")]
        named = [f"{abs(count)} {unit}{'' if abs(count) == 1 else 's'}" for count, unit in parts if count]
        return " ".join(named) or "0 minutes"


def parse_offset(text: str) -> Offset:
    """`3 days`, `1 week`, `90 minutes`. Raises ValueError with what to write instead."""
    match = _TERM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a span of time: write a number and minutes, hours, days, weeks or months")
    field, factor = UNITS[match[2]]
    return Offset(**{field: int(match[1]) * factor})
