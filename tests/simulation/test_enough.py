"""Whether enough went wrong, was said and was asked: a kind that is missing is named, and small runs may lack some."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from perennial_cli.main import app
from perennial_cli.simulation import enough
from perennial_cli.simulation.enough import Rare, least_of, too_rare, years_of
from perennial_cli.simulation.faults import PROFILES, SERVICES, WAYS
from perennial_cli.simulation.usual import PROFILES as COUNTED
from perennial_cli.simulation.usual import USUAL
from tests.simulation.runs import TEMPLATES


def as_usual(faults: str, customers: int, days: int = 400) -> dict[str, int]:
    years = years_of(customers, days)
    return {name: round(rates[COUNTED.index(faults)] * years) for name, rates in USUAL.items()}


@pytest.mark.parametrize("faults", COUNTED)
@pytest.mark.parametrize("customers", [25, 500, 20_000])
def test_a_run_as_usual_lacks_nothing(faults: str, customers: int) -> None:
    assert too_rare(as_usual(faults, customers), faults, customers, 400) == []


def test_whatever_is_silenced_is_named() -> None:
    found, least = as_usual("storm", 2_000), least_of("storm", 2_000, 400)
    for name, count in least.items():
        assert too_rare({**found, name: 0}, "storm", 2_000, 400) == [Rare(name, 0, count)]
    assert str(Rare("timer lost", 3, 40)) == "timer lost: 3, where a run of this size has 40 at least"


def test_a_storm_asks_for_every_way_at_every_service_and_all_that_goes_wrong_on_the_way() -> None:
    asked = least_of("storm", 20_000, 400).keys()
    calls = {f"{service} {way}" for service in SERVICES.values() for way in WAYS}
    assert {name.partition(" ")[0] for name in calls - asked} <= {"SNS"}, "few texts and notes go out"
    ways = {f"{what} {how}" for what in ("timer", "report") for how in ("lost", "late", "doubled")}
    ways |= {f"delivery {how}" for how in ("late", "doubled", "forged", "unreadable")}
    assert asked >= {
        *ways,
        *WAYS,
        "message again",
        "clock ahead",
        "clock behind",
        "customer poisoned",
        "event put back",
    }
    assert asked >= {
        "forged webhook",
        "webhook by the older secret",
        "link of the newer key",
        "wake put back by a sweep",
    }
    assert asked >= {"two customers became one", "applied ErasureRequested", "applied AddressBounced", "deploy"}
    assert asked >= {"page p pressed save", "page p pressed rest", "page p pressed skip", "page x pressed confirm"}


def test_without_faults_none_are_asked_for() -> None:
    asked = least_of("none", 20_000, 400).keys()
    assert not asked & {*WAYS, "timer lost", "delivery doubled", "report late", "poison", "message again"}
    assert "applied OrderPlaced" in asked


def test_small_runs_may_lack_what_is_rare_and_short_ones_everything() -> None:
    assert "timer lost" not in least_of("storm", 25, 400)
    assert least_of("storm", 20_000, 30) == least_of("weather", 20_000, 400) == {}
    assert least_of("storm", 500, 4_000) == least_of("storm", 500, 400)


def test_the_command_fails_and_says_which_fault_did_not_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROFILES, "storm", replace(PROFILES["storm"], delivery_doubled=0.0))
    monkeypatch.setattr(enough, "DEVIATIONS", 0.0)  # so few customers lack more than that otherwise
    size = ["--customers", "8", "--days", "90", "--faults", "storm", "--seed", "3", "--processes", "1"]
    run = CliRunner().invoke(app, ["simulate", *size, "--templates", str(TEMPLATES)])
    assert run.exit_code == 1
    assert "too few: delivery doubled: 0, where a run of this size has" in " ".join(run.output.split())
    assert "delivery late" not in run.output
    assert "with 1 process," in run.output
