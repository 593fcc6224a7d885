"""`%(name)s` in texts and their translations: each must be given a value, and a bare `%` is written `%%`."""

import re

from jinja2 import nodes

from perennial.allowlist import TRANSLATORS

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|(%)|(.?))", re.DOTALL)


def placeholders(text: str) -> set[str]:
    """The names in the text. Raises ValueError for a `%` that is neither a placeholder nor doubled."""
    names = set()
    for match in _PLACEHOLDER.finditer(text):
        if match[1]:
            names.add(match[1])
        elif not match[2]:
            raise ValueError("`%` stands for a placeholder: write `%(name)s`, or `%%` for a percent sign")
    return names


def placeholder_problem(call: nodes.Call) -> str | None:
    """What is wrong with the texts of one `_()`, `gettext()` or `ngettext()`."""
    name = call.node.name if isinstance(call.node, nodes.Name) else ""
    given = {pair.key for pair in call.kwargs} | ({"num"} if name == "ngettext" else set())
    try:
        for text in call.args[: TRANSLATORS.get(name, 0)]:
            if "{{" in text.as_const() or "{%" in text.as_const():
                return "Jinja within a text is not rendered: write `{% trans %}…{{ name }}…{% endtrans %}`"
            missing = placeholders(text.as_const()) - given
            if missing:
                return f"the text has no value for {', '.join(f'%({name})s' for name in sorted(missing))}"
    except ValueError as error:
        return str(error)
    return None
