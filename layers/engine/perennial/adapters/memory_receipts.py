"""The in-memory twins of what record_feedback writes and reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from perennial.adapters.memory import Memory
from perennial.receipts import MOST_CLICKS, Click, First, Kind, Receipts, TouchRef


@dataclass(frozen=True, slots=True)
class MemoryReceipts:
    memory: Memory

    def note(self, ref: TouchRef, told: Mapping[Kind, First]) -> bool:
        if not self._known(ref):
            return False
        self.memory.receipts[ref.store, ref.touch] = self._held(ref).with_firsts(told)
        return True

    def note_click(self, ref: TouchRef, click: Click) -> tuple[Click, ...] | None:
        if not self._known(ref):
            return None
        held = self._held(ref)
        clicks = tuple(sorted({*held.clicks, click}))
        if len(clicks) <= MOST_CLICKS:
            self.memory.receipts[ref.store, ref.touch] = replace(held, clicks=clicks)
        return clicks

    def text(self, message_id: str) -> TouchRef | None:
        return self.memory.texts.get(message_id)

    def texted(self, numbers: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, str], ...]]:
        known = {number: tuple(sorted(self.memory.numbers.get(number, ()))) for number in numbers}
        return {number: people for number, people in known.items() if people}

    def forget_number(self, number: str, store: str, customer: str) -> None:
        self.memory.numbers[number].discard((store, customer))

    def _known(self, ref: TouchRef) -> bool:
        return ref.touch in self.memory.touches.get((ref.store, ref.customer), {})

    def _held(self, ref: TouchRef) -> Receipts:
        return self.memory.receipts.get((ref.store, ref.touch), Receipts())


@dataclass(frozen=True, slots=True)
class MemoryOptedOut:
    """`most` numbers a page; `left` is where other runs were asked to go on."""

    numbers: list[str]
    most: int = 100
    left: list[str] = field(default_factory=list)

    def page(self, after: str | None) -> tuple[tuple[str, ...], str | None]:
        start = int(after or 0)
        end = start + self.most
        return tuple(self.numbers[start:end]), str(end) if end < len(self.numbers) else None

    def go_on(self, after: str) -> None:
        self.left.append(after)
