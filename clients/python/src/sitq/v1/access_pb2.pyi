from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_PRODUCER: _ClassVar[Role]
    ROLE_WORKER: _ClassVar[Role]
    ROLE_VIEWER: _ClassVar[Role]
    ROLE_OPERATOR: _ClassVar[Role]
    ROLE_ADMIN: _ClassVar[Role]

class ScopeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_KIND_UNSPECIFIED: _ClassVar[ScopeKind]
    SCOPE_KIND_QUEUE: _ClassVar[ScopeKind]
    SCOPE_KIND_EVENT_TYPE: _ClassVar[ScopeKind]
    SCOPE_KIND_SERVICE: _ClassVar[ScopeKind]
    SCOPE_KIND_TASK: _ClassVar[ScopeKind]
    SCOPE_KIND_WORKFLOW: _ClassVar[ScopeKind]
    SCOPE_KIND_EVENT: _ClassVar[ScopeKind]
    SCOPE_KIND_SUBSCRIPTION: _ClassVar[ScopeKind]
    SCOPE_KIND_WORKER: _ClassVar[ScopeKind]
    SCOPE_KIND_WORKER_ID: _ClassVar[ScopeKind]
    SCOPE_KIND_RESERVATION: _ClassVar[ScopeKind]
ROLE_UNSPECIFIED: Role
ROLE_PRODUCER: Role
ROLE_WORKER: Role
ROLE_VIEWER: Role
ROLE_OPERATOR: Role
ROLE_ADMIN: Role
SCOPE_KIND_UNSPECIFIED: ScopeKind
SCOPE_KIND_QUEUE: ScopeKind
SCOPE_KIND_EVENT_TYPE: ScopeKind
SCOPE_KIND_SERVICE: ScopeKind
SCOPE_KIND_TASK: ScopeKind
SCOPE_KIND_WORKFLOW: ScopeKind
SCOPE_KIND_EVENT: ScopeKind
SCOPE_KIND_SUBSCRIPTION: ScopeKind
SCOPE_KIND_WORKER: ScopeKind
SCOPE_KIND_WORKER_ID: ScopeKind
SCOPE_KIND_RESERVATION: ScopeKind
ACCESS_FIELD_NUMBER: _ClassVar[int]
access: _descriptor.FieldDescriptor
CONTENT_FIELD_NUMBER: _ClassVar[int]
content: _descriptor.FieldDescriptor

class Access(_message.Message):
    __slots__ = ("roles", "scopes", "changes")
    ROLES_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    roles: _containers.RepeatedScalarFieldContainer[Role]
    scopes: _containers.RepeatedCompositeFieldContainer[Scope]
    changes: bool
    def __init__(self, roles: _Optional[_Iterable[_Union[Role, str]]] = ..., scopes: _Optional[_Iterable[_Union[Scope, _Mapping]]] = ..., changes: _Optional[bool] = ...) -> None: ...

class Scope(_message.Message):
    __slots__ = ("kind", "field")
    KIND_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    kind: ScopeKind
    field: str
    def __init__(self, kind: _Optional[_Union[ScopeKind, str]] = ..., field: _Optional[str] = ...) -> None: ...

class Grant(_message.Message):
    __slots__ = ("role", "payloads", "queues", "event_types", "services")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PAYLOADS_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    role: Role
    payloads: bool
    queues: _containers.RepeatedScalarFieldContainer[str]
    event_types: _containers.RepeatedScalarFieldContainer[str]
    services: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., payloads: _Optional[bool] = ..., queues: _Optional[_Iterable[str]] = ..., event_types: _Optional[_Iterable[str]] = ..., services: _Optional[_Iterable[str]] = ...) -> None: ...
