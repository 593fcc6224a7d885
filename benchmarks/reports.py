"""Providers' reports: calls and writes for each, and how many one core reads in a second."""

import json
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.rows import Row, seconds_each
from benchmarks.worlds import cloud, delivery, post
from perennial.ses_reports import parse
from perennial_cli import ses_events
from perennial_cli.cloud import Cloud
from perennial_cli.witness import SentMessage

TYPES = ("Send", "Delivery", "Open", "Click", "Bounce", "Complaint")


def rows() -> Iterator[Row]:
    with cloud() as opened:
        post(opened, delivery("order placed"))
        opened.settle()
        (message,) = opened.postman.taken
        opened.run_until(opened.now + timedelta(hours=1))
        for type_ in TYPES:
            yield Row(f"AWS calls per report: {type_}", _calls(opened, type_, message), "calls", budget=_budget(type_))
        body = json.dumps(ses_events.make("Delivery", message, opened.now))
        yield Row("reports read", 1 / seconds_each(lambda: parse(body), rounds=500), "per second")


def _calls(opened: Cloud, type_: str, message: SentMessage) -> int:
    """Of a report that comes again half a minute or more after what it tells of."""
    event = ses_events.make(type_, message, opened.now, link="https://shop.example/")
    opened.run_until(opened.now + timedelta(minutes=10))
    before = opened.witness.feedback_calls.total()
    opened.postman.publish(json.dumps(event))
    opened.settle()
    return opened.witness.feedback_calls.total() - before


def _budget(type_: str) -> int:
    """What changes a decision joins the line as well."""
    if type_ == "Click":  # that the message was taken, the click, and the line if a person made it
        return 3
    return 2 if type_ in ("Bounce", "Complaint") else 1
