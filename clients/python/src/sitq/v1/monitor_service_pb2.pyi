import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sitq.v1 import access_pb2 as _access_pb2
from sitq.v1 import queue_pb2 as _queue_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class QueueOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUEUE_ORDER_UNSPECIFIED: _ClassVar[QueueOrder]
    QUEUE_ORDER_BY_NAME: _ClassVar[QueueOrder]
    QUEUE_ORDER_PROBLEMS_FIRST: _ClassVar[QueueOrder]

class ProblemSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROBLEM_SEVERITY_UNSPECIFIED: _ClassVar[ProblemSeverity]
    PROBLEM_SEVERITY_CRITICAL: _ClassVar[ProblemSeverity]
    PROBLEM_SEVERITY_WARNING: _ClassVar[ProblemSeverity]
    PROBLEM_SEVERITY_NOTICE: _ClassVar[ProblemSeverity]

class ProblemKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROBLEM_KIND_UNSPECIFIED: _ClassVar[ProblemKind]
    PROBLEM_KIND_DISK_LOW: _ClassVar[ProblemKind]
    PROBLEM_KIND_DATA_DAMAGED: _ClassVar[ProblemKind]
    PROBLEM_KIND_SERVER_DRAINING: _ClassVar[ProblemKind]
    PROBLEM_KIND_CERTIFICATE_EXPIRING: _ClassVar[ProblemKind]
    PROBLEM_KIND_QUEUE_FULL: _ClassVar[ProblemKind]
    PROBLEM_KIND_NO_WORKER: _ClassVar[ProblemKind]
    PROBLEM_KIND_NO_HANDLER: _ClassVar[ProblemKind]
    PROBLEM_KIND_LONG_WAIT: _ClassVar[ProblemKind]
    PROBLEM_KIND_COMPENSATION_FAILED: _ClassVar[ProblemKind]
    PROBLEM_KIND_QUEUE_NEARLY_FULL: _ClassVar[ProblemKind]
    PROBLEM_KIND_PAUSED: _ClassVar[ProblemKind]
    PROBLEM_KIND_MAX_RUNNING: _ClassVar[ProblemKind]
    PROBLEM_KIND_TASKS_FAILED: _ClassVar[ProblemKind]
    PROBLEM_KIND_WORKER_LOST: _ClassVar[ProblemKind]
    PROBLEM_KIND_WORKER_SILENT: _ClassVar[ProblemKind]
    PROBLEM_KIND_WORKER_DRAINING: _ClassVar[ProblemKind]
    PROBLEM_KIND_SUBSCRIPTION_BEHIND: _ClassVar[ProblemKind]
    PROBLEM_KIND_SUBSCRIPTION_PAUSED: _ClassVar[ProblemKind]
    PROBLEM_KIND_WORKFLOW_FAILED: _ClassVar[ProblemKind]
    PROBLEM_KIND_WORKFLOW_STUCK: _ClassVar[ProblemKind]
    PROBLEM_KIND_INSTANCES_UNHEALTHY: _ClassVar[ProblemKind]
    PROBLEM_KIND_CALLS_REFUSED: _ClassVar[ProblemKind]
    PROBLEM_KIND_INSTANCES_DRAINING: _ClassVar[ProblemKind]
QUEUE_ORDER_UNSPECIFIED: QueueOrder
QUEUE_ORDER_BY_NAME: QueueOrder
QUEUE_ORDER_PROBLEMS_FIRST: QueueOrder
PROBLEM_SEVERITY_UNSPECIFIED: ProblemSeverity
PROBLEM_SEVERITY_CRITICAL: ProblemSeverity
PROBLEM_SEVERITY_WARNING: ProblemSeverity
PROBLEM_SEVERITY_NOTICE: ProblemSeverity
PROBLEM_KIND_UNSPECIFIED: ProblemKind
PROBLEM_KIND_DISK_LOW: ProblemKind
PROBLEM_KIND_DATA_DAMAGED: ProblemKind
PROBLEM_KIND_SERVER_DRAINING: ProblemKind
PROBLEM_KIND_CERTIFICATE_EXPIRING: ProblemKind
PROBLEM_KIND_QUEUE_FULL: ProblemKind
PROBLEM_KIND_NO_WORKER: ProblemKind
PROBLEM_KIND_NO_HANDLER: ProblemKind
PROBLEM_KIND_LONG_WAIT: ProblemKind
PROBLEM_KIND_COMPENSATION_FAILED: ProblemKind
PROBLEM_KIND_QUEUE_NEARLY_FULL: ProblemKind
PROBLEM_KIND_PAUSED: ProblemKind
PROBLEM_KIND_MAX_RUNNING: ProblemKind
PROBLEM_KIND_TASKS_FAILED: ProblemKind
PROBLEM_KIND_WORKER_LOST: ProblemKind
PROBLEM_KIND_WORKER_SILENT: ProblemKind
PROBLEM_KIND_WORKER_DRAINING: ProblemKind
PROBLEM_KIND_SUBSCRIPTION_BEHIND: ProblemKind
PROBLEM_KIND_SUBSCRIPTION_PAUSED: ProblemKind
PROBLEM_KIND_WORKFLOW_FAILED: ProblemKind
PROBLEM_KIND_WORKFLOW_STUCK: ProblemKind
PROBLEM_KIND_INSTANCES_UNHEALTHY: ProblemKind
PROBLEM_KIND_CALLS_REFUSED: ProblemKind
PROBLEM_KIND_INSTANCES_DRAINING: ProblemKind

class Problem(_message.Message):
    __slots__ = ("severity", "kind", "queue", "service_name", "subscription", "workflow_id", "worker_id", "message", "since_time", "count", "command", "subject_count")
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_COUNT_FIELD_NUMBER: _ClassVar[int]
    severity: ProblemSeverity
    kind: ProblemKind
    queue: str
    service_name: str
    subscription: str
    workflow_id: str
    worker_id: str
    message: str
    since_time: _timestamp_pb2.Timestamp
    count: int
    command: str
    subject_count: int
    def __init__(self, severity: _Optional[_Union[ProblemSeverity, str]] = ..., kind: _Optional[_Union[ProblemKind, str]] = ..., queue: _Optional[str] = ..., service_name: _Optional[str] = ..., subscription: _Optional[str] = ..., workflow_id: _Optional[str] = ..., worker_id: _Optional[str] = ..., message: _Optional[str] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., count: _Optional[int] = ..., command: _Optional[str] = ..., subject_count: _Optional[int] = ...) -> None: ...

class OverviewTotals(_message.Message):
    __slots__ = ("queues", "blocked", "scheduled", "pending", "running", "failed", "workers", "capacity", "in_flight", "enqueue_rate", "finish_rate", "failure_rate")
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    SCHEDULED_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    ENQUEUE_RATE_FIELD_NUMBER: _ClassVar[int]
    FINISH_RATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_RATE_FIELD_NUMBER: _ClassVar[int]
    queues: int
    blocked: int
    scheduled: int
    pending: int
    running: int
    failed: int
    workers: int
    capacity: int
    in_flight: int
    enqueue_rate: float
    finish_rate: float
    failure_rate: float
    def __init__(self, queues: _Optional[int] = ..., blocked: _Optional[int] = ..., scheduled: _Optional[int] = ..., pending: _Optional[int] = ..., running: _Optional[int] = ..., failed: _Optional[int] = ..., workers: _Optional[int] = ..., capacity: _Optional[int] = ..., in_flight: _Optional[int] = ..., enqueue_rate: _Optional[float] = ..., finish_rate: _Optional[float] = ..., failure_rate: _Optional[float] = ...) -> None: ...

class QueueOverview(_message.Message):
    __slots__ = ("name", "paused", "statistics", "oldest_wait_time", "capacity", "in_flight", "max_running", "enqueue_rate", "finish_rate", "failure_rate", "history", "problem", "problem_severity", "order_key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    OLDEST_WAIT_TIME_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_RUNNING_FIELD_NUMBER: _ClassVar[int]
    ENQUEUE_RATE_FIELD_NUMBER: _ClassVar[int]
    FINISH_RATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_RATE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_SEVERITY_FIELD_NUMBER: _ClassVar[int]
    ORDER_KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    paused: bool
    statistics: _queue_pb2.QueueStatistics
    oldest_wait_time: _timestamp_pb2.Timestamp
    capacity: int
    in_flight: int
    max_running: int
    enqueue_rate: float
    finish_rate: float
    failure_rate: float
    history: QueueHistory
    problem: ProblemKind
    problem_severity: ProblemSeverity
    order_key: int
    def __init__(self, name: _Optional[str] = ..., paused: _Optional[bool] = ..., statistics: _Optional[_Union[_queue_pb2.QueueStatistics, _Mapping]] = ..., oldest_wait_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., capacity: _Optional[int] = ..., in_flight: _Optional[int] = ..., max_running: _Optional[int] = ..., enqueue_rate: _Optional[float] = ..., finish_rate: _Optional[float] = ..., failure_rate: _Optional[float] = ..., history: _Optional[_Union[QueueHistory, _Mapping]] = ..., problem: _Optional[_Union[ProblemKind, str]] = ..., problem_severity: _Optional[_Union[ProblemSeverity, str]] = ..., order_key: _Optional[int] = ...) -> None: ...

class QueueHistory(_message.Message):
    __slots__ = ("enqueued", "finished", "failed")
    ENQUEUED_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    enqueued: _containers.RepeatedScalarFieldContainer[int]
    finished: _containers.RepeatedScalarFieldContainer[int]
    failed: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, enqueued: _Optional[_Iterable[int]] = ..., finished: _Optional[_Iterable[int]] = ..., failed: _Optional[_Iterable[int]] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ("max_wait",)
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    max_wait: _duration_pb2.Duration
    def __init__(self, max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("problems", "totals")
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    totals: OverviewTotals
    def __init__(self, problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., totals: _Optional[_Union[OverviewTotals, _Mapping]] = ...) -> None: ...

class GetOverviewRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "order", "name_contains")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    NAME_CONTAINS_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    order: QueueOrder
    name_contains: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., order: _Optional[_Union[QueueOrder, str]] = ..., name_contains: _Optional[str] = ...) -> None: ...

class GetOverviewResponse(_message.Message):
    __slots__ = ("queues", "totals", "problems", "next_page_token", "matching_queues")
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MATCHING_QUEUES_FIELD_NUMBER: _ClassVar[int]
    queues: _containers.RepeatedCompositeFieldContainer[QueueOverview]
    totals: OverviewTotals
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    next_page_token: str
    matching_queues: int
    def __init__(self, queues: _Optional[_Iterable[_Union[QueueOverview, _Mapping]]] = ..., totals: _Optional[_Union[OverviewTotals, _Mapping]] = ..., problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., matching_queues: _Optional[int] = ...) -> None: ...

class WatchOverviewRequest(_message.Message):
    __slots__ = ("max_queues", "order", "name_contains")
    MAX_QUEUES_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    NAME_CONTAINS_FIELD_NUMBER: _ClassVar[int]
    max_queues: int
    order: QueueOrder
    name_contains: str
    def __init__(self, max_queues: _Optional[int] = ..., order: _Optional[_Union[QueueOrder, str]] = ..., name_contains: _Optional[str] = ...) -> None: ...

class WatchOverviewResponse(_message.Message):
    __slots__ = ("snapshot", "more", "totals", "problems", "queues", "removed_queues", "matching_queues")
    class ProblemList(_message.Message):
        __slots__ = ("problems",)
        PROBLEMS_FIELD_NUMBER: _ClassVar[int]
        problems: _containers.RepeatedCompositeFieldContainer[Problem]
        def __init__(self, problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ...) -> None: ...
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    REMOVED_QUEUES_FIELD_NUMBER: _ClassVar[int]
    MATCHING_QUEUES_FIELD_NUMBER: _ClassVar[int]
    snapshot: bool
    more: bool
    totals: OverviewTotals
    problems: WatchOverviewResponse.ProblemList
    queues: _containers.RepeatedCompositeFieldContainer[QueueOverview]
    removed_queues: _containers.RepeatedScalarFieldContainer[str]
    matching_queues: int
    def __init__(self, snapshot: _Optional[bool] = ..., more: _Optional[bool] = ..., totals: _Optional[_Union[OverviewTotals, _Mapping]] = ..., problems: _Optional[_Union[WatchOverviewResponse.ProblemList, _Mapping]] = ..., queues: _Optional[_Iterable[_Union[QueueOverview, _Mapping]]] = ..., removed_queues: _Optional[_Iterable[str]] = ..., matching_queues: _Optional[int] = ...) -> None: ...
