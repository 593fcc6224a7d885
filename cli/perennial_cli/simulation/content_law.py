"""Laws 3, 6 and 10, what is in a message and on a page: its reader's own links, order, name, way out and boxes.

By what somebody has who only reads: address, subject, text and two headers. The HTML of a mail is left to the engine's
own tests, which ask that it says what the text does.
"""

import re
from collections import defaultdict

from perennial_cli.simulation.beliefs import BOX, OWN_WORDS, Beliefs
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.pages_law import read_token
from perennial_cli.simulation.people import MARK, Person
from perennial_cli.simulation.providers import LINK

NUMBER = re.compile(r"#(\d+-\d+-w?\d+)")
"""How simulated shops number their orders: the order's own id, behind a `#`."""

NAME = re.compile(rf"{MARK}(\d+p\d+)", re.IGNORECASE)
"""How whatever is called after somebody begins: shop and person."""

WAY_OUT = re.compile(r"<https://[^\s<>]+/u/([A-Za-z0-9_-]{44})>")
ONE_CLICK = "List-Unsubscribe=One-Click"


def messages_are_their_readers(evidence: Evidence, three: Tally, six: Tally, ten: Tally) -> None:
    """What providers took. A message without its claim is law 1's."""
    claims = {(claim["run"], claim["touch"]): claim for claim in evidence.log.of("claimed")}
    for record in evidence.log.of("accepted"):
        claim = claims.get((record["run"], record["touch"]))
        if claim is None:
            continue
        _check_links(record, claim, evidence, ten)
        _check_words(record, claim, evidence, six)
        if record["channel"] == "email" and not (claim["class"] == "transactional" or claim["to_store"]):
            _check_way_out(record, claim, evidence, three)


def _check_links(record: Record, claim: Record, evidence: Evidence, tally: Tally) -> None:
    """A link is a key: it is its reader's, and of this very message. The store is sent nobody's."""
    for link in LINK.findall(record["text"]):
        own = not claim["to_store"] and _is_own(link.rpartition("/")[2], claim, evidence)
        tally.check(own, f"{claim['message']} holds a link of another message or customer", record, "links in messages")


def _is_own(token: str, claim: Record, evidence: Evidence) -> bool:
    """Whoever became another is the same."""
    told = read_token(token)
    same = evidence.root(told["customer"]) == evidence.root(claim["customer"])
    return same and told["touch"] == claim["touch"]


def _check_words(record: Record, claim: Record, evidence: Evidence, tally: Tally) -> None:
    """Of which order it speaks, and whom it names. The store is told of its customers by their names."""
    said = f"{record.get('subject', '')} {record['text']}"
    for number in NUMBER.findall(said):
        right = number == claim["order"]
        tally.check(right, f"{claim['message']} speaks of another order", record, "orders spoken of")
    reader = evidence.by_address.get(record["to"])
    if reader is not None:
        names = set(NAME.findall(said)) - set(NAME.findall(reader.first_name))
        tally.check(not names, f"{claim['message']} calls its reader by another's name", record)


def _check_way_out(record: Record, claim: Record, evidence: Evidence, tally: Tally) -> None:
    """One click to leave (RFC 8058) in every mail that is not needed."""
    told = record["headers"]
    link = WAY_OUT.fullmatch(told.get("List-Unsubscribe", ""))
    own = link is not None and _is_own(link[1], claim, evidence)
    there = own and told.get("List-Unsubscribe-Post") == ONE_CLICK
    tally.check(there, f"{claim['class']} {claim['message']} has no way out of its reader's own", record, "ways out")


def mail_goes_where_its_order_says(evidence: Evidence, tally: Tally) -> None:
    """Whatever is sent goes to whoever ordered, and an email that is needed to the address that the order named.

    Granted: any address of theirs, where nothing that was applied has named the order's yet, where the one it named is
    dead or not theirs, and to whoever was forgotten once.
    """
    beliefs, named = Beliefs(evidence), defaultdict[str, set[str]](set)
    for claim in beliefs.replay("applied", "claimed"):
        if claim["what"] == "applied":
            _note(claim, named)
            continue
        told, reader = named[claim["order"]], evidence.by_address.get(claim["to"])
        if claim["to_store"] or not told or reader is None:
            continue
        tally.check(told <= {*reader.emails}, f"{claim['message']} to somebody who did not order", claim, "readers")
        known = told.isdisjoint(beliefs.dead) and beliefs.everybody(claim["customer"]).isdisjoint(beliefs.erased)
        if known and (claim["class"], claim["channel"]) == ("transactional", "email"):
            words = f"{claim['message']} is needed, and went to an address that its order does not name"
            tally.check(claim["to"] in told, words, claim, "addresses of orders")


def _note(record: Record, named: dict[str, set[str]]) -> None:
    order = getattr(record["event"], "order", None)
    if order is not None and order.contact is not None and order.contact.email:
        named[order.id].add(order.contact.email)


def boxes_say_what_was_said(evidence: Evidence, tally: Tally) -> None:
    """The boxes of the preferences, as a browser shows them, are what was applied until then."""
    beliefs = Beliefs(evidence)
    for record in beliefs.replay("visit"):
        if "boxes" in record:
            _check_boxes(record, beliefs, evidence, tally)


def _check_boxes(visit: Record, beliefs: Beliefs, evidence: Evidence, tally: Tally) -> None:
    """What was said is shown; who said nothing has agreed to no text and no note. What the law of a country grants to
    those who have bought is left out, and so is what only an order's box tells.
    """
    customer = read_token(visit["token"])["customer"]
    person = _reader(customer, beliefs, evidence)
    if person is None:
        return
    for box, ticked in visit["boxes"].items():
        channel, _, class_ = box.partition("-")
        _, state, source = beliefs.word(customer, channel, class_)
        stands = beliefs.complaint_stands(customer, channel, class_)
        if stands or state in ("withdrawn", "pending") or (channel != "email" and state != "given"):
            words = f"the box of {box} is ticked, and what was said is {'a complaint' if stands else state}"
            tally.check(not ticked, words, visit, "boxes without a tick")
        elif state == "given" and source != BOX and _is_certain(source, person, beliefs, evidence):
            tally.check(ticked, f"the box of {box} is not ticked after a yes by {source}", visit, "boxes with a tick")


def _reader(customer: str, beliefs: Beliefs, evidence: Evidence) -> Person | None:
    """None for whoever has two addresses, or was ever forgotten: what is said under a name that is about to become
    another's is theirs only then, and who comes back begins anew.
    """
    told = [evidence.by_address[email] for email in beliefs.addresses[customer]]
    alone = len(told) == 1 and told[0].other_email is None and told[0].number not in evidence.forgotten_at
    return told[0] if alone else None


def _is_certain(source: str, person: Person, beliefs: Beliefs, evidence: Evidence) -> bool:
    """A complaint is lifted by some words only; and where a store asks twice, not every yes is one."""
    own = source in OWN_WORDS or not evidence.store.consent.double_opt_in
    return own and person.email not in beliefs.complained
