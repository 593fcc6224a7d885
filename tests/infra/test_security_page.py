"""SECURITY.md names what there is: whatever of the stack holds something is in its table."""

import re

from tests.adapters.cloud import ROOT
from tests.infra.stack import FUNCTION, of_type

PAGE = (ROOT / "SECURITY.md").read_text()


def test_every_function_and_page_that_it_names_is_there() -> None:
    functions = {str(properties["CodeUri"]).strip("/").split("/")[-1] for properties in of_type(FUNCTION).values()}
    named = set(re.findall(r"`([a-z]+_[a-z]+)`", PAGE))
    assert named <= functions
    assert {"advance_customer", "serve_pages", "record_feedback"} <= named
    for path in re.findall(r"\]\(([^)#]+)\)|`((?:infra|tests|docs)/[^`]+)`", PAGE):
        assert (ROOT / next(filter(None, path))).exists(), path


def test_the_days_that_things_are_kept_are_those_of_the_template() -> None:
    rules = of_type("AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"]
    days = {rule["Id"]: rule["ExpirationInDays"] for rule in rules}
    assert f"for 14 and 35 days; events too large for a queue for {days['QueueBodies']}" in PAGE
    assert of_type("AWS::Logs::LogGroup")["TextLogs"]["RetentionInDays"] == 7
    assert "telephone numbers; 7 days" in PAGE


def test_what_the_functions_carry_is_counted_right() -> None:
    asked = (ROOT / "layers/engine/requirements.in").read_text().splitlines()
    locked = (ROOT / "layers/engine/requirements.txt").read_text()
    own = [line for line in asked if line.strip() and not line.startswith("#")]
    assert len(own) == 8, "SECURITY.md says eight"
    assert f"({len(re.findall(r'^[a-z0-9._-]+==', locked, re.M))} in all)" in PAGE
