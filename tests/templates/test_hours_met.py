"""Hours that a store never allows: nobody would hear why such a touch does not go."""

from pathlib import Path

import pytest

from perennial_cli.authoring import survey
from perennial_cli.checking import check
from perennial_cli.hours_met import never_allowed, not_yet_allowed
from tests.templates.trees import change, small_tree

PLACE = "templates/journeys/care.yaml:10: touches[1].at: "
ALLOWS = "the store 'demo' allows email 08:00-21:00, push 09:00-20:00"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def told(templates: Path, when: str) -> tuple[list[str], list[str]]:
    """Errors and notices about a touch of feedback by email, text and push, in a store that sends no texts."""
    change(templates, "journeys/care.yaml", "at: 10:00", when)
    found = survey(templates)
    assert found.problems == []
    return [problem.render() for problem in never_allowed(found)], [one.render() for one in not_yet_allowed(found)]


@pytest.mark.parametrize("end", ["within: 2 hours", "expires: 9 hours"])
def test_an_hour_whose_window_ends_before_any_channel_may_send_is_an_error(templates: Path, end: str) -> None:
    ends = "within 2 hours" if "within" in end else "before it expires, 9 hours later"
    said = f"{PLACE}from 23:00 it can never go {ends}: {ALLOWS}; "
    advice = "choose another hour, or let it wait for more than 9 hours"
    assert told(templates, f"at: 23:00\n    {end}") == ([said + advice], [])


@pytest.mark.parametrize("end", ["within: 10 hours", "within: 1 day", ""])
def test_an_hour_at_which_it_must_wait_is_a_notice(templates: Path, end: str) -> None:
    said = f"{PLACE}at 23:00 it waits for 9 hours: {ALLOWS}"
    assert told(templates, f"at: 23:00\n    {end}") == ([], [said])


@pytest.mark.parametrize("hour", ["08:00", "20:59"])
def test_an_hour_at_which_one_channel_may_send_is_none(templates: Path, hour: str) -> None:
    assert told(templates, f"at: {hour}\n    within: 1 minute") == ([], [])


def test_the_hour_at_which_quiet_begins_is_quiet(templates: Path) -> None:
    assert len(told(templates, "at: 21:00\n    within: 2 hours")[0]) == 1


def test_texts_count_where_the_store_sends_some(templates: Path) -> None:
    change(templates, "stores/demo.yaml", "goods:", "texts: {sender_id: Shop}\ngoods:")
    change(templates, "stores/demo.yaml", "goods:", "quiet_hours: {text: 09:00-23:30}\ngoods:")
    assert told(templates, "at: 23:00\n    within: 2 hours") == ([], [])


def test_hours_until_midnight_end_there(templates: Path) -> None:
    change(templates, "stores/demo.yaml", "goods:", "quiet_hours: {email: 08:00-00:00}\ngoods:")
    assert told(templates, "at: 23:00\n    within: 2 hours") == ([], [])


def test_check_tells_of_both(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "at: 10:00", "at: 23:00\n    within: 2 hours")
    assert [problem.field for problem in check(templates).errors] == ["touches[1].at"]
    change(templates, "journeys/care.yaml", "within: 2 hours", "within: 2 days")
    report = check(templates)
    assert (report.errors, [problem.field for problem in report.notices if problem.line]) == ([], ["touches[1].at"])


def test_mail_that_is_needed_goes_at_any_hour(templates: Path) -> None:
    change(templates, "messages/tips/message.yaml", "class: feedback", "class: transactional")
    assert told(templates, "at: 23:00\n    within: 2 hours") == ([], [])


def test_a_store_that_does_not_run_the_journey_does_not_matter(templates: Path) -> None:
    change(templates, "stores/demo.yaml", "goods:", "journeys: [other]\ngoods:")
    assert told(templates, "at: 23:00\n    within: 2 hours") == ([], [])
