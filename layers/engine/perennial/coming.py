"""What is coming: the touches still planned for each order, as a shopper may see and skip them."""

from dataclasses import dataclass
from datetime import datetime

from perennial.customer import Customer
from perennial.draft import Draft, Setting
from perennial.enrolling import stop_reason
from perennial.events import MessageClass
from perennial.gates import DECLINED, Hold
from perennial.judging import Ended, ahead_of, judge
from perennial.planning import Planned


@dataclass(frozen=True, slots=True)
class Coming:
    """One planned touch. `due` is None while its moment has not come; `waits_for` then names that moment."""

    enrolment: str
    key: str
    journey: str
    message: str
    class_: MessageClass
    due: datetime | None
    order_id: str
    waits_for: str = ""
    declined: bool = False


def coming(customer: Customer, setting: Setting) -> tuple[Coming, ...]:
    """What this customer is still to get, the soonest first: as things stand, without what will never go out.

    Messages that several journeys share are named once per order. Raises RuleFailed.
    """
    draft = Draft.of(customer, setting)
    found = [planned for planned in _planned(draft) if _will_go(planned, draft)]
    shared: set[tuple[str, str]] = set()
    told = []
    for planned in sorted(found, key=_turn):
        once = (planned.enrolment.order_id, planned.message.message)
        if planned.message.one_per is None or once not in shared:
            told.append(_coming(planned))
        shared.add(once)
    return tuple(told)


def _planned(draft: Draft) -> list[Planned]:
    """All that is ahead in the passages that nothing has stopped."""
    live = [
        enrolment
        for enrolment in draft.enrolments.values()
        if stop_reason(enrolment, draft.setting.journey(enrolment.version), draft.orders[enrolment.order_id]) is None
    ]
    return [planned for enrolment in live for planned in ahead_of(enrolment, draft)]


def _will_go(planned: Planned, draft: Draft) -> bool:
    """Whether the customer would get it, as far as can be told today. What they declined may be wanted again."""
    if planned.message.to == "store" or not (planned.due or planned.expected):
        return False
    verdict = judge(planned, draft)
    if isinstance(verdict, Hold) and verdict.until and planned.expires:
        return verdict.until < planned.expires
    return not isinstance(verdict, Ended) or verdict.reason == DECLINED


def _turn(planned: Planned) -> tuple[bool, float, int, str]:
    """By time; what has no time yet comes last."""
    due = planned.due.timestamp() if planned.due else 0.0
    return (planned.due is None, due, -planned.journey.priority, planned.enrolment.id)


def _coming(planned: Planned) -> Coming:
    return Coming(
        enrolment=planned.enrolment.id,
        key=planned.key,
        journey=planned.journey.journey,
        message=planned.message.message,
        class_=planned.class_,
        due=planned.due,
        order_id=planned.enrolment.order_id,
        waits_for=planned.waits_for,
        declined=planned.declined,
    )
