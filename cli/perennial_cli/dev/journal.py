"""What came in from outside and when, one line each: told again from the top, it makes the same day again.

The file is a log of causes, not of state. Messages, timelines and timers follow from it, and from `templates/` as they
are when it is told. It holds personal data, as the deliveries do.
"""

import base64
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from perennial.errors import ContentInvalid, Misconfigured


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime


class Began(_Line):
    """The first line. `follows`: the clock is never behind the real one; else it stands until it is moved."""

    do: Literal["begin"] = "begin"
    follows: bool


class Moved(_Line):
    """Somebody moved the clock to `at`."""

    do: Literal["clock"] = "clock"


class Requested(_Line):
    """A webhook, or a page's form, as it was handed on. A body that is no UTF-8 text is kept in base64."""

    do: Literal["request"] = "request"
    path: str
    headers: dict[str, str]
    body: str
    encoded: bool = False

    @classmethod
    def of(cls, at: AwareDatetime, path: str, headers: dict[str, str], body: bytes) -> Self:
        try:
            return cls(at=at, path=path, headers=headers, body=body.decode())
        except UnicodeDecodeError:
            return cls(at=at, path=path, headers=headers, body=base64.b64encode(body).decode(), encoded=True)

    @property
    def bytes(self) -> bytes:
        return base64.b64decode(self.body) if self.encoded else self.body.encode()


class Reported(_Line):
    """A provider told what became of the email of that touch, in SES's word for it."""

    do: Literal["report"] = "report"
    touch: str
    event: Literal["Open", "Click", "Bounce", "Complaint"]


Entry = Annotated[Began | Moved | Requested | Reported, Field(discriminator="do")]
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


@dataclass(frozen=True)
class Journal:
    file: Path

    def entries(self) -> tuple[Entry, ...]:
        """All of it; nothing if there is no file. Raises ContentInvalid for a line that is none."""
        return tuple(self._read()) if self.file.exists() else ()

    def add(self, entry: Entry) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(entry.model_dump_json() + "\n")

    @contextmanager
    def held(self) -> Iterator[None]:
        """By one server at a time: two would tell two days into one file. Raises Misconfigured if another holds it."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(
                    lock, fcntl.LOCK_EX | fcntl.LOCK_NB
                )  # the system lets go when the process ends, however it ends
            except BlockingIOError as error:
                message = (
                    f"another `perennial dev` keeps its day in {self.file.parent}: stop it, or work in another folder"
                )
                raise Misconfigured(message) from error
            yield

    def forget(self) -> None:
        self.file.unlink(missing_ok=True)

    def _read(self) -> Iterator[Entry]:
        for number, line in enumerate(self.file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield _ENTRY.validate_json(line)
            except ValidationError as error:
                message = "this is no line of a day's journal: begin anew with --fresh"
                raise ContentInvalid(message, file=str(self.file), line=number) from error
