"""Time that a restore has lost: the table says what was known before it, and messages of that time are out.

After a restore to a point in time the table knows nothing of the claims made since. A provider cannot be asked, so a
touch that was due in the lost time may have gone out: it ends as unconfirmed instead of being sent a second time
(law 1). Only the table as it was knows better (`perennial rearm --lost-table`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from perennial.pauses import Pause
from perennial.planning import Planned

REASON = "may have gone out before the table was restored"

FIRST_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Epochs are the seconds since then at which a rearming began: a table that is restored once more does not know which
numbers were used up, the clock does.
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """What happened after `restored_to` is not in the table; nothing was sent after `until`, until all was rearmed.

    `told`: what went out in that time has been told from the table as it was, so that only passages that begin anew,
    from webhooks that are told again, are in doubt.
    """

    restored_to: datetime
    until: datetime
    epoch: int
    told: bool = False

    def as_pause(self) -> Pause:
        """As it lies among the switches of a store, which every run reads anyway."""
        word = "told" if self.told else "untold"
        return Pause("lost", f"{_text(self.restored_to)}/{_text(self.until)}/{self.epoch}/{word}")

    @classmethod
    def of(cls, pause: Pause) -> Self:
        restored_to, until, epoch, word = pause.name.split("/")
        return cls(datetime.fromisoformat(restored_to), datetime.fromisoformat(until), int(epoch), word == "told")

    @property
    def any(self) -> bool:
        """Whether time was lost at all; a table that only moved lost none."""
        return self.restored_to < self.until

    def covers(self, planned: Planned) -> bool:
        """Whether the touch may have gone out in the lost time."""
        exact = self.told and planned.enrolment.entered_at <= self.until
        return self.any and planned.due is not None and planned.due <= self.until and not exact


def epoch_at(moment: datetime) -> int:
    return int((moment - FIRST_EPOCH).total_seconds())


def lost_in(pauses: Iterable[Pause]) -> Iterator[Lost]:
    return (Lost.of(pause) for pause in pauses if pause.scope == "lost")


def lost_with(planned: Planned, pauses: Iterable[Pause]) -> Lost | None:
    """The lost time in which this touch may have gone out."""
    return next((lost for lost in lost_in(pauses) if lost.covers(planned)), None)


def was_claimed_before(at: datetime, pauses: Iterable[Pause]) -> bool:
    """Whether a claim of that moment was open when its table was restored, so that its answer and receipt are lost."""
    return any(lost.any and at <= lost.until for lost in lost_in(pauses))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
