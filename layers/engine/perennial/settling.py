"""How claims end: what a provider's answer, a receipt, or silence makes of a touch."""

from dataclasses import replace
from datetime import timedelta

from perennial.claiming import take_back
from perennial.customer import Claim, Progress, touch_id
from perennial.draft import Answer, Draft, Ending
from perennial.lost import REASON, was_claimed_before

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
        _close(draft, mark, Progress("sent", draft.setting.now), provider_id=answer.provider_id)
    elif answer.state == "refused":
        take_back(draft, mark)
        _close(draft, mark, Progress("failed" if mark.tries == 1 else "unconfirmed", draft.setting.now), answer.reason)
    else:
        _release(draft, mark, answer.reason)


def settle_doubts(draft: Draft) -> None:
    """Ends the doubt about claims past their grace, as far as evidence has been looked for (law 1)."""
    for touch, mark in list(draft.profile.claims.items()):
        if touch not in draft.setting.evidence or mark.grace_until > draft.setting.now:
            continue
        accepted_at = draft.setting.evidence[touch]
        if accepted_at is not None:
            _close(draft, mark, Progress("sent", accepted_at), "settled by a receipt")
        elif was_claimed_before(mark.at, draft.setting.pauses):
            _close(draft, mark, Progress("unconfirmed", draft.setting.now), REASON)
        elif mark.class_ == "transactional" and mark.channel == "email" and mark.tries < MOST_TRIES:
            _once_more(draft, mark)
        else:
            _close(draft, mark, Progress("unconfirmed", draft.setting.now), "no answer and no receipt")


def _close(draft: Draft, mark: Claim, end: Progress, reason: str | None = None, provider_id: str | None = None) -> None:
    """Ends the touch, and with it those that its message speaks for."""
    _open_no_more(draft, mark)
    _record(draft, mark, mark.key, end, reason, provider_id)
    if end.state == "sent":
        end, reason = replace(end, state="skipped"), f"told together with {mark.key}"
    for key in mark.others:
        _record(draft, mark, key, end, reason)


def _record(
    draft: Draft, mark: Claim, key: str, progress: Progress, reason: str | None, provider_id: str | None = None
) -> None:
    draft.progress(mark.enrolment, key, progress)
    touch = touch_id(draft.profile.store, mark.enrolment, key)
    draft.endings[touch] = Ending(touch, progress.state, progress.at, reason, provider_id)


def _open_no_more(draft: Draft, mark: Claim) -> None:
    draft.change(claims={key: held for key, held in draft.profile.claims.items() if held is not mark})


def _release(draft: Draft, mark: Claim, reason: str | None) -> None:
    """The provider took nothing: the touch waits again, a little longer each time."""
    held = draft.enrolments[mark.enrolment].touches.get(mark.key) if mark.enrolment in draft.enrolments else None
    tries = held.tries if held else 0
    take_back(draft, mark)
    until = draft.setting.now + BACK_OFF[min(tries, len(BACK_OFF) - 1)]
    _wait_again(draft, mark, Progress("released", draft.setting.now, until, tries + 1, mark.tries - 1), reason)


def _once_more(draft: Draft, mark: Claim) -> None:
    """Back to the gates, and remembered as a second try. What it promised stays promised: it may well have gone out."""
    again = Progress("released", draft.setting.now, until=draft.setting.now, doubts=mark.tries)
    _wait_again(draft, mark, again, "no answer and no receipt: sent once more")


def _wait_again(draft: Draft, mark: Claim, progress: Progress, reason: str | None) -> None:
    _open_no_more(draft, mark)
    for key in (mark.key, *mark.others):
        _record(draft, mark, key, progress, reason)


def _forget(draft: Draft, endpoint: str) -> None:
    """A device that its platform no longer knows."""
    device = draft.profile.devices.get(endpoint)
    if device is not None and device.live:
        gone = replace(device, removed_at=draft.setting.now)
        draft.change(devices={**draft.profile.devices, endpoint: gone})
