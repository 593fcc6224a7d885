"""`when`, `unless` and `hold while`: Jinja expressions over the same names as the templates, in the same sandbox."""

from dataclasses import dataclass
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes
from jinja2.environment import TemplateExpression
from jinja2.parser import Parser

from perennial.allowlist import FIELDS, TRANSLATORS, Problem, problems_in
from perennial.errors import RuleFailed
from perennial.sandbox import LONGEST_SOURCE, TemplateInvalid, environment, explain


@dataclass(frozen=True, slots=True)
class Condition:
    """One compiled condition; `compile_condition` makes it."""

    text: str
    expression: TemplateExpression
    names: frozenset[str]

    def holds(self, facts: object) -> bool:
        """Whether it is true of facts: of anything that has the names of `Facts`, and is asked for those it needs.

        Raises RuleFailed when it cannot be told.
        """
        try:
            return bool(self.expression({name: getattr(facts, name) for name in self.names}))
        except Exception as error:
            raise RuleFailed(f"condition `{self.text}`: {explain(error)}") from error


@lru_cache(maxsize=1024)
def compile_condition(text: str) -> Condition:
    """The condition, compiled once per process. Raises TemplateInvalid."""
    tree = tree_of_condition(text)
    named = {tree.name} if isinstance(tree, nodes.Name) else {name.name for name in tree.find_all(nodes.Name)}
    expression = environment("text").compile_expression(text, undefined_to_none=False)
    return Condition(text, expression, frozenset(named & set(FIELDS)))


def tree_of_condition(text: str) -> nodes.Expr:
    """The syntax tree, of allowed nodes only. Raises TemplateInvalid."""
    if len(text) > LONGEST_SOURCE:
        raise TemplateInvalid([Problem(1, "the condition is too long")])
    try:
        parser = Parser(environment("text"), text, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateInvalid([Problem(1, "this is more than one expression")])
    except TemplateSyntaxError as error:
        raise TemplateInvalid([Problem(error.lineno, error.message or "this is not an expression")]) from error
    except RecursionError as error:
        raise TemplateInvalid([Problem(1, "the condition is nested too deeply")]) from error
    problems = problems_in(tree)
    if any(name.name in TRANSLATORS for name in tree.find_all(nodes.Name)):
        problems.append(Problem(1, "a condition translates nothing"))
    if problems:
        raise TemplateInvalid(problems)
    return tree
