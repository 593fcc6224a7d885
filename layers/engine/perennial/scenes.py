"""Puts a customer and one order on the stage: where the recipient is, and what time that makes it."""

from perennial.customer import Customer
from perennial.draft import Setting
from perennial.gates import Scene
from perennial.orders import Order
from perennial.zones import candidate_zones


def scene_of(customer: Customer, order: Order, setting: Setting) -> Scene:
    address = order.known.shipping_address
    contact = customer.profile.contact
    place = candidate_zones(
        stated=contact.time_zone or order.contact.time_zone,
        country=address.country if address else None,
        region=address.region_code if address else None,
        phone=order.contact.phone or contact.phone,
        shop=setting.store.time_zone,
    )
    return Scene(customer, order, setting.store, place.zones, place.nominal, setting.now, setting.pauses)
