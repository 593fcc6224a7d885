"""Shopify's HMAC over the raw body. Vectors from public sources are in test_real_payloads.py."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.errors import SignatureInvalid
from perennial.platforms import Secrets, shopify
from tests.unit.platforms.deliveries import RECEIVED, headers

BODY = b'{"id": 1}'
SECRETS = Secrets("new-secret", "old-secret")


def accepted(given_headers: Mapping[str, str], body: bytes = BODY, secrets: Secrets = SECRETS) -> bool:
    try:
        shopify.verify(given_headers, body, secrets, RECEIVED)
    except SignatureInvalid:
        return False
    return True


def signed(secret: str = "new-secret", body: bytes = BODY) -> dict[str, str]:
    return shopify.sign(headers("orders/create"), body, secret, RECEIVED)


def test_a_signed_delivery_is_accepted_and_keeps_its_headers() -> None:
    assert accepted(signed())
    assert signed()["x-shopify-topic"] == "orders/create"


def test_the_previous_secret_is_accepted_while_it_is_known() -> None:
    assert accepted(signed("old-secret"))
    assert not accepted(signed("old-secret"), secrets=Secrets("new-secret"))


def test_another_secret_is_refused_with_what_it_may_be() -> None:
    with pytest.raises(SignatureInvalid, match="does not match.*test notification"):
        shopify.verify(signed("stranger"), BODY, SECRETS, RECEIVED)


def test_blanks_around_a_pasted_secret_do_not_count() -> None:
    assert accepted(signed("new-secret\n"), secrets=Secrets(" new-secret "))


def test_one_changed_byte_is_refused() -> None:
    assert not accepted(signed(), BODY + b" ")


def test_bytes_are_signed_and_not_what_they_mean() -> None:
    assert not accepted(signed(body=b'{"id": 1}'), b'{"id":1}')


def test_bodies_that_are_not_text_can_be_signed() -> None:
    assert accepted(signed(body=b"\xff\xfe"), b"\xff\xfe")


@pytest.mark.parametrize("spell", [str.upper, str.lower, str.title])
def test_header_names_match_in_any_case(spell: object) -> None:
    assert accepted({spell(name): value for name, value in signed().items()})  # type: ignore[operator]


def test_the_newer_header_without_x_is_accepted() -> None:
    digest = signed().pop("x-shopify-hmac-sha256")
    assert accepted({"Shopify-Hmac-Sha256": digest})


def test_signing_replaces_a_digest_under_either_name() -> None:
    old = {"Shopify-Hmac-Sha256": "stale", "X-Shopify-Hmac-Sha256": "stale"}
    assert accepted(shopify.sign(old, BODY, "new-secret", RECEIVED))
    assert "stale" not in shopify.sign(old, BODY, "new-secret", RECEIVED).values()


@pytest.mark.parametrize("absent", [{}, {"X-Shopify-Hmac-Sha256": ""}, {"X-Shopify-Topic": "orders/create"}])
def test_a_missing_signature_is_refused_by_name(absent: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid, match="x-shopify-hmac-sha256 is missing"):
        shopify.verify(absent, BODY, SECRETS, RECEIVED)


def test_an_empty_body_is_refused_whatever_the_header_says() -> None:
    with pytest.raises(SignatureInvalid, match="empty"):
        shopify.verify(signed(body=b""), b"", SECRETS, RECEIVED)


@given(st.text())
def test_no_made_up_signature_is_accepted_or_breaks_the_door(digest: str) -> None:
    assert not accepted({"x-shopify-hmac-sha256": digest})


@given(st.binary(min_size=1), st.text(min_size=1).filter(str.strip).filter(str.isascii))
def test_what_is_signed_with_a_secret_is_accepted_with_it(body: bytes, secret: str) -> None:
    assert accepted(shopify.sign({}, body, secret, RECEIVED), body, Secrets(secret))
