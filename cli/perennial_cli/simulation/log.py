"""Everything the outside world saw and did, in order: what the laws are checked over, and what `--log` writes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TextIO

from perennial import events

Record = dict[str, Any]
"""`at` and `what`, and whatever belongs to it; values are of Python until they are written."""


@dataclass(slots=True)
class Log:
    records: list[Record] = field(default_factory=list)

    def note(self, what: str, at: datetime, **told: Any) -> None:
        self.records.append({"at": at, "what": what, **told})

    def of(self, *whats: str) -> Iterator[Record]:
        return (record for record in self.records if record["what"] in whats)

    def write(self, file: TextIO, world: str) -> None:
        """One line of JSON each. `world` tells apart what was simulated apart."""
        for number, record in enumerate(self.records):
            file.write(json.dumps({"world": world, "n": number, **record}, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, events.Event):
        return json.loads(events.to_json(value))
    return value.isoformat() if isinstance(value, datetime) else str(value)
