"""`perennial preview`: one message as it will be seen, on a phone and a desktop, in light and dark."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from perennial.errors import ContentInvalid
from perennial.rendering import Email, PushNote, Text, render_email, render_push, render_text
from perennial_cli.authoring import ContentProblems, survey
from perennial_cli.catalogs import lacking, texts_of
from perennial_cli.suggestions import did_you_mean
from perennial_cli.trials import Trial, trials

_DARK = re.compile(r"@media \(prefers-color-scheme: ?dark\)")


@dataclass(frozen=True)
class Preview:
    """What the message's channels send, and the page that shows them. `lacking` says what is still in English."""

    message: str
    locale: str
    email: Email | None
    text: Text | None
    push: PushNote | None
    page: str
    lacking: str | None = None


def preview(templates: Path, message: str, *, locale: str | None = None, store: str | None = None) -> Preview:
    """The message with its sample, for the store's first language unless one is named.

    Raises ContentProblems if the message is not sound, ContentInvalid if there is no such message, locale or store.
    """
    found = survey(templates)
    if message not in found.folders:
        hint = did_you_mean(message, found.folders)
        raise ContentInvalid(f"there is no message {message!r}{hint}", file=f"{templates.name}/messages")
    folder = found.folders[message]
    if folder.bodies is None:
        raise ContentProblems(folder.problems or found.problems)
    offered = list(trials(found, found.content, folder))
    fitting = [trial for trial in offered if store in (None, trial.shop.store) and locale in (None, trial.locale)]
    if not fitting:
        known = ", ".join(f"{trial.shop.store}/{trial.locale}" for trial in offered) or "none"
        raise ContentInvalid(f"no store writes in that language; there are {known}", file=f"{templates.name}/stores")
    trial = fitting[0]
    return _made(trial, lacking(texts_of([folder], found.layout), trial.locale, found.content.catalogue(trial.locale)))


def _made(trial: Trial, still: str | None) -> Preview:
    channels = trial.folder.message.channels if trial.folder.message else ()
    name, content, facts, locale, zone = trial.folder.name, trial.content, trial.sample, trial.locale, trial.zone
    email = text = push = None
    if "email" in channels:
        email = render_email(name, facts, content=content, locale=locale, zone=zone)
    if "text" in channels:
        text = render_text(name, facts, content=content, locale=locale, zone=zone)
    if "push" in channels:
        push = render_push(name, facts, content=content, locale=locale, zone=zone)
    said = f'<p role="status"><strong>{escape(still)}</strong></p>' if still else ""
    sections = [said, *(_email(email) if email else ()), *_short(text, push), _twin(email) if email else ""]
    page = sheet(f"{name} · {trial.shop.name} · {locale}", sections, locale)
    return Preview(name, locale, email, text, push, page, still)


def sheet(title: str, sections: Iterable[str], locale: str) -> str:
    """The page that shows what was made."""
    return _PAGE.format(lang=escape(locale), title=escape(title), body="\n".join(sections))


def in_scheme(html: str, *, dark: bool) -> str:
    """The mail as a client in dark or light mode shows it, whatever the reader's own mode is."""
    return _DARK.sub("@media all" if dark else "@media not all", html)


def frame(html: str, *, width: int, dark: bool, label: str) -> str:
    """A mail within a page: it runs no scripts and reaches nothing around it."""
    bare = "<style>html{scrollbar-width:none}</style></head>"  # or the bar takes from the width
    document = escape(in_scheme(html, dark=dark).replace("</head>", bare, 1), quote=True)
    return (
        f'<figure><figcaption>{escape(label)}</figcaption><iframe title="{escape(label)}" sandbox="" '
        f'width="{width}" height="900" srcdoc="{document}"></iframe></figure>'
    )


def _email(email: Email) -> list[str]:
    size = len(email.html.encode()) / 1000
    head = (
        f"<header><h2>{escape(email.subject)}</h2><p>{escape(email.preheader)}</p>"
        f"<p class=quiet>{size:.1f} KB of HTML (Gmail cuts at 102 KB)</p></header>"
    )
    frames = [
        frame(email.html, width=width, dark=dark, label=f"{device}, {'dark' if dark else 'light'}")
        for dark in (False, True)
        for device, width in (("Phone, 360 px", 360), ("Desktop, 700 px", 700))
    ]
    return [head, f'<div class="frames">{"".join(frames)}</div>']


def _short(text: Text | None, push: PushNote | None) -> list[str]:
    found = []
    if text is not None:
        parts = f"{text.parts} part{'s' if text.parts > 1 else ''}, {len(text.body)} characters, {text.encoding}"
        found.append(f'<h3>Text message</h3><p class="bubble">{escape(text.body)}</p><p class=quiet>{parts}</p>')
    if push is not None:
        note = f"<strong>{escape(push.title)}</strong><br>{escape(push.body)}"
        found.append(f'<h3>Push note</h3><p class="bubble">{note}</p>')
    return found


def _twin(email: Email) -> str:
    return f"<h3>Text of the email</h3><pre>{escape(email.text)}</pre>"


_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark; --ink: light-dark(#1d2320, #ecf0ed); --quiet: light-dark(#5a635e, #aab4ae);
  --line: light-dark(#d5dad7, #38413c); --page: light-dark(#f6f7f6, #101311); --card: light-dark(#fff, #1a1f1c); }}
body {{ font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 0 auto;
  padding: 32px 24px 64px; max-width: 1140px; }}
h1 {{ font-size: 15px; font-weight: 600; color: var(--quiet); margin: 0 0 24px; }}
h2 {{ margin: 0; font-size: 26px; line-height: 1.25; }} h3 {{ margin: 40px 0 8px; font-size: 17px; }}
header p {{ margin: 6px 0 0; }} .quiet {{ color: var(--quiet); font-size: 14px; }}
.frames {{ display: flex; flex-wrap: wrap; gap: 24px; margin-top: 24px; }}
figure {{ margin: 0; }} figcaption {{ font-size: 14px; color: var(--quiet); margin-bottom: 6px; }}
iframe {{ border: 1px solid var(--line); border-radius: 12px; background: #fff; max-width: 100%; }}
.bubble {{ background: var(--card); border: 1px solid var(--line); border-radius: 18px; padding: 12px 16px;
  max-width: 360px; margin: 0; overflow-wrap: anywhere; }}
pre {{ background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; max-width: 700px;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 14px; box-sizing: border-box; }}
</style></head><body><h1>{title}</h1>
{body}
</body></html>
"""
