"""Values of the types that annotations name: dataclasses, models of pydantic, and what they hold.

A decoder is made once for each type. It takes a plain value (what JSON has) and the path of its place, and raises PayloadMismatch with
the path of what does not fit.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import functools
import inspect
import re
import types
import typing
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from ._payload import decode
from .errors import PayloadMismatch
from .v1.payload_pb2 import Payload

Decoder = Callable[[Any, str], Any]


def reader_of(annotation: Any) -> Callable[[Payload, str], Any]:
    """What reads a payload as the type of an annotation; without one, as a plain value."""
    if annotation is inspect.Parameter.empty or annotation in (Any, object):
        return lambda payload, name: decode(payload)
    if isinstance(annotation, type) and issubclass(annotation, Message):
        return _message_reader(annotation)
    decoder = decoder_of(annotation)
    return lambda payload, name: decoder(decode(payload), name)


def read(payload: Payload, annotation: Any, name: str) -> Any:
    """Reads a payload as a type. Raises PayloadMismatch, whose path begins with ``name``."""
    return reader_of(annotation)(payload, name)


def _message_reader(cls: type[Message]) -> Callable[[Payload, str], Any]:
    def read_message(payload: Payload, name: str) -> Any:
        if cls is Payload:
            return payload
        if payload.WhichOneof("kind") != "message":
            raise PayloadMismatch(name, f"holds no message of the type {cls.DESCRIPTOR.full_name}")
        if cls is AnyMessage:
            return payload.message
        message = cls()
        if not payload.message.Unpack(message):
            found = payload.message.TypeName()
            raise PayloadMismatch(name, f"is a {found}, not a {cls.DESCRIPTOR.full_name}")
        return message

    return read_message


def decoder_of(annotation: Any) -> Decoder:
    """The decoder of a type. Raises TypeError for one that no payload can hold."""
    try:
        return _cached(annotation)
    except TypeError as error:
        if "unhashable" not in str(error):
            raise
        return _make(annotation)


@functools.lru_cache(maxsize=1024)
def _cached(annotation: Any) -> Decoder:
    return _make(annotation)


def _make(annotation: Any) -> Decoder:
    if annotation in (Any, object, inspect.Parameter.empty) or isinstance(annotation, typing.TypeVar):
        return lambda value, path: value
    if annotation is None or annotation is type(None):
        return _expect("null", lambda value: value is None)
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return decoder_of(args[0])
    if origin in (Union, types.UnionType):
        return _union([decoder_of(each) for each in args])
    if origin is typing.Literal:
        words = " or ".join(repr(each) for each in args)
        return _expect(words, lambda value: any(value == each and type(value) is type(each) for each in args))
    if hasattr(annotation, "__pydantic_validator__") or hasattr(annotation, "__pydantic_fields__"):
        return _pydantic(annotation)
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return _dataclass(annotation)
    if typing.is_typeddict(annotation):
        return _typed_dict(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _converting(annotation, f"one of {', '.join(repr(each.value) for each in annotation)}")
    return _collection(origin or annotation, args)


def _collection(cls: Any, args: tuple[Any, ...]) -> Decoder:
    if cls is tuple and args and args[-1] is not Ellipsis:
        return _fixed_tuple([decoder_of(each) for each in args])
    if cls in _LISTS:
        return _list(decoder_of(args[0] if args else Any), _LISTS[cls])
    if cls in (dict, collections.abc.Mapping, collections.abc.MutableMapping):
        if args and args[0] not in (str, Any):
            raise TypeError(f"{cls.__name__}[{args[0]!r}, …]: the keys of a payload's objects are texts")
        return _dict(decoder_of(args[1] if args else Any))
    raise TypeError(f"{cls!r} is no type of a payload")


_LISTS: dict[Any, Callable[[list[Any]], Any]] = {
    list: lambda items: items,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    collections.abc.Sequence: lambda items: items,
    collections.abc.Iterable: lambda items: items,
    collections.abc.Collection: lambda items: items,
}


def kind_of(value: object) -> str:
    """What a plain value is, in the words of JSON."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), "bytes" if isinstance(value, bytes) else f"a {type(value).__name__}")


def _mismatch(path: str, wanted: str, value: object) -> PayloadMismatch:
    return PayloadMismatch(path, f"is {kind_of(value)}, expected {wanted}")


def _expect(wanted: str, fits: Callable[[Any], bool]) -> Decoder:
    def check(value: Any, path: str) -> Any:
        if not fits(value):
            raise _mismatch(path, wanted, value)
        return value

    return check


def _float(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _mismatch(path, "a number", value)
    return float(value)


def _converting(convert: Callable[[Any], Any], wanted: str, takes: tuple[type, ...] = (str, int)) -> Decoder:
    def run(value: Any, path: str) -> Any:
        if isinstance(value, takes) and not isinstance(value, bool):
            try:
                return convert(value)
            except (ValueError, ArithmeticError):
                raise PayloadMismatch(path, f"{value!r} is not {wanted}") from None
        raise _mismatch(path, wanted, value)

    return run


_ISO_SPAN = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)


def _span(value: str | int | float) -> timedelta:
    if not isinstance(value, str):
        return timedelta(seconds=value)
    match = _ISO_SPAN.fullmatch(value)
    parts = {
        name: float(part) for name, part in (match.groupdict() if match else {}).items() if part and name != "sign"
    }
    if match is None or not parts:
        raise ValueError(value)
    span = timedelta(**parts)
    return -span if match["sign"] == "-" else span


def _datetime(value: str) -> datetime:
    # Python 3.10 knows no Z.
    return datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)


_SCALARS: dict[Any, Decoder] = {
    str: _expect("a text", lambda value: isinstance(value, str)),
    int: _expect("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    float: _float,
    bool: _expect("a boolean", lambda value: isinstance(value, bool)),
    bytes: _expect("bytes", lambda value: isinstance(value, bytes)),
    datetime: _converting(_datetime, "a date and time", (str,)),
    date: _converting(date.fromisoformat, "a date", (str,)),
    time: _converting(time.fromisoformat, "a time", (str,)),
    timedelta: _converting(_span, "a duration", (str, int, float)),
    uuid.UUID: _converting(uuid.UUID, "a UUID", (str,)),
    Decimal: _converting(lambda value: Decimal(str(value)), "a decimal number", (str, int, float)),
}


def _union(decoders: list[Decoder]) -> Decoder:
    def run(value: Any, path: str) -> Any:
        errors = []
        for decoder in decoders:
            try:
                return decoder(value, path)
            except PayloadMismatch as error:
                errors.append(error)
        # The one that got farthest says the most.
        raise max(errors, key=lambda error: len(error.field))

    return run


def _list(decoder: Decoder, build: Callable[[list[Any]], Any]) -> Decoder:
    def run(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise _mismatch(path, "a list", value)
        return build([decoder(each, f"{path}[{index}]") for index, each in enumerate(value)])

    return run


def _fixed_tuple(decoders: list[Decoder]) -> Decoder:
    def run(value: Any, path: str) -> Any:
        if not isinstance(value, list) or len(value) != len(decoders):
            raise _mismatch(path, f"a list of {len(decoders)}", value)
        return tuple(
            decoder(each, f"{path}[{n}]") for n, (decoder, each) in enumerate(zip(decoders, value, strict=True))
        )

    return run


def _dict(decoder: Decoder) -> Decoder:
    def run(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _mismatch(path, "an object", value)
        return {key: decoder(each, f"{path}.{key}") for key, each in value.items()}

    return run


def _members(hints: dict[str, Any], required: set[str], build: Callable[[dict[str, Any]], Any]) -> Decoder:
    """Members that no field is for are ignored: a newer producer may send more."""
    decoders: dict[str, Decoder] = {}

    def run(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _mismatch(path, "an object", value)
        if not decoders:
            # Not before: a class may hold itself.
            decoders.update({name: decoder_of(hint) for name, hint in hints.items()})
        for name in required:
            if name not in value:
                raise PayloadMismatch(f"{path}.{name}", "is missing")
        return build(
            {name: decoder(value[name], f"{path}.{name}") for name, decoder in decoders.items() if name in value}
        )

    return run


def _dataclass(cls: type[Any]) -> Decoder:
    hints = get_type_hints(cls, include_extras=True)
    fields = [field for field in dataclasses.fields(cls) if field.init]
    missing = dataclasses.MISSING
    required = {each.name for each in fields if each.default is missing and each.default_factory is missing}
    return _members({each.name: hints[each.name] for each in fields}, required, lambda members: cls(**members))


def _typed_dict(cls: Any) -> Decoder:
    return _members(get_type_hints(cls), set(cls.__required_keys__), lambda members: members)


def _pydantic(cls: Any) -> Decoder:
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(cls)

    def run(value: Any, path: str) -> Any:
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
            raise PayloadMismatch(path + place, first["msg"]) from None

    return run
