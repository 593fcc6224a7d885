"""`make load`, in small: a rush of touches and a rush of orders in the same minute."""

import pytest

from benchmarks.load import WRONG, figures, one_lane, stuck, two_lanes

ORDERS = 80
"""More than all workers together, so that somebody waits."""


@pytest.mark.slow
def test_orders_do_not_wait_behind_a_rush_of_touches_and_nothing_is_lost_or_doubled() -> None:
    told = figures(two_lanes(), ORDERS)
    assert [told[name] for name in WRONG] == [0, 0, 0]
    assert told["offers and questions in the rush"] == ORDERS
    assert not stuck(told)
    assert told["last offer or question after, s"] > told["confirmation after, at most s"]


@pytest.mark.slow
def test_with_one_lane_for_all_they_would() -> None:
    told = figures(one_lane(), ORDERS)
    assert [told[name] for name in WRONG] == [0, 0, 0]
    assert stuck(told)
