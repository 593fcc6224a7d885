"""What is carried over to one customer, in as many commits as it needs: DynamoDB takes a hundred writes in one.

The new epoch comes last. Who does not have it yet is told everything once more by the next run, and each step may be
made any number of times: a record is written over by itself, and a word that is there stays as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from perennial.customer import Customer, Enrolment, Touch
from perennial.decide import Decision
from perennial.ledger import Entry
from perennial.orders import Order

MOST = 50
"""Pieces of one commit: with the profile below the hundred, and below the 4 MB that one transaction may have."""

Piece = Touch | Entry | Order | Enrolment


def in_steps(whole: Decision, mint_nonce: Callable[[], str]) -> Iterator[Decision]:
    """The last one ends as `whole` does, but for its version and its nonce."""
    reached, pieces = whole.before, _pieces(whole)
    while len(pieces) > MOST:
        step = _step(reached, pieces[:MOST], mint_nonce())
        yield step
        reached, pieces = step.after, pieces[MOST:]
    last = _step(reached, pieces, mint_nonce())
    written = last.after.profile
    profile = replace(whole.after.profile, version=written.version, commit=written.commit)
    yield replace(last, after=replace(whole.after, profile=profile))


def _pieces(whole: Decision) -> list[Piece]:
    """Everything but the profile that may take a write of its own."""
    before, after = whole.before, whole.after
    orders = [order for name, order in after.orders.items() if before.orders.get(name) is not order]
    passages = [held for name, held in after.enrolments.items() if before.enrolments.get(name) is not held]
    return [*whole.touches, *whole.ledger, *orders, *passages]


def _step(reached: Customer, pieces: Sequence[Piece], nonce: str) -> Decision:
    profile = replace(reached.profile, version=reached.profile.version + 1, commit=nonce)
    after = replace(
        reached,
        profile=profile,
        orders={**reached.orders, **{piece.id: piece for piece in pieces if isinstance(piece, Order)}},
        enrolments={**reached.enrolments, **{piece.id: piece for piece in pieces if isinstance(piece, Enrolment)}},
    )
    touches = tuple(piece for piece in pieces if isinstance(piece, Touch))
    return Decision(reached, after, touches=touches, ledger=tuple(one for one in pieces if isinstance(one, Entry)))
