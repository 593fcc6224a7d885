"""What template.yaml says about its functions and resources, for tests."""

from typing import Any

from tests.adapters.cloud import template

FUNCTION, QUEUE, ALARM = "AWS::Serverless::Function", "AWS::SQS::Queue", "AWS::CloudWatch::Alarm"


def of_type(kind: str) -> dict[str, Any]:
    """The properties of all resources of a type, by their logical id."""
    resources = template()["Resources"]
    return {name: entry["Properties"] for name, entry in resources.items() if entry["Type"] == kind}


def variables_of(function: str) -> dict[str, Any]:
    """The environment of a function, with what all of them share."""
    shared = template()["Globals"]["Function"]["Environment"]["Variables"]
    own = of_type(FUNCTION)[function].get("Environment", {}).get("Variables", {})
    return {**shared, **own}


def statements_of(function: str) -> list[dict[str, Any]]:
    return [
        statement for policy in of_type(FUNCTION)[function]["Policies"] for statement in policy.get("Statement", [])
    ]


def actions_of(function: str) -> set[str]:
    """What a function may do, as `dynamodb:Query`."""
    return {action for statement in statements_of(function) for action in _listed(statement["Action"])}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
