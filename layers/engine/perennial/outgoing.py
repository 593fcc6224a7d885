"""From a claimed touch to what a provider is asked to send: body, address, headers, tags.

Headers: RFC 8058 and 2369 (one-click unsubscribe, on feedback and marketing only), RFC 3834 (`Auto-Submitted`), Gmail's
Feedback-ID (support.google.com/mail/answer/6254652).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr
from zoneinfo import ZoneInfo

from perennial.content import Content
from perennial.customer import Customer
from perennial.draft import Send, Setting
from perennial.facts import Facts
from perennial.hygiene import NAME, header_text
from perennial.identity import deliverable, identifying_email
from perennial.links import KeyRing, links_for
from perennial.locales import choose_locale
from perennial.ports import Outgoing, OutgoingEmail, OutgoingPush, OutgoingText
from perennial.projecting import project
from perennial.rendering import render_email, render_push, render_text
from perennial.scenes import scene_of
from perennial.store import Store

_LINK = re.compile(r"https?://\S+")
"""What a record of a text leaves out: its link is a key to a page."""

SENDER_ID = "perennial"
"""The last field of Feedback-ID: 5 to 15 characters that never change."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready to go, and the words by which people recognise it."""

    message: Outgoing
    subject: str


@dataclass(frozen=True, slots=True)
class _Draught:
    """All that the three kinds of message are made from."""

    send: Send
    store: Store
    customer: Customer
    facts: Facts
    content: Content
    locale: str
    zone: ZoneInfo

    @property
    def name(self) -> str:
        return self.send.touch.message


def compose(send: Send, customer: Customer, setting: Setting, keys: KeyRing) -> Composed:
    """The message as it will be sent. Raises RuleFailed if it cannot be rendered with the facts there are."""
    scene = scene_of(customer, customer.orders[send.touch.order_id], setting)
    store, touch = setting.store, send.touch.id
    to_customer = send.planned.message.to == "customer"
    links = links_for(keys, store.pages_url, store.store, customer.profile.customer, touch, setting.now)
    facts = project(scene, send.planned, links if to_customer else None)
    spoken = facts.customer.locale if to_customer else None
    locale = choose_locale(spoken or store.locale, store.locales)
    draught = _Draught(send, store, customer, facts, setting.content, locale, scene.zone)
    make = {"email": _email, "text": _text, "push": _push}[send.go.channel]
    return make(draught)


def _email(draught: _Draught) -> Composed:
    store = draught.store
    email = render_email(draught.name, draught.facts, content=draught.content, locale=draught.locale, zone=draught.zone)
    tracked = _may_be_watched(draught)
    message = OutgoingEmail(
        sender=formataddr((header_text(store.sender.name, NAME), store.sender.email)),
        to=draught.send.go.address,
        reply_to=_reply_to(draught),
        subject=email.subject,
        html=email.html,
        text=email.text,
        headers=_headers(draught),
        tags=_tags(draught),
        open_tracking=store.open_tracking and tracked,
        click_tracking=store.click_tracking and tracked,
    )
    return Composed(message, email.subject)


def _may_be_watched(draught: _Draught) -> bool:
    """Only who has said yes: a soft opt-in allows a letter, not looking over the reader's shoulder.

    A pixel or a redirect reads from the recipient's device (Directive 2002/58/EC art. 5(3); EDPB Guidelines 2/2023).
    """
    class_ = draught.send.touch.class_
    said = draught.customer.profile.consents.get(f"email:{class_}")
    return class_ != "transactional" and said is not None and said.state == "given"


def _reply_to(draught: _Draught) -> str | None:
    """Whoever answers a message to the store answers the customer it is about.

    An address that SES does not take is left out: for it, the whole message would be refused.
    """
    if draught.send.planned.message.to == "customer":
        return draught.store.sender.reply_to
    order = draught.customer.orders[draught.send.touch.order_id]
    known = (identifying_email(told, draught.store) for told in (order.contact, draught.customer.profile.contact))
    return next((email for email in known if email is not None and deliverable(email)), None)


def _headers(draught: _Draught) -> Mapping[str, str]:
    touch, store = draught.send.touch, draught.store
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": f"{touch.message}:{touch.class_}:{store.store}:{SENDER_ID}",
    }
    if touch.class_ == "transactional":
        return headers
    domain = store.sender.email.rpartition("@")[2]
    return {
        **headers,
        "List-ID": f"<{touch.class_}.{store.store}.{domain}>",
        "List-Unsubscribe": f"<{draught.facts.links.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _tags(draught: _Draught) -> Mapping[str, str]:
    """By these a receipt finds its touch: no index on the provider's own id is needed."""
    touch = draught.send.touch
    return {
        "store": draught.store.store,
        "customer": draught.customer.profile.customer,
        "touch": touch.id,
        "journey": touch.journey,
        "message": touch.message,
        "class": touch.class_,
    }


def _text(draught: _Draught) -> Composed:
    text = render_text(draught.name, draught.facts, content=draught.content, locale=draught.locale, zone=draught.zone)
    terms = draught.store.texts
    if terms is None:
        raise ValueError("a store without texts has no text to send: the gates let none through")
    promotional = draught.send.touch.class_ == "marketing"
    message = OutgoingText(draught.send.go.address, text.body, promotional, terms.sender_id, terms.max_price_usd)
    return Composed(message, _LINK.sub("…", text.body))


def _push(draught: _Draught) -> Composed:
    """One note per order on the lock screen: a newer one replaces it."""
    note = render_push(draught.name, draught.facts, content=draught.content, locale=draught.locale, zone=draught.zone)
    planned, touch = draught.send.planned, draught.send.touch
    useful = int((planned.expires - touch.at).total_seconds()) if planned.expires else 86_400
    message = OutgoingPush(
        endpoint=draught.send.go.address,
        platform=draught.customer.profile.devices[draught.send.go.address].platform,
        title=note.title,
        body=note.body,
        url=draught.facts.links.order,
        collapse_key=_order_key(draught.store.store, touch.order_id),
        seconds_of_use=max(60, useful),
    )
    return Composed(message, note.title)


def _order_key(store: str, order_id: str) -> str:
    """The same for every note about an order; APNs takes 64 bytes, and an order's own id may be longer."""
    return hashlib.sha256(f"{store}|{order_id}".encode()).hexdigest()[:24]
