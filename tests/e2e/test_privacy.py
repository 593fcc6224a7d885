"""What a person may ask for, as the shop's own people type it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.saved import saved
from tests.e2e.shop import PLACED, line, order

HERE = ("--templates", TEMPLATES)
PERSONAL = ("mina", "okafor", "high st")
ASKED = "2026-03-05T09:00:00+00:00"
SHOP = {"shop_id": 58000, "shop_domain": "larkspur.example"}
CUSTOMER = {"id": 77, "email": "mina@mail.example", "phone": None}

Replayed = Callable[..., dict[str, Any]]


@pytest.fixture
def mina(replay: Replayed) -> str:
    """A customer with one order, as the last replay left her. Gives her id."""
    report = replay([line("orders/create", PLACED, order())], "--until", "2026-03-04T12:00:00")
    (customer,) = report["customers"]
    return str(customer["id"])


def test_everything_that_is_held_can_be_handed_over(perennial: Command, mina: str) -> None:
    told = json.loads(perennial("export", "mina@mail.example", *HERE).stdout)
    assert (told["customer"], told["profile"]["contact"]["first_name"]) == (mina, "Mina")
    assert [found["known"]["number"] for found in told["orders"]["live"]] == ["#1001"]
    assert {"sent"} <= {touch["state"] for touch in told["touches"]}
    assert {word["source"] for word in told["consent_ledger"]} == {"checkout"}
    assert set(told["aliases"]) == {"email:mina@mail.example", "customer:77"}
    assert (len(told["enrolments"]) > 0, len(told["ahead"]) > 0, told["parked"]) == (True, True, [])


def test_an_export_may_be_written_to_a_file(perennial: Command, mina: str, tmp_path: Path) -> None:
    perennial("export", mina, "--out", "mina.json", *HERE)
    assert json.loads((tmp_path / "mina.json").read_text())["customer"] == mina


def test_explain_shows_what_was_said_about_consent(perennial: Command, mina: str) -> None:
    assert "What was said about consent" in perennial("explain", mina, *HERE).stdout
    words = json.loads(perennial("explain", mina, "--json", *HERE).stdout)["consent_ledger"]
    assert [(word["channel"], word["class"], word["state"], word["basis"]) for word in words] == [
        ("email", "feedback", "given", "consent"),
        ("email", "marketing", "given", "consent"),
    ]


def test_an_erasure_says_what_it_did_and_what_it_cannot_reach(perennial: Command, mina: str, tmp_path: Path) -> None:
    assert "mina" in saved(tmp_path)
    told = json.loads(perennial("erase", "mina@mail.example", "--yes", "--json", *HERE).stdout)
    assert (told["customer"], told["outcome"], told["emptied"]["aliases"]) == (mina, "applied", 2)
    assert {entry["where"]: entry["until"] for entry in told["remains"]} == {
        "queues and their dead letters": "2026-03-18",
        "bodies of large events": "2026-04-03",
        "backups of the table": "2026-04-08",
        "logs": "2026-04-03",
    }
    assert [word for word in PERSONAL if word in saved(tmp_path)] == []


def test_after_an_erasure_the_books_are_there_and_nothing_is_ahead(perennial: Command, mina: str) -> None:
    perennial("erase", mina, "--yes", *HERE)
    told = json.loads(perennial("export", mina, *HERE).stdout)
    assert (told["ahead"], told["enrolments"], told["aliases"], told["consent_ledger"]) == ([], [], [], [])
    assert [found["known"]["total"] for found in told["orders"]["archived"]] == ["89.00"]
    assert {touch["state"] for touch in told["touches"]} <= {"sent", "skipped"}
    assert [word for word in PERSONAL if word in json.dumps(told).lower()] == []


def test_explain_says_who_was_erased(perennial: Command, mina: str) -> None:
    perennial("erase", mina, "--yes", *HERE)
    assert "Erased on 4 Mar 2026 12:00 UTC" in perennial("explain", mina, *HERE).stdout


def test_an_erasure_can_be_done_again(perennial: Command, mina: str) -> None:
    perennial("erase", mina, "--yes", *HERE)
    assert "nothing more" in perennial("erase", mina, "--yes", *HERE).stdout


def test_nobody_is_erased_without_being_asked_for(perennial: Command, mina: str, tmp_path: Path) -> None:
    perennial("erase", mina, *HERE, code=1, typed="n\n")
    assert "mina" in saved(tmp_path)


@pytest.mark.parametrize("command", ["export", "erase"])
def test_somebody_nobody_knows_is_named(perennial: Command, mina: str, command: str) -> None:
    sure = ["--yes"] if command == "erase" else []
    assert "knows nobody by" in perennial(command, "9999", *sure, *HERE, code=1).stderr


def test_a_request_for_data_waits_with_its_export_at_hand_until_it_is_answered(
    perennial: Command, replay: Replayed, tmp_path: Path
) -> None:
    asked = {**SHOP, "customer": CUSTOMER, "orders_requested": [1001], "data_request": {"id": 9}}
    replay([line("orders/create", PLACED, order()), line("customers/data_request", ASKED, asked)])
    (waiting,) = json.loads(perennial("parked", "--json", *HERE).stdout)
    assert "perennial export" in waiting["reason"]
    told = json.loads(perennial("export", waiting["id"], *HERE).stdout)
    assert told["profile"]["contact"]["email"] == "mina@mail.example"
    assert [entry["id"] for entry in told["parked"]] == [waiting["id"]]
    perennial("answered", waiting["id"], *HERE)
    assert json.loads(perennial("parked", "--json", *HERE).stdout) == []
    perennial("answered", waiting["id"], *HERE, code=1)


def test_a_shops_own_request_erases_whom_it_names(replay: Replayed, perennial: Command, tmp_path: Path) -> None:
    told = {**SHOP, "customer": CUSTOMER, "orders_to_redact": [1001]}
    report = replay([line("orders/create", PLACED, order()), line("customers/redact", ASKED, told)])
    assert [delivery["outcome"] for delivery in report["deliveries"]] == ["applied", "applied"]
    assert [word for word in PERSONAL if word in saved(tmp_path)] == []


def test_a_shop_that_has_left_is_deleted_as_a_whole(replay: Replayed, perennial: Command, tmp_path: Path) -> None:
    replay([line("orders/create", PLACED, order()), line("shop/redact", ASKED, SHOP)])
    (waiting,) = json.loads(perennial("parked", "--json", *HERE).stdout)
    assert "perennial erase-store" in waiting["reason"]
    perennial("erase-store", "demo", *HERE, code=1, typed="no\n")
    assert "mina" in saved(tmp_path)
    assert "Deleted" in perennial("erase-store", "demo", *HERE, typed="demo\n").stdout
    held = json.loads((tmp_path / "build" / "state.json").read_text())
    assert (held["items"], held["schedules"]) == ([], [])


def test_a_file_that_cannot_be_written_is_named_without_a_traceback(
    mina: str, perennial: Command, tmp_path: Path
) -> None:
    nowhere = tmp_path / "no-such-folder" / "mina.json"
    told = perennial("export", mina, "--out", str(nowhere), *HERE, code=2)
    assert f"{nowhere}: No such file or directory" in told.stderr
