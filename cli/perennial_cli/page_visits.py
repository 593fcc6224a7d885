"""A shopper of a replay: opens and answers the pages that messages lead to, by the links that were really sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from perennial import links
from perennial.errors import ContentInvalid
from perennial.links import PATHS, Purpose
from perennial_cli.cloud import Answer, Cloud
from perennial_cli.witness import SentMessage

FORM = "application/x-www-form-urlencoded"


class LinkOf(BaseModel):
    """The newest email of that message, and which of its pages. `to`: whose, where several people got it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    purpose: Purpose
    to: str | None = None


@dataclass(frozen=True)
class Visited:
    """What the browser saw, and the ids of the events that an answer became."""

    answer: Answer
    told: tuple[str, ...]


def visit(cloud: Cloud, address: str | LinkOf, method: str, headers: Mapping[str, str], body: Any) -> Visited:
    """Raises ContentInvalid where no such link was sent."""
    path = address if isinstance(address, str) else link_to(cloud, address)
    before = len(list(cloud.host.log.entries("page")))
    given = {"content-type": FORM, **{name.lower(): value for name, value in headers.items()}}
    answer = cloud.request(method, path, given if body is not None else headers, encoded(body))
    told = [entry.get("events", ()) for entry in cloud.host.log.entries("page")][before:]
    return Visited(answer, tuple(told[-1]) if told else ())


def headline(html: str) -> str:
    """What a page says first: its heading."""
    found = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    return unescape(found[1]) if found else html.strip()


def encoded(body: Any) -> bytes:
    """Fields as a browser sends them; a text as it is."""
    if body is None:
        return b""
    return urlencode(body, doseq=True).encode() if isinstance(body, Mapping) else str(body).encode()


def link_to(cloud: Cloud, wanted: LinkOf) -> str:
    """The path of the link as the message holds it; of a page it does not link to itself, as its other pages would."""
    message = _newest(cloud, wanted)
    path, host = PATHS[wanted.purpose], cloud.content.stores[message.tags["store"]].pages_url.rstrip("/")
    found = re.search(rf"{re.escape(host)}(/{path}/[A-Za-z0-9_-]{{44}})", str(message.request))
    if found is not None:
        return found[1]
    with cloud.advancing() as outside:
        tags, ring = message.tags, outside.link_keys
        token = links.sign(ring, wanted.purpose, tags["store"], tags["customer"], tags["touch"], message.at)
    return f"/{path}/{token}"


def _newest(cloud: Cloud, wanted: LinkOf) -> SentMessage:
    for message in reversed(cloud.witness.sent):
        if message.tags.get("message") == wanted.message and wanted.to in (None, message.to):
            return message
    sent = sorted({message.tags["message"] for message in cloud.witness.sent if "message" in message.tags})
    raise ContentInvalid(
        f"no email {wanted.message!r} has been sent by then; there were {', '.join(sent) or 'none'}", file="link"
    )
