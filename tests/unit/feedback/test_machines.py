"""Person or machine: what the report says, and what else was pressed around it."""

from datetime import timedelta
from typing import Any

import pytest

from perennial.machines import by_machines, by_people, judge, signs
from perennial.receipts import MOST_CLICKS, Click
from tests.unit.feedback.ses import BROWSER, SENT

LATER = SENT + timedelta(minutes=10)


def hit(**told: Any) -> tuple[str, ...]:
    return signs({"timestamp": "x", "ipAddress": "192.0.2.1", "userAgent": BROWSER, **told}, LATER, SENT)


def pressed(seconds: float, name: str = "shop", **more: Any) -> Click:
    return Click(LATER + timedelta(seconds=seconds), name, name[:6], **more)


def test_a_browser_minutes_later_is_a_person() -> None:
    assert hit() == ()


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("", "no user agent"),
        ("Mozilla/5.0", "prefetched"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "image proxy"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "image proxy"),
        ("Mozilla/5.0 (compatible; Barracuda Sentinel (EE))", "scanner"),
        ("Mimecast URL Protection", "scanner"),
        ("python-requests/2.32", "program"),
        ("curl/8.9.1", "program"),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "program"),
        ("Mozilla/5.0 HeadlessChrome/120.0", "program"),
    ],
)
def test_agents_of_scanners_programs_and_proxies_are_known(agent: str, reason: str) -> None:
    assert reason in hit(userAgent=agent)


def test_a_telephone_that_is_called_like_a_program_is_a_persons() -> None:
    assert hit(userAgent="Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 Chrome/126 Mobile") == ()


def test_nobody_presses_anything_within_two_seconds() -> None:
    told = {"userAgent": BROWSER}
    assert signs(told, SENT + timedelta(seconds=1.9), SENT) == ("too soon",)
    assert signs(told, SENT + timedelta(seconds=2), SENT) == ()


def test_a_head_request_presses_nothing() -> None:
    assert hit(method="head") == ("HEAD request",)
    assert hit(method="GET") == ()


@pytest.mark.parametrize(
    "flag",
    [
        {"isBot": True},
        {"isBot": "true"},
        {"botDetected": "YES"},
        {"machineInteraction": True},
        {"isAutomated": True},
        {"interactionType": "MACHINE"},
        {"interaction": {"type": "BOT"}},
        {"automation": {"isAutomated": True}},
        {"isHuman": False},
        {"prefetch": "true"},
    ],
)
def test_a_flag_of_ses_is_understood_whatever_it_is_called(flag: dict[str, Any]) -> None:
    assert hit(**flag) == ("flagged by SES",)


@pytest.mark.parametrize(
    "flag",
    [
        {"isBot": False},
        {"isBot": "false"},
        {"isBot": None},
        {"machineInteraction": "NONE"},
        {"interactionType": "HUMAN"},
        {"isHuman": True},
        {"interaction": {"type": "HUMAN", "isBot": False}},
        {"linkTags": {"kind": ["bot"]}},
        {"linkTags": {"bot": "true"}},
        {"link": "bot"},
    ],
)
def test_a_flag_that_says_no_is_none_and_the_shops_own_words_are_no_flag(flag: dict[str, Any]) -> None:
    assert hit(**flag) == ()


def test_three_links_within_two_seconds_are_a_burst_and_all_of_them_a_machines() -> None:
    burst = [pressed(0, "order"), pressed(1, "shop"), pressed(2, "review")]
    assert by_people(burst) == ()
    assert [verdict.reasons for _, verdict in by_machines(burst)] == [("burst",)] * 3


def test_two_links_or_a_double_press_are_a_persons() -> None:
    assert len(by_people([pressed(0, "order"), pressed(1, "shop")])) == 2
    assert len(by_people([pressed(second) for second in (0, 0.2, 0.4, 0.6)])) == 4


def test_a_person_who_comes_after_the_scanner_is_a_person() -> None:
    burst = [pressed(0, "order"), pressed(0.5, "shop"), pressed(1, "review")]
    assert by_people([*burst, pressed(600, "shop")]) == (pressed(600, "shop"),)


def test_three_links_in_ten_seconds_are_no_burst() -> None:
    assert len(by_people([pressed(0, "order"), pressed(5, "shop"), pressed(10, "review")])) == 3


def test_more_clicks_than_are_kept_are_a_storm() -> None:
    many = [pressed(60 * number) for number in range(MOST_CLICKS)]
    assert judge(many[0], many).who == "person"
    assert judge(pressed(-60), many).reasons == ("storm",)


def test_the_verdict_does_not_depend_on_the_order_in_which_clicks_were_reported() -> None:
    burst = [pressed(0, "order"), pressed(1, "shop"), pressed(2, "review"), pressed(300, "shop")]
    assert by_people(burst) == by_people(reversed(burst)) == by_people([*burst, *burst])


def test_what_the_report_holds_against_a_click_stays() -> None:
    assert judge(pressed(0, reasons=("program",)), []) == ("machine", ("program",))
