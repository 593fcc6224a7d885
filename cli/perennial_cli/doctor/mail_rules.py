"""What can be wrong with sending mail: the domain, the account, the reports that come back. Pure.

Values are answers of SES's own API (v2), as its reference writes them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from perennial_cli.doctor.findings import Finding, Level

Answer = Mapping[str, Any]

EVENTS = frozenset({"SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "OPEN", "CLICK"})
"""What record_feedback lives on. A bounce that nobody hears of breaks the law; a lost send, a claim's end."""

NEEDED = frozenset({"SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT"})
NEARLY, USED_UP = 0.8, 0.95
"""Parts of the daily quota."""

SLOW = 14
"""Emails a second: what new accounts out of the sandbox used to get. Below it, a sale queues for hours."""


def identity(domain: str, found: Answer | None) -> Iterator[Finding]:
    """The domain that a store sends from; None if SES does not know it."""
    if found is None or not found.get("VerifiedForSendingStatus"):
        state = "not known to SES" if found is None else f"not verified ({found.get('VerificationStatus', 'pending')})"
        yield Finding(
            "error",
            "sender identity",
            f"{domain} is {state}: every email from it is refused",
            f"deploy infra/sender-identity.yaml with Domain={domain}, and put its outputs into the domain's DNS",
        )
    if found is not None:
        yield from _dkim(domain, found.get("DkimAttributes", {}))
        yield from _mail_from(domain, found.get("MailFromAttributes", {}))


def _dkim(domain: str, dkim: Answer) -> Iterator[Finding]:
    if not dkim.get("SigningEnabled") or dkim.get("Status") != "SUCCESS":
        state = dkim.get("Status", "NOT_STARTED") if dkim.get("SigningEnabled") else "off"
        yield Finding(
            "error",
            "DKIM",
            f"mail from {domain} is not signed (DKIM is {state}): large mailboxes refuse it or call it spam",
            "put the three CNAME records of the sender stack's outputs into the DNS; SES looks again by itself",
        )
    elif dkim.get("CurrentSigningKeyLength") == "RSA_1024_BIT":
        yield Finding(
            "warning",
            "DKIM",
            f"{domain} signs with a key of 1024 bits",
            "aws sesv2 put-email-identity-dkim-signing-attributes with NextSigningKeyLength=RSA_2048_BIT",
        )


def _mail_from(domain: str, mail_from: Answer) -> Iterator[Finding]:
    status = mail_from.get("MailFromDomainStatus")
    if not mail_from.get("MailFromDomain"):
        what, todo = "has no MAIL FROM domain: SPF speaks for amazonses.com", "deploy infra/sender-identity.yaml"
    elif status != "SUCCESS":
        what = f"{mail_from['MailFromDomain']} is no MAIL FROM domain yet ({status})"
        todo = "put the MX and TXT records of the sender stack's outputs into the DNS"
    else:
        return
    refused = mail_from.get("BehaviorOnMxFailure") == "REJECT_MESSAGE"
    yield Finding("error" if refused else "warning", "MAIL FROM", f"{domain}: {what}", todo)


def account(found: Answer) -> Iterator[Finding]:
    """What SES allows this account."""
    if not found.get("ProductionAccessEnabled"):
        yield Finding(
            "error",
            "sandbox",
            "SES is in the sandbox: only verified recipients get mail, 200 a day",
            "ask for production access: aws sesv2 put-account-details --production-access-enabled …",
        )
    status = found.get("EnforcementStatus", "HEALTHY")
    if not found.get("SendingEnabled", True) or status == "SHUTDOWN":
        yield Finding("error", "sending", f"SES has stopped sending ({status})", "read the case in AWS Support Center")
    elif status != "HEALTHY":
        yield Finding(
            "error",
            "sending",
            f"SES has the account under review ({status})",
            "read the case in AWS Support Center; `perennial pause --class marketing` until bounces or complaints fall",
        )
    yield from _quota(found.get("SendQuota", {}))
    yield from _plan(found.get("PricingAttributes", {}).get("CurrentPlan"))


def _quota(quota: Answer) -> Iterator[Finding]:
    most, sent, rate = quota.get("Max24HourSend", -1), quota.get("SentLast24Hours", 0), quota.get("MaxSendRate")
    ask = "ask Service Quotas for more, with the next months' orders as the reason"
    if most > 0 and sent >= NEARLY * most:
        level: Level = "error" if sent >= USED_UP * most else "warning"
        yield Finding(level, "sending quota", f"{sent:,.0f} of {most:,.0f} emails were sent in 24 hours", ask)
    if rate is not None and rate < SLOW:
        hours = 10_000 / rate / 3600
        what = f"{rate:g} emails a second are allowed: 10,000 messages of one morning take {hours:.1f} hours"
        yield Finding("warning", "sending rate", what, ask)


def _plan(plan: str | None) -> Iterator[Finding]:
    if plan not in (None, "NONE"):
        more = {"ESSENTIALS": "60 % more for each email", "PRO": "$105 a month and more than twice for each email"}
        yield Finding(
            "warning",
            "SES plan",
            f"the account is on the plan {plan}: {more.get(plan, 'a monthly fee and more for each email')} than NONE",
            "aws sesv2 put-account-pricing-attributes --plan NONE, unless you use what it adds",
        )


def destinations(configuration_set: str, found: Iterable[Answer], topic: str) -> Iterator[Finding]:
    """Where SES reports to: everything that is needed must reach the stack's own topic."""
    heard: set[str] = set()
    for one in found:
        if one.get("Enabled") and one.get("SnsDestination", {}).get("TopicArn") == topic:
            heard |= set(one.get("MatchingEventTypes", ()))
    missing = EVENTS - heard
    if missing:
        yield Finding(
            "error" if missing & NEEDED else "warning",
            "event destinations",
            f"{configuration_set} does not report {', '.join(sorted(missing))} to the stack's topic",
            "deploy the stack again; whoever changed the configuration set by hand has cut its reports off",
        )


def configuration(name: str, found: Answer | None) -> Iterator[Finding]:
    """The configuration set that every email is sent with; None if there is none."""
    again = "deploy the stack again"
    if found is None:
        yield Finding("error", "configuration set", f"there is no {name}: every email is refused", again)
    elif found.get("SendingOptions", {}).get("SendingEnabled") is False:
        todo = f"aws sesv2 put-configuration-set-sending-options --configuration-set-name {name} --sending-enabled"
        yield Finding("error", "configuration set", f"sending is switched off in {name}", todo)
    elif "COMPLAINT" in (found.get("SuppressionOptions") or {}).get("SuppressedReasons", ()):
        what = f"{name} keeps everything back from whoever complained, order mail too, and calls their address dead"
        yield Finding("warning", "configuration set", what, again)


def subscription(queue: str, endpoints: Iterable[str]) -> Iterator[Finding]:
    """Whether what the topic hears reaches the queue of record_feedback."""
    if queue not in endpoints:
        what = "the topic of reports is not subscribed by its queue: bounces and complaints are lost"
        yield Finding("error", "event destinations", what, "deploy the stack again")
