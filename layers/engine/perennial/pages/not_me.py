"""`This was not meant for me`: somebody mistyped an address, and its owner wants no more of another's orders."""

from perennial.forms import Form
from perennial.page_facts import PageFacts
from perennial.pages import About, Answered, Needs
from perennial.pages.telling import tell

NEEDS: Needs = "touch"


def show(about: About, query: Form) -> PageFacts:
    return about.page(channel=_channel(about))


def answer(about: About, form: Form) -> Answered:
    channel = _channel(about)
    done = about.page("done", channel=channel)
    address = about.visitor.phone if channel == "text" else about.visitor.email
    if not address:  # nobody is written to any more under that name
        return Answered(done)
    said = {"channel": channel, "address": address, "reason": "not the customer's address", "touch": about.touch}
    return Answered(done, (tell(about, "AddressDisowned", **said),))


def _channel(about: About) -> str:
    return "text" if about.trace is not None and about.trace.channel == "text" else "email"
