"""The one table: its keys and items. Every key begins with the store.

    pk                        sk                       what
    <store>#C#<customer>      L#profile                the person and what is live about them; version, next wake
                              L#order#<order>          an order that a live enrolment needs, and that lies apart
                              L#enrolment#<id>         a live enrolment of such an order
                              L#parked#<event>         an event whose rule fails
                              O#<order>                an order in the archive
                              T#<touch>                the record of a touch, and its receipts
                              K#<channel>#<class>#…    a word about consent: its instant and its mark
    <store>#A#<kind>#<value>  alias                    whose it is, or facts that wait for an owner; that they `left`
    <store>#J                 <version>                a journey as enrolments began with it
    <store>#P                 <scope>#<name>           a pause, or time that a restore has lost
    <store>#R                 <epoch>                  how far a rearming has come
    <store>#X#<id>            parked                   a body or request that waits for a person
    -#X#<id>                  parked                   a provider's report that nobody can read
    -#M#<message id>          text                     the touch of a text, for a week
    -#N#<hash>                number                   whom a telephone number was texted for, for 400 days

The sparse index `due` holds whatever time must not pass by: `due` is `<store>#<kind>#<shard>`, `due_at` an ISO instant.
Emails and phones stand in keys only as keyed hashes. `-` is the account itself, before a store is known. Receipts are
plain attributes of a touch: `accepted_at`, `delivered_at`, `bounced_at` … (an instant, and the words that belong to
it), and `clicks`, a small set (receipts.py).
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the door writes aliases only, and starts faster without the customer
    from perennial.identity import Alias
    from perennial.ledger import Entry

SHARDS = 16
INDEX = "due"

Item = dict[str, Any]


def customer_key(store: str, customer: str) -> str:
    return f"{store}#C#{customer}"


def ledger_key(entry: "Entry") -> str:
    return f"K#{entry.topic.replace(':', '#')}#{instant(entry.said.at)}#{entry.id}"


def alias_key(store: str, alias: "Alias", pepper: bytes) -> str:
    """Whatever is personal is hashed with a key, so that neither a key nor a log of keys tells who somebody is."""
    return f"{store}#A#{alias.kind}#{hashed(alias, pepper)}"


def hashed(alias: "Alias", pepper: bytes) -> str:
    if alias.kind in ("order", "tracking") and len(alias.value) <= 64:
        return alias.value
    return hmac.new(pepper, str(alias).encode(), hashlib.sha256).hexdigest()[:32]


def shard_of(key: str) -> int:
    return hashlib.sha256(key.encode()).digest()[0] % SHARDS


def due_partition(store: str, kind: str, shard: int) -> str:
    return f"{store}#{kind}#{shard:02}"


def due(store: str, kind: str, key: str, at: datetime) -> Item:
    """The attributes that put an item into the due index."""
    return {"due": due_partition(store, kind, shard_of(key)), "due_at": instant(at)}


def instant(at: datetime) -> str:
    """UTC, to the microsecond, in a form whose order is the order of time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
