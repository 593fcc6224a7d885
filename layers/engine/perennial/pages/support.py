"""Where a person gets help from a person."""

from perennial.forms import Form
from perennial.page_facts import PageFacts
from perennial.pages import About, Needs

NEEDS: Needs = "visitor"


def show(about: About, query: Form) -> PageFacts:
    return about.page()
