"""What a shopper answers, and what it changes: told through the canonical door, lived through by the real handlers."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

Replay = Callable[..., dict[str, Any]]

ORDERED, ARRIVED = "2026-03-02T09:00:00Z", "2026-03-05T15:00:00Z"
YEARS = ("--until", "2027-09-01")
BLENDER = {"id": "1", "title": "Stand blender", "sku": "BLND-500-R", "quantity": 1, "price": "89.00"}
KETTLE = {"id": "2", "title": "Kettle", "sku": "KETL-17-B", "quantity": 1, "price": "49.00"}
QUIET_ONE = {"id": "9", "title": "Quiet blender", "sku": "BLND-700-R", "quantity": 1, "price": "99.00"}
WAITS = {"review-request", "review-reminder", "delivery-score", "accessories"}
"""What asks or sells in the first month."""


def told(at: str, type_: str, **body: Any) -> dict[str, Any]:
    """One canonical event, as a shop's script would send it."""
    event = {"type": type_, "id": f"{type_}-{at}", "occurred_at": at, **body}
    return {"at": at, "platform": "perennial", "body": event}


def answered(at: str, type_: str, **body: Any) -> dict[str, Any]:
    return told(at, type_, order_id="1001", **body)


def bought(*lines: dict[str, Any]) -> list[dict[str, Any]]:
    """An order of these, delivered three days later."""
    order = {
        "id": "1001",
        "number": "#1001",
        "placed_at": ORDERED,
        "currency": "GBP",
        "total": "89.00",
        "contact": {"email": "mina@mail.example", "first_name": "Mina", "last_name": "Okafor"},
        "lines": lines,
    }
    parcel = {"id": "p1", "shipped_at": "2026-03-03T10:00:00Z"}
    return [
        told(ORDERED, "OrderPlaced", order=order),
        answered(ARRIVED, "ShipmentDelivered", parcel=parcel),
    ]


def touches(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (customer,) = report["customers"]
    return {f"{row['journey']}/{row['touch']}": row for row in customer["touches"]}


def sent(rows: Iterable[dict[str, Any]], after: str, until: str = "9") -> list[str]:
    """The messages that went out between these moments."""
    return [row["message"] for row in rows if row["outcome"] == "sent" and after <= row["at"] < until]


def test_a_low_score_brings_a_person_and_an_apology_and_silences_the_rest_until_it_is_settled(replay: Replay) -> None:
    low = answered("2026-03-11T22:40:00Z", "ScoreGiven", score=3, why="It came late.")
    settled = answered("2026-03-25T12:00:00Z", "ScoreSettled")
    found = touches(replay([*bought(BLENDER), low, settled], *YEARS))
    store, apology = found["recovery/tell-store"], found["recovery/apology"]
    assert (store["outcome"], store["at"][:16]) == ("sent", "2026-03-11T22:40")
    assert "3 out of 10 for order #1001" in store["subject"]
    assert (apology["outcome"], apology["at"][:16]) == ("sent", "2026-03-11T23:10")
    assert sent(found.values(), after="2026-03-12", until="2026-03-25T12:00") == []
    offers = found["small-appliance-care/accessories"]
    assert (offers["outcome"], offers["reason"]) == ("expired", "a low score is not settled yet")
    assert found["small-appliance-care/review"]["outcome"] == "sent"


def test_a_low_score_that_is_never_settled_silences_what_asks_and_sells_for_good(replay: Replay) -> None:
    low = answered("2026-03-11T12:00:00Z", "ScoreGiven", score=0)
    found = touches(replay([*bought(BLENDER), low], *YEARS))
    assert not WAITS & set(sent(found.values(), after="2026-03-11T12:00"))


def test_a_good_score_calls_nobody(replay: Replay) -> None:
    found = touches(replay([*bought(BLENDER), answered("2026-03-11T12:00:00Z", "ScoreGiven", score=7)], *YEARS))
    assert not [name for name in found if name.startswith("recovery/")]
    assert set(sent(found.values(), after="2026-03-05")) >= WAITS


def test_a_score_that_was_a_slip_of_the_finger_is_not_apologised_for(replay: Replay) -> None:
    slip = [answered(f"2026-03-11T12:0{n}:00Z", "ScoreGiven", score=score) for n, score in enumerate((1, 10))]
    found = touches(replay([*bought(BLENDER), *slip], *YEARS))
    assert found["recovery/apology"]["outcome"] == "skipped"
    assert found["small-appliance-care/review"]["outcome"] == "sent"


@pytest.mark.parametrize("stars", [1, 5])
def test_a_review_is_thanked_for_whatever_it_says_and_stops_its_reminder(replay: Replay, stars: int) -> None:
    review = answered("2026-03-20T12:00:00Z", "ReviewGiven", line_id="1", stars=stars, text="Words.", publish=True)
    found = touches(replay([*bought(BLENDER), review, review], *YEARS))
    assert sent(found.values(), after="2026-03-20", until="2026-03-21") == ["review-thanks", "store-review"]
    assert f"{stars} of 5" in found["review-thanks/tell-store"]["subject"]
    assert found["review-thanks/thanks"]["subject"] == "Thank you for your review"
    reminder = found["small-appliance-care/review-reminder"]
    assert (reminder["outcome"], reminder["reason"]) == ("skipped", "unless order.reviewed")


def test_the_reminder_goes_once_a_week_after_the_request_if_nothing_was_said(replay: Replay) -> None:
    found = touches(replay(bought(BLENDER), *YEARS))
    asked, reminded = (found[f"small-appliance-care/{name}"] for name in ("review", "review-reminder"))
    assert (asked["at"][:10], reminded["at"][:10]) == ("2026-03-19", "2026-03-26")
    assert sent(found.values(), after="2026-03-05").count("review-reminder") == 1


def test_an_exchange_is_told_step_by_step_and_first_steps_begin_anew(replay: Replay) -> None:
    case = {"return_id": "r1"}
    story = [
        answered("2026-03-08T12:00:00Z", "ReturnRequested", **case, lines=[{"line_id": "1", "quantity": 1}],
                 wish="exchange", reason="too loud"),
        answered("2026-03-14T12:00:00Z", "ReturnReceived", **case),
        answered("2026-03-16T12:00:00Z", "ReturnExchanged", **case, replacements=[QUIET_ONE]),
    ]  # fmt: skip
    found = touches(replay([*bought(BLENDER, KETTLE), *story], *YEARS))
    assert "Exchange request" in found["returns/tell-store/r1"]["subject"]
    assert "exchange request" in found["returns/acknowledged/r1"]["subject"]
    during = sent(found.values(), after="2026-03-08T12:00", until="2026-03-16T12:00")
    assert sorted(during) == ["return-acknowledged", "return-received", "store-return"]
    assert found["returns/exchanged/r1"]["at"][:16] == "2026-03-16T12:00"
    anew = [found[f"exchange-care/{name}/r1"] for name in ("first-use", "register")]
    assert [(row["outcome"], row["at"][:10]) for row in anew] == [("sent", "2026-03-22"), ("sent", "2026-03-23")]
    assert found["exchange-care/installation/r1"]["outcome"] == "skipped"
    assert found["small-appliance-care/review"]["outcome"] == "sent"


def test_a_withdrawal_is_acknowledged_at_once_and_its_money_told_of_once(replay: Replay) -> None:
    case = {"return_id": "r1", "lines": [{"line_id": "1", "quantity": 1}]}
    refund = {"id": "f1", "refunded_at": "2026-03-14T12:02:00Z", "amount": "49.00", "settled": True,
              "lines": case["lines"]}  # fmt: skip
    story = [
        answered("2026-03-08T02:30:00Z", "WithdrawalDeclared", **case),
        answered("2026-03-14T12:00:00Z", "ReturnReceived", **case),
        answered("2026-03-14T12:01:00Z", "ReturnRefunded", **case),
        answered("2026-03-14T12:02:00Z", "OrderRefunded", refund=refund),
    ]
    report = replay([*bought(BLENDER, KETTLE), *story], *YEARS)
    assert [entry["outcome"] for entry in report["deliveries"]] == ["applied"] * 6
    found = touches(report)
    receipt = found["returns/withdrawal/r1"]
    assert (receipt["outcome"], receipt["at"][:16]) == ("sent", "2026-03-08T02:30")
    assert "received your withdrawal: order #1001" in receipt["subject"]
    assert found["returns/tell-store-of-withdrawal/r1"]["outcome"] == "sent"
    assert "returns/acknowledged/r1" not in found
    told_of_money = [message for message in sent(found.values(), after="2026-03-14") if "refund" in message]
    assert told_of_money == ["partial-refund"]


def test_a_return_that_is_only_booked_as_one_is_told_with_its_own_words(replay: Replay) -> None:
    case = {"return_id": "r1", "lines": [{"line_id": "1", "quantity": 1}], "wish": "credit"}
    story = [
        answered("2026-03-08T12:00:00Z", "ReturnRequested", **case),
        answered("2026-03-14T12:00:00Z", "ReturnRefunded", **case),
    ]
    found = touches(replay([*bought(BLENDER, KETTLE), *story], *YEARS))
    settled = found["returns/refunded/r1"]
    assert (settled["outcome"], settled["subject"]) == ("sent", "Your store credit for order #1001")
    assert not [row for row in found.values() if row["outcome"] in ("failed", "unconfirmed", "waiting")]
