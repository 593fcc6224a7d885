"""When an order counts as being returned, for those who look on from outside."""

from perennial import events
from perennial_cli.simulation.believed import Believed, SentBack
from tests.unit.core.builders import DAY, HOUR, NOW, portions

ASKED, REFUNDED = "ReturnRequested", "ReturnRefunded"


def is_coming_back(*cases: SentBack, paid: tuple[int, ...] = (), bought: int = 4) -> bool:
    """Of so many kettles; each refund is a day later than all that was asked for."""
    order = Believed(pieces={"l1": bought})
    order.returns.update({f"t{number}": case for number, case in enumerate(cases)})
    for number, pieces in enumerate(paid):
        told = {"id": f"r{number}", "refunded_at": NOW + DAY, "lines": portions({"l1": pieces})}
        order.refunds[f"r{number}"] = events.Refund.model_validate(told)
    return order.coming_back


def asked(pieces: int, *stages: str) -> SentBack:
    return SentBack({ASKED, *stages}, NOW + HOUR, {"l1": pieces} if pieces else {})


def test_each_piece_that_was_asked_for_is_outstanding_until_one_more_was_paid_for() -> None:
    assert not is_coming_back()
    assert is_coming_back(asked(1))
    assert not is_coming_back(asked(1), paid=(1,))
    assert is_coming_back(asked(1), asked(1), paid=(1,))
    assert not is_coming_back(asked(1), asked(1), paid=(1, 1))


def test_money_for_what_the_shop_calls_refunded_is_for_nothing_else() -> None:
    assert is_coming_back(asked(1), asked(1, REFUNDED), paid=(1,))
    assert not is_coming_back(asked(1), asked(1, REFUNDED), paid=(1, 1))
    assert not is_coming_back(asked(1), asked(1, "ReturnClosed"), paid=(1,))


def test_no_more_comes_back_than_was_bought_and_nobody_can_tell_what_lists_nothing() -> None:
    assert not is_coming_back(asked(2), asked(2), paid=(2,), bought=2)
    assert is_coming_back(asked(0), paid=(4,))
