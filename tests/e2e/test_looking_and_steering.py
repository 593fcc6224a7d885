"""explain, pause, resume, parked, put-back, discard: as a person types them after a replay."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, TEMPLATES, Command, run
from tests.e2e.shop import PLACED, line, order, parcel, progress
from tests.templates.trees import change, small_tree

Look = Callable[..., Any]

DELIVERED = "2026-03-05T15:00:00+00:00"
TOLD = [
    line("orders/create", PLACED, order()),
    line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel()),
    line("fulfillment_events/create", DELIVERED, progress("delivered", DELIVERED)),
    line("carts/exploded", "2026-03-06T09:00:00+00:00", {"id": 1}),
    line("customers/data_request", "2026-03-06T09:01:00+00:00", {
        "shop_id": 1, "shop_domain": "x.myshopify.com", "orders_requested": [1001], "data_request": {"id": 9},
        "customer": {"id": 77, "email": "mina@mail.example", "phone": None},
    }),
    line("fulfillments/create", "2026-03-06T09:02:00+00:00", parcel(502, 9999)),
]  # fmt: skip
EARLY_ON_8_MARCH = "2026-03-08T09:00:00"
"""An hour before the care tips are due, three days after the delivery."""


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory, _read_once: None) -> Path:
    """The folder of one replay, of an order that came and of three deliveries that nobody could apply."""
    folder = tmp_path_factory.mktemp("replayed")
    (folder / "told.jsonl").write_text("".join(json.dumps(told) + "\n" for told in TOLD))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run("replay", "told.jsonl", "--sign", "--until", EARLY_ON_8_MARCH, "--templates", TEMPLATES)
    return folder


@pytest.fixture
def look(replayed: Path, tmp_path: Path, perennial: Command) -> Look:
    """Runs a command on that replay; what it changes is gone with the test."""
    shutil.copytree(replayed / "build", tmp_path / "build")
    return lambda *words, code=0: perennial(*words, "--templates", TEMPLATES, code=code)


def touches(look: Look) -> dict[str, dict[str, Any]]:
    told = json.loads(look("explain", "1001", "--json").stdout)
    return {f"{row['journey']}/{row['touch']}": row for row in told["touches"]}


def flat(text: str) -> str:
    """Without the line breaks of a narrow terminal."""
    return " ".join(text.split())


def clock_goes_on(to: str) -> None:
    """As an hour would pass between two commands of a deployed stack."""
    state = Path("build/state.json")
    document = json.loads(state.read_text())
    state.write_text(json.dumps({**document, "now": to}))


# explain


def test_explain_tells_what_went_what_waits_and_why(look: Look) -> None:
    found = touches(look)
    assert found["order-service/confirmation"]["outcome"] == "sent"
    tips = found["small-appliance-care/care-tips"]
    assert (tips["outcome"], tips["due"][:16], tips["reason"]) == ("waiting", "2026-03-08T10:00", "planned")


def test_explain_shows_a_table_to_people(look: Look) -> None:
    told = look("explain", "mina@mail.example").stdout
    assert "Mon 2 Mar 2026 09:12" in told
    assert "confirmation" in told


def test_explain_of_somebody_unknown_says_what_to_give(look: Look) -> None:
    told = look("explain", "nobody@mail.example", code=1)
    assert "give a customer id, an email or an order id" in flat(told.stderr)


def test_explain_without_a_replay_says_what_to_run(perennial: Command) -> None:
    told = perennial("explain", "1001", "--templates", TEMPLATES, code=2)
    assert "run `perennial replay` or `perennial demo`" in flat(told.stderr)


# pause and resume


def test_pause_says_how_many_touches_it_holds_soon_and_later(look: Look) -> None:
    ahead = [row for row in touches(look).values() if row["outcome"] == "waiting" and row["class"] == "marketing"]
    soon = sum(1 for row in ahead if row["due"] and row["due"] < "2026-03-09T09:00")
    told = look("pause", "--class", "marketing").stdout
    assert soon >= 1
    assert f"it holds {soon} touches due within a day, and {len(ahead) - soon} later ones" in flat(told)


def test_what_is_paused_waits_and_goes_on_with_resume(look: Look) -> None:
    look("pause", "--message", "care-tips")
    clock_goes_on("2026-03-08T10:30:00+00:00")
    held = touches(look)["small-appliance-care/care-tips"]
    assert (held["outcome"], "paused" in held["reason"]) == ("waiting", True)
    told = look("resume", "--message", "care-tips").stdout
    assert "1 customers had touches held by it, which go on now" in flat(told)
    went = touches(look)["small-appliance-care/care-tips"]
    assert (went["outcome"], went["at"][:16]) == ("sent", "2026-03-08T10:30")


def test_resume_of_what_is_not_paused_says_so(look: Look) -> None:
    assert "is not paused" in flat(look("resume", "--class", "marketing", code=1).stderr)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "name one of --store, --class, --journey, --message"),
        (["--class", "marketing", "--message", "care-tips"], "name one of"),
        (["--journey", "small-aplliance-care"], "did you mean 'small-appliance-care'?"),
        (["--message", "cuddles"], "there is no message 'cuddles'"),
        (["--class", "spam"], "there is no class 'spam'"),
        (["--store", "nowhere"], "name one of the stores with --store: demo"),
    ],
)
def test_a_pause_of_nothing_or_of_something_unknown_is_refused(look: Look, options: list[str], says: str) -> None:
    assert says in flat(look("pause", *options, code=1).stderr)


# parked and put-back


def test_parked_lists_what_nobody_could_apply_with_its_reason(look: Look) -> None:
    entries = json.loads(look("parked", "--json").stdout)
    assert {entry["kind"] for entry in entries} == {"body", "request", "alias"}
    assert all(entry["id"] and entry["reason"] for entry in entries)
    table = look("parked").stdout
    assert "3 parked" in table
    assert "answer it within 30 days" in flat(table)


def test_what_still_cannot_be_applied_stays_parked_with_its_reason(look: Look) -> None:
    told = look("put-back", "all", code=1)
    assert "3 of 3 are still parked" in flat(told.stderr)
    for reason in ("carts/exploded", "answered by a person", "nobody owns this"):
        assert reason in flat(told.stderr)
    assert len(json.loads(look("parked", "--json").stdout)) == 3


def test_there_is_nothing_wrong_with_nothing_to_put_back(replay: Callable[..., dict[str, Any]], look: Look) -> None:
    replay([line("orders/create", PLACED, order())])
    assert "Nothing is parked in demo." in look("put-back", "all").stdout


def test_an_id_that_nothing_parked_has_is_named(look: Look) -> None:
    assert "nothing parked is called 'x:1'" in flat(look("put-back", "x:1", code=1).stderr)


def a_project(folder: Path, when: str) -> str:
    """A small project of its own, whose journey asks that of an order; its templates."""
    folder.mkdir()
    for name in ("template.yaml", "functions"):
        (folder / name).symlink_to(ROOT / name)
    templates = small_tree(folder)
    change(templates, "journeys/care.yaml", "'small-appliance' in order.purchase_types", when)
    change(templates, "stores/demo.yaml", "goods:", "platforms: [shopify]\ngoods:")
    return str(templates)


def test_a_journey_whose_condition_fails_is_not_begun_and_parks_nothing(perennial: Command, tmp_path: Path) -> None:
    broken = a_project(tmp_path / "broken", "order.items[7].title == 'Kettle'")
    (tmp_path / "told.jsonl").write_text(json.dumps(line("orders/create", PLACED, order())))
    told = perennial("replay", "told.jsonl", "--sign", "--json", "--templates", broken)
    report = json.loads(told.stdout)
    assert (report["parked"], report["deliveries"][0]["outcome"]) == ([], "applied")
    (customer,) = report["customers"]
    assert customer["touches"] == []
    (untold,) = customer["undecided"]
    assert (untold["journey"], untold["order"][-4:], untold["on"], untold["since"]) == (
        "care", "1001", "order.placed", PLACED,
    )  # fmt: skip
    assert (untold["outcome"], untold["until"][:10]) == ("fails", "2026-03-05")
    assert untold["reason"].startswith("condition `order.items[7].title == 'Kettle'`: ")


def test_explain_shows_a_journey_that_nobody_can_tell_of_and_what_to_do(perennial: Command, tmp_path: Path) -> None:
    broken = a_project(tmp_path / "broken", "order.items[7].title == 'Kettle'")
    (tmp_path / "told.jsonl").write_text(json.dumps(line("orders/create", PLACED, order())))
    shown = flat(perennial("replay", "told.jsonl", "--sign", "--templates", broken).stdout)
    told = flat(perennial("explain", "1001", "--templates", broken).stdout)
    for words in ("Nobody can tell since order.placed on 2 Mar 2026 09:12 UTC", "begins care", "items[7].title == "):
        assert words in shown
        assert words in told
    assert "mend it and deploy. It is asked again with the next news of the order, until 5 Mar 2026 09:12 UTC" in told
    mended = a_project(tmp_path / "mended", "order.items[0].title != 'Kettle'")
    told = flat(perennial("explain", "1001", "--templates", mended).stdout)
    assert "Here it holds: once that is deployed, the journey begins with the next news of the order" in told


def fails(*_: Any) -> None:
    raise KeyError("mina@mail.example")


def test_an_event_whose_rule_failed_is_put_back_after_the_rule_was_mended(
    perennial: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended = a_project(tmp_path / "mended", "order.items[0].title != 'Kettle'")
    (tmp_path / "told.jsonl").write_text(json.dumps(line("orders/create", PLACED, order())))
    with monkeypatch.context() as patch:
        patch.setattr("perennial.decide.apply", fails)
        report = json.loads(perennial("replay", "told.jsonl", "--sign", "--json", "--templates", mended).stdout)
    (entry,) = report["parked"]
    assert (entry["kind"], report["deliveries"][0]["outcome"]) == ("event", "parked")
    assert entry["reason"].startswith("KeyError in fails")
    assert "still parked" not in perennial("put-back", entry["id"], "--templates", mended).output
    told = json.loads(perennial("explain", "1001", "--json", "--templates", mended).stdout)
    assert [(row["touch"], row["outcome"]) for row in told["touches"]][0] == ("confirmation", "sent")
    assert json.loads(perennial("parked", "--json", "--templates", mended).stdout) == []


# discard


def entry_of(look: Look, kind: str) -> dict[str, Any]:
    (found,) = (entry for entry in json.loads(look("parked", "--json").stdout) if entry["kind"] == kind)
    return dict(found)


@pytest.mark.parametrize(("kind", "lost"), [("body", "never applied"), ("alias", "never hears of it")])
def test_what_somebody_has_looked_at_can_be_discarded_and_the_log_says_by_whom(
    look: Look, kind: str, lost: str
) -> None:
    entry = entry_of(look, kind)
    told = look("discard", entry["id"], "--yes")
    assert lost in flat(told.stdout)
    (line_,) = (json.loads(text) for text in told.stderr.splitlines() if text.startswith("{"))
    assert (line_["message"], line_["id"], line_["at"][:10]) == ("discarded", entry["id"], "2026-03-08")
    assert line_["by"]
    assert entry["id"] not in look("parked", "--json").stdout
    look("discard", entry["id"], "--yes", code=1)


def test_nothing_is_discarded_without_being_asked_for(replayed: Path, look: Look, perennial: Command) -> None:
    entry = entry_of(look, "body")
    perennial("discard", entry["id"], "--templates", TEMPLATES, code=1, typed="n\n")
    assert entry_of(look, "body") == entry


def test_a_legal_request_is_not_discarded(look: Look) -> None:
    entry = entry_of(look, "request")
    assert "is a legal request: answer it" in flat(look("discard", entry["id"], "--yes", code=1).stderr)
    assert entry_of(look, "request") == entry


def test_what_is_told_of_people_who_never_bought_drowns_nothing(perennial: Command, tmp_path: Path) -> None:
    """As Shopify tells of whoever signs up for texts, and of a merge that it gave up."""
    said = {"id": 900, "phone": "+447911123456", "sms_marketing_consent": {"state": "subscribed"}}
    given_up = {f"admin_graphql_api_customer_{which}_id": f"gid://shopify/Customer/{which}" for which in ("kept", "x")}
    told = [
        line("customers_marketing_consent/update", PLACED, said),
        line("customers/merge", "2026-03-03T10:00:00+00:00", {**given_up, "status": "failed"}),
    ]
    (tmp_path / "told.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in told))
    report = json.loads(perennial("replay", "told.jsonl", "--sign", "--json", "--templates", TEMPLATES).stdout)
    assert [(met["status"], met["outcome"]) for met in report["deliveries"]] == [(200, "waiting"), (200, "ignored")]
    shown = flat(perennial("parked", "--templates", TEMPLATES).stdout)
    assert ("0 parked" in shown, "1 facts about people who never bought" in shown) == (True, True)
    (newcomer,) = report["parked"]
    assert newcomer["kind"] in perennial("parked", "--newcomers", "--templates", TEMPLATES).stdout
    perennial("put-back", "all", "--templates", TEMPLATES)
    perennial("discard", newcomer["id"], "--yes", "--templates", TEMPLATES)
    assert json.loads(perennial("parked", "--json", "--templates", TEMPLATES).stdout) == []
