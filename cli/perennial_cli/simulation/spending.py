"""What a run took of the machine, its own process and the ones it began together."""

import resource
import sys
import time
from dataclasses import dataclass
from typing import Self

BYTES = 1 if sys.platform == "darwin" else 1024
"""In which `ru_maxrss` is counted (getrusage(2) of macOS and of Linux)."""


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds on the wall, and of all CPUs. A process that was begun counts when it is over."""

    seconds: float
    cpu_seconds: float

    @classmethod
    def so_far(cls) -> Self:
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return cls(time.monotonic(), sum(used.ru_utime + used.ru_stime for used in both))

    def since(self, began: "Used") -> "Used":
        return Used(self.seconds - began.seconds, self.cpu_seconds - began.cpu_seconds)


def peak_memory(processes: int) -> int:
    """Bytes, at most: this process and as many as the largest of those it began, each at its highest."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + (processes * theirs if processes > 1 else 0)) * BYTES
