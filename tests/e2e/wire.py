"""A `SendEmail` request as the mail that SES makes of it, by two writers that share nothing.

One is Python's library. The other writes byte by byte what RFC 5322 (header fields), 2047 (words beyond ASCII) and 2045
and 2046 (the two bodies) say, so that no habit of a library hides what the request lacks. SES adds Date and Message-ID.
"""

import base64
import quopri
import textwrap
from collections.abc import Iterator, Mapping
from email import policy
from email.message import EmailMessage
from typing import Any

Request = Mapping[str, Any]

BOUNDARY = "=_what-no-body-has"
WORD = 40
"""Bytes of text in one encoded word: with its frame and in base64 it stays under the 75 characters of RFC 2047."""


def by_the_library(request: Request) -> bytes:
    simple, mail = request["Content"]["Simple"], EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"] = request["FromEmailAddress"], request["Destination"]["ToAddresses"]
    mail["Subject"] = simple["Subject"]["Data"]
    for header in simple["Headers"]:
        mail[header["Name"]] = header["Value"]
    mail.set_content(simple["Body"]["Text"]["Data"])
    mail.add_alternative(simple["Body"]["Html"]["Data"], subtype="html")
    return mail.as_bytes()


def by_the_book(request: Request) -> bytes:
    head = [f"{name}: {_words(value)}" for name, value in _fields(request)]
    content = f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"'
    body = request["Content"]["Simple"]["Body"]
    plain = _part("plain", body["Text"], "quoted-printable")
    rich = _part("html", body["Html"], "base64")
    lines = [*head, "MIME-Version: 1.0", content, "", *plain, *rich, f"--{BOUNDARY}--", ""]
    return "\r\n".join(lines).encode("ascii")


def _fields(request: Request) -> Iterator[tuple[str, str]]:
    simple = request["Content"]["Simple"]
    yield "From", request["FromEmailAddress"]
    yield "To", ", ".join(request["Destination"]["ToAddresses"])
    yield "Reply-To", ", ".join(request["ReplyToAddresses"])
    yield "Subject", simple["Subject"]["Data"]
    for header in simple["Headers"]:
        yield header["Name"], header["Value"]


def _words(value: str) -> str:
    """ASCII as it is, anything else as encoded words, none of which ends within a character."""
    if value.isascii():
        return value
    chunks: list[bytes] = []
    held = b""
    for letter in value:
        if len(held + letter.encode()) > WORD:
            chunks, held = [*chunks, held], b""
        held += letter.encode()
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=" for chunk in [*chunks, held])


def _part(subtype: str, told: Mapping[str, str], coding: str) -> list[str]:
    data = told["Data"].encode(told["Charset"])
    lines = (
        textwrap.wrap(base64.b64encode(data).decode(), 76)
        if coding == "base64"
        else quopri.encodestring(data).decode("ascii").rstrip("\n").split("\n")
    )
    kind = f"Content-Type: text/{subtype}; charset={told['Charset']}"
    return [f"--{BOUNDARY}", kind, f"Content-Transfer-Encoding: {coding}", "", *lines]
