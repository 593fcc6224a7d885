"""What outlives an erasure: that somebody left, kept under the keyed hash of their address and under no name.

Whoever asks to be forgotten has left: when an import or a later order brings the address back, nothing goes there that
needs leave, until the person alone gives it anew. A complaint stays one, and a dead address stays dead. The profile of
whoever came back says when they had left (`reborn_at`) and what they have not asked for since (`suppressed`).
"""

from dataclasses import dataclass
from datetime import datetime

from perennial.customer import Profile
from perennial.identity import Alias


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody was erased at `at`; `dead` is why their address could not be reached, if it could not."""

    at: datetime
    complained_at: datetime | None = None
    dead: str | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """An alias turned out to be that of somebody who left: an input of `decide`."""

    alias: Alias
    left: Left


def left_by(profile: Profile, at: datetime, address: str) -> Left:
    """What is to be remembered of a customer who is erased now, under one of their addresses."""
    return Left(at, profile.complained_at, profile.dead.get(address))
