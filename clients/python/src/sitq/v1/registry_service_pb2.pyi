import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
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

class InstanceState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INSTANCE_STATE_UNSPECIFIED: _ClassVar[InstanceState]
    INSTANCE_STATE_HEALTHY: _ClassVar[InstanceState]
    INSTANCE_STATE_UNHEALTHY: _ClassVar[InstanceState]
    INSTANCE_STATE_DRAINING: _ClassVar[InstanceState]

class InstanceSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INSTANCE_SOURCE_UNSPECIFIED: _ClassVar[InstanceSource]
    INSTANCE_SOURCE_REGISTRATION: _ClassVar[InstanceSource]
    INSTANCE_SOURCE_WORKER: _ClassVar[InstanceSource]

class InstanceChangeType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INSTANCE_CHANGE_TYPE_UNSPECIFIED: _ClassVar[InstanceChangeType]
    INSTANCE_CHANGE_TYPE_ADDED: _ClassVar[InstanceChangeType]
    INSTANCE_CHANGE_TYPE_UPDATED: _ClassVar[InstanceChangeType]
    INSTANCE_CHANGE_TYPE_REMOVED: _ClassVar[InstanceChangeType]

class HealthStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEALTH_STATUS_UNSPECIFIED: _ClassVar[HealthStatus]
    HEALTH_STATUS_SERVING: _ClassVar[HealthStatus]
    HEALTH_STATUS_NOT_SERVING: _ClassVar[HealthStatus]
    HEALTH_STATUS_UNREACHABLE: _ClassVar[HealthStatus]
    HEALTH_STATUS_UNKNOWN: _ClassVar[HealthStatus]
INSTANCE_STATE_UNSPECIFIED: InstanceState
INSTANCE_STATE_HEALTHY: InstanceState
INSTANCE_STATE_UNHEALTHY: InstanceState
INSTANCE_STATE_DRAINING: InstanceState
INSTANCE_SOURCE_UNSPECIFIED: InstanceSource
INSTANCE_SOURCE_REGISTRATION: InstanceSource
INSTANCE_SOURCE_WORKER: InstanceSource
INSTANCE_CHANGE_TYPE_UNSPECIFIED: InstanceChangeType
INSTANCE_CHANGE_TYPE_ADDED: InstanceChangeType
INSTANCE_CHANGE_TYPE_UPDATED: InstanceChangeType
INSTANCE_CHANGE_TYPE_REMOVED: InstanceChangeType
HEALTH_STATUS_UNSPECIFIED: HealthStatus
HEALTH_STATUS_SERVING: HealthStatus
HEALTH_STATUS_NOT_SERVING: HealthStatus
HEALTH_STATUS_UNREACHABLE: HealthStatus
HEALTH_STATUS_UNKNOWN: HealthStatus

class Instance(_message.Message):
    __slots__ = ("service_name", "instance_id", "address", "capacity", "weight", "metadata", "state", "source", "current_load", "ttl", "register_time", "last_seen_time", "remark")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LOAD_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    REGISTER_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    instance_id: str
    address: str
    capacity: int
    weight: int
    metadata: _containers.ScalarMap[str, str]
    state: InstanceState
    source: InstanceSource
    current_load: int
    ttl: _duration_pb2.Duration
    register_time: _timestamp_pb2.Timestamp
    last_seen_time: _timestamp_pb2.Timestamp
    remark: str
    def __init__(self, service_name: _Optional[str] = ..., instance_id: _Optional[str] = ..., address: _Optional[str] = ..., capacity: _Optional[int] = ..., weight: _Optional[int] = ..., metadata: _Optional[_Mapping[str, str]] = ..., state: _Optional[_Union[InstanceState, str]] = ..., source: _Optional[_Union[InstanceSource, str]] = ..., current_load: _Optional[int] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., register_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., remark: _Optional[str] = ...) -> None: ...

class Service(_message.Message):
    __slots__ = ("name", "strategy", "hash_header", "update_time", "load", "xds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    HASH_HEADER_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    XDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    strategy: _queue_pb2.BalancingStrategy
    hash_header: str
    update_time: _timestamp_pb2.Timestamp
    load: ServiceLoad
    xds: XdsStatistics
    def __init__(self, name: _Optional[str] = ..., strategy: _Optional[_Union[_queue_pb2.BalancingStrategy, str]] = ..., hash_header: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., load: _Optional[_Union[ServiceLoad, _Mapping]] = ..., xds: _Optional[_Union[XdsStatistics, _Mapping]] = ...) -> None: ...

class XdsStatistics(_message.Message):
    __slots__ = ("watchers", "refusals", "last_refusal", "last_refusal_time")
    WATCHERS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    LAST_REFUSAL_FIELD_NUMBER: _ClassVar[int]
    LAST_REFUSAL_TIME_FIELD_NUMBER: _ClassVar[int]
    watchers: int
    refusals: int
    last_refusal: str
    last_refusal_time: _timestamp_pb2.Timestamp
    def __init__(self, watchers: _Optional[int] = ..., refusals: _Optional[int] = ..., last_refusal: _Optional[str] = ..., last_refusal_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RegisterInstanceRequest(_message.Message):
    __slots__ = ("service_name", "instance_id", "address", "capacity", "weight", "metadata", "ttl", "current_load", "registration_id", "draining")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LOAD_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_ID_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    instance_id: str
    address: str
    capacity: int
    weight: int
    metadata: _containers.ScalarMap[str, str]
    ttl: _duration_pb2.Duration
    current_load: int
    registration_id: str
    draining: bool
    def __init__(self, service_name: _Optional[str] = ..., instance_id: _Optional[str] = ..., address: _Optional[str] = ..., capacity: _Optional[int] = ..., weight: _Optional[int] = ..., metadata: _Optional[_Mapping[str, str]] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., current_load: _Optional[int] = ..., registration_id: _Optional[str] = ..., draining: _Optional[bool] = ...) -> None: ...

class RegisterInstanceResponse(_message.Message):
    __slots__ = ("instance", "created", "heartbeat_interval", "registration_id")
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_ID_FIELD_NUMBER: _ClassVar[int]
    instance: Instance
    created: bool
    heartbeat_interval: _duration_pb2.Duration
    registration_id: str
    def __init__(self, instance: _Optional[_Union[Instance, _Mapping]] = ..., created: _Optional[bool] = ..., heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., registration_id: _Optional[str] = ...) -> None: ...

class HeartbeatRequest(_message.Message):
    __slots__ = ("service_name", "instance_id", "current_load", "registration_id", "draining")
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LOAD_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_ID_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    instance_id: str
    current_load: int
    registration_id: str
    draining: bool
    def __init__(self, service_name: _Optional[str] = ..., instance_id: _Optional[str] = ..., current_load: _Optional[int] = ..., registration_id: _Optional[str] = ..., draining: _Optional[bool] = ...) -> None: ...

class HeartbeatResponse(_message.Message):
    __slots__ = ("heartbeat_interval",)
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    heartbeat_interval: _duration_pb2.Duration
    def __init__(self, heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class DeregisterInstanceRequest(_message.Message):
    __slots__ = ("service_name", "instance_id", "registration_id")
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_ID_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    instance_id: str
    registration_id: str
    def __init__(self, service_name: _Optional[str] = ..., instance_id: _Optional[str] = ..., registration_id: _Optional[str] = ...) -> None: ...

class DeregisterInstanceResponse(_message.Message):
    __slots__ = ("removed",)
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    removed: bool
    def __init__(self, removed: _Optional[bool] = ...) -> None: ...

class DiscoverInstancesRequest(_message.Message):
    __slots__ = ("service_name", "metadata", "include_unhealthy", "page_size", "page_token")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_UNHEALTHY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    metadata: _containers.ScalarMap[str, str]
    include_unhealthy: bool
    page_size: int
    page_token: str
    def __init__(self, service_name: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ..., include_unhealthy: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class DiscoverInstancesResponse(_message.Message):
    __slots__ = ("instances", "next_page_token")
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    instances: _containers.RepeatedCompositeFieldContainer[Instance]
    next_page_token: str
    def __init__(self, instances: _Optional[_Iterable[_Union[Instance, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchInstancesRequest(_message.Message):
    __slots__ = ("service_name", "metadata", "resume_token")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    metadata: _containers.ScalarMap[str, str]
    resume_token: str
    def __init__(self, service_name: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class WatchInstancesResponse(_message.Message):
    __slots__ = ("snapshot", "changes", "resume_token")
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    snapshot: bool
    changes: _containers.RepeatedCompositeFieldContainer[InstanceChange]
    resume_token: str
    def __init__(self, snapshot: _Optional[bool] = ..., changes: _Optional[_Iterable[_Union[InstanceChange, _Mapping]]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class InstanceChange(_message.Message):
    __slots__ = ("type", "instance")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    type: InstanceChangeType
    instance: Instance
    def __init__(self, type: _Optional[_Union[InstanceChangeType, str]] = ..., instance: _Optional[_Union[Instance, _Mapping]] = ...) -> None: ...

class PickInstanceRequest(_message.Message):
    __slots__ = ("service_name", "strategy", "key", "metadata", "reservation_duration")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_DURATION_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    strategy: _queue_pb2.BalancingStrategy
    key: str
    metadata: _containers.ScalarMap[str, str]
    reservation_duration: _duration_pb2.Duration
    def __init__(self, service_name: _Optional[str] = ..., strategy: _Optional[_Union[_queue_pb2.BalancingStrategy, str]] = ..., key: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ..., reservation_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PickInstanceResponse(_message.Message):
    __slots__ = ("instance", "reservation_id", "expire_time")
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    instance: Instance
    reservation_id: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, instance: _Optional[_Union[Instance, _Mapping]] = ..., reservation_id: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReleaseInstanceRequest(_message.Message):
    __slots__ = ("reservation_id",)
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    def __init__(self, reservation_id: _Optional[str] = ...) -> None: ...

class ReleaseInstanceResponse(_message.Message):
    __slots__ = ("released",)
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    released: bool
    def __init__(self, released: _Optional[bool] = ...) -> None: ...

class CheckHealthRequest(_message.Message):
    __slots__ = ("service_name", "instance_id", "timeout", "page_size", "page_token")
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    instance_id: str
    timeout: _duration_pb2.Duration
    page_size: int
    page_token: str
    def __init__(self, service_name: _Optional[str] = ..., instance_id: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class CheckHealthResponse(_message.Message):
    __slots__ = ("results", "next_page_token")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[InstanceHealth]
    next_page_token: str
    def __init__(self, results: _Optional[_Iterable[_Union[InstanceHealth, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class InstanceHealth(_message.Message):
    __slots__ = ("instance", "status", "message", "latency")
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    instance: Instance
    status: HealthStatus
    message: str
    latency: _duration_pb2.Duration
    def __init__(self, instance: _Optional[_Union[Instance, _Mapping]] = ..., status: _Optional[_Union[HealthStatus, str]] = ..., message: _Optional[str] = ..., latency: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GetServiceRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetServiceResponse(_message.Message):
    __slots__ = ("service",)
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    service: Service
    def __init__(self, service: _Optional[_Union[Service, _Mapping]] = ...) -> None: ...

class ListServicesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListServicesResponse(_message.Message):
    __slots__ = ("services", "next_page_token")
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[Service]
    next_page_token: str
    def __init__(self, services: _Optional[_Iterable[_Union[Service, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateServiceRequest(_message.Message):
    __slots__ = ("service", "update_mask")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    service: Service
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, service: _Optional[_Union[Service, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateServiceResponse(_message.Message):
    __slots__ = ("service",)
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    service: Service
    def __init__(self, service: _Optional[_Union[Service, _Mapping]] = ...) -> None: ...

class GetLoadStatisticsRequest(_message.Message):
    __slots__ = ("service_name",)
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    def __init__(self, service_name: _Optional[str] = ...) -> None: ...

class GetLoadStatisticsResponse(_message.Message):
    __slots__ = ("services",)
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[ServiceLoad]
    def __init__(self, services: _Optional[_Iterable[_Union[ServiceLoad, _Mapping]]] = ...) -> None: ...

class ServiceLoad(_message.Message):
    __slots__ = ("service_name", "instance_count", "healthy_instance_count", "capacity", "current_load", "utilization", "draining_instance_count")
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_INSTANCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LOAD_FIELD_NUMBER: _ClassVar[int]
    UTILIZATION_FIELD_NUMBER: _ClassVar[int]
    DRAINING_INSTANCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    instance_count: int
    healthy_instance_count: int
    capacity: int
    current_load: int
    utilization: float
    draining_instance_count: int
    def __init__(self, service_name: _Optional[str] = ..., instance_count: _Optional[int] = ..., healthy_instance_count: _Optional[int] = ..., capacity: _Optional[int] = ..., current_load: _Optional[int] = ..., utilization: _Optional[float] = ..., draining_instance_count: _Optional[int] = ...) -> None: ...
