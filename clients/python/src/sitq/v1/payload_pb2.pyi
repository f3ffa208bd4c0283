from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Payload(_message.Message):
    __slots__ = ("json", "binary", "message")
    JSON_FIELD_NUMBER: _ClassVar[int]
    BINARY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    json: _struct_pb2.Value
    binary: bytes
    message: _any_pb2.Any
    def __init__(self, json: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., binary: _Optional[bytes] = ..., message: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...
