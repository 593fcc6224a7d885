"""Person or machine? Scanners press links and proxies fetch pixels; nothing may follow from either (law 12).

A user agent is looked at where it is reported, and never kept; an address is not even looked at. The signs:
bursts of links within a second or two, hits within two seconds of sending, HEAD requests, agents of scanners and
proxies, and whatever SES itself flags since 2026-08-07 under a name that it has not told.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from perennial.receipts import MOST_CLICKS, Click

SOONEST = timedelta(seconds=2)
"""Nobody opens or presses anything within two seconds of its being handed over."""

BURST, BURST_LINKS = timedelta(seconds=2), 3
"""So many links of one message within that time are followed by a scanner."""

SETTLED = timedelta(seconds=30)
"""After this, whatever belongs to a burst has been reported."""

SCANNERS = (
    "barracuda", "bitdefender", "cloudmark", "fireeye", "forcepoint", "messagelabs", "mimecast", "proofpoint",
    "safelinks", "sophos", "symantec", "trend micro", "trendmicro", "zscaler",
)  # fmt: skip
PROGRAMS = (
    "aiohttp", "apache-httpclient", "axios", "crawler", "curl/", "facebookexternalhit", "go-http-client",
    "headless", "java/", "libwww", "node-fetch", "okhttp", "phantomjs", "preview", "python-", "ruby", "scanner",
    "spider", "wget",
)  # fmt: skip
_BOT = re.compile(r"(?<!cu)bot(?![a-z])")
"""Some makers of telephones are called so, too."""

PROXIES = ("googleimageproxy", "yahoomailproxy", "ggpht.com")
PREFETCHER = "mozilla/5.0"
"""The whole user agent of Apple's Mail Privacy Protection."""

_FLAGS = ("automat", "bot", "machine", "nonhuman", "non_human", "prefetch", "scanner")
_YES = frozenset({"true", "yes", "bot", "machine", "automated", "nonhuman", "non_human", "non-human", "prefetch"})
_OURS = frozenset({"useragent", "ipaddress", "link", "linktags", "timestamp"})
"""Fields that shops, people and their programs fill: no flag of SES."""


class Verdict(NamedTuple):
    who: Literal["person", "machine"]
    reasons: tuple[str, ...] = ()


def signs(hit: Mapping[str, Any], at: datetime, sent_at: datetime) -> tuple[str, ...]:
    """What one open or click holds against a person, in a fixed order; empty if nothing."""
    agent = str(hit.get("userAgent") or "").strip().lower()
    found = {
        "flagged by SES": any(_flag(name, value) for name, value in hit.items()),
        "HEAD request": str(hit.get("method") or hit.get("httpMethod") or "").upper() == "HEAD",
        "no user agent": not agent,
        "scanner": any(name in agent for name in SCANNERS),
        "program": _BOT.search(agent) is not None or any(name in agent for name in PROGRAMS),
        "image proxy": any(name in agent for name in PROXIES),
        "prefetched": agent == PREFETCHER,
        "too soon": at - sent_at < SOONEST,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _flag(name: str, value: Any) -> bool:
    """Whether a field says that a machine was at work, whatever SES may call it."""
    key = name.lower()
    if key in _OURS:
        return False
    if isinstance(value, Mapping):
        return any(_flag(f"{key}.{inner}", deeper) for inner, deeper in value.items())
    said = str(value).lower()
    if any(word in key for word in _FLAGS):
        return value is True or said in _YES
    return ("human" in key and said == "false") or (isinstance(value, str) and said in _YES - {"true", "yes"})


def judge(click: Click, clicks: Iterable[Click]) -> Verdict:
    """Who pressed: by what the report says, and by what else was pressed around it."""
    beside = set(clicks) | {click}
    near = {(other.link, other.mark) for other in beside if abs(other.at - click.at) <= BURST}
    burst = ("burst",) if len(near) >= BURST_LINKS else ()
    storm = ("storm",) if len(beside) > MOST_CLICKS else ()
    reasons = (*click.reasons, *burst, *storm)
    return Verdict("machine", reasons) if reasons else Verdict("person")


def by_people(clicks: Iterable[Click]) -> tuple[Click, ...]:
    """The clicks of persons, oldest first."""
    found = frozenset(clicks)
    return tuple(sorted(click for click in found if judge(click, found).who == "person"))


def by_machines(clicks: Iterable[Click]) -> tuple[tuple[Click, Verdict], ...]:
    """The clicks of machines with what gave them away, oldest first."""
    found = frozenset(clicks)
    judged = ((click, judge(click, found)) for click in sorted(found))
    return tuple((click, verdict) for click, verdict in judged if verdict.who == "machine")
