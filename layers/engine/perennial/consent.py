"""May we write to this person, on this channel, in this class? The law of the store's country as data.

Sources: Directive 2002/58/EC art. 13(2) and its national forms (soft opt-in for existing customers), UK PECR reg.
22(3), Irish S.I. 336/2011 reg. 13(11) (a sale counts for 12 months); BGH VI ZR 225/17 of 10 July 2018 (a review request
is advertising in Germany); CASL s. 10(9) (implied consent for two years after a purchase); CAN-SPAM, 15 USC 7704
(opt-out). A store's settings can only be stricter. Not legal advice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from perennial.customer import Consent, ConsentState, Profile
from perennial.events import Channel, ConsentEvent, MessageClass, MessageComplained
from perennial.identity import normal_phone
from perennial.store import Store

STATES: Mapping[str, ConsentState] = {
    "ConsentGiven": "given",
    "ConsentPending": "pending",
    "ConsentWithdrawn": "withdrawn",
    "ConsentAbsent": "absent",
}

OWN_WORDS = frozenset({"preferences", "undo", "keyword", "double-opt-in"})
"""Sources of consent in which the person can only have spoken for themselves."""

AT_A_PURCHASE = frozenset({"checkout", "form"})
"""What a shop says was said there after one had left lifts a suppression; an import's word does not, nor does a box."""

CONFIRMED, UNCONFIRMED, BOX = "confirmed_opt_in", "unconfirmed", "box"
"""Levels of a yes. `BOX`: an order said that a box at its checkout was ticked, and nothing else did."""

SPOKEN_OF: tuple[Literal["feedback"], Literal["marketing"]] = ("feedback", "marketing")
"""The classes that need leave, and what a word speaks of that names none."""

Word = tuple[Channel, str, Consent]

STRICTNESS: tuple[ConsentState, ...] = ("absent", "given", "pending", "withdrawn")


@dataclass(frozen=True, slots=True)
class Law:
    """What a country allows without explicit consent. `purchase_days`: how long a purchase stands in for consent.

    `opt_out_must_be_offered`: soft opt-in holds only where the buyer could object at checkout.
    """

    soft_opt_in: bool = True
    opt_out_must_be_offered: bool = True
    purchase_days: int | None = None
    feedback_is_marketing: bool = False


SOFT_OPT_IN = Law()
LAWS: Mapping[str, Law] = {
    "IE": Law(purchase_days=365),
    "US": Law(opt_out_must_be_offered=False),
    "CA": Law(opt_out_must_be_offered=False, purchase_days=730),
    "DE": Law(feedback_is_marketing=True),
    "AT": Law(feedback_is_marketing=True),
    **dict.fromkeys(("GB", "FR", "IT", "ES", "PT", "NL", "BE", "LU", "DK", "SE", "FI", "NO", "IS"), SOFT_OPT_IN),
    **dict.fromkeys(("PL", "CZ", "SK", "HU", "SI", "HR", "RO", "BG", "GR", "CY", "MT", "EE", "LV", "LT"), SOFT_OPT_IN),
    **dict.fromkeys(("CH", "LI", "NZ", "AU"), SOFT_OPT_IN),
}
STRICTEST = Law(soft_opt_in=False, feedback_is_marketing=True)
"""For a country that nobody has looked up: explicit consent for everything that is not needed."""


def law_of(store: Store) -> Law:
    return LAWS.get(store.country, STRICTEST)


def record(consents: Mapping[str, Consent], channel: Channel, class_: str, said: Consent) -> Mapping[str, Consent]:
    """The newest word counts; of two words at one moment the stricter. The very same object if nothing changes.

    That nobody ever asked takes back nothing that was said: a withdrawal stays one until a yes (law 3). Nor does a yes
    that is still to be confirmed, nor a box: shops show it ticked, or not at all, to whom they know as a subscriber.
    """
    key = f"{channel}:{class_}"
    held = consents.get(key)
    if held is not None and _rank(held) >= _rank(said):
        return consents
    return {**consents, key: said}


def _rank(consent: Consent) -> tuple[bool, bool, datetime, int, str]:
    """Withdrawal wins ties; the rest only makes the choice the same in every order of arrival."""
    proof = f"{consent.source}|{consent.level}|{consent.wording}|{consent.evidence}|{consent.number}"
    words = says_something(consent)
    return (words and consent.level != BOX, words, consent.at, STRICTNESS.index(consent.state), proof)


def says_something(said: Consent) -> bool:
    """Neither that nobody ever asked, nor a yes that is still to be confirmed, takes anything back."""
    return said.state != "absent" and said.level != UNCONFIRMED


def words_of(event: ConsentEvent | MessageComplained, store: Store) -> Iterator[Word]:
    """What an event says, class by class. A complaint takes back all that may be taken back on its channel."""
    if isinstance(event, MessageComplained):
        said = Consent("withdrawn", event.happened_at, "complaint", evidence=event.touch)
        return ((event.channel, class_, said) for class_ in SPOKEN_OF)
    proof = (event.source, event.level, event.wording, event.evidence, _number(event, store))
    said = Consent(STATES[event.type], event.happened_at, *proof)
    return ((event.channel, class_, taken(said, store)) for class_ in event.classes)


def _number(event: ConsentEvent, store: Store) -> str | None:
    """Only a yes is for one number; a no is for whatever number there is."""
    told = event.contact.phone
    if event.channel != "text" or event.type not in ("ConsentGiven", "ConsentPending") or not told:
        return None
    return normal_phone(told, store.country) or told


def number_for(profile: Profile, class_: MessageClass) -> str | None:
    """Where texts of a class that needs leave may go: to the number that leave was given for; where nobody said which,
    to the person's own. Never to the one an order was placed with, which may be anybody's.
    """
    said = profile.consents.get(f"text:{class_}")
    return profile.contact.phone if said is None or said.number is None else said.number


def taken(said: Consent, store: Store) -> Consent:
    """Where a store asks twice, a yes counts only once the person has confirmed it by a link that was sent to them."""
    unsure = said.state == "given" and said.source not in OWN_WORDS and said.level != CONFIRMED
    return replace(said, state="pending", level=UNCONFIRMED) if unsure and store.consent.double_opt_in else said


def complaint_stands(profile: Profile, channel: Channel, class_: MessageClass) -> bool:
    """Whether a complaint still forbids this: it does until the person says yes again, not a form filled for them."""
    if profile.complained_at is None:
        return False
    said = profile.consents.get(f"{channel}:{class_}")
    if said is None or said.state != "given" or said.source not in OWN_WORDS:
        return True
    return said.at <= profile.complained_at


def lifts(said: Consent | None, since: datetime) -> bool:
    """Whether a word is enough to write again to somebody who had themselves erased."""
    if said is None or said.state != "given" or said.level == BOX:
        return False
    return said.at > since and said.source in OWN_WORDS | AT_A_PURCHASE


def left_before(profile: Profile, topic: str) -> bool:
    """Whether this person had themselves erased and has not asked for messages since (suppression.py)."""
    since = profile.suppressed.get(topic)
    return since is not None and not lifts(profile.consents.get(topic), since)


def refusal(profile: Profile, store: Store, channel: Channel, class_: MessageClass, now: datetime) -> str | None:
    """Why nothing of this class may go out on this channel; None if it may."""
    if class_ == "transactional":
        return None
    if complaint_stands(profile, channel, class_):
        return "the customer complained"
    if left_before(profile, f"{channel}:{class_}"):
        return "they had themselves erased, and asked for nothing since"
    said = profile.consents.get(f"{channel}:{class_}")
    if said is not None and said.state in ("withdrawn", "pending"):
        return f"consent {said.state}"
    if said is not None and said.state == "given":
        return None
    if class_ == "feedback" and channel == "email" and not _feedback_needs_consent(store):
        return None
    if channel == "email" and _soft_opt_in(profile, store, now):
        return None
    return "no consent"


def _feedback_needs_consent(store: Store) -> bool:
    return store.consent.feedback_needs_consent or law_of(store).feedback_is_marketing


def _soft_opt_in(profile: Profile, store: Store, now: datetime) -> bool:
    law = law_of(store)
    if not (store.consent.soft_opt_in and law.soft_opt_in):
        return False
    if law.opt_out_must_be_offered and not store.consent.opt_out_offered_at_checkout:
        return False
    bought = [mark.placed_at for mark in profile.latest_orders if not mark.cancelled]
    if not bought:
        return False
    return law.purchase_days is None or now <= max(bought) + timedelta(days=law.purchase_days)
