import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sitq.v1 import task_pb2 as _task_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BalancingStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BALANCING_STRATEGY_UNSPECIFIED: _ClassVar[BalancingStrategy]
    BALANCING_STRATEGY_LEAST_LOADED: _ClassVar[BalancingStrategy]
    BALANCING_STRATEGY_ROUND_ROBIN: _ClassVar[BalancingStrategy]
    BALANCING_STRATEGY_RANDOM: _ClassVar[BalancingStrategy]
    BALANCING_STRATEGY_WEIGHTED: _ClassVar[BalancingStrategy]
    BALANCING_STRATEGY_STICKY: _ClassVar[BalancingStrategy]
BALANCING_STRATEGY_UNSPECIFIED: BalancingStrategy
BALANCING_STRATEGY_LEAST_LOADED: BalancingStrategy
BALANCING_STRATEGY_ROUND_ROBIN: BalancingStrategy
BALANCING_STRATEGY_RANDOM: BalancingStrategy
BALANCING_STRATEGY_WEIGHTED: BalancingStrategy
BALANCING_STRATEGY_STICKY: BalancingStrategy

class Queue(_message.Message):
    __slots__ = ("name", "paused", "max_depth", "max_running", "strategy", "max_attempts", "retry_policy", "attempt_timeout", "retention", "statistics", "create_time", "update_time", "setting_changes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    MAX_DEPTH_FIELD_NUMBER: _ClassVar[int]
    MAX_RUNNING_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    RETRY_POLICY_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SETTING_CHANGES_FIELD_NUMBER: _ClassVar[int]
    name: str
    paused: bool
    max_depth: int
    max_running: int
    strategy: BalancingStrategy
    max_attempts: int
    retry_policy: _task_pb2.RetryPolicy
    attempt_timeout: _duration_pb2.Duration
    retention: Retention
    statistics: QueueStatistics
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    setting_changes: _containers.RepeatedCompositeFieldContainer[QueueSettingChange]
    def __init__(self, name: _Optional[str] = ..., paused: _Optional[bool] = ..., max_depth: _Optional[int] = ..., max_running: _Optional[int] = ..., strategy: _Optional[_Union[BalancingStrategy, str]] = ..., max_attempts: _Optional[int] = ..., retry_policy: _Optional[_Union[_task_pb2.RetryPolicy, _Mapping]] = ..., attempt_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retention: _Optional[_Union[Retention, _Mapping]] = ..., statistics: _Optional[_Union[QueueStatistics, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., setting_changes: _Optional[_Iterable[_Union[QueueSettingChange, _Mapping]]] = ...) -> None: ...

class QueueSettingChange(_message.Message):
    __slots__ = ("field", "change_time", "principal", "reason", "previous_value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    change_time: _timestamp_pb2.Timestamp
    principal: str
    reason: str
    previous_value: str
    def __init__(self, field: _Optional[str] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., principal: _Optional[str] = ..., reason: _Optional[str] = ..., previous_value: _Optional[str] = ...) -> None: ...

class Retention(_message.Message):
    __slots__ = ("completed", "failed", "cancelled")
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    completed: _duration_pb2.Duration
    failed: _duration_pb2.Duration
    cancelled: _duration_pb2.Duration
    def __init__(self, completed: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., failed: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., cancelled: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class QueueStatistics(_message.Message):
    __slots__ = ("blocked", "scheduled", "pending", "running", "completed", "failed", "cancelled", "workers", "next_pending_time", "unhandled_types")
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    SCHEDULED_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PENDING_TIME_FIELD_NUMBER: _ClassVar[int]
    UNHANDLED_TYPES_FIELD_NUMBER: _ClassVar[int]
    blocked: int
    scheduled: int
    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int
    workers: int
    next_pending_time: _timestamp_pb2.Timestamp
    unhandled_types: _containers.RepeatedCompositeFieldContainer[UnhandledType]
    def __init__(self, blocked: _Optional[int] = ..., scheduled: _Optional[int] = ..., pending: _Optional[int] = ..., running: _Optional[int] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ..., cancelled: _Optional[int] = ..., workers: _Optional[int] = ..., next_pending_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unhandled_types: _Optional[_Iterable[_Union[UnhandledType, _Mapping]]] = ...) -> None: ...

class UnhandledType(_message.Message):
    __slots__ = ("type", "pending")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    type: str
    pending: int
    def __init__(self, type: _Optional[str] = ..., pending: _Optional[int] = ...) -> None: ...

class Dispatch(_message.Message):
    __slots__ = ("strategy", "worker_id", "worker_wait")
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    WORKER_WAIT_FIELD_NUMBER: _ClassVar[int]
    strategy: BalancingStrategy
    worker_id: str
    worker_wait: _duration_pb2.Duration
    def __init__(self, strategy: _Optional[_Union[BalancingStrategy, str]] = ..., worker_id: _Optional[str] = ..., worker_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
