from __future__ import annotations

import enum
import math
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal, Optional, TypedDict, Union

import pydantic
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

import sitq
from sitq._payload import EMPTY, decode, encode
from sitq._typed import decoder_of, read
from sitq.v1.payload_pb2 import Payload


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Item:
    sku: str
    count: int = 1
    tags: list[str] = field(default_factory=list)


@dataclass
class Order:
    id: uuid.UUID
    items: list[Item]
    placed: datetime
    price: Decimal
    colour: Colour = Colour.RED
    wait: timedelta = timedelta(seconds=1.5)
    note: str | None = None
    parent: Optional[Order] = None  # noqa: UP045


class Address(pydantic.BaseModel):
    city: str
    zip: int = pydantic.Field(gt=0)


class Point(TypedDict):
    x: float
    y: float


order = Order(
    id=uuid.UUID(int=7),
    items=[Item("lamp", 2, ["new"]), Item("desk")],
    placed=datetime(2026, 7, 1, 12, tzinfo=timezone.utc),
    price=Decimal("12.50"),
    colour=Colour.BLUE,
    note="fragile",
)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        -(2**53),
        7.5,
        "ä",
        b"\x00\xff",
        [],
        {},
        {"a": [1, None, {"b": False}]},
    ],
)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    found = decode(Payload.FromString(encode(value).SerializeToString()))
    assert found == value
    assert type(found) is type(value)


def test_an_empty_payload_is_none() -> None:
    assert encode(EMPTY).SerializeToString() == b""
    assert decode(EMPTY) is None
    assert encode(None).WhichOneof("kind") == "json"


def test_dataclasses_come_back_as_they_were() -> None:
    assert read(encode(order), Order, "payload") == order
    nested = Order(uuid.UUID(int=1), [], order.placed, Decimal(1), parent=order)
    assert read(encode(nested), Order, "payload") == nested


def test_models_of_pydantic_come_back_as_they_were() -> None:
    address = Address(city="Berlin", zip=10115)
    assert decode(encode(address)) == {"city": "Berlin", "zip": 10115}
    assert read(encode(address), Address, "payload") == address
    assert read(encode([address]), list[Address], "payload") == [address]
    with pytest.raises(sitq.PayloadMismatch, match=r"payload\[1\]\.zip: Input should be greater than 0"):
        read(encode([{"city": "a", "zip": 1}, {"city": "b", "zip": 0}]), list[Address], "payload")


def test_messages_travel_typed() -> None:
    payload = encode(Duration(seconds=90))
    assert payload.message.type_url == "type.googleapis.com/google.protobuf.Duration"
    assert read(payload, Duration, "payload") == Duration(seconds=90)
    with pytest.raises(
        sitq.PayloadMismatch, match=r"payload: is a google\.protobuf\.Duration, not a google\.protobuf\.Timestamp"
    ):
        read(payload, Timestamp, "payload")
    with pytest.raises(sitq.PayloadMismatch, match="payload: holds no message"):
        read(encode(7), Duration, "payload")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"n": math.nan}, r"payload\.n: nan is no number of JSON"),
        ([1, math.inf], r"payload\[1\]: inf is no number of JSON"),
        ({"id": 2**53 + 1}, r"payload\.id: 9007199254740993 is beyond 2\^53"),
        ({1: 2}, r"payload: has the key 1, which is no text"),
        ({"s": {1, 2}}, r"payload\.s: a set is no value of JSON"),
        ({"f": print}, r"payload\.f: a builtin_function_or_method is no value of JSON"),
        ({"b": b"x"}, r"payload\.b: a bytes is no value of JSON"),
        ("\ud800", "payload: is no text that UTF-8 can hold"),
    ],
)
def test_what_json_would_change_in_silence_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(sitq.PayloadMismatch, match=problem):
        encode(value)


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: Any = []
    for _ in range(40):
        value = [value]
    with pytest.raises(sitq.PayloadMismatch, match="is more than 30 levels deep"):
        encode(value)


@pytest.mark.parametrize(
    ("annotation", "value", "problem"),
    [
        (int, 7.5, "p: is a number, expected a whole number"),
        (int, True, "p: is a boolean, expected a whole number"),
        (int, "7", "p: is a text, expected a whole number"),
        (str, 7, "p: is a number, expected a text"),
        (float, "1", "p: is a text, expected a number"),
        (bool, 1, "p: is a number, expected a boolean"),
        (bytes, "x", "p: is a text, expected bytes"),
        (list[int], {}, "p: is an object, expected a list"),
        (list[int], [1, "2"], r"p\[1\]: is a text, expected a whole number"),
        (dict[str, int], {"a": None}, r"p\.a: is null, expected a whole number"),
        (tuple[int, str], [1], "p: is a list, expected a list of 2"),
        (Literal["a", "b"], "c", "p: is a text, expected 'a' or 'b'"),
        (Colour, "green", "p: 'green' is not one of 'red', 'blue'"),
        (datetime, "yesterday", "p: 'yesterday' is not a date and time"),
        (uuid.UUID, "x", "p: 'x' is not a UUID"),
        (timedelta, "P", "p: 'P' is not a duration"),
        (Item, {"count": 1}, r"p\.sku: is missing"),
        (Item, None, "p: is null, expected an object"),
        (Order, {**decode(encode(order)), "items": [{"sku": 7}]}, r"p\.items\[0\]\.sku: is a number, expected a text"),
        (Point, {"x": 1}, r"p\.y: is missing"),
        (Union[int, list[str]], [7], r"p\[0\]: is a number, expected a text"),
        (Optional[int], "x", "p: is a text, expected"),  # noqa: UP045
    ],
)
def test_a_value_that_does_not_fit_names_its_place(annotation: Any, value: Any, problem: str) -> None:
    with pytest.raises(sitq.PayloadMismatch, match=problem):
        decoder_of(annotation)(value, "p")


@pytest.mark.parametrize(
    ("annotation", "value", "wanted"),
    [
        (float, 7, 7.0),
        (Optional[int], None, None),  # noqa: UP045
        (tuple[int, ...], [1, 2], (1, 2)),
        (set[int], [1, 2, 1], {1, 2}),
        (dict[str, Item], {"a": {"sku": "x", "unknown": 1}}, {"a": Item("x")}),
        (Point, {"x": 1, "y": 2.5}, {"x": 1.0, "y": 2.5}),
        (Literal[1, "a"], 1, 1),
        (date, "2026-07-01", date(2026, 7, 1)),
        (datetime, "2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, tzinfo=timezone.utc)),
        (timedelta, "P1DT1H0.5S", timedelta(days=1, hours=1, seconds=0.5)),
        (timedelta, "-PT90S", timedelta(seconds=-90)),
        (timedelta, 1.5, timedelta(seconds=1.5)),
        (Decimal, "12.50", Decimal("12.50")),
        (Any, {"a": 1}, {"a": 1}),
    ],
)
def test_a_value_that_fits_is_of_its_type(annotation: Any, value: Any, wanted: Any) -> None:
    found = decoder_of(annotation)(value, "p")
    assert found == wanted
    assert type(found) is type(wanted)


def test_durations_are_written_as_pydantic_writes_them() -> None:
    class Model(pydantic.BaseModel):
        span: timedelta

    for span in (
        timedelta(),
        timedelta(seconds=90.5),
        timedelta(days=1),
        timedelta(days=1, seconds=2),
        -timedelta(minutes=3),
    ):
        ours = decode(encode({"span": span}))["span"]
        assert Model(span=ours).span == span
        theirs = Model(span=span).model_dump(mode="json")["span"]
        assert decoder_of(timedelta)(theirs, "p") == span
