"""What the parser says of a template, in words for those who write; and what is written instead of Liquid."""

import re

TAGS = {
    **dict.fromkeys(("assign", "capture"), "the expression itself, where it is used"),
    **dict.fromkeys(("unless", "endunless"), "`{% if not … %}`"),
    **dict.fromkeys(("case", "when", "endcase"), "`{% if … %}` and `{% elif … %}`"),
    **dict.fromkeys(("comment", "endcomment"), "`{# … #}`"),
    **dict.fromkeys(("render", "section", "layout"), "the layout: what messages share belongs there"),
    **dict.fromkeys(("increment", "decrement", "cycle"), "`loop.index`"),
    **dict.fromkeys(("break", "continue"), "a shorter list, as `items[:5]`"),
    "elsif": "`{% elif … %}`",
    "tablerow": "`{% for … %}`",
}
WORDS = {
    "limit": "`items[:3]`",
    "offset": "`items[3:]`",
    "contains": "`in`, the other way round, as `'kettle' in categories`",
    ":": 'brackets behind the filter, as `|date("long")`',
}
NAMES = {
    **dict.fromkeys(("nil", "null", "blank", "empty"), "`none`, as `order.total is not none`"),
    "forloop": "`loop`",
}
FILTERS = {
    "size": "`|length`",
    "upcase": "`|upper`",
    "downcase": "`|lower`",
    "capitalize": "`|capital`",
    **dict.fromkeys(("append", "prepend"), "`~`, as `order.number ~ '!'`"),
}
SIGNS = {"&": "`and`", "!": "`not`, or `!=`"}

_TAG = re.compile(r"Encountered unknown tag '(\w+)'")
_GOT = re.compile(r"expected token '.*', got '(.+)'")
_NAME = re.compile(r"there is no name '(\w+)'")
_FILTER = re.compile(r"there is no filter '(\w+)'")
_SIGN = re.compile(r"unexpected char '(.)'")
_SIZE = re.compile(r" has no field 'size'")
_LIQUID = ((_TAG, TAGS), (_GOT, WORDS), (_NAME, NAMES), (_FILTER, FILTERS))
_ENDS = re.compile(r"(?i)unexpected '?end of template'?(?:, expected '(\W)')?")
_ASSIGNED = re.compile(r"(?<![=!<>])=(?!=)")


def plainly(message: str) -> str:
    """A message about a template; the same where there is nothing better to say."""
    for pattern, words in _LIQUID:
        if (match := pattern.match(message)) and match[1] in words:
            return f"this is Liquid; here it is {words[match[1]]}"
    if _SIZE.search(message):
        return "this is Liquid; here it is `items|length`"
    match = _SIGN.match(message)
    return f"{match[1]!r} means nothing here: write {SIGNS[match[1]]}" if match and match[1] in SIGNS else message


def plainly_of(condition: str, message: str) -> str:
    """The same about a condition."""
    if any(mark in condition for mark in ("{{", "}}", "{%", "%}")):
        return "a condition is an expression by itself: write it without {{ }}"
    if match := _ENDS.match(message):
        lacking = f"`{match[1]}`" if match[1] else "something"
        return f"the condition ends too early: {lacking} is missing behind `{condition.strip()}`"
    if message == "this is more than one expression":
        if re.search(r"\bcontains\b", condition):
            return f"this is Liquid; here it is {WORDS['contains']}"
        return "compare with `==`" if _ASSIGNED.search(condition) else f"{message}: put `and` or `or` between them"
    return plainly(message)
