import pytest
from mjml import mjml2html

from perennial_cli.mjml_rules import ATTRIBUTES, CHILDREN, check_mjml


def section(inside: str) -> str:
    return f"<mj-section>\n<mj-column>\n{inside}\n</mj-column>\n</mj-section>"


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        (section("<mj-foo>a</mj-foo>"), 3, "there is no `mj-foo` here"),
        (section("<mj-txt>a</mj-txt>"), 3, "(did you mean 'mj-text'?)"),
        (section('<mj-text colour="red">a</mj-text>'), 3, "no attribute `colour` (did you mean 'color'?)"),
        (section('<mj-image src="a" width="{{ w }}px" />'), 3, "`width` must be a plain number"),
        ("<mj-style inline='inline'>a</mj-style>", 1, "tears loops out of tables"),
        ("<mj-text>a</mj-text>", 1, "`mj-text` cannot stand in `mj-body`"),
        ("<mj-section>\n<mj-text>a</mj-text></mj-section>", 2, "`mj-text` cannot stand in `mj-section`"),
        (section("<mj-section></mj-section>"), 3, "`mj-section` cannot stand in `mj-column`"),
        ("{% for item in items %}\n" + section("") + "{% endfor %}", 1, "wrap it in `<mj-raw>`"),
        (section("<mj-text>a</mj-text>\n{% if a %}"), 4, "wrap it in `<mj-raw>`"),
        (section("stray words"), 3, "wrap it in `<mj-raw>`"),
        (section("<p>a</p>"), 3, "`<p>` cannot stand in `mj-column`"),
        (section("<mj-text>{% if a < 5 %}b{% endif %}</mj-text>"), 3, "write `is lt`"),
        ("<mj-section>\n<mj-column>\n</mj-section>", 3, "closes what is not open here"),
        ("<mj-section>\n<mj-column>", 2, "is never closed"),
        ("</mj-section>", 1, "closes what is not open here"),
        (
            section('<mj-button\nhref="{{ (items|having("url"))[0].url }}">a</mj-button>'),
            4,
            "write single quotes there",
        ),
        (section("<mj-text><a href='{{ links['order'] }}'>a</a></mj-text>"), 3, "write double quotes there"),
        (section('<mj-text css-class="a "b" c">a</mj-text>'), 3, "a double quote too many"),
        ("<mj-include path='x' />", 1, "there is no `mj-include` here"),
        ("<mj-font name='x' href='https://x' />", 1, "there is no `mj-font` here"),
    ],
)
def test_what_mjml_would_swallow_is_said(source: str, line: int, says: str) -> None:
    problems, _ = check_mjml(source, "mj-body")
    assert any(problem.line == line and says in problem.message for problem in problems), problems


@pytest.mark.parametrize(
    "source",
    [
        section('<mj-text mj-class="title" align="{{ start }}">a < b {% if a > 5 %}<b>x</b>{% endif %}</mj-text>'),
        section("<mj-text>&amp; &nbsp; &</mj-text>"),
        "<mj-raw>{% if a %}</mj-raw>" + section("<mj-raw>{% for i in b %}</mj-raw><mj-raw>{% endfor %}</mj-raw>"),
        section("<mj-table>{% for i in items %}<tr><td>{{ i.title }}</td></tr>{% endfor %}</mj-table>"),
        "<mj-wrapper>" + section("") + "</mj-wrapper>",
        section("<mj-text><a href='{{ x|default(\"y\") }}' title=\"it's\">{{ x|default(\"y\") }}</a></mj-text>"),
        "<!-- a note -->",
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(source: str) -> None:
    assert check_mjml(source, "mj-body")[0] == []


def test_the_marker_is_found_with_what_it_stands_in() -> None:
    assert check_mjml("<!-- blocks -->", "mj-body", "blocks") == ([], "mj-body")
    assert check_mjml(section("<!--blocks-->"), "mj-body", "blocks") == ([], "mj-column")
    assert check_mjml(section(""), "mj-body", "blocks") == ([], None)
    assert check_mjml("<!-- blocks --><!-- blocks -->", "mj-body", "blocks")[0]


BODIES = {
    "mj-text": "<mj-section><mj-column><mj-text {}>a</mj-text></mj-column></mj-section>",
    "mj-button": "<mj-section><mj-column><mj-button {}>a</mj-button></mj-column></mj-section>",
    "mj-image": "<mj-section><mj-column><mj-image {} /></mj-column></mj-section>",
    "mj-table": "<mj-section><mj-column><mj-table {}><tr><td>a</td></tr></mj-table></mj-column></mj-section>",
    "mj-divider": "<mj-section><mj-column><mj-divider {} /></mj-column></mj-section>",
    "mj-spacer": "<mj-section><mj-column><mj-spacer {} /></mj-column></mj-section>",
    "mj-column": "<mj-section><mj-column {} /></mj-section>",
    "mj-group": "<mj-section><mj-group {}><mj-column /></mj-group></mj-section>",
    "mj-section": "<mj-section {}><mj-column /></mj-section>",
    "mj-wrapper": "<mj-wrapper {}><mj-section><mj-column /></mj-section></mj-wrapper>",
}
VALUES = {
    "src": "https://x.example/7.png",
    "background-url": "https://x.example/7.png",
    "fluid-on-mobile": "true",
    "table-layout": "fixed",
    "direction": "rtl",
    "align": "right",
    "text-align": "right",
    "full-width": "full-width",
}
TOGETHER = {
    "mj-class", "name", "rel", "target", "text-padding", "background-repeat", "background-size", "background-position",
    "inner-background-color", "inner-border-radius", "inner-border", "border-radius",
}  # fmt: skip


def compiled(tag: str, attribute: str) -> str:
    return str(mjml2html(f"<mjml><mj-body>{BODIES[tag].format(attribute)}</mj-body></mjml>", fonts={}))


@pytest.mark.parametrize("tag", BODIES)
def test_the_compiler_honours_every_attribute_of_the_table(tag: str) -> None:
    """One that changes nothing in what is compiled would be ignored in silence. `TOGETHER` work only with others."""
    ignored = [
        name
        for name in sorted(ATTRIBUTES[tag] - TOGETHER)
        if compiled(tag, f'{name}="{VALUES.get(name, "7px")}"') == compiled(tag, "")
    ]
    assert ignored == []


def test_every_child_in_the_table_has_attributes_in_it() -> None:
    assert {child for children in CHILDREN.values() for child in children} <= set(ATTRIBUTES)
