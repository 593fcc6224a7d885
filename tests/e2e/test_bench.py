"""`python -m benchmarks`: people script on the rows of build/bench.json. Times are not judged here, counts are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as bench
from benchmarks import cold_start, deciding, history, rendering, worlds
from benchmarks.rows import Row
from tests.e2e.conftest import compiled

FIELDS = ["name", "value", "unit", "floor", "ratio", "budget", "holds"]


def once(work: Callable[[], object], rounds: int, batches: int = 7) -> float:
    """In place of a measurement: that it can be done."""
    work()
    return 0.001


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, _read_once: None) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the file, of a run that measures no time and starts no process."""
    file = tmp_path_factory.mktemp("bench") / "build" / "bench.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "FILE", file)
        patch.setattr(history, "PAST", (1, 20))
        patch.setattr(worlds, "read", compiled)
        for module in (deciding, rendering):
            patch.setattr(module, "seconds_each", once)
        patch.setattr(cold_start, "build", lambda: Path("site"))
        patch.setattr(cold_start, "_seconds", lambda command: 0.02 if cold_start.CLOCK in command else 0.1)
        for module in (cold_start, worlds):
            patch.setattr(module, "BUILD", file.parent / "bench")
        code = bench.main()
    return code, json.loads(file.read_text())


def test_every_row_has_the_documented_shape(measured: tuple[int, list[dict[str, Any]]]) -> None:
    _, rows = measured
    for row in rows:
        assert list(row) == FIELDS
        assert (type(row["name"]), type(row["unit"])) == (str, str)
        assert isinstance(row["value"], int | float)
        assert all(row[name] is None or isinstance(row[name], int | float) for name in ("floor", "ratio", "budget"))
        assert row["holds"] is None or isinstance(row["holds"], bool)
        assert (row["holds"] is None) == (row["budget"] is None)
        assert (row["ratio"] is None) == (row["floor"] is None)


def test_every_figure_of_the_budgets_has_a_row_and_its_budget(measured: tuple[int, list[dict[str, Any]]]) -> None:
    budgets = {row["name"]: row["budget"] for row in measured[1]}
    assert len(budgets) == len(measured[1]), "two rows of one name"
    assert budgets["AWS calls per accepted webhook"] == 2
    assert budgets["AWS calls per email touch, sent by its event"] == 5
    assert budgets["AWS calls per email touch, sent by its wake"] == 5
    assert budgets["one HTML body rendered"] == 1.8
    assert budgets["marginal cost of 1,000 emails"] == 1.25
    assert {budgets["cold start of receive_webhook"], budgets["cold start of advance_customer"]} == {2.0}
    assert any(name.startswith("decide: ") for name in budgets)


def test_what_is_counted_and_not_timed_is_within_its_budget(measured: tuple[int, list[dict[str, Any]]]) -> None:
    counted = [row for row in measured[1] if row["unit"] in ("calls", "bytes")]
    assert len(counted) >= 7
    assert [row["name"] for row in counted if not row["holds"]] == []


@pytest.mark.parametrize(("value", "code"), [(1.0, 0), (3.0, 1)])
def test_a_missed_budget_is_the_exit_code(
    value: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Suite:
        __name__ = "benchmarks.figures"

        @staticmethod
        def rows() -> list[Row]:
            return [Row("figure", value, "calls", budget=2), Row("free", 9, "calls")]

    monkeypatch.setattr(bench, "SUITES", (Suite,))
    monkeypatch.setattr(bench, "FILE", tmp_path / "bench.json")
    assert bench.main() == code
