import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from sitq.v1 import access_pb2 as _access_pb2
from sitq.v1 import payload_pb2 as _payload_pb2
from sitq.v1 import task_pb2 as _task_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SettleStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SETTLE_STATUS_UNSPECIFIED: _ClassVar[SettleStatus]
    SETTLE_STATUS_SETTLED: _ClassVar[SettleStatus]
    SETTLE_STATUS_STALE: _ClassVar[SettleStatus]
    SETTLE_STATUS_NOT_FOUND: _ClassVar[SettleStatus]
    SETTLE_STATUS_REJECTED: _ClassVar[SettleStatus]
    SETTLE_STATUS_ALREADY_SETTLED: _ClassVar[SettleStatus]

class CancelCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_CODE_UNSPECIFIED: _ClassVar[CancelCode]
    CANCEL_CODE_CANCELLED: _ClassVar[CancelCode]
    CANCEL_CODE_ATTEMPT_TIMEOUT: _ClassVar[CancelCode]
    CANCEL_CODE_LEASE_LOST: _ClassVar[CancelCode]

class DrainReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DRAIN_REASON_UNSPECIFIED: _ClassVar[DrainReason]
    DRAIN_REASON_SERVER_STOPPING: _ClassVar[DrainReason]
    DRAIN_REASON_OPERATOR: _ClassVar[DrainReason]

class WorkerState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKER_STATE_UNSPECIFIED: _ClassVar[WorkerState]
    WORKER_STATE_CONNECTED: _ClassVar[WorkerState]
    WORKER_STATE_DRAINING: _ClassVar[WorkerState]
    WORKER_STATE_DISCONNECTED: _ClassVar[WorkerState]
    WORKER_STATE_LOST: _ClassVar[WorkerState]
    WORKER_STATE_CLAIMING: _ClassVar[WorkerState]
SETTLE_STATUS_UNSPECIFIED: SettleStatus
SETTLE_STATUS_SETTLED: SettleStatus
SETTLE_STATUS_STALE: SettleStatus
SETTLE_STATUS_NOT_FOUND: SettleStatus
SETTLE_STATUS_REJECTED: SettleStatus
SETTLE_STATUS_ALREADY_SETTLED: SettleStatus
CANCEL_CODE_UNSPECIFIED: CancelCode
CANCEL_CODE_CANCELLED: CancelCode
CANCEL_CODE_ATTEMPT_TIMEOUT: CancelCode
CANCEL_CODE_LEASE_LOST: CancelCode
DRAIN_REASON_UNSPECIFIED: DrainReason
DRAIN_REASON_SERVER_STOPPING: DrainReason
DRAIN_REASON_OPERATOR: DrainReason
WORKER_STATE_UNSPECIFIED: WorkerState
WORKER_STATE_CONNECTED: WorkerState
WORKER_STATE_DRAINING: WorkerState
WORKER_STATE_DISCONNECTED: WorkerState
WORKER_STATE_LOST: WorkerState
WORKER_STATE_CLAIMING: WorkerState

class TaskLease(_message.Message):
    __slots__ = ("task_id", "attempt")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    attempt: int
    def __init__(self, task_id: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("task_id", "attempt", "completed", "failed", "released")
    class Completed(_message.Message):
        __slots__ = ("result", "traceparent")
        RESULT_FIELD_NUMBER: _ClassVar[int]
        TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
        result: _payload_pb2.Payload
        traceparent: str
        def __init__(self, result: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., traceparent: _Optional[str] = ...) -> None: ...
    class Failed(_message.Message):
        __slots__ = ("error", "terminal", "retry_delay")
        ERROR_FIELD_NUMBER: _ClassVar[int]
        TERMINAL_FIELD_NUMBER: _ClassVar[int]
        RETRY_DELAY_FIELD_NUMBER: _ClassVar[int]
        error: _task_pb2.TaskError
        terminal: bool
        retry_delay: _duration_pb2.Duration
        def __init__(self, error: _Optional[_Union[_task_pb2.TaskError, _Mapping]] = ..., terminal: _Optional[bool] = ..., retry_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
    class Released(_message.Message):
        __slots__ = ("delay", "reason")
        DELAY_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        delay: _duration_pb2.Duration
        reason: str
        def __init__(self, delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    attempt: int
    completed: Outcome.Completed
    failed: Outcome.Failed
    released: Outcome.Released
    def __init__(self, task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., completed: _Optional[_Union[Outcome.Completed, _Mapping]] = ..., failed: _Optional[_Union[Outcome.Failed, _Mapping]] = ..., released: _Optional[_Union[Outcome.Released, _Mapping]] = ...) -> None: ...

class SettledOutcome(_message.Message):
    __slots__ = ("task_id", "attempt", "status", "error")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    attempt: int
    status: SettleStatus
    error: _status_pb2.Status
    def __init__(self, task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., status: _Optional[_Union[SettleStatus, str]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class WorkRequest(_message.Message):
    __slots__ = ("hello", "outcomes", "heartbeat", "capacity")
    class Hello(_message.Message):
        __slots__ = ("worker_id", "service", "queues", "capacity", "address", "metadata", "held", "weight", "incarnation", "types")
        class MetadataEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        WORKER_ID_FIELD_NUMBER: _ClassVar[int]
        SERVICE_FIELD_NUMBER: _ClassVar[int]
        QUEUES_FIELD_NUMBER: _ClassVar[int]
        CAPACITY_FIELD_NUMBER: _ClassVar[int]
        ADDRESS_FIELD_NUMBER: _ClassVar[int]
        METADATA_FIELD_NUMBER: _ClassVar[int]
        HELD_FIELD_NUMBER: _ClassVar[int]
        WEIGHT_FIELD_NUMBER: _ClassVar[int]
        INCARNATION_FIELD_NUMBER: _ClassVar[int]
        TYPES_FIELD_NUMBER: _ClassVar[int]
        worker_id: str
        service: str
        queues: _containers.RepeatedScalarFieldContainer[str]
        capacity: int
        address: str
        metadata: _containers.ScalarMap[str, str]
        held: _containers.RepeatedCompositeFieldContainer[TaskLease]
        weight: int
        incarnation: str
        types: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, worker_id: _Optional[str] = ..., service: _Optional[str] = ..., queues: _Optional[_Iterable[str]] = ..., capacity: _Optional[int] = ..., address: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ..., held: _Optional[_Iterable[_Union[TaskLease, _Mapping]]] = ..., weight: _Optional[int] = ..., incarnation: _Optional[str] = ..., types: _Optional[_Iterable[str]] = ...) -> None: ...
    class Outcomes(_message.Message):
        __slots__ = ("outcomes",)
        OUTCOMES_FIELD_NUMBER: _ClassVar[int]
        outcomes: _containers.RepeatedCompositeFieldContainer[Outcome]
        def __init__(self, outcomes: _Optional[_Iterable[_Union[Outcome, _Mapping]]] = ...) -> None: ...
    class Heartbeat(_message.Message):
        __slots__ = ("progress",)
        PROGRESS_FIELD_NUMBER: _ClassVar[int]
        progress: _containers.RepeatedCompositeFieldContainer[WorkRequest.Progress]
        def __init__(self, progress: _Optional[_Iterable[_Union[WorkRequest.Progress, _Mapping]]] = ...) -> None: ...
    class Progress(_message.Message):
        __slots__ = ("task_id", "attempt", "progress")
        TASK_ID_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        PROGRESS_FIELD_NUMBER: _ClassVar[int]
        task_id: str
        attempt: int
        progress: _task_pb2.TaskProgress
        def __init__(self, task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., progress: _Optional[_Union[_task_pb2.TaskProgress, _Mapping]] = ...) -> None: ...
    class Capacity(_message.Message):
        __slots__ = ("n",)
        N_FIELD_NUMBER: _ClassVar[int]
        n: int
        def __init__(self, n: _Optional[int] = ...) -> None: ...
    HELLO_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    hello: WorkRequest.Hello
    outcomes: WorkRequest.Outcomes
    heartbeat: WorkRequest.Heartbeat
    capacity: WorkRequest.Capacity
    def __init__(self, hello: _Optional[_Union[WorkRequest.Hello, _Mapping]] = ..., outcomes: _Optional[_Union[WorkRequest.Outcomes, _Mapping]] = ..., heartbeat: _Optional[_Union[WorkRequest.Heartbeat, _Mapping]] = ..., capacity: _Optional[_Union[WorkRequest.Capacity, _Mapping]] = ...) -> None: ...

class WorkResponse(_message.Message):
    __slots__ = ("welcome", "tasks", "settled", "cancel", "drain", "heartbeat")
    class Welcome(_message.Message):
        __slots__ = ("worker_id", "heartbeat_interval", "lease_duration", "kept", "lost")
        WORKER_ID_FIELD_NUMBER: _ClassVar[int]
        HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
        LEASE_DURATION_FIELD_NUMBER: _ClassVar[int]
        KEPT_FIELD_NUMBER: _ClassVar[int]
        LOST_FIELD_NUMBER: _ClassVar[int]
        worker_id: str
        heartbeat_interval: _duration_pb2.Duration
        lease_duration: _duration_pb2.Duration
        kept: _containers.RepeatedCompositeFieldContainer[TaskLease]
        lost: _containers.RepeatedCompositeFieldContainer[TaskLease]
        def __init__(self, worker_id: _Optional[str] = ..., heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lease_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., kept: _Optional[_Iterable[_Union[TaskLease, _Mapping]]] = ..., lost: _Optional[_Iterable[_Union[TaskLease, _Mapping]]] = ...) -> None: ...
    class Tasks(_message.Message):
        __slots__ = ("tasks",)
        TASKS_FIELD_NUMBER: _ClassVar[int]
        tasks: _containers.RepeatedCompositeFieldContainer[_task_pb2.Task]
        def __init__(self, tasks: _Optional[_Iterable[_Union[_task_pb2.Task, _Mapping]]] = ...) -> None: ...
    class Settled(_message.Message):
        __slots__ = ("outcomes",)
        OUTCOMES_FIELD_NUMBER: _ClassVar[int]
        outcomes: _containers.RepeatedCompositeFieldContainer[SettledOutcome]
        def __init__(self, outcomes: _Optional[_Iterable[_Union[SettledOutcome, _Mapping]]] = ...) -> None: ...
    class Cancel(_message.Message):
        __slots__ = ("tasks",)
        TASKS_FIELD_NUMBER: _ClassVar[int]
        tasks: _containers.RepeatedCompositeFieldContainer[WorkResponse.CancelledTask]
        def __init__(self, tasks: _Optional[_Iterable[_Union[WorkResponse.CancelledTask, _Mapping]]] = ...) -> None: ...
    class CancelledTask(_message.Message):
        __slots__ = ("task_id", "attempt", "reason", "code", "message")
        TASK_ID_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        CODE_FIELD_NUMBER: _ClassVar[int]
        MESSAGE_FIELD_NUMBER: _ClassVar[int]
        task_id: str
        attempt: int
        reason: str
        code: CancelCode
        message: str
        def __init__(self, task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., reason: _Optional[str] = ..., code: _Optional[_Union[CancelCode, str]] = ..., message: _Optional[str] = ...) -> None: ...
    class Drain(_message.Message):
        __slots__ = ("grace", "reason")
        GRACE_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        grace: _duration_pb2.Duration
        reason: DrainReason
        def __init__(self, grace: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[_Union[DrainReason, str]] = ...) -> None: ...
    class Heartbeat(_message.Message):
        __slots__ = ("server_time",)
        SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
        server_time: _timestamp_pb2.Timestamp
        def __init__(self, server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    welcome: WorkResponse.Welcome
    tasks: WorkResponse.Tasks
    settled: WorkResponse.Settled
    cancel: WorkResponse.Cancel
    drain: WorkResponse.Drain
    heartbeat: WorkResponse.Heartbeat
    def __init__(self, welcome: _Optional[_Union[WorkResponse.Welcome, _Mapping]] = ..., tasks: _Optional[_Union[WorkResponse.Tasks, _Mapping]] = ..., settled: _Optional[_Union[WorkResponse.Settled, _Mapping]] = ..., cancel: _Optional[_Union[WorkResponse.Cancel, _Mapping]] = ..., drain: _Optional[_Union[WorkResponse.Drain, _Mapping]] = ..., heartbeat: _Optional[_Union[WorkResponse.Heartbeat, _Mapping]] = ...) -> None: ...

class ClaimTasksRequest(_message.Message):
    __slots__ = ("worker_id", "queues", "max_tasks", "wait", "lease_duration", "types", "task_ids")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    MAX_TASKS_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    LEASE_DURATION_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    TASK_IDS_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    queues: _containers.RepeatedScalarFieldContainer[str]
    max_tasks: int
    wait: _duration_pb2.Duration
    lease_duration: _duration_pb2.Duration
    types: _containers.RepeatedScalarFieldContainer[str]
    task_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, worker_id: _Optional[str] = ..., queues: _Optional[_Iterable[str]] = ..., max_tasks: _Optional[int] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lease_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., types: _Optional[_Iterable[str]] = ..., task_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ClaimTasksResponse(_message.Message):
    __slots__ = ("tasks", "lease_duration")
    TASKS_FIELD_NUMBER: _ClassVar[int]
    LEASE_DURATION_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedCompositeFieldContainer[_task_pb2.Task]
    lease_duration: _duration_pb2.Duration
    def __init__(self, tasks: _Optional[_Iterable[_Union[_task_pb2.Task, _Mapping]]] = ..., lease_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CompleteTaskRequest(_message.Message):
    __slots__ = ("worker_id", "task_id", "attempt", "result", "traceparent")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    task_id: str
    attempt: int
    result: _payload_pb2.Payload
    traceparent: str
    def __init__(self, worker_id: _Optional[str] = ..., task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., result: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., traceparent: _Optional[str] = ...) -> None: ...

class CompleteTaskResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: SettleStatus
    def __init__(self, status: _Optional[_Union[SettleStatus, str]] = ...) -> None: ...

class FailTaskRequest(_message.Message):
    __slots__ = ("worker_id", "task_id", "attempt", "error", "terminal", "retry_delay")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    RETRY_DELAY_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    task_id: str
    attempt: int
    error: _task_pb2.TaskError
    terminal: bool
    retry_delay: _duration_pb2.Duration
    def __init__(self, worker_id: _Optional[str] = ..., task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., error: _Optional[_Union[_task_pb2.TaskError, _Mapping]] = ..., terminal: _Optional[bool] = ..., retry_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FailTaskResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: SettleStatus
    def __init__(self, status: _Optional[_Union[SettleStatus, str]] = ...) -> None: ...

class ReleaseTaskRequest(_message.Message):
    __slots__ = ("worker_id", "task_id", "attempt", "delay", "reason")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    task_id: str
    attempt: int
    delay: _duration_pb2.Duration
    reason: str
    def __init__(self, worker_id: _Optional[str] = ..., task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class ReleaseTaskResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: SettleStatus
    def __init__(self, status: _Optional[_Union[SettleStatus, str]] = ...) -> None: ...

class SettleTasksRequest(_message.Message):
    __slots__ = ("worker_id", "outcomes")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    outcomes: _containers.RepeatedCompositeFieldContainer[Outcome]
    def __init__(self, worker_id: _Optional[str] = ..., outcomes: _Optional[_Iterable[_Union[Outcome, _Mapping]]] = ...) -> None: ...

class SettleTasksResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[SettledOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[SettledOutcome, _Mapping]]] = ...) -> None: ...

class ExtendLeaseRequest(_message.Message):
    __slots__ = ("worker_id", "task_id", "attempt", "lease_duration", "progress")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    LEASE_DURATION_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    task_id: str
    attempt: int
    lease_duration: _duration_pb2.Duration
    progress: _task_pb2.TaskProgress
    def __init__(self, worker_id: _Optional[str] = ..., task_id: _Optional[str] = ..., attempt: _Optional[int] = ..., lease_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., progress: _Optional[_Union[_task_pb2.TaskProgress, _Mapping]] = ...) -> None: ...

class ExtendLeaseResponse(_message.Message):
    __slots__ = ("lease_duration",)
    LEASE_DURATION_FIELD_NUMBER: _ClassVar[int]
    lease_duration: _duration_pb2.Duration
    def __init__(self, lease_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Worker(_message.Message):
    __slots__ = ("id", "service", "queues", "capacity", "in_flight", "address", "metadata", "state", "connect_time", "last_seen_time", "incarnation", "replacement_count", "last_replacement_time", "replaced_in_flight", "types", "statistics", "oldest_task_id", "oldest_start_time", "lost_time", "server_id")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONNECT_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_REPLACEMENT_TIME_FIELD_NUMBER: _ClassVar[int]
    REPLACED_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    OLDEST_TASK_ID_FIELD_NUMBER: _ClassVar[int]
    OLDEST_START_TIME_FIELD_NUMBER: _ClassVar[int]
    LOST_TIME_FIELD_NUMBER: _ClassVar[int]
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    service: str
    queues: _containers.RepeatedScalarFieldContainer[str]
    capacity: int
    in_flight: int
    address: str
    metadata: _containers.ScalarMap[str, str]
    state: WorkerState
    connect_time: _timestamp_pb2.Timestamp
    last_seen_time: _timestamp_pb2.Timestamp
    incarnation: str
    replacement_count: int
    last_replacement_time: _timestamp_pb2.Timestamp
    replaced_in_flight: int
    types: _containers.RepeatedScalarFieldContainer[str]
    statistics: WorkerStatistics
    oldest_task_id: str
    oldest_start_time: _timestamp_pb2.Timestamp
    lost_time: _timestamp_pb2.Timestamp
    server_id: int
    def __init__(self, id: _Optional[str] = ..., service: _Optional[str] = ..., queues: _Optional[_Iterable[str]] = ..., capacity: _Optional[int] = ..., in_flight: _Optional[int] = ..., address: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ..., state: _Optional[_Union[WorkerState, str]] = ..., connect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., incarnation: _Optional[str] = ..., replacement_count: _Optional[int] = ..., last_replacement_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., replaced_in_flight: _Optional[int] = ..., types: _Optional[_Iterable[str]] = ..., statistics: _Optional[_Union[WorkerStatistics, _Mapping]] = ..., oldest_task_id: _Optional[str] = ..., oldest_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lost_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., server_id: _Optional[int] = ...) -> None: ...

class WorkerStatistics(_message.Message):
    __slots__ = ("window", "completed", "failed", "released", "lost", "median_duration", "p95_duration")
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_DURATION_FIELD_NUMBER: _ClassVar[int]
    P95_DURATION_FIELD_NUMBER: _ClassVar[int]
    window: _duration_pb2.Duration
    completed: int
    failed: int
    released: int
    lost: int
    median_duration: _duration_pb2.Duration
    p95_duration: _duration_pb2.Duration
    def __init__(self, window: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ..., released: _Optional[int] = ..., lost: _Optional[int] = ..., median_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., p95_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ListWorkersRequest(_message.Message):
    __slots__ = ("queue", "page_size", "page_token", "include_lost")
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_LOST_FIELD_NUMBER: _ClassVar[int]
    queue: str
    page_size: int
    page_token: str
    include_lost: bool
    def __init__(self, queue: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., include_lost: _Optional[bool] = ...) -> None: ...

class ListWorkersResponse(_message.Message):
    __slots__ = ("workers", "next_page_token")
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    workers: _containers.RepeatedCompositeFieldContainer[Worker]
    next_page_token: str
    def __init__(self, workers: _Optional[_Iterable[_Union[Worker, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DrainWorkerRequest(_message.Message):
    __slots__ = ("worker_id", "grace")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    GRACE_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    grace: _duration_pb2.Duration
    def __init__(self, worker_id: _Optional[str] = ..., grace: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class DrainWorkerResponse(_message.Message):
    __slots__ = ("worker",)
    WORKER_FIELD_NUMBER: _ClassVar[int]
    worker: Worker
    def __init__(self, worker: _Optional[_Union[Worker, _Mapping]] = ...) -> None: ...
