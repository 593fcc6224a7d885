"""Law 7: the same events in another order, and twice, end in the same facts."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from perennial import events
from perennial.advancing import advance
from perennial.content import Content
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.faults import PROFILES, Faults
from perennial_cli.simulation.world import World

LATER = timedelta(days=800)
"""When nobody would be enrolled any more: what is left then are facts."""

SAMPLE = 2
"""Every so many customers are told of once more, in another order."""

FACTS = ("contact", "stamps", "consents", "dead", "devices", "latest_orders", "orders", "clicked_at", "complained_at",
         "rests_until", "detracted")  # fmt: skip


def facts_converge(evidence: Evidence, content: Content, seed: str) -> Tally:
    tally = Tally(7)
    told: dict[str, list[events.Event]] = {}
    for record in evidence.log.of("applied"):
        if not isinstance(record["event"], events.WakeDue):
            told.setdefault(record["customer"], []).append(record["event"])
    for customer in sorted(told)[::SAMPLE]:
        known = told[customer]
        if any(isinstance(event, events.PrivacyEvent) for event in known):
            continue
        chance = random.Random(f"{seed}:{customer}")  # noqa: S311  a simulation repeats itself, by design
        shuffled = [*known, *chance.sample(known, k=len(known) // 2)]
        chance.shuffle(shuffled)
        same = _facts(known, customer, evidence, content) == _facts(shuffled, customer, evidence, content)
        tally.check(
            same, "another order of the same events leads to other facts", {"customer": customer, "at": evidence.ends}
        )
    return tally


def _facts(told: Sequence[events.Event], customer: str, evidence: Evidence, content: Content) -> dict[str, Any]:
    """What is known once all of it was applied, long afterwards, where no journey is deployed."""
    bare = replace(content, journeys={})
    world = World(bare, evidence.store.store, Faults(PROFILES["none"], "facts"), evidence.ends + LATER, evidence.people)
    for event in told:
        advance(event, customer, world.advancing)
    held = world.customers.load(evidence.store.store, customer).profile
    orders = {key[2]: replace(order, sent={}, entered=()) for key, order in world.memory.archive.items()}
    return {"known orders": orders, **{name: getattr(held, name) for name in FACTS}, "aliases": set(held.aliases)}
