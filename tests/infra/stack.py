"""What template.yaml says about its functions and resources, for tests."""

from typing import Any

from tests.adapters.cloud import template

FUNCTION, QUEUE, ALARM = "AWS::Serverless::Function", "AWS::SQS::Queue", "AWS::CloudWatch::Alarm"

WORK, RUN = "Work", "Run"
"""The two policies of a function's role: what its code does, and what Lambda needs to run it."""


def of_type(kind: str) -> dict[str, Any]:
    """The properties of all resources of a type, by their logical id."""
    resources = template()["Resources"]
    return {name: entry["Properties"] for name, entry in resources.items() if entry["Type"] == kind}


def variables_of(function: str) -> dict[str, Any]:
    """The environment of a function, with what all of them share."""
    shared = template()["Globals"]["Function"]["Environment"]["Variables"]
    own = of_type(FUNCTION)[function].get("Environment", {}).get("Variables", {})
    return {**shared, **own}


def role_of(function: str) -> dict[str, Any]:
    role: dict[str, Any] = of_type("AWS::IAM::Role")[of_type(FUNCTION)[function]["Role"]["Fn::GetAtt"][0]]
    return role


def statements_of(function: str, policy: str = WORK) -> list[dict[str, Any]]:
    """What one policy of a function's role allows, wherever no condition adds to it."""
    (found,) = (each for each in role_of(function)["Policies"] if each["PolicyName"] == policy)
    statements: list[dict[str, Any]] = found["PolicyDocument"]["Statement"]
    return [statement for statement in statements if statement.get("Effect") == "Allow"]


def actions_of(function: str) -> set[str]:
    """What a function may do, as `dynamodb:Query`."""
    return {action for statement in statements_of(function) for action in listed(statement["Action"])}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def watching(metric: str) -> list[dict[str, Any]]:
    """The alarms that watch one metric, whether or not there is a canary."""
    resources = template()["Resources"]
    return [
        alarm
        for name, alarm in of_type(ALARM).items()
        if alarm["MetricName"] == metric and resources[name]["Condition"] == "RingsAlarms"
    ]
