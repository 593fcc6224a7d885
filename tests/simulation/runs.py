"""Small simulations for the tests: the project's own journeys, one shop, a line of text for a body."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from perennial.content import Content
from perennial_cli.authoring import read
from perennial_cli.simulation import people, providers
from perennial_cli.simulation.answering import ANSWERS
from perennial_cli.simulation.evidence import Breach
from perennial_cli.simulation.faults import PROFILES, Rates
from perennial_cli.simulation.simulating import PLAIN, Lived, Plan, live

SILENCE = Rates(calls=(0, 0, 0, 0, 0, 0, 0.15, 0, 0), report_lost=1.0)
"""Answers get lost on the way, and no provider ever reports."""

UNREPORTED = Rates(report_lost=1.0)
"""Nothing goes wrong, but that no provider ever reports."""

TEMPLATES = Path(__file__).parents[2] / "templates"

FORGETFUL = Rates(timer_lost=0.3)
"""A scheduler that loses three of ten."""

POISONED = Rates(poisoned=1.0)
"""Everybody has days on which their events fail every time."""

WEATHER = Rates(calls=(0, 0, 0, 0.06, 0.06, 0.06, 0.06, 0, 0))
"""Nobody dies, but every service is often throttled, failing, slow or deaf."""

TORN = Rates()
"""Nothing goes wrong, but that everybody orders under two addresses."""

TALKATIVE = Rates(calls=(0, 0, 0, 0.02, 0, 0, 0.02, 0, 0))
"""Many answer on their pages, and now and then a service does not."""

PROFILES.update(
    {
        "talkative": TALKATIVE,
        "torn": TORN,
        "weather": WEATHER,
        "poisoned": POISONED,
        "forgetful": FORGETFUL,
        "silence": SILENCE,
        "unreported": UNREPORTED,
    }
)


@cache
def the_content() -> Content:
    content = read(TEMPLATES)
    return replace(content, bodies=dict.fromkeys(content.bodies, PLAIN))


def a_life(faults: str = "storm", seed: int = 5, customers: int = 10, days: int = 150) -> Lived:
    """One shop from its first day to its last."""
    plan = Plan(customers=customers, days=days, seed=seed, faults=faults, size=customers)
    with pytest.MonkeyPatch.context() as patch:
        if faults == "torn":
            patch.setattr(people, "TWO_ADDRESSES", 1.0)
        if faults == "talkative":
            patch.setattr(providers, "ANSWERS", {what: (page, 10 * rate) for what, (page, rate) in ANSWERS.items()})
        return live(plan, the_content(), "demo", 1, customers)


def breaches(lived: Lived) -> list[Breach]:
    return [breach for tally in lived.tallies for breach in tally.breaches]
