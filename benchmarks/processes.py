"""CPU time of a process and of all that it has started, from /proc (Linux)."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cpu:
    """Seconds."""

    itself: float
    children: float


def child_named(name: str) -> int:
    """The process that this one has started and whose command has that name in it."""
    (found,) = (child for child in _children(os.getpid()) if name in Path(f"/proc/{child}/cmdline").read_text())
    return found


def cpu_seconds(process: int) -> Cpu:
    return Cpu(_own(process), sum(_own(child) + cpu_seconds(child).children for child in _children(process)))


def _own(process: int) -> float:
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def _children(process: int) -> list[int]:
    found = (file.read_text().split() for file in Path(f"/proc/{process}/task").glob("*/children"))
    return [int(word) for words in found for word in words]
