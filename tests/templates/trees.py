"""A small `templates/` for tests: everything the pipeline knows, nothing of the real content."""

from pathlib import Path

LAYOUT = {
    "email.mjml": """<mjml lang="{{ lang }}" dir="{{ dir }}">
  <mj-head><mj-title>{{ subject }}</mj-title><mj-preview>{{ preheader }}</mj-preview></mj-head>
  <mj-body>
    <!-- message -->
    <mj-section><mj-column><mj-text>
      <a href="mailto:{{ store.support_email }}">{{ store.support_email }}</a>
      {% if message_class != "transactional" %}
      <a href="{{ links.unsubscribe }}">{{ _("Unsubscribe") }}</a> {{ store.postal_address }}
      {% endif %}
    </mj-text></mj-column></mj-section>
  </mj-body>
</mjml>
""",
    "email.txt": """{# message #}
--
{{ store.support_email }}
{% if message_class != "transactional" %}
{{ _("Unsubscribe") }}: {{ links.unsubscribe }}
{{ store.postal_address }}
{% endif %}
""",
    "sample.json": """{
  "customer": {"first_name": "Zoë", "name": "Zoë Lind", "locale": "en"},
  "order": {
    "number": "#1001", "placed_at": "2026-11-20T18:42:00+01:00", "purchase_types": ["small-appliance"],
    "categories": ["kettle", "toaster"], "total": {"amount": "1234.50", "currency": "EUR"},
    "items": [{"title": "Kettle", "quantity": 1, "kind": "small-appliance", "category": "kettle"}]
  },
  "store": {"name": "S", "url": "https://shop.example", "country": "DE", "postal_address": "Street 1",
            "support_email": "help@shop.example"},
  "items": [
    {"title": "Kettle", "quantity": 1, "kind": "small-appliance", "category": "kettle"},
    {"title": "Toaster", "quantity": 2, "kind": "small-appliance", "category": "toaster"}
  ],
  "categories": ["kettle", "toaster"],
  "links": {"unsubscribe": "https://p.shop.example/u/1", "preferences": "https://p.shop.example/p/1",
            "order": "https://p.shop.example/o/1", "review": "https://p.shop.example/r/1",
            "support": "https://p.shop.example/s/1"}
}
""",
}

STORE = """store: demo
name: Shop & Sons
url: https://shop.example
country: DE
time_zone: Europe/Berlin
locale: en
locales: [en, ru]
currency: EUR
postal_address: Street 1, 10115 Berlin
sender: {email: care@shop.example, name: Shop}
support: {email: help@shop.example}
pages_url: https://p.shop.example
goods:
  - {match: {product_type: "*kettle*"}, kind: small-appliance, category: kettle}
  - {match: {product_type: "*toaster*"}, kind: small-appliance, category: toaster}
offers:
  accessories-10: {percent: 10, days: 7, code: CARE10}
"""

JOURNEY = """journey: care
about: From the order to the first weeks.
enrol: {on: order.placed, when: "'small-appliance' in order.purchase_types"}
touches:
  - touch: confirmation
    after: order.placed
    message: confirmation
  - touch: tips
    after: order.delivered + 3 days
    at: 10:00
    message: tips
    unless: order.late
"""

CONFIRMATION = {
    "message.yaml": """message: confirmation
about: Thanks.
class: transactional
channels: [email]
subject: "{% trans number=order.number %}Thank you for order {{ number }}{% endtrans %}"
preheader: "{{ _('All in one place.') }}"
""",
    "email.mjml": """<mj-section>
  <mj-column>
    <mj-text>{{ _("Thank you!") }} {% if order.total %}{{ order.total|money }}{% endif %}</mj-text>
    <mj-button href="{{ links.order }}">{{ _("See your order") }}</mj-button>
  </mj-column>
</mj-section>
""",
    "email.txt": """{{ _("Thank you!") }}
{% for item in order.items %}
- {{ item.title }}
{% endfor %}
{{ _("See your order") }}: {{ links.order }}
""",
    "sample.json": "{}",
}

TIPS = {
    "message.yaml": """message: tips
about: How to look after it.
class: feedback
channels: [email, text, push]
subject: "{{ _('Make it last') }}"
preheader: "{{ _('Three habits.') }}"
push: {title: "{{ _('Make it last') }}", body: "{{ _('Three habits.') }}"}
segments: 2
""",
    "email.mjml": """<mj-section><mj-column><mj-text>{{ _("Make it last") }}</mj-text></mj-column></mj-section>
<!-- blocks -->
""",
    "email.txt": """{{ _("Make it last") }}

{# blocks #}
""",
    "sms.txt": """{{ store.name }}: {{ _("three habits:") }} {{ links.support }}
""",
    "sample.json": '{"customer": {"first_name": "Ann"}}',
    "blocks/kettle.mjml": """<mj-section><mj-column><mj-text>
  {% for item in items|where("category", category) %}{{ item.title }}{% endfor %}: {{ _("Descale it.") }}
</mj-text></mj-column></mj-section>
""",
    "blocks/kettle.txt": """{{ items|where("category", category)|sentence("title") }}: {{ _("Descale it.") }}
""",
    "blocks/general.mjml": """<mj-section><mj-column><mj-text>
  {{ others|sentence("title") }}: {{ _("Read the manual.") }}
</mj-text></mj-column></mj-section>
""",
    "blocks/general.txt": """{{ others|sentence("title") }}: {{ _("Read the manual.") }}
""",
}

RUSSIAN = {
    "Unsubscribe": "Отписаться",
    "Thank you for order %(number)s": "Спасибо за заказ %(number)s",
    "All in one place.": "Всё вместе.",
    "Thank you!": "Спасибо!",
    "See your order": "Открыть заказ",
    "Make it last": "Пусть служит долго",
    "Three habits.": "Три привычки.",
    "three habits:": "три привычки:",
    "Descale it.": "Удаляйте накипь.",
    "Read the manual.": "Прочитайте инструкцию.",
}

PO_HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=3; '
    'plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"\n'
)

PAGE_LAYOUT = """<!doctype html>
<html lang="{{ lang }}" dir="{{ dir }}"><head><title>{# title #}</title>
<style>body{color:{{ look.ink }};background:{{ look.paper }}}</style></head>
<body><main>
{# page #}
</main></body></html>
"""
PAGE = """<h1>{{ store.name|default("Here") }}</h1>
<p>{{ person.name|default("") }}</p>
"""
PAGES = ("unsubscribe", "preferences", "order", "review", "support", "returns", "score", "not-me", "trouble")


def small_tree(root: Path) -> Path:
    """Write it, sound in every way; the folder `templates/`."""
    templates = root / "templates"
    files = {"stores/demo.yaml": STORE, "journeys/care.yaml": JOURNEY}
    files |= {f"messages/_layout/{name}": text for name, text in LAYOUT.items()}
    files |= {f"messages/confirmation/{name}": text for name, text in CONFIRMATION.items()}
    files |= {f"messages/tips/{name}": text for name, text in TIPS.items()}
    files |= {"pages/_layout.html": PAGE_LAYOUT, **{f"pages/{name}.html": PAGE for name in PAGES}}
    entries = "".join(f'\nmsgid "{text}"\nmsgstr "{translated}"\n' for text, translated in RUSSIAN.items())
    files["locales/ru/LC_MESSAGES/messages.po"] = PO_HEADER + entries
    for name, text in files.items():
        path = templates / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return templates


def change(templates: Path, file: str, old: str, new: str) -> None:
    """Replace one passage, which must be there."""
    path = templates / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
