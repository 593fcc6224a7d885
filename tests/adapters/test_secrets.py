import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from perennial import ports
from perennial.adapters.memory import MemorySecrets
from perennial.adapters.ssm import SsmSecrets, read_keys
from perennial.errors import Misconfigured, Unavailable
from perennial.platforms import Secrets
from tests.adapters.cloud import PEPPER, calls, client, fault, network
from tests.adapters.people import STORE
from tests.adapters.worlds import World

Keep = Callable[..., ports.SecretStore]
KEYS = {"pepper": "70" * 16, "links": {"current": 2, "keys": {"1": "6b" * 16, "2": "6c" * 32}}}
NAME = "/perennial/webhooks/demo/shopify"


def _put(name: str, value: object) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    client("ssm").put_parameter(Name=name, Value=text, Type="SecureString", Overwrite=True)


@pytest.fixture(params=["memory", "aws"])
def keep(request: pytest.FixtureRequest) -> Keep:
    """Makes a store of the one secret of the demo shop."""
    if request.param == "memory":
        return lambda **secret: MemorySecrets({(STORE, "shopify"): Secrets(**secret)})
    request.getfixturevalue("cloud")

    def on_aws(**secret: Any) -> ports.SecretStore:
        _put(NAME, secret)
        return SsmSecrets(client("ssm"), "/perennial", Clock())

    return on_aws


class Clock:
    """The adapter's clock, moved by hand."""

    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secrets(cloud: object, clock: Clock) -> SsmSecrets:
    return SsmSecrets(client("ssm"), "/perennial", clock)


@pytest.fixture
def later(clock: Clock) -> Callable[[timedelta], None]:
    def move(span: timedelta) -> None:
        clock.at += span

    return move


def test_a_secret_is_found_for_its_store_and_platform(keep: Keep) -> None:
    kept = keep(current="hush")
    assert kept.webhook(STORE, "shopify") == Secrets("hush")
    assert kept.webhook(STORE, "perennial") is None
    assert kept.webhook("other", "shopify") is None


def test_the_previous_secret_is_known_while_a_shop_rotates(keep: Keep) -> None:
    assert keep(current="new", previous="old").webhook(STORE, "shopify") == Secrets("new", "old")


@pytest.mark.parametrize("secret", [{"current": ""}, {"current": "  "}, {"current": "", "previous": "old"}])
def test_an_empty_secret_is_none(keep: Keep, secret: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="empty"):
        keep(**secret).webhook(STORE, "shopify")


@pytest.mark.parametrize(
    "value",
    ["hush", "[]", '"hush"', "{}", '{"current": 5}', '{"current": null}', '{"current": "new", "previous": 5}', "null"],
)
def test_a_malformed_secret_is_named_and_not_repeated(secrets: SsmSecrets, value: str) -> None:
    _put(NAME, value)
    with pytest.raises(Misconfigured, match=NAME) as caught:
        secrets.webhook(STORE, "shopify")
    assert "hush" not in str(caught.value)


def test_a_secret_is_read_decrypted_and_once_in_five_minutes(
    secrets: SsmSecrets, later: Callable[[timedelta], None]
) -> None:
    _put(NAME, {"current": "hush"})
    with calls(client("ssm")) as asked:
        for _ in range(3):
            secrets.webhook(STORE, "shopify")
            later(timedelta(seconds=149))
        assert asked == [("GetParameter", {"Name": NAME, "WithDecryption": True})]
        later(timedelta(seconds=4))
        secrets.webhook(STORE, "shopify")
    assert len(asked) == 2


def test_a_rotated_secret_works_after_five_minutes(secrets: SsmSecrets, later: Callable[[timedelta], None]) -> None:
    _put(NAME, {"current": "old"})
    assert secrets.webhook(STORE, "shopify") == Secrets("old")
    _put(NAME, {"current": "new", "previous": "old"})
    assert secrets.webhook(STORE, "shopify") == Secrets("old")
    later(timedelta(seconds=301))
    assert secrets.webhook(STORE, "shopify") == Secrets("new", "old")


def test_a_secret_that_is_set_later_is_found_at_once(secrets: SsmSecrets) -> None:
    assert secrets.webhook(STORE, "shopify") is None
    _put(NAME, {"current": "hush"})
    assert secrets.webhook(STORE, "shopify") == Secrets("hush")


def test_a_secret_that_cannot_be_read_is_not_taken_for_missing(secrets: SsmSecrets) -> None:
    _put(NAME, {"current": "hush"})
    for code, status, raised in (
        ("ThrottlingException", 400, Unavailable),
        ("InternalServerError", 500, Unavailable),
        ("AccessDeniedException", 400, Misconfigured),
        ("ParameterVersionNotFound", 400, Misconfigured),
    ):
        with fault(client("ssm"), "GetParameter", code, status), pytest.raises(raised, match=code):
            secrets.webhook(STORE, "shopify")


def test_no_connection_is_no_missing_secret(cloud: object) -> None:
    def broken() -> Any:
        raise EndpointConnectionError(endpoint_url="https://ssm.example")

    made = client("ssm", once=True)
    with network(made, broken), pytest.raises(Unavailable, match="EndpointConnectionError"):
        SsmSecrets(made, "/perennial", Clock()).webhook(STORE, "shopify")


# --- keys ---


@pytest.mark.usefixtures("cloud")
def test_the_pepper_and_the_link_keys_are_read_together() -> None:
    _put("/perennial/keys", KEYS)
    keys = read_keys(client("ssm"), "/perennial")
    assert (keys.pepper, keys.links.current) == (b"p" * 16, 2)
    assert keys.links.keys == {1: b"k" * 16, 2: b"l" * 32}


@pytest.mark.usefixtures("cloud")
def test_missing_keys_tell_how_to_make_them() -> None:
    with pytest.raises(Misconfigured, match="run `perennial keys`"):
        read_keys(client("ssm"), "/perennial")


LINKS: Any = KEYS["links"]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    "value",
    [
        "nonsense",
        "[]",
        {},
        {**KEYS, "pepper": "xyz"},
        {**KEYS, "pepper": None},
        {**KEYS, "pepper": ""},
        {**KEYS, "pepper": "70" * 15},
        {**KEYS, "links": {}},
        {**KEYS, "links": []},
        {**KEYS, "links": {**LINKS, "current": 3}},
        {**KEYS, "links": {**LINKS, "current": "2"}},
        {**KEYS, "links": {**LINKS, "keys": {"2": "6c" * 15}}},
        {**KEYS, "links": {**LINKS, "keys": {"two": "6c" * 16}}},
        {**KEYS, "links": {"current": 999, "keys": {"999": "6c" * 16}}},
    ],
)
def test_malformed_keys_are_misconfigured(value: object) -> None:
    _put("/perennial/keys", value)
    with pytest.raises(Misconfigured) as caught:
        read_keys(client("ssm"), "/perennial")
    assert "6c6c" not in str(caught.value)
    assert "7070" not in str(caught.value)


def test_keys_are_never_shown(aws: World) -> None:
    _put("/perennial/keys", KEYS)
    shown = repr((read_keys(client("ssm"), "/perennial"), Secrets("hush", "hush"), aws.customers, aws.directory))
    for secret in ("pppp", "kkkk", "hush", PEPPER.decode()):
        assert secret not in shown
