"""Work spread over processes: in order, the same with any number of them, and never without its failures."""

import os
from dataclasses import replace

import pytest

from perennial_cli.simulation.simulating import Lived, Plan, live_all
from perennial_cli.simulation.spreading import spread
from tests.simulation.runs import the_content

SHOPS = Plan(customers=5, days=40, seed=9, faults="storm", size=2)


def lived_with(processes: int) -> list[Lived]:
    return list(live_all(SHOPS, the_content(), "demo", processes, with_lines=True))


def test_shops_end_the_same_with_any_number_of_processes() -> None:
    alone, side_by_side = lived_with(1), lived_with(3)
    assert [lived.number for lived in side_by_side] == [0, 1, 2]
    assert side_by_side == alone
    assert all(lived.lines.count("\n") > 50 for lived in alone)


def test_the_last_shop_has_the_customers_that_are_left() -> None:
    assert [SHOPS.size_of(number) for number in range(SHOPS.shops)] == [2, 2, 1]
    assert replace(SHOPS, customers=4).shops == 2


def _with_its_process(number: int) -> tuple[int, int]:
    return number, os.getpid()


def test_results_come_in_the_order_of_the_jobs_from_several_processes() -> None:
    done = list(spread(_with_its_process, range(50), 2))
    assert [number for number, _ in done] == list(range(50))
    assert os.getpid() not in {process for _, process in done}


def test_one_process_is_this_one() -> None:
    assert list(spread(_with_its_process, range(2), 1)) == [(0, os.getpid()), (1, os.getpid())]


def _refuse(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def test_what_fails_in_a_process_fails_here() -> None:
    done = spread(_refuse, range(10), 2)
    assert [next(done), next(done), next(done)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(done)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_shop_that_cannot_be_lived_through_is_named(processes: int) -> None:
    with pytest.raises(KeyError, match="no such store") as caught:
        list(live_all(SHOPS, the_content(), "no such store", processes))
    assert "shop 0 of seed 9" in "".join(caught.value.__notes__)
