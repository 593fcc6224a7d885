"""A broken law as it is told: the seed, the shortest list of events that still breaks it, and the customer's story."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from perennial.content import Content
from perennial_cli.simulation.chronicle import chronicle, lines, outcomes
from perennial_cli.simulation.evidence import Breach
from perennial_cli.simulation.scripts import Script, as_document
from perennial_cli.simulation.shrinking import Shrunk, shrink
from perennial_cli.simulation.simulating import Plan, a_script, perform

A_LITTLE_LATER = timedelta(minutes=5)
"""What is told of a story beyond the moment at which the law broke."""


def first_of_each_law(breaches: Sequence[tuple[int, Breach]]) -> list[tuple[int, Breach]]:
    """The shop, and what was found there."""
    first: dict[int, tuple[int, Breach]] = {}
    for number, breach in breaches:
        first.setdefault(breach.law, (number, breach))
    return [first[law] for law in sorted(first)]


def told_again(plan: Plan, number: int, breach: Breach, content: Content, store: str) -> Shrunk | None:
    """The shop lives once more, and then again and again with less."""
    size = min(plan.size, plan.customers - number * plan.size)
    script = a_script(plan, content, store, number, size)
    return shrink(script, breach, lambda some: perform(some, content, store))


def as_json(shrunk: Shrunk) -> dict[str, Any]:
    breach = shrunk.breach
    return {
        "law": breach.law,
        "words": breach.words,
        "seed": shrunk.script.seed,
        "shop": shrunk.script.shop,
        "customer": breach.customer,
        "at": breach.at.isoformat() if breach.at else None,
        "runs": shrunk.runs,
        "story": as_document(shrunk.script),
        "timeline": [moment.as_document() for moment in chronicle(shrunk.evidence, breach.customer)],
        "outcomes": outcomes(shrunk.evidence, breach.customer),
    }


def as_lines(shrunk: Shrunk) -> Iterator[str]:
    script, whole, breach = shrunk.script, shrunk.whole, shrunk.breach
    yield f"law {breach.law}: {breach.words}"
    yield (
        f"seed {script.seed}, shop {script.shop}, customer {breach.customer or 'none'}. Enough for it are "
        f"{len(script.tellings)} of {len(whole.tellings)} events and {len(script.faults or ())} of "
        f"{len(whole.faults or ())} faults ({shrunk.runs} runs):"
    )
    for told in script.tellings:
        yield f"  {told.at:%Y-%m-%d %H:%M:%S}  {told.name} {json.dumps(told.body, ensure_ascii=False)}"
    for name, kind in (script.faults or {}).items():
        yield f"  fault: {kind} ({name})"
    for name in sorted(script.acts or ()):
        yield f"  act: {name}"
    yield "The customer's story, until then:"
    until = (breach.at or shrunk.evidence.ends) + A_LITTLE_LATER
    yield from (f"  {line}" for line in lines(chronicle(shrunk.evidence, breach.customer), until))
    yield "How each touch ended:"
    for end in outcomes(shrunk.evidence, breach.customer):
        why = f", {end['reason']}" if end["reason"] else ""
        yield f"  {end['touch']} ({end['id']}): {end['state']}{why}"


def keep(script: Script, law: int, folder: Path) -> Path:
    """Writes the story where `--story` can read it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"law-{law}-seed-{script.seed}-shop-{script.shop}.json"
    file.write_text(json.dumps(as_document(script), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file
