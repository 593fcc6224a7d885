"""What opens which page: forged, cut, foreign, expired and rotated links, merges, erasures, and storms of scanners."""

import base64
import copy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial import links
from perennial.customer import Customer, Profile
from perennial.events import Contact
from perennial.links import LIFETIMES, PATHS, KeyRing, Purpose, customer_id, sign
from perennial.serving import Visit, serve
from tests.unit.core.builders import DAY, NOW, WHO
from tests.unit.pages.visits import RING, Shop, a_shop

PURPOSES = tuple(PATHS)
ENDING = [purpose for purpose in PURPOSES if LIFETIMES[purpose]]
OTHER = customer_id(b"heirheirhe")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_genuine_link_opens_its_page_in_the_stores_brand(shop: Shop, purpose: Purpose) -> None:
    shown = shop.visit(purpose)
    assert shown.status == 200
    assert "Shop</title>" in shown.body
    assert (shown.store, shown.told) == ("shop", ())


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_link_to_one_page_opens_no_other(shop: Shop, purpose: Purpose) -> None:
    for other in set(PURPOSES) - {purpose}:
        for method in ("GET", "HEAD", "POST"):
            assert shop.visit(other, method, token=shop.token(purpose)).status == 404
    assert shop.said() == []


@pytest.mark.parametrize("spoil", ["", "x", "cut", "longer", "é", "a" * 44, "../../etc", "%00", "another key"])
def test_what_is_no_link_is_told_kindly_and_tells_nothing(shop: Shop, spoil: str) -> None:
    token = shop.token("review")
    spoilt = {"cut": token[:-2], "longer": token + "A"}.get(spoil, spoil)
    if spoil == "another key":
        spoilt = sign(KeyRing(1, {1: b"x" * 16}), "review", "shop", WHO, "0" * 12, NOW)
    shown = serve(Visit("POST", "r", spoilt, shop.world.now), shop.serving)
    assert shown.status == 404
    assert "This link leads nowhere" in shown.body
    assert shop.said() == []


def test_forged_and_mistyped_links_look_the_same(shop: Shop) -> None:
    raw = bytearray(base64.urlsafe_b64decode(shop.token("order")))
    raw[-1] ^= 1
    forged = base64.urlsafe_b64encode(raw).decode()
    unknown = sign(KeyRing(9, {9: b"y" * 16}), "order", "shop", WHO, "0" * 12, NOW)
    assert shop.visit("order", token=forged) == shop.visit("order", token=unknown)


@pytest.mark.parametrize("page", ["", "z", "uu", "U", "o/", "webhooks"])
def test_there_are_no_other_pages(shop: Shop, page: str) -> None:
    assert serve(Visit("GET", page, shop.token("order"), NOW), shop.serving).status == 404


def test_a_link_of_a_store_that_is_not_here_has_no_brand_and_opens_nothing(shop: Shop) -> None:
    shown = shop.visit("order", token=shop.token("order", store="elsewhere"))
    assert shown.status == 404
    assert "Shop" not in shown.body
    assert "mailto:" not in shown.body


@pytest.mark.parametrize("purpose", ENDING)
def test_an_expired_link_says_so_and_still_lets_one_leave(shop: Shop, purpose: Purpose) -> None:
    old, lifetime = shop.token(purpose), LIFETIMES[purpose]
    assert lifetime is not None
    shop.world.now += lifetime
    assert shop.visit(purpose, token=old).status == 200
    shop.world.now += DAY
    shown = shop.visit(purpose, token=old)
    assert shown.status == 410
    assert "help@shop.example" in shown.body
    leave = shown.body.partition('href="/u/')[2].partition('"')[0]
    assert shop.visit("unsubscribe", "POST", token=leave).status == 200


def test_a_key_that_was_made_since_is_looked_up_once_and_old_links_keep_working(shop: Shop) -> None:
    both = KeyRing(2, {1: b"k" * 16, 2: b"n" * 16})
    new = sign(both, "order", "shop", WHO, "0" * 12, NOW)
    assert shop.visit("order", token=new).status == 404
    shop.keys.next = both
    touch = links.verify(RING, "order", shop.token("order"), NOW)
    assert isinstance(touch, links.Ticket)
    assert shop.visit("order", token=sign(both, "order", "shop", WHO, touch.touch, NOW)).status == 200
    assert shop.visit("order").status == 200


def test_a_merge_is_followed_and_the_answer_joins_the_line_of_who_is_left(shop: Shop) -> None:
    memory = shop.world.memory
    ann = memory.customers["shop", WHO]
    memory.customers["shop", OTHER] = replace(ann, profile=replace(ann.profile, customer=OTHER))
    memory.customers["shop", WHO] = Customer(Profile("shop", WHO, version=9, redirect=OTHER))
    for purpose in PURPOSES:
        assert shop.visit(purpose).status == 200
    shop.post("unsubscribe")
    shop.post("score", score="9")
    assert [customer for _, customer, _ in shop.world.queue] == [OTHER, OTHER]


def test_merges_that_lead_round_in_a_circle_end(shop: Shop) -> None:
    memory = shop.world.memory
    memory.customers["shop", WHO] = Customer(Profile("shop", WHO, version=9, redirect=OTHER))
    memory.customers["shop", OTHER] = Customer(Profile("shop", OTHER, version=9, redirect=WHO))
    assert shop.visit("support").status == 200
    assert shop.visit("preferences").status == 200


@pytest.mark.parametrize("books", [True, False])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_of_somebody_who_was_erased_nothing_is_left_to_show(shop: Shop, purpose: Purpose, books: bool) -> None:
    ann = shop.world.memory.customers.pop(("shop", WHO))
    if books:  # orders stay without a person, and are no longer anybody's to look at
        profile = replace(ann.profile, contact=Contact(), erased_at=NOW)
        shop.world.memory.customers["shop", WHO] = replace(ann, profile=profile)
    shown = shop.visit(purpose)
    assert shown.status == (200 if purpose == "unsubscribe" else 410)
    assert "ann" not in shown.body
    assert shop.post(purpose, do="save", score="3").status in (200, 405, 410)
    assert shop.said() == []


def test_without_a_touch_there_is_no_order_to_show(shop: Shop) -> None:
    shop.world.memory.touches.clear()
    for purpose, status in (("order", 410), ("review", 410), ("preferences", 200), ("unsubscribe", 200)):
        assert shop.visit(purpose, token=shop.token(purpose)).status == status  # type: ignore[arg-type]  # of PURPOSES


# --- scanners ---


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_head_is_answered_without_a_body_and_without_a_look(shop: Shop, purpose: Purpose) -> None:
    serving = replace(shop.serving, looks=None)  # type: ignore[arg-type]  # whoever looks, dies
    shown = serve(Visit("HEAD", PATHS[purpose], shop.token(purpose), NOW), serving)
    assert (shown.status, shown.body) == (200, "")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PURPOSES),
            st.sampled_from(("GET", "HEAD")),
            st.sampled_from(
                ("", "do=leave", "score=0&stars=1", "do=confirm&quantity-0=1", "List-Unsubscribe=One-Click")
            ),
        ),
        min_size=10,
        max_size=10,
    )
)
def test_a_storm_of_scanners_changes_nothing(storm: list[tuple[Purpose, str, str]]) -> None:
    """Law 10: three thousand looks at every page, with whatever a scanner may add to an address or send along."""
    shop = _quiet_shop()
    before = copy.deepcopy(vars(shop.world)["memory"])
    for purpose, method, query in storm:
        body = query.encode()
        assert shop.visit(purpose, method, query=query, body=body, content_type="text/plain").status == 200
    assert shop.said() == []
    assert shop.world.memory == before


_QUIET: list[Shop] = []


def _quiet_shop() -> Shop:
    if not _QUIET:
        _QUIET.append(a_shop())
    return _QUIET[0]
