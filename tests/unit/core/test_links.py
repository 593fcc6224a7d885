"""Signed links: what opens which page, for how long, and what opens nothing."""

import base64
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.errors import Misconfigured
from perennial.facts import Links
from perennial.links import LIFETIMES, PATHS, KeyRing, Purpose, Ticket, customer_id, links_for, sign, store_mark, verify
from tests.unit.core.builders import DAY, NOW, WHO

TOUCH = "0123456789ab"
OLD, NEW = b"k" * 16, b"n" * 32
RING = KeyRing(1, {1: OLD})
PURPOSES = get_args(Purpose)


def token(purpose: Purpose = "review", ring: KeyRing = RING, now: datetime = NOW) -> str:
    return sign(ring, purpose, "shop", WHO, TOUCH, now)


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=6, max_size=6), st.sampled_from(PURPOSES))
def test_a_token_says_what_was_put_in(who: bytes, touch: bytes, purpose: Purpose) -> None:
    made = sign(RING, purpose, "shop", customer_id(who), touch.hex(), NOW)
    assert verify(RING, purpose, made, NOW) == Ticket(store_mark("shop"), customer_id(who), touch.hex(), NOW.date())


def test_a_token_says_which_store_it_is_of() -> None:
    ticket = verify(RING, "review", sign(RING, "review", "other", WHO, TOUCH, NOW), NOW)
    assert isinstance(ticket, Ticket)
    assert ticket.store == store_mark("other") != store_mark("shop")


def test_a_token_has_44_characters_that_need_no_escaping() -> None:
    assert len(token()) == 44
    assert not set(token()) & set("+/=%")


def test_the_address_to_unsubscribe_stays_under_75_characters() -> None:
    host = "https://" + "p" * 11 + ".example"
    assert len(host) == len("https://") + 19
    links = links_for(RING, host + "/", "shop", WHO, TOUCH, NOW)
    assert len(links.unsubscribe) < 75
    assert links.unsubscribe == f"{host}/u/{token('unsubscribe')}"


def test_every_page_has_its_own_path_and_its_own_link() -> None:
    links = links_for(RING, "https://p.shop.example", "shop", WHO, TOUCH, NOW)
    assert {field.name.replace("_", "-") for field in fields(Links)} == set(PURPOSES) == set(PATHS) == set(LIFETIMES)
    for purpose, path in PATHS.items():
        _, found, told = getattr(links, purpose.replace("-", "_")).removeprefix("https://").split("/")
        assert found == path
        assert isinstance(verify(RING, purpose, told, NOW), Ticket)
    assert len(set(PATHS.values())) == len(PATHS)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_token_for_one_page_opens_no_other(purpose: Purpose) -> None:
    for other in set(PURPOSES) - {purpose}:
        assert verify(RING, other, token(purpose), NOW) == "forged"


@given(st.integers(0, 32), st.integers(1, 255))
def test_a_token_changed_anywhere_opens_nothing(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(token()))
    raw[place] ^= change
    assert verify(RING, "review", base64.urlsafe_b64encode(raw).decode(), NOW) in ("forged", "unknown key")


def test_a_token_signed_with_another_key_is_forged() -> None:
    assert verify(RING, "review", token(ring=KeyRing(1, {1: NEW})), NOW) == "forged"


@pytest.mark.parametrize(
    "text", ["", "x", "a" * 43, "a" * 45, "a" * 40, token()[:-1], token() + "=", "é" * 44, " " * 44]
)
def test_what_is_no_token_is_malformed(text: str) -> None:
    assert verify(RING, "review", text, NOW) == "malformed"


@given(st.text(max_size=60))
def test_nothing_that_anybody_types_opens_anything_or_breaks(text: str) -> None:
    assert verify(RING, "review", text, NOW) in ("malformed", "unknown key", "forged")


def test_keys_rotate_and_old_mails_keep_working() -> None:
    both = KeyRing(2, {1: OLD, 2: NEW})
    assert isinstance(verify(both, "review", token(), NOW), Ticket)
    assert isinstance(verify(both, "review", token(ring=both), NOW), Ticket)
    assert verify(RING, "review", token(ring=both), NOW) == "unknown key"


@pytest.mark.parametrize("purpose", [purpose for purpose in PURPOSES if LIFETIMES[purpose]])
def test_a_link_works_to_the_end_of_its_last_day(purpose: Purpose) -> None:
    lifetime = LIFETIMES[purpose]
    assert lifetime is not None
    assert isinstance(verify(RING, purpose, token(purpose), NOW + lifetime), Ticket)
    assert verify(RING, purpose, token(purpose), NOW + lifetime + DAY) == "expired"


def test_leaving_works_for_ever() -> None:
    assert isinstance(verify(RING, "unsubscribe", token("unsubscribe"), NOW + timedelta(days=20_000)), Ticket)


def test_the_day_of_issue_is_that_of_utc_wherever_the_clock_stands() -> None:
    late = datetime.fromisoformat("2026-03-02T23:30-05:00")
    ticket = verify(RING, "review", token(now=late), late)
    assert isinstance(ticket, Ticket)
    assert ticket.issued_on == date(2026, 3, 3) == late.astimezone(UTC).date()


@pytest.mark.parametrize(
    ("current", "keys"), [(2, {1: OLD}), (1, {1: b"short"}), (1, {1: OLD, 300: OLD}), (1, {1: OLD, 2: b""})]
)
def test_a_ring_that_cannot_sign_safely_is_a_misconfiguration(current: int, keys: dict[int, bytes]) -> None:
    with pytest.raises(Misconfigured):
        KeyRing(current, keys)


def test_a_key_is_never_shown() -> None:
    assert OLD.decode() not in repr(RING)


def test_a_customer_id_that_is_none_signs_nothing() -> None:
    with pytest.raises(ValueError, match="base32"):
        sign(RING, "review", "shop", "abcdefgh", TOUCH, NOW)
