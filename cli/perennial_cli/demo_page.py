"""The demo's page: the year as a timeline, every message as the customer saw it. One file, no script, offline."""

from collections.abc import Iterator
from datetime import datetime
from html import escape

from perennial_cli.demo import Year
from perennial_cli.demo_order import Delivery
from perennial_cli.explaining import Row
from perennial_cli.previewing import frame
from perennial_cli.reports import Delivered
from perennial_cli.witness import SentMessage

Entry = tuple[datetime, str, str]
"""A moment, the month it is filed under, and its HTML."""


def page(year: Year) -> str:
    """The whole document."""
    entries = sorted([*_webhooks(year), *_touches(year)], key=lambda entry: entry[0])
    months: dict[str, list[str]] = {}
    for _, month, html in entries:
        months.setdefault(month, []).append(html)
    timeline = "".join(
        f"<section><h2>{escape(month)}</h2><ol>{''.join(items)}</ol></section>" for month, items in months.items()
    )
    store, pages = escape(year.store.name), _pages(year)
    return _PAGE.format(summary=_summary(year), pages=pages, timeline=timeline, style=_STYLE, store=store)


def _pages(year: Year) -> str:
    links = " · ".join(f'<a href="pages/{name}.html">{name}</a>' for name in year.pages)
    return f"Where the messages lead: {links}"


def _summary(year: Year) -> str:
    sent = [row for row in year.rows if row.outcome == "sent"]
    other = [row for row in year.rows if row.outcome != "sent"]
    figures = (
        (len(year.deliveries), "webhooks in, one of them twice"),
        (len(sent), "messages out, each once"),
        (len(other), "not sent, each with its reason"),
        (sum(year.calls.values()), "AWS calls in all"),
    )
    return "".join(f"<div><strong>{count}</strong><span>{escape(words)}</span></div>" for count, words in figures)


def _webhooks(year: Year) -> Iterator[Entry]:
    for delivery, became in year.deliveries:
        moment = delivery.line.at
        yield moment, _month(moment, year), _webhook(delivery, became, year)


def _webhook(delivery: Delivery, became: Delivered, year: Year) -> str:
    topic = delivery.line.headers.get("X-Shopify-Topic", "")
    return (
        f'<li class="in"><time>{_when(delivery.line.at, year)}</time><p><b>{escape(delivery.words)}</b> '
        f"<code>{escape(topic)}</code> <i>{escape(became.outcome)}</i></p></li>"
    )


def _touches(year: Year) -> Iterator[Entry]:
    for row in year.rows:
        moment = row.at if row.outcome != "waiting" else row.due or row.at
        if moment is not None:
            yield moment, _month(moment, year), _touch(row, moment, year)


def _touch(row: Row, moment: datetime, year: Year) -> str:
    reason = f' <span class="why">{escape(row.reason)}</span>' if row.reason else ""
    title = row.subject if row.channel == "email" and row.subject else row.message.replace("-", " ").capitalize()
    touch = row.touch.partition("/")[0]
    head = (
        f"<p><b>{escape(title)}</b></p>"
        f'<p class="meta"><span class="class {row.class_}">{row.class_}</span> {escape(row.journey)} / '
        f"{escape(touch)} · {escape(row.channel or 'no channel')} · <em>{escape(row.outcome)}</em>{reason}</p>"
    )
    message = year.messages.get(row.id)
    body = _message(message, first=row is year.rows[0]) if message else ""
    kind = "out" if row.outcome == "sent" else "none"
    return f'<li class="{kind}"><time>{_when(moment, year)}</time><div>{head}{body}</div></li>'


def _message(message: SentMessage, first: bool) -> str:
    if message.channel != "email":
        text = message.request.get("Message", "")
        return f'<p class="bubble">{escape(text)}</p>'
    simple = message.request["Content"]["Simple"]
    headers = {header["Name"]: header["Value"] for header in simple["Headers"]}
    sender = {"From": message.request["FromEmailAddress"], "To": message.to, "Subject": simple["Subject"]["Data"]}
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in {**sender, **headers}.items())
    html, text = simple["Body"]["Html"]["Data"], simple["Body"]["Text"]["Data"]
    frames = frame(html, width=360, dark=False, label="Phone") + frame(html, width=360, dark=True, label="Phone, dark")
    return (
        f"<details{' open' if first else ''}><summary>Read it</summary><div class=frames>{frames}</div>"
        f"<details><summary>Text and headers</summary><dl>{lines}</dl><pre>{escape(text)}</pre></details></details>"
    )


def _when(moment: datetime, year: Year) -> str:
    local = moment.astimezone(year.zone)
    return f"{local:%a %-d %b}<br>{local:%H:%M}"


def _month(moment: datetime, year: Year) -> str:
    return f"{moment.astimezone(year.zone):%B %Y}"


_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1c2420, #e9efeb); --quiet: light-dark(#5b665f, #a5b0a9);
  --line: light-dark(#dbe2dd, #333c36); --page: light-dark(#f5f7f5, #0f1310); --card: light-dark(#fff, #181e1a);
  --green: light-dark(#1f6f54, #74c7a5); --amber: light-dark(#8a5a00, #e0b45c); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 0 auto;
  padding: 48px 20px 96px; max-width: 960px; }
header h1 { font-size: 34px; line-height: 1.15; margin: 0 0 8px; letter-spacing: -.01em; }
header p { color: var(--quiet); margin: 0; max-width: 640px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 28px 0 8px; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 14px 16px; }
.figures strong { display: block; font-size: 28px; line-height: 1.1; color: var(--green); }
.figures span { color: var(--quiet); font-size: 14px; }
section h2 { font-size: 15px; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet);
  margin: 40px 0 8px; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 92px 1fr; gap: 16px; padding: 10px 0; border-top: 1px solid var(--line); }
li p { margin: 0; }
time { color: var(--quiet); font-size: 14px; line-height: 1.45; font-variant-numeric: tabular-nums; }
.in { color: var(--quiet); font-size: 15px; } .in b { font-weight: 500; }
code { font-size: 13px; background: light-dark(#e9eeea, #222a25); padding: 1px 6px; border-radius: 6px; }
.meta { color: var(--quiet); font-size: 14px; } .meta em { font-style: normal; color: var(--green); font-weight: 600; }
.none .meta em, .why { color: var(--amber); } .none b { font-weight: 500; color: var(--quiet); }
.class { border: 1px solid var(--line); border-radius: 99px; padding: 0 8px; font-size: 12px; }
details { margin-top: 8px; } summary { cursor: pointer; color: var(--green); font-size: 15px; padding: 4px 0; }
.frames { display: flex; flex-wrap: wrap; gap: 20px; margin: 12px 0; } figure { margin: 0; }
figcaption { font-size: 13px; color: var(--quiet); margin-bottom: 4px; }
iframe { border: 1px solid var(--line); border-radius: 18px; background: #fff; max-width: 100%; height: 760px; }
.bubble { background: var(--card); border: 1px solid var(--line); border-radius: 18px; padding: 10px 14px;
  max-width: 360px; margin-top: 8px; overflow-wrap: anywhere; }
pre, dl { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; font-size: 13px;
  white-space: pre-wrap; overflow-wrap: anywhere; } dl { white-space: normal; margin: 8px 0; }
dt { color: var(--quiet); } dd { margin: 0 0 6px; }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Perennial: a year of care for one order</title><style>{style}</style></head><body>
<header><h1>A year of care for one order</h1>
<p>A blender and a refrigerator from {store}, under Shopify's signature, and everything the bundle did for 600 days:
the same handlers that run in AWS, on the clock of the person who bought.</p>
<div class="figures">{summary}</div><p>{pages}</p></header>
<main>{timeline}</main></body></html>
"""
