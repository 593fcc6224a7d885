"""`perennial keys` and `perennial secret`: what a new stack needs before its first webhook, set once and rotated."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from perennial.adapters.ssm import SsmSecrets, read_keys
from tests.adapters.cloud import NOON
from tests.e2e.conftest import TEMPLATES, Command


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A Parameter Store with nothing in it, for whoever makes a client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        yield boto3.client("ssm")


def held(ssm: Any, name: str) -> dict[str, Any]:
    parameter = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert parameter["Type"] == "SecureString"
    found: dict[str, Any] = json.loads(parameter["Value"])
    return found


def test_keys_makes_what_the_functions_read(perennial: Command, ssm: Any) -> None:
    told = perennial("keys")
    keys = read_keys(ssm, "/perennial")
    assert len(keys.pepper) >= 16
    assert (keys.links.current, len(keys.links.keys)) == (1, 1)
    assert "/perennial/keys is set" in told.stdout


def test_keys_are_never_made_twice(perennial: Command, ssm: Any) -> None:
    perennial("keys")
    before = held(ssm, "/perennial/keys")
    assert "the pepper must never change" in perennial("keys", code=1).stderr.replace("\n", " ")
    assert held(ssm, "/perennial/keys") == before


def test_a_rotation_adds_a_link_key_and_keeps_the_pepper_and_the_old_key(perennial: Command, ssm: Any) -> None:
    perennial("keys", "--parameters", "/other")
    before = read_keys(ssm, "/other")
    told = perennial("keys", "--rotate", "--parameters", "/other").stdout
    after = read_keys(ssm, "/other")
    assert "links are signed with key 2" in told
    assert after.pepper == before.pepper
    assert (after.links.current, after.links.keys[1]) == (2, before.links.keys[1])


def test_a_secret_is_typed_and_kept_and_never_shown(perennial: Command, ssm: Any) -> None:
    told = perennial("secret", "demo", "shopify", typed="first-secret\n")
    assert "first-secret" not in told.output
    found = SsmSecrets(ssm, "/perennial", lambda: NOON).webhook("demo", "shopify")
    assert found is not None
    assert (found.current, found.previous) == ("first-secret", None)


def test_the_secret_before_stays_valid_until_the_next_change(perennial: Command, ssm: Any) -> None:
    for typed in ("first\n", "second\n", "third\n"):
        told = perennial("secret", "demo", "shopify", typed=typed)
    assert "the one before is kept beside it" in told.stdout.replace("\n", " ")
    assert held(ssm, "/perennial/webhooks/demo/shopify") == {"current": "third", "previous": "second"}


def test_the_same_secret_again_does_not_push_out_the_one_before(perennial: Command, ssm: Any) -> None:
    for typed in ("first\n", "second\n", "second\n"):
        perennial("secret", "demo", "shopify", typed=typed)
    assert held(ssm, "/perennial/webhooks/demo/shopify") == {"current": "second", "previous": "first"}


def test_without_rights_it_says_what_cannot_be_done_and_ends_with_2(
    perennial: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    assert "/perennial/keys cannot be read" in perennial("keys", code=2).stderr.replace("\n", " ")


@pytest.mark.parametrize("command", [("keys",), ("secret", "demo", "shopify"), ("doctor", "--stack", "shop")])
def test_where_no_region_is_set_one_is_asked_for(
    perennial: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    where = ("--templates", TEMPLATES) if command[0] == "doctor" else ()
    assert "AWS_DEFAULT_REGION" in perennial(*command, *where, code=2, typed="a-secret\n").stderr
