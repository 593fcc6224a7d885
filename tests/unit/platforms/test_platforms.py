"""The door: secrets, platforms by name, header names and event ids."""

import subprocess
import sys

import pytest

from perennial.errors import AddressUnknown, Misconfigured
from perennial.platforms import PLATFORMS, Secrets, event_id, lower, platform


def test_every_platform_can_be_loaded_and_knows_the_three_verbs() -> None:
    for name in PLATFORMS:
        assert all(callable(getattr(platform(name), verb)) for verb in ("verify", "parse", "sign"))


def test_an_unknown_platform_is_an_unknown_address() -> None:
    with pytest.raises(AddressUnknown, match="known: perennial, shopify"):
        platform("shoplift")


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(Secrets("hush", "hush-old"))


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_secret_is_a_mistake_and_not_a_key(empty: str) -> None:
    with pytest.raises(Misconfigured, match="empty"):
        Secrets(empty)


@pytest.mark.parametrize("previous", [None, "", " "])
def test_no_previous_secret_means_one_valid_secret(previous: str | None) -> None:
    assert Secrets("now", previous).valid == ("now",)


def test_header_names_are_read_in_any_case() -> None:
    assert lower({"X-Shopify-TOPIC": " orders/create "}) == {"x-shopify-topic": "orders/create"}


def test_an_event_id_is_derived_from_platform_topic_and_delivery() -> None:
    assert event_id("shopify", "orders/create", "b54557e4", b"{}") == "shopify:orders/create:b54557e4"


@pytest.mark.parametrize("odd", [None, "", "x" * 101, "two words", "a\nb", "ü"])
def test_without_a_usable_delivery_id_the_bodys_hash_stands_in(odd: str | None) -> None:
    first, second = (event_id("shopify", "orders/create", odd, body) for body in (b"{}", b"{ }"))
    assert first.startswith("shopify:orders/create:sha256-44136fa355b3")
    assert first != second


def test_the_door_loads_no_platform_and_shopify_not_the_signing_library() -> None:
    program = (
        "import sys; import perennial.platforms as door; before = set(sys.modules); door.platform('shopify');"
        "assert 'perennial.platforms.shopify' not in before; assert 'standardwebhooks' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
