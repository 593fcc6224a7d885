"""Drives `decide` by hand through one customer's life, as `advance` and the wakes would, without ports or crashes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from perennial import events
from perennial.content import Content
from perennial.customer import Customer, Touch, stranger
from perennial.decide import Decision, Input, decide
from perennial.draft import Answer, Send, Setting
from perennial.pauses import Pause
from tests.unit.core.builders import WHO

REASONS = {"accepted": None, "refused": "no such mailbox", "released": "busy"}
FINAL = frozenset({"sent", "skipped", "expired", "failed", "unconfirmed"})


def accept(send: Send) -> str | None:
    return "accepted"


def silence(send: Send) -> str | None:
    return None


@dataclass(slots=True)
class Life:
    """`answer` says how the provider replies to each message; None: no answer comes. `receipts` are its own reports."""

    content: Content
    answer: Callable[[Send], str | None] = accept
    customer: Customer = field(default_factory=lambda: stranger("shop", WHO))
    records: dict[str, Touch] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    heard: list[Input] = field(default_factory=list)
    receipts: dict[str, datetime] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    pauses: frozenset[Pause] = frozenset()
    watch: Callable[["Life", Decision, datetime], None] = lambda life, decision, now: None

    def feed(self, *inputs: Input, at: datetime) -> "Life":
        """One run: decides about the inputs, and about each answer that a message brings."""
        while True:
            decision = self.decide(inputs, at)
            if decision.send is None:
                return self
            state = self.answer(decision.send)
            if state is None:
                return self
            touch = decision.send.touch
            inputs = (Answer(touch.id, touch.nonce or "", state, REASONS[state], "ok"),)  # type: ignore[arg-type]

    def decide(self, inputs: tuple[Input, ...], at: datetime) -> Decision:
        self.heard += inputs
        decision = decide(self.customer, inputs, self.setting(at))
        for touch in decision.touches:
            self.records[touch.id] = touch
        for end in decision.endings:
            self.records[end.touch] = replace(self.records[end.touch], state=end.state, at=end.at, reason=end.reason)
        if decision.send is not None:
            self.sends.append(decision.send)
        self.decisions.append(decision)
        self.customer = decision.after
        self.watch(self, decision, at)
        return decision

    def setting(self, at: datetime) -> Setting:
        (store,) = self.content.stores.values()
        doubtful = [touch for touch, mark in self.customer.profile.claims.items() if mark.grace_until <= at]
        evidence = {touch: self.receipts.get(touch) for touch in doubtful}
        return Setting(
            now=at,
            store=store,
            content=self.content,
            nonce=f"nonce-{len(self.decisions)}",
            pauses=self.pauses,
            evidence=evidence,
            broken=self.broken,
        )

    def ring(self, late: int = 0) -> None:
        """The next wake goes off, on time or some minutes late."""
        wake, profile = self.customer.profile.wake, self.customer.profile
        assert wake is not None
        told = events.WakeDue(
            type="WakeDue",
            id=f"wake:{wake.n}",
            store=profile.store,
            occurred_at=wake.at,
            customer=profile.customer,
            epoch=profile.epoch,
            n=wake.n,
        )
        self.feed(told, at=wake.at + timedelta(minutes=late))

    def until(self, moment: datetime) -> "Life":
        """Lets all wakes ring up to a moment."""
        while self.customer.profile.wake is not None and self.customer.profile.wake.at <= moment:
            self.ring()
        return self

    def to_the_end(self) -> "Life":
        for _ in range(5_000):
            if self.customer.profile.wake is None:
                return self
            self.ring()
        raise AssertionError("this life never comes to rest")

    def told(self) -> dict[str, str]:
        """The outcome of every touch by `journey/key`: `sent`, or `skipped: reason`."""
        return {
            f"{touch.journey}/{touch.key}": touch.state if touch.reason is None else f"{touch.state}: {touch.reason}"
            for touch in self.records.values()
        }

    def state(self, key: str) -> str:
        (found,) = [touch.state for touch in self.records.values() if touch.key == key]
        return found

    def sent(self) -> list[str]:
        """The keys of what went out, in order."""
        return [send.touch.key for send in self.sends]

    def sent_at(self, key: str) -> datetime:
        (found,) = [send.touch.at for send in self.sends if send.touch.key == key]
        return found

    def waits(self, key: str) -> str:
        """What a touch that is still ahead waits for."""
        (found,) = [left.reason for left in self.decisions[-1].waiting if left.planned.key == key]
        return found
