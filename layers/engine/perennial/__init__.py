"""Perennial: what a shop's customers hear once they have bought."""

import zoneinfo

from perennial import precompiled

# The pinned tzdata package, not whatever the machine has: the same order must get the same hours everywhere.
zoneinfo.reset_tzpath(to=())
precompiled.use()
