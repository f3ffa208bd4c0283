"""The methods of the contract, by their request messages: each method has a request of its own."""

from __future__ import annotations

from google.protobuf.message import Message

from .v1 import (
    access_service_pb2,
    admin_service_pb2,
    event_service_pb2,
    queue_service_pb2,
    registry_service_pb2,
    worker_service_pb2,
    workflow_service_pb2,
)

_FILES = (
    access_service_pb2,
    admin_service_pb2,
    event_service_pb2,
    queue_service_pb2,
    registry_service_pb2,
    worker_service_pb2,
    workflow_service_pb2,
)

_PATHS: dict[str, str] = {
    method.input_type.full_name: f"/{service.full_name}/{method.name}"
    for file in _FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


def path_of(request: Message) -> str:
    """The path of the method that takes a request. Raises TypeError for a message that no method takes."""
    path = _PATHS.get(request.DESCRIPTOR.full_name)
    if path is None:
        raise TypeError(f"no method takes a {request.DESCRIPTOR.full_name}")
    return path


WORK = "/sitq.v1.WorkerService/Work"
ENQUEUE_STREAM = "/sitq.v1.QueueService/EnqueueStream"
