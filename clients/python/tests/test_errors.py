from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

import sitq
from sitq._status import error_of_status
from sitq.errors import CallError

PAGE = (Path(__file__).parents[3] / "docs/errors.md").read_text()
ROWS = [re.split(r" \| ", row.strip("| ")) for row in PAGE.splitlines() if re.match(r"\| `[A-Z_]+` \|", row)]


def status_of(code: grpc.StatusCode, reason: str, **details: object) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message="the text")
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain="sitq", metadata={"max_bytes": "7"}))
    for detail in details.values():
        status.details.add().Pack(detail)
    return status


@pytest.mark.parametrize(("reason", "code"), [(row[0].strip("`"), row[1]) for row in ROWS])
def test_every_reason_of_the_table_has_a_class_with_its_code(reason: str, code: str) -> None:
    error = error_of_status(status_of(grpc.StatusCode[code], reason))
    assert type(error) is CallError.by_reason[reason]
    assert (error.reason, error.code.name, error.message) == (reason, code, "the text")
    assert isinstance(error, CallError.by_code[grpc.StatusCode[code]])
    assert error.metadata == {"max_bytes": "7"}


@pytest.mark.parametrize(("reason", "code", "repeated"), [(row[0].strip("`"), row[1], row[3]) for row in ROWS])
def test_what_the_table_says_is_final_is_not_repeated(reason: str, code: str, repeated: str) -> None:
    error = error_of_status(status_of(grpc.StatusCode[code], reason))
    if error.is_transient:
        assert repeated in ("yes", "wait")


def test_details_become_fields_and_delays() -> None:
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field="requests[2].task.queue", reason="INVALID_FIELD", description="is wrong")
    bad.field_violations.add(field="requests[2].task.type", reason="INVALID_FIELD", description="is wrong too")
    retry = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000))
    status = status_of(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", bad=bad, retry=retry)
    error = error_of_status(status, of_item=True)
    assert error.field == "task.queue"
    assert [each.field for each in error.violations] == ["task.queue", "task.type"]
    assert error.retry_after == timedelta(seconds=1.5)
    assert error_of_status(status).field == "requests[2].task.queue"


def test_a_reason_or_a_code_that_a_newer_server_sends_is_of_the_code_that_is_known() -> None:
    error = error_of_status(status_of(grpc.StatusCode.NOT_FOUND, "SHELF_NOT_FOUND"))
    assert type(error) is sitq.NotFoundError
    assert error.reason == "SHELF_NOT_FOUND"
    moved = error_of_status(status_of(grpc.StatusCode.ABORTED, "TASK_NOT_FOUND"))
    assert type(moved) is sitq.AbortedError
    assert error_of_status(status_pb2.Status(code=99, message="new")).code is grpc.StatusCode.UNKNOWN


def test_a_deadline_is_a_timeout_error() -> None:
    assert issubclass(sitq.DeadlineExceededError, TimeoutError)


async def test_a_server_that_is_away_is_named_and_its_call_repeated_until_the_time_is_over() -> None:
    async with sitq.connect("127.0.0.1:1", retry_timeout=0) as client:
        with pytest.raises(sitq.UnavailableError, match=r"cannot reach 127\.0\.0\.1:1: connection refused") as caught:
            await client.enqueue("queue", "type")
        assert caught.value.unreached
        with pytest.raises(sitq.UnavailableError, match=r"cannot reach 127\.0\.0\.1:1"):
            await client.get_task("x")


async def test_a_client_that_is_closed_refuses_calls(client: sitq.Client) -> None:
    await client.close()
    with pytest.raises(sitq.FailedPreconditionError, match="closed") as caught:
        await client.get_task("x")
    assert caught.value.reason == "CLOSED"
