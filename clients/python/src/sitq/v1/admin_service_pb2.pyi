import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sitq.v1 import access_pb2 as _access_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ServerInfo(_message.Message):
    __slots__ = ("version", "contract", "start_time", "store_engine", "runtime", "certificate_expire_time", "file_view")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    STORE_ENGINE_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    FILE_VIEW_FIELD_NUMBER: _ClassVar[int]
    version: str
    contract: str
    start_time: _timestamp_pb2.Timestamp
    store_engine: str
    runtime: str
    certificate_expire_time: _timestamp_pb2.Timestamp
    file_view: FileView
    def __init__(self, version: _Optional[str] = ..., contract: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., store_engine: _Optional[str] = ..., runtime: _Optional[str] = ..., certificate_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., file_view: _Optional[_Union[FileView, _Mapping]] = ...) -> None: ...

class FileView(_message.Message):
    __slots__ = ("file", "as_of_time")
    FILE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    file: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, file: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Server(_message.Message):
    __slots__ = ("id", "address", "version", "start_time", "answering", "leading", "expire_time", "heard", "since_time", "workers", "in_flight")
    ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    ANSWERING_FIELD_NUMBER: _ClassVar[int]
    LEADING_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    HEARD_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    id: int
    address: str
    version: str
    start_time: _timestamp_pb2.Timestamp
    answering: bool
    leading: bool
    expire_time: _timestamp_pb2.Timestamp
    heard: bool
    since_time: _timestamp_pb2.Timestamp
    workers: int
    in_flight: int
    def __init__(self, id: _Optional[int] = ..., address: _Optional[str] = ..., version: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., answering: _Optional[bool] = ..., leading: _Optional[bool] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., heard: _Optional[bool] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., workers: _Optional[int] = ..., in_flight: _Optional[int] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("server_info",)
    SERVER_INFO_FIELD_NUMBER: _ClassVar[int]
    server_info: ServerInfo
    def __init__(self, server_info: _Optional[_Union[ServerInfo, _Mapping]] = ...) -> None: ...

class ListServersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListServersResponse(_message.Message):
    __slots__ = ("servers",)
    SERVERS_FIELD_NUMBER: _ClassVar[int]
    servers: _containers.RepeatedCompositeFieldContainer[Server]
    def __init__(self, servers: _Optional[_Iterable[_Union[Server, _Mapping]]] = ...) -> None: ...

class BackupRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BackupResponse(_message.Message):
    __slots__ = ("progress", "chunk", "summary")
    class Progress(_message.Message):
        __slots__ = ("copied_pages", "total_pages")
        COPIED_PAGES_FIELD_NUMBER: _ClassVar[int]
        TOTAL_PAGES_FIELD_NUMBER: _ClassVar[int]
        copied_pages: int
        total_pages: int
        def __init__(self, copied_pages: _Optional[int] = ..., total_pages: _Optional[int] = ...) -> None: ...
    class Summary(_message.Message):
        __slots__ = ("size_bytes", "sha256", "task_count", "damaged_count", "damaged")
        SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
        SHA256_FIELD_NUMBER: _ClassVar[int]
        TASK_COUNT_FIELD_NUMBER: _ClassVar[int]
        DAMAGED_COUNT_FIELD_NUMBER: _ClassVar[int]
        DAMAGED_FIELD_NUMBER: _ClassVar[int]
        size_bytes: int
        sha256: str
        task_count: int
        damaged_count: int
        damaged: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, size_bytes: _Optional[int] = ..., sha256: _Optional[str] = ..., task_count: _Optional[int] = ..., damaged_count: _Optional[int] = ..., damaged: _Optional[_Iterable[str]] = ...) -> None: ...
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    progress: BackupResponse.Progress
    chunk: bytes
    summary: BackupResponse.Summary
    def __init__(self, progress: _Optional[_Union[BackupResponse.Progress, _Mapping]] = ..., chunk: _Optional[bytes] = ..., summary: _Optional[_Union[BackupResponse.Summary, _Mapping]] = ...) -> None: ...
