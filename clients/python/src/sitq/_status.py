"""From gRPC's statuses to the errors of this package."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from . import reasons
from ._spans import from_duration
from ._unreached import explain, is_from_core, is_unconnected
from .errors import CallError, FieldViolation, call_error

assert reasons, "its classes are registered by the import"

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_PLACE = re.compile(r"^requests\[\d+\](?:\.|$)")


def error_of_status(status: status_pb2.Status, *, of_item: bool = False) -> CallError:
    """The error of a google.rpc.Status.

    ``of_item``: it is the answer to one item of a shared batch, whose place in it means nothing to its caller.
    """
    reason: str | None = None
    metadata: dict[str, str] = {}
    retry_after: timedelta | None = None
    violations: list[FieldViolation] = []
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
            reason, metadata = info.reason, dict(info.metadata)
            continue
        retry = error_details_pb2.RetryInfo()
        if detail.Is(retry.DESCRIPTOR):
            detail.Unpack(retry)
            retry_after = from_duration(retry.retry_delay)
            continue
        bad = error_details_pb2.BadRequest()
        if detail.Is(bad.DESCRIPTOR):
            detail.Unpack(bad)
            for each in bad.field_violations:
                field = _PLACE.sub("", each.field) if of_item else each.field
                violations.append(FieldViolation(field, each.reason, each.description))
    return call_error(
        status.message,
        _CODES.get(status.code, grpc.StatusCode.UNKNOWN),
        reason=reason,
        violations=violations,
        metadata=metadata,
        retry_after=retry_after,
    )


def error_of_call(error: grpc.RpcError, address: str) -> CallError:
    """The error of a failed call; ``address``: where the server was looked for."""
    code = error.code()
    text = error.details() or ""
    trailers: Iterable[Any] = error.trailing_metadata() or ()
    for key, value in trailers:
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            status = status_pb2.Status()
            try:
                status.ParseFromString(value)
            except DecodeError:
                break  # Details are an extra: the code and the text stand without them.
            found = error_of_status(status)
            if found.reason is not None:
                return found
    if code is grpc.StatusCode.INTERNAL and is_from_core(text):
        code = grpc.StatusCode.UNAVAILABLE
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        why, handshake = explain(text)
        unreached = call_error(f"cannot reach {address}: {why}", code, unreached=True, handshake=handshake)
        unreached.unsent = is_unconnected(text)
        return unreached
    return call_error(text or "the call failed", code)
