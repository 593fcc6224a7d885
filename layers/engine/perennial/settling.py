"""How claims end: what a provider's answer, a receipt, or silence makes of a touch."""

from dataclasses import replace
from datetime import timedelta

from perennial.claiming import take_back
from perennial.customer import Claim, Progress, State
from perennial.draft import Answer, Draft, Ending

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long a touch waits after each release; the last one repeats until the touch expires."""

MOST_TRIES = 2
"""Law 1's one exception: a transactional email without answer and receipt is sent once more."""


def settle(draft: Draft, answer: Answer) -> None:
    """Records the provider's answer; one to a claim that is no longer open changes nothing."""
    if answer.address_gone is not None:
        _forget(draft, answer.address_gone)
    mark = draft.profile.claims.get(answer.touch)
    if mark is None or mark.nonce != answer.nonce:
        return
    if answer.state == "accepted":
        _close(draft, answer.touch, mark, "sent", provider_id=answer.provider_id)
    elif answer.state == "refused":
        take_back(draft, mark)
        _close(draft, answer.touch, mark, "failed", answer.reason)
    else:
        _release(draft, answer.touch, mark, answer.reason)


def settle_doubts(draft: Draft) -> None:
    """Ends the doubt about claims past their grace, as far as evidence has been looked for (law 1)."""
    for touch, mark in list(draft.profile.claims.items()):
        if touch not in draft.setting.evidence or mark.grace_until > draft.setting.now:
            continue
        if draft.setting.evidence[touch] is not None:
            _close(draft, touch, mark, "sent", "settled by a receipt")
        elif mark.class_ == "transactional" and mark.channel == "email" and mark.tries < MOST_TRIES:
            _once_more(draft, touch, mark)
        else:
            _close(draft, touch, mark, "unconfirmed", "no answer and no receipt")


def _close(
    draft: Draft, touch: str, mark: Claim, state: State, reason: str | None = None, provider_id: str | None = None
) -> None:
    _open_no_more(draft, touch)
    draft.progress(mark.enrolment, mark.key, Progress(state, draft.setting.now))
    draft.endings[touch] = Ending(touch, state, draft.setting.now, reason, provider_id)


def _open_no_more(draft: Draft, touch: str) -> None:
    draft.change(claims={key: held for key, held in draft.profile.claims.items() if key != touch})


def _release(draft: Draft, touch: str, mark: Claim, reason: str | None) -> None:
    """The provider took nothing: the touch waits again, a little longer each time."""
    held = draft.enrolments[mark.enrolment].touches.get(mark.key) if mark.enrolment in draft.enrolments else None
    tries = held.tries if held else 0
    take_back(draft, mark)
    _open_no_more(draft, touch)
    until = draft.setting.now + BACK_OFF[min(tries, len(BACK_OFF) - 1)]
    waiting = Progress("released", draft.setting.now, until=until, tries=tries + 1, doubts=mark.tries - 1)
    draft.progress(mark.enrolment, mark.key, waiting)
    draft.endings[touch] = Ending(touch, "released", draft.setting.now, reason)


def _once_more(draft: Draft, touch: str, mark: Claim) -> None:
    """Back to the gates, and remembered as a second try. What it promised stays promised: it may well have gone out."""
    _open_no_more(draft, touch)
    again = Progress("released", draft.setting.now, until=draft.setting.now, doubts=mark.tries)
    draft.progress(mark.enrolment, mark.key, again)
    draft.endings[touch] = Ending(touch, "released", draft.setting.now, "no answer and no receipt: sent once more")


def _forget(draft: Draft, endpoint: str) -> None:
    """A device that its platform no longer knows."""
    device = draft.profile.devices.get(endpoint)
    if device is not None and device.live:
        gone = replace(device, removed_at=draft.setting.now)
        draft.change(devices={**draft.profile.devices, endpoint: gone})
