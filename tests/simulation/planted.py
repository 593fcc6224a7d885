"""The checkers tried: each planted defect breaks the law it offends, in a world that is sound without it.

Not part of `make test`, as it takes minutes: `make mutants`. A few of them are in test_simulation.py.
"""

import pytest

from tests.simulation.content_mutants import CONTENT
from tests.simulation.due_mutants import DUE
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.reasons_mutants import REASONS
from tests.simulation.runs import a_life, breaches
from tests.simulation.subtle_mutants import SUBTLE

ALL = (*MUTANTS, *SUBTLE, *CONTENT, *DUE, *REASONS)


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_a_planted_defect_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.plant(monkeypatch)
    lived = a_life(mutant.faults, mutant.seed, mutant.customers, mutant.days)
    assert mutant.law in {breach.law for breach in breaches(lived)}


@pytest.mark.parametrize(
    "world", sorted({(mutant.faults, mutant.seed, mutant.customers, mutant.days) for mutant in ALL})
)
def test_without_it_the_same_world_is_sound(world: tuple[str, int, int, int]) -> None:
    assert breaches(a_life(*world)) == []
