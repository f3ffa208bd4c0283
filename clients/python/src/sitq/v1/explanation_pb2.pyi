import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WaitReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WAIT_REASON_UNSPECIFIED: _ClassVar[WaitReason]
    WAIT_REASON_SCHEDULED: _ClassVar[WaitReason]
    WAIT_REASON_RETRY: _ClassVar[WaitReason]
    WAIT_REASON_DEPENDENCIES: _ClassVar[WaitReason]
    WAIT_REASON_ORDERING: _ClassVar[WaitReason]
    WAIT_REASON_NOT_EXECUTED: _ClassVar[WaitReason]
    WAIT_REASON_PAUSED: _ClassVar[WaitReason]
    WAIT_REASON_NO_WORKER: _ClassVar[WaitReason]
    WAIT_REASON_NO_HANDLER: _ClassVar[WaitReason]
    WAIT_REASON_RESERVED: _ClassVar[WaitReason]
    WAIT_REASON_MAX_RUNNING: _ClassVar[WaitReason]
    WAIT_REASON_WORKERS_FULL: _ClassVar[WaitReason]
    WAIT_REASON_IN_LINE: _ClassVar[WaitReason]
    WAIT_REASON_DRAINING: _ClassVar[WaitReason]
WAIT_REASON_UNSPECIFIED: WaitReason
WAIT_REASON_SCHEDULED: WaitReason
WAIT_REASON_RETRY: WaitReason
WAIT_REASON_DEPENDENCIES: WaitReason
WAIT_REASON_ORDERING: WaitReason
WAIT_REASON_NOT_EXECUTED: WaitReason
WAIT_REASON_PAUSED: WaitReason
WAIT_REASON_NO_WORKER: WaitReason
WAIT_REASON_NO_HANDLER: WaitReason
WAIT_REASON_RESERVED: WaitReason
WAIT_REASON_MAX_RUNNING: WaitReason
WAIT_REASON_WORKERS_FULL: WaitReason
WAIT_REASON_IN_LINE: WaitReason
WAIT_REASON_DRAINING: WaitReason

class Explanation(_message.Message):
    __slots__ = ("reason", "message", "since_time", "task_ids", "step_ids", "position", "rate", "expected_start_time")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    TASK_IDS_FIELD_NUMBER: _ClassVar[int]
    STEP_IDS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_START_TIME_FIELD_NUMBER: _ClassVar[int]
    reason: WaitReason
    message: str
    since_time: _timestamp_pb2.Timestamp
    task_ids: _containers.RepeatedScalarFieldContainer[str]
    step_ids: _containers.RepeatedScalarFieldContainer[str]
    position: int
    rate: float
    expected_start_time: _timestamp_pb2.Timestamp
    def __init__(self, reason: _Optional[_Union[WaitReason, str]] = ..., message: _Optional[str] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., task_ids: _Optional[_Iterable[str]] = ..., step_ids: _Optional[_Iterable[str]] = ..., position: _Optional[int] = ..., rate: _Optional[float] = ..., expected_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
