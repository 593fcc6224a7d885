"""A shopper presses what the messages offer, in the embedded cloud, and the rest of the story follows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.shop import PLACED, line, order, parcel, progress

Replay = Callable[..., dict[str, Any]]
DELIVERED = "2026-03-05T15:00:00+00:00"
STORY = [
    line("orders/create", PLACED, order()),
    line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel()),
    line("fulfillment_events/create", DELIVERED, progress("delivered", DELIVERED)),
]
END = ("--until", "2026-05-30")


def page(at: str, message: str, purpose: str, **fields: str) -> dict[str, Any]:
    """Somebody answers a page; without fields, they only look."""
    return {"at": at, "platform": "page", "link": {"message": message, "purpose": purpose}, **_sent(fields)}


def _sent(fields: dict[str, str]) -> dict[str, Any]:
    return (
        {"method": "POST", "body": {name.replace("_", "-"): value for name, value in fields.items()}} if fields else {}
    )


def touches(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{row['journey']}/{row['touch']}": row for customer in report["customers"] for row in customer["touches"]}


def sent(report: dict[str, Any], class_: str, after: str) -> list[str]:
    rows = (row for customer in report["customers"] for row in customer["touches"])
    return [row["message"] for row in rows if (row["class"], row["outcome"]) == (class_, "sent") and row["at"] > after]


def test_looking_at_pages_changes_nothing(replay: Replay) -> None:
    looks = [
        page("2026-03-06T10:00:00+00:00", "order-confirmation", purpose)
        for purpose in ("unsubscribe", "preferences", "order", "review", "support", "returns", "score", "not-me")
    ]
    quiet, looked = replay(STORY, *END), replay([*STORY, *looks], *END)
    assert [entry["outcome"] for entry in looked["deliveries"][3:]] == ["shown"] * 8
    assert looked["customers"][0]["touches"] == quiet["customers"][0]["touches"]
    assert looked["customers"][0]["consent"] == quiet["customers"][0]["consent"]


def test_after_unsubscribing_nothing_more_of_that_class_comes(replay: Replay) -> None:
    left = page("2026-03-09T08:00:00+00:00", "care-tips", "unsubscribe", **{"List-Unsubscribe": "One-Click"})
    before, after = replay(STORY, *END), replay([*STORY, left], *END)
    moment = "2026-03-09T08:00:00"
    assert sent(before, "marketing", moment)
    assert sent(after, "marketing", moment) == []
    assert sent(after, "feedback", moment) == sent(before, "feedback", moment)
    delivery = after["deliveries"][-1]
    assert (delivery["status"], delivery["outcome"]) == (200, "applied")
    assert delivery["event"].startswith("page:unsubscribe:")
    assert after["customers"][0]["consent"]["email:marketing"]["source"] == "one-click"


def test_undo_lets_it_come_again(replay: Replay) -> None:
    left = page("2026-03-09T08:00:00+00:00", "care-tips", "unsubscribe", do="leave")
    back = page("2026-03-09T08:01:00+00:00", "care-tips", "unsubscribe", do="undo")
    report = replay([*STORY, left, back], *END)
    assert sent(report, "marketing", "2026-03-09T08:00:00") == sent(
        replay(STORY, *END), "marketing", "2026-03-09T08:00:00"
    )
    assert report["customers"][0]["consent"]["email:marketing"] == {
        "state": "given",
        "at": "2026-03-09T08:01:00+00:00",
        "source": "undo",
    }


def test_a_low_score_reaches_a_person_and_holds_promotions(replay: Replay) -> None:
    score = page("2026-03-09T12:00:00+00:00", "order-confirmation", "score", score="3", why="Loud.")
    report = replay([*STORY, score], *END)
    assert report["deliveries"][-1]["outcome"] == "applied"
    assert sent(report, "marketing", "2026-03-09T12:00:00") == []
    assert sent(replay(STORY, *END), "marketing", "2026-03-09T12:00:00")


def test_a_request_to_return_is_applied_and_acknowledged(replay: Replay) -> None:
    from perennial.pages.ordered import field_of

    fields = {f"quantity-{field_of('1')}": "1", "do": "request", "wish": "exchange", "reason": "faulty"}
    asked = page("2026-03-07T09:00:00+00:00", "order-confirmation", "returns", **fields)
    report = replay([*STORY, asked], *END)
    assert report["deliveries"][-1]["outcome"] == "applied"
    assert "return-acknowledged" in sent(report, "transactional", "2026-03-07T08:00:00")
    assert sent(report, "feedback", "2026-03-07T09:00:00") == [], "law 6: no review request while it is open"


def test_two_presses_withdraw_from_the_contract_and_a_mail_says_when(replay: Replay) -> None:
    from perennial.pages.ordered import field_of

    fields = {f"quantity-{field_of('1')}": "1", "name": "Mina Okafor"}
    first = page("2026-03-07T09:00:00+00:00", "order-confirmation", "returns", **fields, do="declare")
    second = page("2026-03-07T09:01:00+00:00", "order-confirmation", "returns", **fields, do="confirm")
    report = replay([*STORY, first, second], *END)
    assert [entry["outcome"] for entry in report["deliveries"][3:]] == ["shown", "applied"]
    assert "withdrawal-acknowledged" in sent(report, "transactional", "2026-03-07T09:00:30")


def test_a_refused_answer_says_what_the_page_says(replay: Replay) -> None:
    lines = [
        page("2026-03-06T10:00:00+00:00", "order-confirmation", "score", score="eleven"),
        {"at": "2026-03-06T10:01:00+00:00", "platform": "page", "path": "/u/" + "a" * 44},
        page("2026-03-06T10:02:00+00:00", "win-back", "order"),
    ]
    found = replay([*STORY, *lines])["deliveries"][3:]
    assert [(entry["status"], entry["outcome"]) for entry in found] == [
        (422, "refused"),
        (404, "refused"),
        (404, "refused"),
    ]
    assert found[1]["reason"] == "This link leads nowhere"
    assert "no email 'win-back' has been sent" in found[2]["reason"]


def test_a_line_that_is_half_a_page_is_refused_with_its_line(perennial: Command, tmp_path: Path) -> None:
    file = tmp_path / "pages.jsonl"
    for text, words in (
        ('{"at": "2026-03-06T10:00:00Z", "platform": "page"}', "opened by its `link`"),
        ('{"at": "2026-03-06T10:00:00Z", "platform": "shopify", "method": "GET", "body": {}}', "are of pages"),
        ('{"at": "2026-03-06T10:00:00Z", "platform": "page", "link": {"message": "x", "purpose": "y"}}', "purpose"),
    ):
        file.write_text(text + "\n")
        result = perennial("replay", str(file), "--templates", TEMPLATES, code=1)
        assert words in " ".join(result.stderr.split())
        assert "pages.jsonl:1" in result.stderr.replace("\n", "")
