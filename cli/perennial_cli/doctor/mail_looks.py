"""Asks SES and SNS what the rules of mail want to know."""

from collections.abc import Iterator
from typing import Any

from perennial_cli.doctor import mail_rules
from perennial_cli.doctor.findings import Finding
from perennial_cli.doctor.place import Place


def identities(place: Place) -> Iterator[Finding]:
    for domain in place.domains():
        yield from mail_rules.identity(domain, _found(place, "get_email_identity", EmailIdentity=domain))


def account(place: Place) -> Iterator[Finding]:
    yield from mail_rules.account(place.client("sesv2").get_account())


def reports(place: Place) -> Iterator[Finding]:
    """From the configuration set to the queue of record_feedback."""
    name, topic = place.named("ConfigurationSet"), place.named("FeedbackTopic")
    found = _found(place, "get_configuration_set", ConfigurationSetName=name)
    yield from mail_rules.configuration(name, found)
    if found is not None:
        told = place.client("sesv2").get_configuration_set_event_destinations(ConfigurationSetName=name)
        yield from mail_rules.destinations(name, told.get("EventDestinations", []), topic)
    pages = place.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    endpoints = [entry["Endpoint"] for page in pages for entry in page["Subscriptions"]]
    asked = {"QueueUrl": place.named("FeedbackQueue"), "AttributeNames": ["QueueArn"]}
    queue = place.client("sqs").get_queue_attributes(**asked)["Attributes"]["QueueArn"]
    yield from mail_rules.subscription(queue, endpoints)


def _found(place: Place, operation: str, **asked: str) -> mail_rules.Answer | None:
    """None if SES does not know it."""
    client: Any = place.client("sesv2")
    try:
        answer: mail_rules.Answer = getattr(client, operation)(**asked)
    except client.exceptions.NotFoundException:
        return None
    return answer
