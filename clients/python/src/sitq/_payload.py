"""Payloads: from values of Python to the contract's Payload, and back to plain values."""

from __future__ import annotations

import dataclasses
import enum
import math
import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Value

from .errors import PayloadMismatch
from .v1.payload_pb2 import Payload

MAX_WHOLE = 2**53
"""Whole numbers beyond it lose digits as doubles, which all numbers are on the wire."""
MAX_DEPTH = 30
EMPTY = Payload()
"""No payload at all. Read, it is ``None``, as the JSON value null is."""


def encode(value: object, name: str = "payload") -> Payload:
    """The payload of a value: bytes for bytes, a typed message for a Protobuf message, otherwise JSON.

    Dataclasses and models of pydantic become objects; dates, times, UUIDs, Decimals and enums what pydantic makes of them. What JSON
    would change in silence is refused: NaN, infinities, whole numbers beyond 2^53, sets, keys that are no texts.

    Raises PayloadMismatch, which names the place.
    """
    payload = Payload()
    encode_into(payload, value, name)
    return payload


def encode_into(payload: Payload, value: object, name: str) -> None:
    """Fills an empty payload; as ``encode``."""
    if type(value) in _JSON:
        _fill(payload.json, value, name, 0)
        return
    payload.SetInParent()
    if isinstance(value, (bytes, bytearray, memoryview)):
        payload.binary = bytes(value)
    elif isinstance(value, Payload):
        payload.CopyFrom(value)
    elif isinstance(value, AnyMessage):
        payload.message.CopyFrom(value)
    elif isinstance(value, Message) and not isinstance(value, Value):
        payload.message.Pack(value, deterministic=True)
    else:
        _fill(payload.json, value, name, 0)


_JSON = frozenset((dict, list, str, int, float, bool, type(None)))


def decode(payload: Payload) -> Any:
    """The plain value of a payload: a JSON value, bytes, ``None`` for an empty one, and the Any itself for a typed message.

    Whole numbers are ``int``.
    """
    kind = payload.WhichOneof("kind")
    if kind == "json":
        return plain(payload.json)
    if kind == "binary":
        return payload.binary
    return payload.message if kind == "message" else None


def plain(value: Value) -> Any:
    """A JSON value as Python has it."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) <= MAX_WHOLE else number
    if kind == "struct_value":
        return {key: plain(each) for key, each in value.struct_value.fields.items()}
    if kind == "list_value":
        return [plain(each) for each in value.list_value.values]
    return value.bool_value if kind == "bool_value" else None


def _fill(into: Value, value: object, path: str, depth: int) -> None:
    if isinstance(value, str):
        _set_text(into, value.value if isinstance(value, enum.Enum) else value, path)
    elif value is None:
        into.null_value = 0  # type: ignore[assignment]
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, (int, float)):
        into.number_value = _number(value, path)
    elif depth >= MAX_DEPTH:
        raise PayloadMismatch(path, f"is more than {MAX_DEPTH} levels deep")
    elif isinstance(value, Mapping):
        into.struct_value.SetInParent()
        fields = into.struct_value.fields
        for key, each in value.items():
            if not isinstance(key, str):
                raise PayloadMismatch(path, f"has the key {key!r}, which is no text")
            try:
                field = fields[key]
            except ValueError:
                raise PayloadMismatch(path, f"has the key {key!r}, which is no text that UTF-8 can hold") from None
            _fill(field, each, f"{path}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        into.list_value.SetInParent()
        add = into.list_value.values.add
        for index, each in enumerate(value):
            _fill(add(), each, f"{path}[{index}]", depth + 1)
    else:
        _fill(into, _converted(value, path), path, depth)


def _set_text(into: Value, text: str, path: str) -> None:
    try:
        into.string_value = text
    except (UnicodeEncodeError, ValueError) as error:
        raise PayloadMismatch(path, "is no text that UTF-8 can hold") from error


def _number(value: int | float, path: str) -> float:
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        # Python itself refuses to write thousands of digits.
        number = str(value) if value.bit_length() < 512 else f"a number of {value.bit_length()} bits"
        raise PayloadMismatch(path, f"{number} is beyond 2^53 and would lose digits; carry it as text")
    if not math.isfinite(value):
        raise PayloadMismatch(path, f"{value} is no number of JSON")
    return float(value)


def _converted(value: object, path: str) -> object:
    """What stands for a value in JSON, one level down."""
    dump = getattr(value, "model_dump", None)
    if dump is not None and not isinstance(value, type):
        return dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return iso_duration(value)
    if isinstance(value, (uuid.UUID, Decimal)):
        return str(value)
    if isinstance(value, Value):
        return plain(value)
    raise PayloadMismatch(path, f"a {type(value).__name__} is no value of JSON")


def iso_duration(span: timedelta) -> str:
    """A span by ISO 8601, as pydantic writes it: ``PT90.5S``, ``-P1DT2S``."""
    sign, span = ("-", -span) if span < timedelta() else ("", span)
    days, seconds = span.days, span.seconds + span.microseconds / 1e6
    text = f"{seconds:.6f}".rstrip("0").rstrip(".")
    head = f"P{days}D" if days else "P"
    return f"{sign}{head}" + (f"T{text}S" if seconds or not days else "")
