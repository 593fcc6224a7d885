"""What one load may bring: what is alive, in no more bytes than that explains."""

from dataclasses import replace
from functools import cache

from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.load_law import load_is_what_lives
from perennial_cli.simulation.simulating import Plan, a_script, perform
from tests.simulation.runs import the_content


@cache
def evidence() -> Evidence:
    plan = Plan(customers=2, days=40, seed=3, faults="none", size=2)
    return perform(a_script(plan, the_content(), "demo", 1, 2), the_content(), "demo")[1]


def words(**changes: object) -> list[str]:
    """What is said of somebody whose load is not what it was."""
    seen, tally = evidence(), Tally(8)
    name, held = next((name, held) for name, held in sorted(seen.customers.items()) if held.enrolments)
    load_is_what_lives(name, replace(held, **changes), seen, tally)  # type: ignore[arg-type]  # named by the tests below
    return [breach.words for breach in tally.breaches]


def test_a_load_of_what_lives_is_sound() -> None:
    assert words() == []


def test_a_passage_that_outlived_its_journey_is_named() -> None:
    held = next(held for _, held in sorted(evidence().customers.items()) if held.enrolments)
    name, passage = next(iter(held.enrolments.items()))
    old = replace(passage, entered_at=passage.entered_at.replace(year=passage.entered_at.year - 5))
    assert any("should have ended" in said for said in words(enrolments={**held.enrolments, name: old}))


def test_items_and_bytes_that_nothing_alive_explains_are_named() -> None:
    held = next(held for _, held in sorted(evidence().customers.items()) if held.enrolments)
    assert words(apart=frozenset({"long gone"})) == ["a load brings items that nothing alive needs"]
    bloated = replace(held.profile, aliases=tuple(f"email:a{number}@example.com" for number in range(500)))
    assert [said.partition(" of")[0] for said in words(profile=bloated)] == ["a profile"]
    name, order = next(iter(held.orders.items()))
    heavy = replace(order, sent={f"message-{number}": "a touch of some journey" for number in range(3_000)})
    assert any(said.startswith("a load of") for said in words(orders={**held.orders, name: heavy}))
