"""What outlives an erasure: that somebody left, kept under the keyed hash of their address and under no name.

Whoever had said no, complained or could not be reached is not written to when an import or a later order brings the
address back. A yes lifts that only if the person alone can have given it, after they left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from perennial.customer import Profile
from perennial.identity import Alias


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody was erased at `at`. `withdrawn` says by `channel:class` since when they did not want to be written to.

    `dead` is why their address could not be reached, if it could not.
    """

    at: datetime
    withdrawn: Mapping[str, datetime] = field(default_factory=dict)
    complained_at: datetime | None = None
    dead: str | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """An alias turned out to be that of somebody who left: an input of `decide`."""

    alias: Alias
    left: Left


def left_by(profile: Profile, at: datetime, address: str | None) -> Left:
    """What is to be remembered of a customer who is erased now, under one of their addresses."""
    said = {topic: told.at for topic, told in profile.consents.items() if told.state == "withdrawn"}
    return Left(
        at=at,
        withdrawn={**profile.suppressed, **said},
        complained_at=profile.complained_at,
        dead=profile.dead.get(address) if address else None,
    )
