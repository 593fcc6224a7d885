"""What follows a commit: the one call to a provider, and the schedule of the next wake."""

from datetime import timedelta

from perennial import events, ports
from perennial.customer import Profile, Wake
from perennial.decide import Decision
from perennial.draft import Answer
from perennial.outgoing import Composed
from perennial.outside import ForAdvancing

CLAIM_HOLDS = timedelta(seconds=10)
"""How long after its claim a message may be handed to the provider."""


def send(decision: Decision, composed: Composed, outside: ForAdvancing) -> Answer | None:
    """Calls the provider, once. None: no answer came, and the claim stays in doubt until a receipt or its grace."""
    if decision.send is None:
        return None
    touch, address = decision.send.touch, decision.send.go.address
    nonce = touch.nonce or ""
    if outside.now() - touch.at > CLAIM_HOLDS:
        return Answer(touch.id, nonce, "released", "the claim was too old to be used")
    reply = outside.senders[decision.send.go.channel].send(composed.message)
    if reply is None:
        return None
    gone = address if reply.address_gone else None
    return Answer(touch.id, nonce, reply.state, reply.reason, reply.provider_id, gone)


def why_unsent(answer: Answer | None) -> str | None:
    """Why no provider said yes, in a word that may be logged; None if one did."""
    if answer is None:
        return "no answer"
    return None if answer.state == "accepted" else answer.reason or answer.state


def arm(
    profile: Profile, before: Wake | None, event: events.Event, timers: ports.Timers, *, sent: bool, again: bool
) -> None:
    """Makes sure that the committed wake will ring. An unchanged one is known to be armed, unless an earlier run died:
    `again`.

    A superseded schedule is removed in runs that sent nothing; after a send it is left to ring into nothing, which
    keeps a message at five calls (docs/decisions.md).
    """
    wake = profile.wake
    if wake is not None and (again or wake != before):
        timers.arm(profile.store, profile.customer, profile.epoch, wake)
    rang = isinstance(event, events.WakeDue) and before is not None and event.n == before.n
    if before is not None and not rang and not sent and (wake is None or wake.n != before.n):
        timers.cancel(profile.customer, profile.epoch, before.n)
