"""Where an order is, what happens next, and who helps."""

from perennial.forms import Form
from perennial.page_facts import PageFacts
from perennial.pages import About, Needs
from perennial.pages.ordered import facts_of

NEEDS: Needs = "order"


def show(about: About, query: Form) -> PageFacts:
    return about.page(order=facts_of(about).order)
