"""The little of Protobuf's encoding that is written by hand: messages put together of encoded elements."""

from __future__ import annotations

from google.protobuf.message import Message


def varint(number: int) -> bytes:
    """A length as Protobuf writes it."""
    if number < 0x80:
        return _ONE_BYTE[number]
    parts = bytearray()
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def tag(message: type[Message], field: str) -> bytes:
    """What stands before a field of a message: of bytes, of a text, or of a message."""
    return varint(message.DESCRIPTOR.fields_by_name[field].number << 3 | 2)


_ONE_BYTE = [bytes([number]) for number in range(0x80)]
