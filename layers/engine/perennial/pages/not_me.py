"""`This was not meant for me`: somebody mistyped an address, and its owner wants no more of another's orders.

What is disowned is the address that the message went to: the shop may have put the right one in its place since.
"""

from dataclasses import replace

from perennial.forms import Form
from perennial.page_facts import PageFacts
from perennial.pages import About, Answered, Needs
from perennial.pages.telling import tell
from perennial.visitors import Trace, written_to

NEEDS: Needs = "touch"


def show(about: About, query: Form) -> PageFacts:
    return _page(about, "ask")


def answer(about: About, form: Form) -> Answered:
    done, address = _page(about, "done"), written_to(about.visitor, about.trace)
    if not address:  # nobody can say any more where it went: another may be theirs by now
        return Answered(done)
    said = {"channel": _by(about.trace), "address": address, "reason": "not the customer's address"}
    return Answered(done, (tell(about, "AddressDisowned", **said, touch=about.touch),))


def _page(about: About, state: str) -> PageFacts:
    """Shows whoever holds the message their own address, and nobody else's."""
    address, by = written_to(about.visitor, about.trace), _by(about.trace)
    reader = replace(about.visitor, email=None if by == "text" else address, phone=address if by == "text" else None)
    return replace(about, visitor=reader).page(state, channel=by)


def _by(trace: Trace | None) -> str:
    return trace.by if trace is not None else "email"
