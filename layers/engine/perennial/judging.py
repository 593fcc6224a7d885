"""One run over everything a customer has ahead: what goes now, what waits and until when, what ends and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from perennial.claiming import claim, keep_promises
from perennial.conditions import compile_condition
from perennial.customer import Enrolment, State, touch_id
from perennial.draft import Draft
from perennial.enrolling import patience_ends, stop, stop_reason
from perennial.errors import RuleFailed
from perennial.gates import DECLINED, Go, Hold, Scene, Skip, Verdict, pass_gates
from perennial.lost import REASON, lost_in, lost_with
from perennial.planning import Planned, calendar_of, plan
from perennial.projecting import Projection
from perennial.scenes import place_of, scene_of


@dataclass(frozen=True, slots=True)
class Ended:
    """A touch that ends here and now without being sent."""

    state: State
    reason: str


class Waiting(NamedTuple):
    """A touch that is still ahead, and when to look at it again; None if only an event can change it."""

    planned: Planned
    look_at: datetime | None
    reason: str


def run(draft: Draft) -> list[Waiting]:
    """Judges every planned touch, the most important first, and claims at most one. Returns what is still ahead.

    One claim a decision: its answer is an input of the next one, which goes on where this one stopped. What ends may
    make other touches moot, so the run repeats until nothing ends any more, or one commit can take no more ends.
    """
    while True:
        ended = len(draft.touches)
        waiting = [left for planned in _by_turn(_ahead(draft), draft) if (left := _treat(planned, draft)) is not None]
        if draft.send is not None or len(draft.touches) == ended:
            return waiting


def _by_turn(ahead: list[Planned], draft: Draft) -> list[Planned]:
    """By rank; but what may have gone out in lost time comes first, as it takes its place under the cap."""
    dated = sorted((planned for planned in ahead if planned.due is not None), key=lambda planned: planned.rank)
    if any(lost_in(draft.setting.pauses)):
        dated.sort(key=lambda planned: lost_with(planned, draft.setting.pauses) is None)
    return dated + [planned for planned in ahead if planned.due is None]


def _ahead(draft: Draft) -> list[Planned]:
    return [planned for enrolment in list(draft.enrolments.values()) for planned in ahead_of(enrolment, draft)]


def ahead_of(enrolment: Enrolment, draft: Draft) -> tuple[Planned, ...]:
    """What one enrolment still has ahead."""
    order = draft.orders[enrolment.order_id]
    store = draft.setting.store
    zone = place_of(draft.profile.contact, order, store).nominal
    calendar = calendar_of(order, store, zone, draft.setting.content.messages)
    return plan(enrolment, draft.setting.journey(enrolment.version), calendar)


def _treat(planned: Planned, draft: Draft) -> Waiting | None:
    """Ends, claims or leaves one touch; a touch after the one that was claimed is left for the next decision."""
    end = _end_of_waiting(planned, draft)
    if end is None and planned.due is None:
        return Waiting(planned, None, f"waits for {planned.waits_for}")
    if end is None and planned.due is not None and (planned.due > draft.setting.now or draft.send is not None):
        return Waiting(planned, planned.due, DECLINED if planned.declined else "planned")
    verdict = end or judge(planned, draft)
    if isinstance(verdict, Hold):
        looks = [moment for moment in (verdict.until, planned.expires) if moment is not None]
        return Waiting(planned, min(looks, default=None), verdict.reason)
    if isinstance(verdict, Ended) and draft.full:
        return Waiting(planned, draft.setting.now, "ends with the next decision")
    if isinstance(verdict, Ended):
        if verdict.reason == REASON:
            keep_promises(draft, planned)
        draft.end(planned, _truth(planned, verdict.state), verdict.reason)
    else:
        claim(draft, planned, verdict)
    return None


def _truth(planned: Planned, state: State) -> State:
    """A message that nobody knows the fate of may have arrived, whatever keeps it from being sent once more."""
    return "unconfirmed" if planned.progress is not None and planned.progress.doubts else state


def _end_of_waiting(planned: Planned, draft: Draft) -> Ended | None:
    """Ends that need no gate: the touch may be out already, the journey was stopped, it can never come, or was waited
    for long enough.
    """
    if draft.setting.pauses and lost_with(planned, draft.setting.pauses) is not None:
        return Ended("unconfirmed", REASON)
    enrolment = draft.enrolments[planned.enrolment.id]
    reason = stop_reason(enrolment, planned.journey, draft.orders[enrolment.order_id])
    if reason is not None:
        if not draft.full:
            stop(draft, enrolment, reason)
        return Ended("skipped", f"stopped: {reason}") if draft.full or planned.due or planned.expected else None
    if planned.moot is not None:
        return Ended("skipped", planned.moot)
    if (
        planned.due is None
        and planned.expected
        and draft.setting.now >= patience_ends(enrolment, planned.journey, draft)
    ):
        return Ended("expired", f"{planned.waits_for} did not come within {planned.journey.patience}")
    return None


def judge(planned: Planned, draft: Draft) -> Go | Hold | Ended:
    """Whether a touch that is due goes now, waits, or ends."""
    setting = draft.setting
    broken = setting.broken.get(touch_id(setting.store.store, planned.enrolment.id, planned.key))
    if broken is not None:
        return Ended("failed", broken)
    if planned.step.message not in setting.content.messages:
        return Ended("failed", f"the message {planned.step.message} is not in this deploy")
    scene = scene_of(draft.freeze(), draft.orders[planned.enrolment.order_id], setting)
    try:
        verdict = _conditions(planned, scene) or pass_gates(planned, scene)
    except RuleFailed as error:
        return Ended("failed", str(error))
    if isinstance(verdict, Skip):
        return Ended("skipped", verdict.reason)
    if planned.expires is not None and setting.now >= planned.expires:
        return Ended("expired", verdict.reason if isinstance(verdict, Hold) else "came too late")
    return verdict


def _conditions(planned: Planned, scene: Scene) -> Verdict | None:
    """The journey's own `when`, `unless` and `hold while`, in the words the marketer wrote."""
    step = planned.step
    if step.when is None and step.unless is None and step.hold_while is None:
        return None
    facts = Projection(scene, planned)
    if step.when is not None and not compile_condition(step.when).holds(facts):
        return Skip(f"not when {step.when}")
    if step.unless is not None and compile_condition(step.unless).holds(facts):
        return Skip(f"unless {step.unless}")
    if step.hold_while is not None and compile_condition(step.hold_while).holds(facts):
        return Hold(f"hold while {step.hold_while}")
    return None
