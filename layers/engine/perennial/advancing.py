"""One event of one customer, from the line to its effects: load, decide, commit, carry out.

State first, then effects: a message goes out only after its claim is committed, by the invocation that wrote it, once.
Run again after a crash at any point, this leads to the same facts and to no second copy (laws 1 and 2).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from perennial import events, ports
from perennial.carrying_out import arm, send, why_unsent
from perennial.customer import Customer
from perennial.decide import Decision, decide
from perennial.draft import Setting
from perennial.erasing import Step
from perennial.errors import Misconfigured, RuleFailed, Unavailable, own_failures
from perennial.forgetting import MOST_TIME, Forgotten, forget, heir_of, is_done
from perennial.identity import order_id_of
from perennial.journeys import Journey
from perennial.making_way import forward, go_on, leave, make_way, park
from perennial.outgoing import Composed, compose
from perennial.outside import ForAdvancing
from perennial.run_report import Report, is_unbalanced, lag_of
from perennial.running import Run
from perennial.suppression import Remembered

SET_ASIDE_AFTER = timedelta(minutes=30)
"""What is older than that may have been set aside and put back as if it were new: a line tries for an hour."""

ATTEMPTS = 5
"""How often a run starts over because others commit in between; after that the queue brings the event again."""


def advance(
    event: events.Event, customer: str, outside: ForAdvancing, *, redelivered: bool = False, to_the_end: bool = False
) -> Report:
    """Handles one event. `redelivered`: an earlier run of it may have died after its commit, so that effects are due;
    which is also true of what is so old that it may have been set aside.
    `to_the_end`: nobody ends this run, so that an erasure may take as long as it takes.

    Raises Unavailable where trying again later can help, and nothing is lost by it.
    """
    store, ends = outside.content.stores.get(event.store), outside.now() + MOST_TIME
    if store is None:
        raise Misconfigured(f"the content of this deploy has no store {event.store!r}")
    loaded = outside.customers.load(event.store, customer)
    if loaded.profile.redirect is not None:
        return leave(event, loaded.profile, loaded.profile.redirect, outside)
    heir = heir_of(event, loaded.profile, store, outside)
    if heir is not None:
        return forward(event, customer, heir, outside)
    run = Run(outside, store, event, loaded, (event,), armed=loaded.profile.wake)
    again = redelivered or outside.now() - (event.received_at or event.occurred_at) > SET_ASIDE_AFTER
    try:
        owner = go_on(run) or _go(run)
        forgotten = _forget(run, None if to_the_end else ends) if owner is None else None
    except RuleFailed as error:
        park(run, str(error))
        arm(run.customer.profile, run.armed, event, outside.timers, sent=bool(run.claimed), again=again)
        return Report("parked", customer, tuple(run.claimed), reason=str(error))
    if owner is not None:
        return forward(event, customer, owner, outside)
    arm(run.customer.profile, run.armed, event, outside.timers, sent=bool(run.claimed), again=again)
    return _report(run, customer, forgotten, lag_of(event, loaded.profile.wake, outside.now()))


def _report(run: Run, customer: str, forgotten: Forgotten | None, lag: float | None) -> Report:
    return Report(
        "applied" if run.changed else "unchanged",
        customer,
        claimed=tuple(run.claimed),
        unsent={touch: why for touch, why in run.claimed.items() if why is not None},
        emptied=forgotten.emptied if forgotten else None,
        goes_on=forgotten is not None and not forgotten.finished,
        lag=lag,
        unbalanced=is_unbalanced(run.customer),
        undecided=run.undecided,
        failed=run.failed,
    )


def _go(run: Run) -> str | None:
    """Decides, commits and sends until nothing is left to do. Returns the owner if the event is somebody else's."""
    refused = 0
    while refused < ATTEMPTS:
        decision, composed = _think(run)
        result = _commit(run, decision) if decision.changed else ports.Committed()
        if isinstance(result, ports.Taken) or (isinstance(result, ports.Overtaken) and not _was_ours(run, decision)):
            owner = make_way(run, result) if isinstance(result, ports.Taken) else run.customer.profile.redirect
            if owner is not None:
                return owner
            refused += 1
            continue
        run.customer, run.changed = decision.after, run.changed or decision.changed
        run.undecided.update(decision.undecided)
        run.failed.update(decision.failed)
        run.adopted.clear()
        run.left.clear()
        if composed is None or decision.send is None:
            return None
        answer = send(decision, composed, run.outside)
        run.claimed[decision.send.touch.id] = why_unsent(answer)
        if answer is None:
            return None
        run.inputs = (answer,)
    raise Unavailable("others keep committing to this customer")


def _think(run: Run) -> tuple[Decision, Composed | None]:
    """The decision and the message it claims, rendered before anything is committed: what cannot be, fails at once."""
    _fetch_order(run)
    while True:
        setting = _setting(run)
        decision = _decided(run, setting)
        if decision.send is None:
            return decision, None
        try:
            with own_failures():
                composed = compose(decision.send, decision.after, setting, run.outside.link_keys)
        except RuleFailed as error:
            run.broken[decision.send.touch.id] = str(error)
            continue
        claimed = decision.send.touch.id
        touches = (replace(t, subject=composed.subject) if t.id == claimed else t for t in decision.touches)
        return replace(decision, touches=tuple(touches)), composed


def _decided(run: Run, setting: Setting) -> Decision:
    left = (Remembered(alias, told) for alias, told in run.left.items())
    inputs = (*run.inputs, *chain.from_iterable(run.adopted.values()), *left)
    with own_failures():
        return decide(run.customer, inputs, setting)


def _fetch_order(run: Run) -> None:
    """News of an order that no enrolment needs any more: it lies in the archive.

    A whole order is taken for new, until its alias says that it is known.
    """
    order_id, profile = order_id_of(run.event), run.customer.profile
    is_new = isinstance(run.event, events.OrderEvent) and not run.archived
    if order_id is None or is_new or order_id in run.customer.orders:
        return
    names = (profile.customer, *profile.merged)
    found = (run.outside.customers.archived(profile.store, name, order_id) for name in names)
    order = next((order for order in found if order is not None), None)
    if order is not None:
        run.customer = replace(run.customer, orders={**run.customer.orders, order_id: order})


def _setting(run: Run) -> Setting:
    outside, profile, now = run.outside, run.customer.profile, run.outside.now()
    doubtful = [touch for touch, mark in profile.claims.items() if mark.grace_until <= now]
    evidence = outside.customers.receipts(profile.store, profile.customer, doubtful) if doubtful else {}
    return Setting(
        now=now,
        store=run.store,
        content=outside.content,
        nonce=outside.mint_nonce(),
        pauses=outside.pauses.paused(profile.store),
        evidence=evidence,
        broken=run.broken,
        pinned=_pinned(run),
    )


def _pinned(run: Run) -> dict[str, Journey]:
    """Versions that enrolments began with and this deploy has no more."""
    wanted = {enrolment.version for enrolment in run.customer.enrolments.values()} - run.outside.content.versions.keys()
    found = {version: run.outside.versions.find(run.store.store, version) for version in sorted(wanted)}
    return {version: journey for version, journey in found.items() if journey is not None}


def _commit(run: Run, decision: Decision) -> ports.Result:
    for version in sorted(decision.versions):
        run.outside.versions.keep(run.store.store, run.outside.content.versions[version])
    wanted = tuple(alias for alias in decision.aliases if alias not in run.left_alone)
    adopted = {alias: len(facts) for alias, facts in run.adopted.items() if alias in wanted}
    return run.outside.customers.commit(replace(decision, aliases=wanted), adopted)


def _was_ours(run: Run, decision: Decision) -> bool:
    """Whether what overtook us was our own commit, whose answer was lost. If not, what is there now is loaded."""
    profile = decision.after.profile
    present = run.outside.customers.load(profile.store, profile.customer)
    if present.profile.commit == profile.commit:
        return True
    run.customer = present
    return False


def _forget(run: Run, ends: datetime | None) -> Forgotten | None:
    """Everything else that a committed erasure asks for. What is not done by `ends` is for the next run, which the
    request brings about by joining the line once more.
    """
    if not isinstance(run.event, events.PrivacyEvent) or run.customer.profile.erased_at is None:
        return None
    if is_done(run.event, run.customer.profile):
        return None

    def act(step: Step) -> Customer:
        run.inputs = (step,)
        _go(run)
        return run.customer

    def enough() -> bool:
        return ends is not None and run.outside.now() >= ends

    forgotten = forget(run.event, run.customer, run.outside, act, enough)
    if not forgotten.finished:
        rest = run.event.model_copy(update={"goes_on": True})
        run.outside.line.join(rest, run.me, "urgent", fresh=run.outside.mint_nonce())
    return forgotten
