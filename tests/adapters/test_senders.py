import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from perennial import ports, wiring
from perennial.adapters import ses, sns
from perennial.adapters.memory import MemorySender
from perennial.adapters.senders import CHANNELS, Senders
from perennial.hygiene import NAME
from perennial.rendering import PUSH_BODY
from tests.adapters.cloud import CONFIGURATION_SET, calls, client, fault, http, network

EMAIL = ports.OutgoingEmail(
    sender="=?utf-8?q?K=C3=BCche?= <care@shop.example>",
    to="anna@example.com",
    reply_to="help@shop.example",
    subject="Schöne Grüße ☕",
    html="<p>Grüße</p>",
    text="Grüße\n",
    headers={"Auto-Submitted": "auto-generated", "List-Unsubscribe": "<https://p.shop.example/u/1>"},
    tags={"store": "demo", "touch": "0123456789ab"},
)
TEXT = ports.OutgoingText("+4915112345678", "Küche: three habits", False, "KUECHE", Decimal("0.10"))
APNS = "arn:aws:sns:eu-central-1:123456789012:endpoint/APNS/shop/1"
PUSH = ports.OutgoingPush(
    APNS, "apns", "Make it last", "Three habits – é", "https://p.shop.example/o/1", "order-1", 3600
)

SERVICES = {"email": "sesv2", "text": "sns", "push": "sns"}
MESSAGES: dict[str, ports.Outgoing] = {"email": EMAIL, "text": TEXT, "push": PUSH}
ACCEPTED = {
    "sesv2": b'{"MessageId": "provider-1"}',
    "sns": b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
    b"<MessageId>provider-1</MessageId></PublishResult></PublishResponse>",
}


@dataclass(frozen=True)
class Channel:
    """One sender, its message, and the client beneath it."""

    name: str
    sender: ports.Sender
    message: ports.Outgoing
    service: str

    @property
    def client(self) -> Any:
        return client(self.service, once=True)

    def accepted(self) -> Any:
        return http(200, ACCEPTED[self.service])

    def failed(self, code: str, status: int) -> Any:
        """The service's answer as it comes over the wire."""
        if self.service == "sesv2":
            return http(status, {"message": "no"}, {"x-amzn-errortype": code})
        return http(status, f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode())


@pytest.fixture(params=SERVICES)
def channel(request: pytest.FixtureRequest) -> Channel:
    senders = Senders(lambda service: client(service, once=True), CONFIGURATION_SET)
    return Channel(request.param, senders[request.param], MESSAGES[request.param], SERVICES[request.param])


# --- every channel, and the twin ---


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_the_twin_keeps_what_it_was_asked_to_send_and_answers_as_told(message: ports.Outgoing) -> None:
    sender = MemorySender()
    assert sender.send(message) == ports.Reply("accepted", provider_id="ok")
    sender.answer = lambda _: None
    assert sender.send(message) is None
    assert sender.sent == [message, message]


def test_a_message_that_was_taken_is_accepted_under_the_providers_own_id(channel: Channel) -> None:
    with network(channel.client, channel.accepted) as attempts:
        assert channel.sender.send(channel.message) == ports.Reply("accepted", provider_id="provider-1")
    assert len(attempts) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_fault_of_the_server_leaves_it_open_whether_the_message_was_taken(channel: Channel, status: int) -> None:
    with network(channel.client, lambda: channel.failed("InternalFailure", status)) as attempts:
        assert channel.sender.send(channel.message) is None
    assert len(attempts) == 1


def _breaking(error: Exception) -> Callable[[], Any]:
    def reply() -> Any:
        raise error

    return reply


@pytest.mark.parametrize("broken", [ReadTimeoutError, ConnectionClosedError])
def test_a_connection_that_breaks_leaves_it_open_whether_the_message_was_taken(
    channel: Channel, broken: Callable[..., Exception]
) -> None:
    with network(channel.client, _breaking(broken(endpoint_url="https://aws.example"))) as attempts:
        assert channel.sender.send(channel.message) is None
    assert len(attempts) == 1


def test_an_answer_that_nobody_can_read_leaves_it_open_whether_the_message_was_taken(channel: Channel) -> None:
    with network(channel.client, lambda: http(200, b"<html>cut sho")) as attempts:
        assert channel.sender.send(channel.message) is None
    assert len(attempts) == 1


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url="https://aws.example"),
        EndpointConnectionError(endpoint_url="https://aws.example"),
        NoCredentialsError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_message_that_never_left_is_released(channel: Channel, error: Exception) -> None:
    with network(channel.client, _breaking(error)) as attempts:
        assert channel.sender.send(channel.message) == ports.Reply("released", type(error).__name__)
    assert len(attempts) == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("Throttling", 400),
        ("Anything", 429),
        ("ServiceUnavailable", 503),
        ("RequestTimeout", 408),
        ("UnrecognizedClientException", 401),
        ("AccessDeniedException", 403),
        ("ExpiredTokenException", 403),
        ("InvalidSignatureException", 403),
    ],
)
def test_a_message_that_was_not_taken_for_the_moment_is_released(channel: Channel, code: str, status: int) -> None:
    with network(channel.client, lambda: channel.failed(code, status)) as attempts:
        assert channel.sender.send(channel.message) == ports.Reply("released", code)
    assert len(attempts) == 1


@pytest.mark.parametrize("code", ["ValidationException", "SomethingNew"])
def test_a_message_that_is_not_taken_at_all_is_refused(channel: Channel, code: str) -> None:
    with network(channel.client, lambda: channel.failed(code, 400)) as attempts:
        assert channel.sender.send(channel.message) == ports.Reply("refused", code)
    assert len(attempts) == 1


MALFORMED: dict[str, Any] = {"email": {"to": None}, "text": {"to": 5}, "push": {"endpoint": 5}}


def test_a_message_that_the_sdk_finds_malformed_is_refused_before_it_leaves(channel: Channel) -> None:
    message = replace(channel.message, **MALFORMED[channel.name])
    with network(channel.client, channel.accepted) as attempts:
        assert channel.sender.send(message) == ports.Reply("refused", "the SDK finds it malformed")
    assert attempts == []


def test_a_channel_sends_only_its_own_kind_of_message(channel: Channel) -> None:
    for name in MESSAGES.keys() - {channel.name}:
        with pytest.raises(TypeError):
            channel.sender.send(MESSAGES[name])


def test_a_client_that_tries_again_by_itself_would_be_seen_doing_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for patient, most in ((client("sesv2"), 4), (client("sesv2", once=True), 1)):
        with network(patient, lambda: http(500)) as attempts:
            ses.SesSender(patient, CONFIGURATION_SET).send(EMAIL)
        assert len(attempts) == most


def test_senders_are_made_with_clients_that_call_once_and_give_up_within_the_claim() -> None:
    config = wiring.ONCE
    retries: Any = config.retries  # type: ignore[attr-defined]
    assert retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout <= 10  # type: ignore[attr-defined]


def test_a_channel_is_made_when_it_is_first_needed() -> None:
    asked: list[str] = []

    def make(service: str) -> Any:
        asked.append(service)
        return client(service)

    senders = Senders(make, CONFIGURATION_SET)
    assert (tuple(senders), len(senders), asked) == (CHANNELS, 3, [])
    kinds = [type(senders[name]) for name in CHANNELS]
    assert kinds == [ses.SesSender, sns.SnsTextSender, sns.SnsPushSender]
    assert asked == ["sesv2", "sns", "sns"]


# --- email ---


def _sent(message: ports.OutgoingEmail) -> dict[str, Any]:
    made = client("sesv2", once=True)
    with network(made, lambda: http(200, ACCEPTED["sesv2"])), calls(made, "SendEmail") as asked:
        ses.SesSender(made, CONFIGURATION_SET).send(message)
    ((_, request),) = asked
    return request


def test_an_email_is_sent_in_these_very_words() -> None:
    assert _sent(EMAIL) == {
        "FromEmailAddress": "=?utf-8?q?K=C3=BCche?= <care@shop.example>",
        "Destination": {"ToAddresses": ["anna@example.com"]},
        "ReplyToAddresses": ["help@shop.example"],
        "Content": {
            "Simple": {
                "Subject": {"Data": "Schöne Grüße ☕", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "Grüße\n", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>Grüße</p>", "Charset": "UTF-8"},
                },
                "Headers": [
                    {"Name": "Auto-Submitted", "Value": "auto-generated"},
                    {"Name": "List-Unsubscribe", "Value": "<https://p.shop.example/u/1>"},
                ],
            }
        },
        "EmailTags": [{"Name": "store", "Value": "demo"}, {"Name": "touch", "Value": "0123456789ab"}],
        "ConfigurationSetName": CONFIGURATION_SET,
        "ConfigurationOverrides": {"Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}},
    }


def test_an_email_without_an_address_for_replies_names_none() -> None:
    assert "ReplyToAddresses" not in _sent(replace(EMAIL, reply_to=None))


@pytest.mark.parametrize("opens", [True, False])
@pytest.mark.parametrize("clicks", [True, False])
def test_tracking_is_switched_for_each_email(opens: bool, clicks: bool) -> None:
    request = _sent(replace(EMAIL, open_tracking=opens, click_tracking=clicks))
    words = {True: "ENABLED", False: "DISABLED"}
    tracking = {"OpenTrackingEnabled": words[opens], "ClickTrackingEnabled": words[clicks]}
    assert request["ConfigurationOverrides"] == {"Tracking": tracking}


@pytest.mark.usefixtures("cloud")
def test_ses_itself_takes_the_email() -> None:
    made = client("sesv2", once=True)
    made.create_email_identity(EmailIdentity="shop.example")
    reply = ses.SesSender(made, CONFIGURATION_SET).send(EMAIL)
    assert reply is not None
    assert (reply.state, bool(reply.provider_id)) == ("accepted", True)


@pytest.mark.usefixtures("cloud")
def test_a_store_that_forgot_to_verify_its_domain_loses_no_message() -> None:
    reply = ses.SesSender(client("sesv2", once=True), CONFIGURATION_SET).send(EMAIL)
    assert reply == ports.Reply("released", "MessageRejected")


SES_ERRORS = {
    "TooManyRequestsException": "released",
    "LimitExceededException": "released",
    "AccountSuspendedException": "released",
    "SendingPausedException": "released",
    "MessageRejected": "released",
    "MailFromDomainNotVerifiedException": "released",
    "NotFoundException": "released",
    "BadRequestException": "refused",
}


def _declared(service: str, operation: str) -> set[str]:
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    return {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}


@pytest.mark.parametrize("code", SES_ERRORS)
def test_what_ses_says_of_an_email_is_understood(code: str) -> None:
    made = client("sesv2", once=True)
    with fault(made, "SendEmail", code):
        assert ses.SesSender(made, CONFIGURATION_SET).send(EMAIL) == ports.Reply(SES_ERRORS[code], code)  # type: ignore[arg-type]


def test_every_error_that_ses_declares_is_known_here() -> None:
    assert _declared("sesv2", "SendEmail") == set(SES_ERRORS)


# --- texts ---


def _published(sender: ports.Sender, message: ports.Outgoing) -> dict[str, Any]:
    made = client("sns", once=True)
    with network(made, lambda: http(200, ACCEPTED["sns"])), calls(made, "Publish") as asked:
        sender.send(message)
    ((_, request),) = asked
    return request


def _text(message: ports.OutgoingText) -> dict[str, Any]:
    return _published(sns.SnsTextSender(client("sns", once=True)), message)


def test_a_text_is_sent_in_these_very_words() -> None:
    assert _text(TEXT) == {
        "PhoneNumber": "+4915112345678",
        "Message": "Küche: three habits",
        "MessageAttributes": {
            "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
            "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": "0.10"},
            "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "KUECHE"},
        },
    }


def test_a_promotion_is_sent_as_one() -> None:
    attributes = _text(replace(TEXT, promotional=True))["MessageAttributes"]
    assert attributes["AWS.SNS.SMS.SMSType"]["StringValue"] == "Promotional"


def test_a_text_without_a_sender_names_none() -> None:
    assert "AWS.SNS.SMS.SenderID" not in _text(replace(TEXT, sender_id=None))["MessageAttributes"]


@pytest.mark.parametrize(("price", "written"), [("1E-2", "0.01"), ("0.0000001", "0.0000001"), ("1E+1", "10")])
def test_a_price_is_written_out(price: str, written: str) -> None:
    attributes = _text(replace(TEXT, max_price_usd=Decimal(price)))["MessageAttributes"]
    assert attributes["AWS.SNS.SMS.MaxPrice"]["StringValue"] == written


@pytest.mark.usefixtures("cloud")
def test_sns_itself_takes_the_text_and_refuses_a_number_that_is_none() -> None:
    sender = sns.SnsTextSender(client("sns", once=True))
    reply = sender.send(TEXT)
    assert reply is not None
    assert reply.state == "accepted"
    assert sender.send(replace(TEXT, to="0151 12")) == ports.Reply("refused", "InvalidParameter")


# --- push ---


def _push(message: ports.OutgoingPush) -> dict[str, Any]:
    return _published(sns.SnsPushSender(client("sns", once=True)), message)


def _payload(message: ports.OutgoingPush, platform: str) -> Any:
    request = _push(message)
    envelope = json.loads(request["Message"])
    assert set(envelope) == {"default", platform}
    assert envelope["default"] == message.body
    assert len(envelope[platform].encode()) < 4096
    return json.loads(envelope[platform])


@pytest.mark.parametrize("platform", ["apns", "apns_sandbox"])
def test_a_note_for_an_iphone_is_sent_in_these_very_words(platform: str) -> None:
    message = replace(PUSH, platform=platform)
    assert _payload(message, platform.upper()) == {
        "aps": {"alert": {"title": "Make it last", "body": "Three habits – é"}, "thread-id": "order-1"},
        "url": "https://p.shop.example/o/1",
    }
    request = _push(message)
    assert (request["TargetArn"], request["MessageStructure"]) == (APNS, "json")
    assert request["MessageAttributes"] == {
        f"AWS.SNS.MOBILE.{platform.upper()}.TTL": {"DataType": "String", "StringValue": "3600"},
        "AWS.SNS.MOBILE.APNS.PUSH_TYPE": {"DataType": "String", "StringValue": "alert"},
        "AWS.SNS.MOBILE.APNS.COLLAPSE_ID": {"DataType": "String", "StringValue": "order-1"},
    }


def test_a_note_for_android_is_sent_in_these_very_words() -> None:
    message = replace(PUSH, platform="fcm")
    assert _payload(message, "GCM") == {
        "fcmV1Message": {
            "message": {
                "notification": {"title": "Make it last", "body": "Three habits – é"},
                "data": {"url": "https://p.shop.example/o/1"},
                "android": {"collapse_key": "order-1", "ttl": "3600s"},
            }
        }
    }
    assert _push(message)["MessageAttributes"] == {}


@pytest.mark.parametrize(("platform", "key"), [("apns", "APNS"), ("fcm", "GCM")])
@pytest.mark.parametrize("letter", ["é", "🎁", '"', "\\", "\x00"])
def test_the_longest_note_that_is_ever_rendered_fits(platform: str, key: str, letter: str) -> None:
    message = replace(
        PUSH, platform=platform, title=letter * NAME, body=letter * PUSH_BODY, url="https://x/" + "u" * 300
    )
    _payload(message, key)


@pytest.mark.parametrize(("platform", "key"), [("apns", "APNS"), ("fcm", "GCM")])
def test_a_note_without_a_link_has_an_empty_one(platform: str, key: str) -> None:
    payload = _payload(replace(PUSH, platform=platform, url=None), key)
    assert '"url": ""' in json.dumps(payload)


def test_a_note_waits_for_its_device_no_longer_than_sns_allows() -> None:
    long = replace(PUSH, seconds_of_use=90 * 86_400)
    assert _push(long)["MessageAttributes"]["AWS.SNS.MOBILE.APNS.TTL"]["StringValue"] == "1209600"
    android = _payload(replace(long, platform="fcm"), "GCM")
    assert android["fcmV1Message"]["message"]["android"]["ttl"] == "1209600s"


@pytest.fixture
def endpoint(cloud: object) -> str:
    made = client("sns")
    shop = made.create_platform_application(Name="shop", Platform="APNS", Attributes={})["PlatformApplicationArn"]
    arn: str = made.create_platform_endpoint(PlatformApplicationArn=shop, Token="t" * 64)["EndpointArn"]
    return arn


def test_a_device_that_is_there_is_sent_to(endpoint: str) -> None:
    reply = sns.SnsPushSender(client("sns", once=True)).send(replace(PUSH, endpoint=endpoint))
    assert reply is not None
    assert (reply.state, reply.address_gone) == ("accepted", False)


def test_a_device_that_its_platform_no_longer_knows_is_gone(endpoint: str) -> None:
    client("sns").set_endpoint_attributes(EndpointArn=endpoint, Attributes={"Enabled": "false"})
    reply = sns.SnsPushSender(client("sns", once=True)).send(replace(PUSH, endpoint=endpoint))
    assert reply == ports.Reply("released", "EndpointDisabled", address_gone=True)


def test_a_device_that_was_deleted_is_gone(endpoint: str) -> None:
    client("sns").delete_endpoint(EndpointArn=endpoint)
    reply = sns.SnsPushSender(client("sns", once=True)).send(replace(PUSH, endpoint=endpoint))
    assert reply == ports.Reply("released", "NotFound", address_gone=True)


def test_sns_says_of_a_deleted_device_that_a_parameter_is_wrong() -> None:
    words = b"Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
    assert _told_of(words) == ports.Reply("released", "NotFound", address_gone=True)


def test_a_parameter_that_is_wrong_otherwise_says_nothing_about_the_device() -> None:
    words = b"Invalid parameter: Message Reason: Invalid message body"
    assert _told_of(words) == ports.Reply("refused", "InvalidParameter")


def _told_of(words: bytes) -> ports.Reply | None:
    """The reply when SNS answers so on the wire."""
    body = b"<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>%s</Message></Error>"
    answer = http(400, body % words + b"<RequestId>1</RequestId></ErrorResponse>", {"content-type": "text/xml"})
    made = client("sns", once=True)
    with network(made, lambda: answer) as attempts:
        reply = sns.SnsPushSender(made).send(PUSH)
    assert len(attempts) == 1
    return reply


SNS_ERRORS = {
    "InvalidParameter": "refused",
    "ParameterValueInvalid": "refused",
    "ValidationException": "refused",
    "NotFound": "released",
    "EndpointDisabled": "released",
    "PlatformApplicationDisabled": "released",
    "AuthorizationError": "released",
    "InvalidSecurity": "released",
    "KMSThrottling": "released",
    "KMSOptInRequired": "released",
    "KMSDisabled": "refused",
    "KMSInvalidState": "refused",
    "KMSNotFound": "refused",
    "KMSAccessDenied": "refused",
    "InternalError": None,
}


@pytest.mark.parametrize("code", SNS_ERRORS)
def test_what_sns_says_of_a_message_is_understood(code: str) -> None:
    made, state = client("sns", once=True), SNS_ERRORS[code]
    status = {"InternalError": 500, "InvalidSecurity": 403, "KMSOptInRequired": 403}.get(code, 400)
    with fault(made, "Publish", code, status):
        reply = sns.SnsPushSender(made).send(PUSH)
    assert (reply.state if reply else None) == state
    assert (reply is not None and reply.address_gone) == (code in ("NotFound", "EndpointDisabled"))


def test_every_error_that_sns_declares_is_known_here() -> None:
    assert _declared("sns", "Publish") == set(SNS_ERRORS)
