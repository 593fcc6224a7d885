"""A finding: how bad it is, what is wrong, and what to do."""

from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]
"""error: messages are or will be lost, late or refused. warning: look at it this week. note: was not looked at."""


@dataclass(frozen=True)
class Finding:
    level: Level
    check: str
    what: str
    todo: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)
