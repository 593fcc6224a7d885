"""The order that a page is about, as it is and as templates see it."""

from perennial.facts import Facts
from perennial.gates import Scene
from perennial.orders import Order
from perennial.pages import About
from perennial.pages.telling import digest
from perennial.projecting import project


def scene_of(about: About) -> Scene:
    """Pages that need an order are only asked where there is one."""
    if about.known is None or about.known.scene is None:
        raise ValueError(f"the page {about.purpose!r} was opened without its order")
    return about.known.scene


def order_of(about: About) -> Order:
    return scene_of(about).order


def field_of(line_id: str) -> str:
    """What ends the names of a position's fields: the same whatever else is on the form, however old that is."""
    return digest(line_id)[:8]


def facts_of(about: About) -> Facts:
    """Reckoned anew each time: a third of a millisecond, and nothing to keep in step."""
    return project(scene_of(about))
