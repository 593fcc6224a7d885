"""The pure step: a customer and what happened in, a customer and what to do about it out. No AWS, clock or chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from perennial import erasing, events
from perennial.applying import apply
from perennial.arranging import arranged
from perennial.books import bare_event, bare_profile
from perennial.customer import Customer, Touch
from perennial.draft import Answer, Draft, Ending, SamePerson, Send, Setting
from perennial.enrolling import close, enrol
from perennial.erasing import Step
from perennial.identity import Alias
from perennial.judging import Waiting, run
from perennial.ledger import Entry
from perennial.settling import settle, settle_doubts
from perennial.suppression import Remembered
from perennial.waking import set_wake

Input = events.Event | Answer | Step | Remembered | SamePerson


@dataclass(frozen=True, slots=True)
class Decision:
    """What one commit writes, and the one message that may follow it.

    `waiting` is what is still ahead, for people; it is computed again in every run and never stored. `undecided` are
    journeys whose condition could not be told, and why.
    """

    before: Customer
    after: Customer
    touches: tuple[Touch, ...] = ()
    endings: tuple[Ending, ...] = ()
    aliases: tuple[Alias, ...] = ()
    ledger: tuple[Entry, ...] = ()
    versions: frozenset[str] = frozenset()
    send: Send | None = None
    waiting: tuple[Waiting, ...] = field(default=(), compare=False)
    undecided: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit."""
        return self.after is not self.before

    @property
    def failed(self) -> Mapping[str, str]:
        """Touches that end unsent by a mistake in `templates/`, and what it is. What a provider refuses is none."""
        return {touch.id: touch.reason or "" for touch in self.touches if touch.state == "failed"}


def decide(customer: Customer, inputs: Sequence[Input], setting: Setting) -> Decision:
    """Facts first, then claims that have ended, then whom that enrols, then what is due; last the next wake.

    Raises RuleFailed where a rule cannot be applied to these inputs, now or ever.
    """
    draft = Draft.of(customer, setting)
    for item in inputs:
        _take(draft, item)
    settle_doubts(draft)
    if draft.profile.erased_at is None:
        enrol(draft, customer.orders)
    waiting = run(draft)
    more = close(draft, [left.planned for left in waiting])
    set_wake(draft, waiting, fired=any(_rings(item, customer) for item in inputs), more=more)
    return _decision(customer, draft, waiting)


def _take(draft: Draft, item: Input) -> None:
    match item:
        case Answer():
            settle(draft, item)
        case Step():
            erasing.take(draft, item)
        case Remembered():
            erasing.recall(draft, item)
        case SamePerson():
            _note_other(draft, item)
        case events.PrivacyEvent():
            erasing.hear_erasure(draft, item)
        case _ if draft.profile.erased_at is None:
            apply(draft, item)
        case _:
            _keep_books(draft, item)


def _note_other(draft: Draft, told: SamePerson) -> None:
    others = {name: at for name, at in draft.profile.same_as.items() if name != told.customer}
    draft.change(same_as=others if told.look_at is None else {**others, told.customer: told.look_at})


def _keep_books(draft: Draft, event: events.Event) -> None:
    """News about somebody who is erased: what it says of their orders, and nothing of them."""
    was, told = draft.profile, bare_event(event)
    if told is None:
        return
    apply(draft, told)
    if bare_profile(was) == was:
        draft.change_to(bare_profile(draft.profile))


def _rings(item: Input, customer: Customer) -> bool:
    """Whether this is the present wake going off; an older one finds nothing due and changes nothing."""
    profile = customer.profile
    return (
        isinstance(item, events.WakeDue)
        and profile.wake is not None
        and (item.epoch, item.n) == (profile.epoch, profile.wake.n)
    )


def _decision(before: Customer, draft: Draft, waiting: list[Waiting]) -> Decision:
    after = draft.freeze()
    if not (draft.touches or draft.endings or draft.aliases or draft.ledger) and after == before:
        return Decision(before, before, waiting=tuple(waiting))
    profile = replace(after.profile, version=before.profile.version + 1, commit=draft.setting.nonce)
    endings = tuple(ending for touch, ending in draft.endings.items() if touch not in draft.touches)
    return Decision(
        before=before,
        after=arranged(replace(after, profile=profile)),
        touches=tuple(draft.touches.values()),
        endings=endings,
        aliases=tuple(dict.fromkeys(draft.aliases)),
        ledger=tuple(draft.ledger),
        versions=frozenset(draft.versions),
        send=draft.send,
        waiting=tuple(waiting),
        undecided=draft.undecided,
    )
