import pytest

from perennial_cli.names import BLOCK, FACTS, LAYOUT, check_condition_names, check_names


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ order.nubmer }}", "Order has no field 'nubmer' (did you mean 'number'?)"),
        ("{{ ordr.number }}", "there is no name 'ordr' (did you mean 'order'?)"),
        ("{% for item in items %}{{ item.titel }}{% endfor %}", "Item has no field 'titel' (did you mean 'title'?)"),
        ("{% for p in parcels %}{% for t in p.tracking %}{{ t.nr }}{% endfor %}{% endfor %}", "Tracking has no field"),
        ("{% for item in items %}{% endfor %}{{ item.title }}", "there is no name 'item' (did you mean 'items'?)"),
        ("{% for item in items %}{{ loop.idx }}{% endfor %}", "loop has no field 'idx' (did you mean 'index'?)"),
        ("{% for item in items %}{% else %}{{ item.title }}{% endfor %}", "there is no name 'item'"),
        ("{% for item in items if item.kond %}{% endfor %}", "Item has no field 'kond' (did you mean 'kind'?)"),
        ("{% for item in order %}{% endfor %}", "this is not a list"),
        ("{{ order.shipping_address.lnes|join }}", "Address has no field 'lnes' (did you mean 'lines'?)"),
        ("{{ parcel.tracking.url }}", "a list has no field 'url': use `[0]`"),
        ("{{ items[0].titel }}{{ (items|first).kind }}", "Item has no field 'titel'"),
        ("{{ (items|having('url'))[0].titel }}", "Item has no field 'titel'"),
        ("{{ items|where('categry', 'x')|length }}", "Item has no field 'categry'"),
        ("{{ items|sentence('titel') }}", "Item has no field 'titel'"),
        ("{{ items|join(', ', attribute='titel') }}", "Item has no field 'titel'"),
        ("{{ order.number.upper }}", "str has no field 'upper'"),
        ("{{ order.placed_at.year }}", "datetime has no field 'year': print it with `|date`"),
        ("{{ order.placed_at }}", "print a moment with `|date` or `|time`"),
        ("{{ order.estimated_delivery }}", "print a date with `|date`"),
        ("{{ order.total }}", "print an amount with `|money`"),
        ("{{ order.paid }}", "true and false are for `if`"),
        ("{{ order }}", "print one of its fields: number"),
        ("{{ items }}", "a list is printed with a loop"),
        ("{{ order.number|money }}", "`money` is for Money"),
        ("{{ order.total|date }}", "`date` is for date or datetime"),
        ("{{ order.estimated_delivery|time }}", "`time` is for datetime"),
        ("{{ order.number|having('x') }}", "`having` is for a list"),
        ("{{ customer.ordered_sinc(order.placed_at) }}", "`ordered_since` can be called"),
        ("{{ order.ordered_since(order.placed_at) }}", "Order has no field 'ordered_since'"),
        ("{% if customer.ordered_since(order.placed) %}{% endif %}", "Order has no field 'placed'"),
        ("{{ _('Order %(n)s', number=order.number) }}", "no value for %(n)s"),
        ("{{ _('10 % off') }}", "write `%(name)s`, or `%%`"),
        ("{% trans d=order.placed_at %}On {{ d }}{% endtrans %}", "print a moment"),
        ("{% trans %}On {{ ordr }}{% endtrans %}", "there is no name 'ordr'"),
        ("{{ category }}", "there is no name 'category'"),
    ],
)
def test_a_name_that_is_wrong_is_said_with_a_suggestion(source: str, says: str) -> None:
    from perennial.sandbox import check_template

    found = check_template(source) or check_names(source, LAYOUT)
    assert any(says in message for _, message in found), found


@pytest.mark.parametrize(
    "source",
    [
        "{{ order.number }}{{ order.shipping_address.city }}{{ parcel.tracking[0].url }}",
        "{% for item in items %}{{ loop.index }}{{ item.title|truncate(20)|upper }}{% endfor %}",
        "{% for line in order.shipping_address.lines %}{{ line }}{% endfor %}",
        "{% for t in parcel.tracking %}{% if not loop.last %}{{ t.number }}{% endif %}{% endfor %}",
        "{{ order.total|money }}{{ order.placed_at|date }}{{ warranty_until|date('day') }}{{ offer.expires_at|time }}",
        "{{ items|having('url')|length }}{{ items|where('category', 'kettle')|sentence('title') }}",
        "{{ customer.first_name|default(_('there')) }}{{ offer.percent|percent }}{{ store.bonus_points|number }}",
        "{% trans count=items|length, n=order.number %}One{% pluralize %}{{ count }} of {{ n }}{% endtrans %}",
        "{{ lang }}{{ dir }}{{ subject }}{{ preheader }}{{ start }}{{ end }}{{ message_class }}",
        "{{ 'a' if order.paid else 'b' }}{{ items|length - 2 }}",
    ],
)
def test_what_is_right_is_left_alone(source: str) -> None:
    assert check_names(source, LAYOUT) == []


def test_blocks_know_their_category_and_conditions_only_facts() -> None:
    assert check_names("{{ category }}", BLOCK) == []
    assert check_condition_names("subject == 'x'") != []
    assert check_condition_names("order.late and customer.ordered_since(order.placed_at)") == []


def test_lines_are_kept() -> None:
    problems = check_names("\n{{ order.a }}\n{% if order.b %}\n{{ order.c }}{% endif %}", FACTS)
    assert [problem.line for problem in problems] == [2, 3, 4]
