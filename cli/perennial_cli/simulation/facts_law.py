"""Law 7: the same events in another order, and twice, end in the same facts; of somebody who was two as well.

What two halves of a person said about being written to is united by strictness, and so may end stricter in one order of
arrival than in another (docs/decisions.md, "The strictest word is dated by the newest"): of that it is asked that it
never ends laxer than the newest word.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from perennial import events
from perennial.advancing import advance
from perennial.becoming_one import become_one
from perennial.content import Content
from perennial.identity import order_id_of
from perennial_cli.simulation.beliefs import newest_words
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.faults import PROFILES, Faults
from perennial_cli.simulation.world import World

LATER = timedelta(days=800)
"""When nobody would be enrolled any more: what is left then are facts."""

SAMPLE = 2
"""Every so many people are told of once more, in another order."""

FACTS = ("contact", "stamps", "dead", "devices", "latest_orders", "orders", "clicked_at", "complained_at",
         "rests_until", "detracted")  # fmt: skip

Step = tuple[str, events.Event | str]
"""Whose line it is, and what comes there: an event, or the name of another who turns out to be the same person."""


def facts_converge(evidence: Evidence, content: Content, seed: str) -> Tally:
    tally = Tally(7)
    for customer, steps in list(_people(evidence))[::SAMPLE]:
        if any(isinstance(told, events.PrivacyEvent) for _, told in steps):
            continue
        chance = random.Random(f"{seed}:{customer}")  # noqa: S311  a simulation repeats itself, by design
        shuffled = [*steps, *chance.sample(steps, k=len(steps) // 2)]
        chance.shuffle(shuffled)
        facts, others = (_facts(some, customer, evidence, content) for some in (steps, shuffled))
        words, kind = "another order of the same events leads to other facts", "people told of again"
        if len({name for name, _ in steps}) > 1:
            kind = "people who were two"
            newest = newest_words((told for _, told in steps if isinstance(told, events.Event)), evidence)
            for ends in (facts, others):
                _never_laxer(ends.pop("consents"), newest, tally, {"customer": customer, "at": evidence.ends})
        tally.check(facts == others, words, {"customer": customer, "at": evidence.ends}, kind)
    return tally


def _people(evidence: Evidence) -> Iterator[tuple[str, list[Step]]]:
    """Whoever they are when all is over, and all that came to any of their lines. What concerns an order comes where
    its first news came, as the door sees to it.
    """
    told, owners = defaultdict[str, list[Step]](list), dict[str, str]()
    for record in evidence.log.of("applied", "merged"):
        if record["what"] == "merged":
            told[evidence.root(record["winner"])].append((record["loser"], record["winner"]))
        elif not isinstance(record["event"], events.WakeDue):
            line, order = record["customer"], order_id_of(record["event"])
            line = owners.setdefault(order, line) if order else line
            told[evidence.root(line)].append((line, record["event"]))
    yield from sorted(told.items())


def _facts(steps: Sequence[Step], customer: str, evidence: Evidence, content: Content) -> dict[str, Any]:
    """What is known once all of it was applied, long afterwards, where no journey is deployed."""
    bare, store = replace(content, journeys={}), evidence.store.store
    world = World(bare, store, Faults(PROFILES["none"], "facts"), evidence.ends + LATER, evidence.people)
    unions = [(line, told) for line, told in steps if isinstance(told, str)]
    for line, told in [*steps, *unions]:
        if isinstance(told, str):
            become_one(store, line, told, world.advancing)
        else:
            advance(told, _present(world, line), world.advancing)
            _forwarded(world)
    held = world.customers.load(store, _present(world, customer)).profile
    names = (*reversed(held.merged), held.customer)
    orders = {key[2]: order for name in names for key, order in world.memory.archive.items() if key[1] == name}
    known = {name: replace(order, sent={}, entered=()) for name, order in orders.items()}
    told_of = {name: getattr(held, name) for name in (*FACTS, "consents")}
    return {"known orders": known, **told_of, "aliases": set(held.aliases)}


def _present(world: World, customer: str) -> str:
    """Whom merges have made of somebody until now."""
    redirect = world.customers.load(world.store, customer).profile.redirect
    return customer if redirect is None else _present(world, redirect)


def _forwarded(world: World) -> None:
    """What an event's own line has handed on to another."""
    while waiting := [message for line in world.lines.groups.values() for message in line]:
        world.lines.groups.clear()
        for message in waiting:
            advance(events.from_json(message.body), _present(world, message.group[2]), world.advancing)


def _never_laxer(ends: Mapping[str, Any], newest: Mapping[str, str], tally: Tally, told: dict[str, Any]) -> None:
    """Whether nothing ends laxer than the newest word of either half."""
    for topic, state in newest.items():
        said = ends.get(topic)
        lax = state in ("withdrawn", "pending") and (said is None or said.state == "given")
        tally.check(not lax, f"{topic} was {state}, and is not any more", told, "words of people who were two")
