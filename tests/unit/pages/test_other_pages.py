"""Help from a person, and an address that is not the customer's."""

from perennial import events
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


def test_where_no_address_is_left_nothing_is_told(shop: Shop) -> None:
    customer = shop.world.customer()
    profile = customer.profile
    bare = type(customer)(
        type(profile)(profile.store, profile.customer, version=profile.version), customer.orders, customer.enrolments
    )
    shop.world.memory.customers["shop", profile.customer] = bare
    assert shop.post("not-me").status == 200
    assert shop.said() == []
