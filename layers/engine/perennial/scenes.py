"""Puts a customer and one order on the stage: where the recipient is, and what time that makes it."""

from perennial.customer import Customer
from perennial.draft import Setting
from perennial.events import Contact
from perennial.gates import Scene
from perennial.orders import MOST_ORDERS, Order
from perennial.remembering import remembered
from perennial.store import Store
from perennial.zones import Candidates, candidate_zones


@remembered(MOST_ORDERS)
def place_of(contact: Contact, order: Order, store: Store) -> Candidates:
    """Where the recipient may live, by all that they and their order say."""
    address = order.known.shipping_address
    return candidate_zones(
        stated=contact.time_zone or order.contact.time_zone,
        country=address.country if address else None,
        region=address.region_code if address else None,
        phone=order.contact.phone or contact.phone,
        shop=store.time_zone,
    )


def scene_of(customer: Customer, order: Order, setting: Setting) -> Scene:
    place = place_of(customer.profile.contact, order, setting.store)
    return Scene(customer, order, setting.store, place.zones, place.nominal, setting.now, setting.pauses)
