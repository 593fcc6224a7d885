"""Everything the outside world saw and did, in order: what the laws are checked over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Record = dict[str, Any]
"""`at` and `what`, and whatever belongs to it, as docs/reliability.md lists it; values are of Python until written."""


@dataclass(slots=True)
class Log:
    records: list[Record] = field(default_factory=list)

    def note(self, what: str, at: datetime, **told: Any) -> None:
        self.records.append({"at": at, "what": what, **told})

    def of(self, *whats: str) -> Iterator[Record]:
        return (record for record in self.records if record["what"] in whats)
