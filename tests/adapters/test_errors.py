import botocore.session
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from perennial.adapters.errors import PASSING, code_of, reasons_of, status_of, translated
from perennial.errors import Misconfigured, PerennialError, Unavailable

ASKED = {
    "dynamodb": ("Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"),
    "sqs": ("SendMessage",),
    "scheduler": ("CreateSchedule", "DeleteSchedule"),
    "ssm": ("GetParameter",),
    "s3": ("PutObject", "GetObject"),
}
"""Everything that is asked of a service that may be asked twice; the senders have their own rules."""

ANSWERS = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "ConflictException",
    "NoSuchKey",
    "ParameterNotFound",
}
"""Errors that are answers: each has its test with the adapter that reads it."""

FOR_A_PERSON = {
    *("ResourceNotFoundException", "ItemCollectionSizeLimitExceededException", "IdempotentParameterMismatchException"),
    *("InvalidMessageContents", "UnsupportedOperation", "QueueDoesNotExist", "InvalidSecurity", "InvalidAddress"),
    *("KmsDisabled", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsAccessDenied", "KmsInvalidKeyUsage"),
    *("ServiceQuotaExceededException", "ValidationException"),
    *("InvalidKeyId", "ParameterVersionNotFound"),
    *("InvalidRequest", "InvalidWriteOffset", "TooManyParts", "EncryptionTypeMismatch", "InvalidObjectState"),
}
"""What waiting does not mend."""


def _error(code: str, status: int = 400) -> ClientError:
    told = {"Code": code, "Message": "somebody@example.com is not welcome"}
    return ClientError({"Error": told, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutItem")  # type: ignore[typeddict-item]


def _raise(error: Exception, *expected: str) -> None:
    with translated(*expected):
        raise error


@pytest.mark.parametrize("code", sorted(PASSING))
def test_what_passes_by_itself_is_unavailable(code: str) -> None:
    with pytest.raises(Unavailable, match=f"^PutItem: {code}$"):
        _raise(_error(code))


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException", "New"])
def test_anything_else_needs_a_person(code: str) -> None:
    with pytest.raises(Misconfigured, match=f"^PutItem: {code}$"):
        _raise(_error(code))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_throttles_and_server_faults_of_any_name_pass_by_themselves(status: int) -> None:
    with pytest.raises(Unavailable):
        _raise(_error("Something", status))


@pytest.mark.parametrize("code", ["ConflictException", "ThrottlingException"])
def test_an_expected_code_is_left_to_the_caller(code: str) -> None:
    with pytest.raises(ClientError):
        _raise(_error(code), "ConflictException", "ThrottlingException")


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://aws.example/?who=somebody@example.com"),
        ReadTimeoutError(endpoint_url="https://aws.example"),
        ConnectionClosedError(endpoint_url="https://aws.example"),
        NoCredentialsError(),
        BotoCoreError(),
        ResponseParserError("<html>somebody@example.com</html>"),
    ],
)
def test_no_answer_at_all_is_unavailable_and_named_by_its_kind_only(error: Exception) -> None:
    with pytest.raises(Unavailable, match=f"^{type(error).__name__}$"):
        _raise(error)


def test_what_went_wrong_inside_is_not_called_an_outage() -> None:
    with pytest.raises(KeyError):
        _raise(KeyError("doc"))


def test_the_cause_is_kept_and_its_words_are_not_repeated() -> None:
    cause = _error("AccessDeniedException")
    with pytest.raises(PerennialError) as caught:
        _raise(cause)
    assert caught.value.__cause__ is cause
    assert "example.com" not in str(caught.value)


def test_nothing_is_translated_where_nothing_went_wrong() -> None:
    with translated():
        answer = 1
    assert answer == 1


def test_an_error_without_its_usual_parts_can_still_be_read() -> None:
    bare = ClientError({}, "PutItem")
    assert (code_of(bare), status_of(bare), reasons_of(bare)) == ("", 0, [])
    with pytest.raises(Misconfigured):
        _raise(bare)


def test_whatever_the_sdk_tries_again_passes_by_itself() -> None:
    throttles: list[str] = vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]
    passing: list[str] = vars(TransientRetryableChecker)["_TRANSIENT_ERROR_CODES"]
    retried = {*throttles, *passing}
    assert retried - PASSING == set()


@pytest.mark.parametrize("service", ASKED)
def test_every_error_that_a_service_declares_is_understood(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    declared = {
        shape.metadata.get("error", {}).get("code", shape.name)
        for operation in ASKED[service]
        for shape in model.operation_model(operation).error_shapes
    }
    assert declared - PASSING - ANSWERS - FOR_A_PERSON == set()


def test_no_code_is_understood_in_two_ways() -> None:
    assert PASSING.isdisjoint(ANSWERS)
    assert (PASSING | ANSWERS).isdisjoint(FOR_A_PERSON)
