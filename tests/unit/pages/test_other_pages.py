"""Help from a person, and an address that is not the customer's."""

from dataclasses import replace

from perennial import events
from tests.unit.core.builders import HOUR, WHO, a_journey, a_touch, snapshot
from tests.unit.pages.visits import Shop, a_shop, page_content


def test_help_names_every_way_to_a_person() -> None:
    support = {"email": "help@shop.example", "phone": "+44 20 7946 0000", "hours": "9-17", "url": "https://h.example"}
    html = a_shop(page_content(support=support)).visit("support").body
    for words in ("mailto:help@shop.example", "tel:+442079460000", "9-17", "https://h.example"):
        assert words in html


def test_an_address_that_is_not_the_customers_is_disowned_in_one_press(shop: Shop) -> None:
    assert "a***@example.com" in shop.visit("not-me").body
    assert shop.said() == []
    shown = shop.post("not-me")
    assert "We will not write to you again" in shown.body
    (said,) = shop.said()
    assert isinstance(said, events.AddressEvent)
    assert (said.type, said.channel, said.address) == ("AddressDisowned", "email", "ann@example.com")
    shop.world.work()
    assert "ann@example.com" in shop.world.customer().profile.dead


def corrected(shop: Shop, email: str = "anna@example.com") -> None:
    """The shop has put the right address in the place of a mistyped one."""
    shop.world.now += HOUR
    shop.world.advance(snapshot(shop.world.now, contact={"email": email}))


def test_what_is_disowned_is_the_address_that_the_message_went_to(shop: Shop) -> None:
    """Order to ann@ by mistake; the shop corrects it; the stranger at ann@ has an old mail with an old link."""
    corrected(shop)
    seen = shop.visit("not-me").body
    assert "a***@example.com" in seen
    shop.post("not-me")
    (said,) = shop.said()
    assert isinstance(said, events.AddressEvent)
    assert said.address == "ann@example.com"
    shop.world.work()
    shop.world.until(shop.world.now + HOUR)
    assert shop.world.customer().profile.dead.keys() == {"ann@example.com"}
    went = {told.to for told in shop.world.memory.touches["shop", WHO].values()}
    assert went == {"ann@example.com", "anna@example.com"}, "to whom it belongs, the next message goes"


def test_the_stranger_is_shown_no_other_address_than_their_own(shop: Shop) -> None:
    corrected(shop, "zoe@elsewhere.example")
    assert "elsewhere" not in shop.visit("not-me").body


def forget_where_it_went(shop: Shop) -> None:
    """As records were before they told it."""
    records = shop.world.memory.touches["shop", WHO]
    records |= {name: replace(touch, to=None) for name, touch in records.items()}


def test_of_an_old_record_it_is_the_address_that_was_not_told_of_since(shop: Shop) -> None:
    forget_where_it_went(shop)
    shop.post("not-me")
    assert [getattr(said, "address", None) for said in shop.said()] == ["ann@example.com"]


def test_where_it_cannot_be_told_any_more_where_it_went_nothing_is_disowned(shop: Shop) -> None:
    forget_where_it_went(shop)
    corrected(shop)
    assert shop.post("not-me").status == 200
    assert shop.said() == []


def test_a_text_that_was_not_meant_for_somebody_disowns_its_number() -> None:
    ping = page_content(a_journey("care", a_touch("thanks", "order.placed", "ping")))
    shop = a_shop(ping, contact={"email": "ann@example.com", "phone": "+447911123456"})
    shop.world.advance(snapshot(shop.world.now + HOUR, contact={"phone": "+447400123456"}))
    shop.post("not-me")
    (said,) = shop.said()
    assert isinstance(said, events.AddressEvent)
    assert (said.channel, said.address) == ("text", "+447911123456")


def test_where_no_address_is_left_nothing_is_told(shop: Shop) -> None:
    customer = shop.world.customer()
    profile = customer.profile
    bare = type(customer)(
        type(profile)(profile.store, profile.customer, version=profile.version), customer.orders, customer.enrolments
    )
    shop.world.memory.customers["shop", profile.customer] = bare
    forget_where_it_went(shop)
    assert shop.post("not-me").status == 200
    assert shop.said() == []
