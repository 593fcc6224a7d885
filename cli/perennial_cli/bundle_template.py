"""template.yaml, read as CloudFormation reads it: short tags, parameters and the few functions that the bundle uses."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from perennial.errors import Misconfigured

TAGS = ("Ref", "GetAtt", "Sub", "If", "Not", "Equals", "And", "Or", "Join", "Select", "Condition")


class _Loader(yaml.SafeLoader):
    """SafeLoader with CloudFormation's short tags, written out as its functions."""


def _short_tag(name: str) -> Callable[[yaml.SafeLoader, yaml.Node], Any]:
    def construct(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
            value = value.split(".", 1) if name == "GetAtt" else value
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            raise yaml.constructor.ConstructorError(None, None, f"!{name} of a mapping", node.start_mark)
        return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}

    return construct


for _name in TAGS:
    _Loader.add_constructor(f"!{_name}", _short_tag(_name))


def load_template(path: Path) -> dict[str, Any]:
    """The template with its short tags written out. Raises Misconfigured."""
    try:
        # The loader is SafeLoader with CloudFormation's tags added: it makes plain values only.
        template: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error
    return template


class Resolver:
    """Resolves what the template's functions stand for.

    `attribute(logical_id, name)` gives a resource's attribute, and its Ref under the name "Ref".
    """

    def __init__(
        self, template: Mapping[str, Any], pseudo: Mapping[str, str], attribute: Callable[[str, str], str]
    ) -> None:
        self._template, self._attribute = template, attribute
        defaults = {name: entry.get("Default", "") for name, entry in template.get("Parameters", {}).items()}
        self._values = {**defaults, **pseudo}

    def resolve(self, value: Any) -> Any:
        """The value with every function replaced by what it stands for. Raises Misconfigured for an unknown one."""
        if isinstance(value, list):
            return [found for entry in value if (found := self.resolve(entry)) is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument)
        resolved = {name: self.resolve(entry) for name, entry in value.items()}
        return {name: entry for name, entry in resolved.items() if entry is not None}

    def holds(self, condition: str) -> bool:
        return bool(self.resolve(self._template["Conditions"][condition]))

    def _function(self, name: str, argument: Any) -> Any:
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": lambda at: self._attribute(at[0], at[1]),
            "Fn::Sub": self._sub,
            "Fn::If": lambda branch: self.resolve(branch[1] if self.holds(branch[0]) else branch[2]),
            "Fn::Equals": lambda pair: self.resolve(pair[0]) == self.resolve(pair[1]),
            "Fn::Not": lambda entry: not self.resolve(entry[0]),
            "Fn::Or": lambda entries: any(self.resolve(entry) for entry in entries),
        }
        if name not in functions:
            raise Misconfigured(f"the embedded cloud does not know {name} of template.yaml")
        return functions[name](argument)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return None
        return self._values[name] if name in self._values else self._attribute(name, "Ref")

    def _sub(self, text: str) -> str:
        result = text
        while "${" in result:
            before, _, rest = result.partition("${")
            name, _, after = rest.partition("}")
            logical, dot, attribute = name.partition(".")
            result = before + str(self._attribute(logical, attribute) if dot else self._ref(name)) + after
        return result
