"""What comes from outside is made harmless here: text for headers and bodies, addresses for links.

Product titles, names and tracking links are written by strangers. Autoescape stops their HTML; it stops neither line
breaks that forge a header, nor controls that turn the reading order round, nor `javascript:` in an `href`.
"""

import re
from collections.abc import Collection
from urllib.parse import quote, urlsplit

SUBJECT, NAME = 150, 60
"""Characters a subject and a display name may have."""

URL = 2000
"""Characters a link may have: what every mail client still opens."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r" {2,}")
_KEPT = "%/:=&?~#+!$,;'@()*[]"


class Written(str):
    """Text of our own whose line breaks are meant; what is put into it from outside has been cleaned."""

    __slots__ = ()


def clean(text: str) -> str:
    """One line of text from outside: controls and line breaks become spaces, bidi overrides go, spaces collapse."""
    if text.isprintable():
        return text
    return _SPACES.sub(" ", _BIDI.sub("", _BREAKS.sub(" ", text))).strip()


def header_text(text: str, most: int = SUBJECT) -> str:
    """Text that is safe in a mail header and no longer than `most` characters, cut with an ellipsis."""
    line = _SPACES.sub(" ", clean(text)).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def safe_url(text: str | None, hosts: Collection[str] | None = None) -> str | None:
    """The address in ASCII if it is one to be put into a message, else None.

    It must be https, without user or password, and on one of `hosts` or below it (None: any host).
    """
    trimmed = (text or "").strip()
    if not trimmed or len(trimmed) > URL or not trimmed.isprintable() or set(trimmed) & set(' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(trimmed)
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme != "https" or "@" in parts.netloc or not _on(host, hosts):
        return None
    rest = parts._replace(scheme="", netloc="").geturl()
    return f"https://{host}{port}{quote(rest, safe=_KEPT)}"


def _on(host: str, hosts: Collection[str] | None) -> bool:
    if "." not in host:
        return False
    return hosts is None or any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)
