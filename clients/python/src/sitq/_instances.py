"""Instances of services, as a watch of them knows them."""

from __future__ import annotations

import asyncio

from ._views import word_of
from .v1 import registry_service_pb2 as pb

_ABSENT = 5.0
"""Workers are instances while their streams are open, so a server that has just started knows none of them: those that were there before
count as there for this long, in seconds."""


class Instance:
    """One running copy of a service. ``message`` is the contract's own."""

    def __init__(self, message: pb.Instance) -> None:
        self.message = message
        self.service = message.service_name
        self.id = message.instance_id
        self.address = message.address
        """Where it can be called: ``host:port``; empty: a worker without an address."""
        self.capacity = message.capacity
        self.weight = message.weight
        self.load = message.current_load
        self.metadata = dict(message.metadata)
        self.state = word_of(message, "state")
        """``HEALTHY``, ``DRAINING`` or ``UNHEALTHY``."""

    def __repr__(self) -> str:
        """The service, the id and the address."""
        return f"<Instance {self.service}/{self.id} {self.address} {self.state}>"

    @property
    def is_healthy(self) -> bool:
        """Whether it sent its heartbeat in time, and takes new calls: only such a one is to be called."""
        return self.state == "HEALTHY"


_Name = tuple[str, str]


class Instances:
    """All instances that a watch knows, through any number of streams."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        """Set when there is news."""
        self._known: dict[_Name, Instance] = {}
        self._absent: dict[_Name, Instance] = {}
        self._collected: dict[_Name, Instance] | None = None
        self._token = ""
        self._end_of_absence: asyncio.TimerHandle | None = None

    def all(self) -> list[Instance]:
        """All of them."""
        return [*self._known.values(), *self._absent.values()]

    def begin(self) -> str:
        """Begins a stream; returns the token to resume from."""
        self._collected = None
        return self._token

    def apply(self, message: pb.WatchInstancesResponse) -> None:
        """Takes a message in: a part of a snapshot, or changes."""
        if message.snapshot:
            self._collected = {}
        target = self._known if self._collected is None else self._collected
        for change in message.changes:
            name = (change.instance.service_name, change.instance.instance_id)
            self._absent.pop(name, None)
            if change.type == pb.INSTANCE_CHANGE_TYPE_REMOVED:
                target.pop(name, None)
            else:
                target[name] = Instance(change.instance)
        if not message.resume_token:
            return
        self._token = message.resume_token
        if self._collected is not None:
            self._replace(self._collected)
        elif not message.changes:
            return
        self._collected = None
        self.changed.set()

    def close(self) -> None:
        """Ends what it waits for."""
        if self._end_of_absence is not None:
            self._end_of_absence.cancel()

    def _replace(self, whole: dict[_Name, Instance]) -> None:
        worker = pb.INSTANCE_SOURCE_WORKER
        self._absent |= {
            name: each for name, each in self._known.items() if each.message.source == worker and name not in whole
        }
        self._known = whole
        if self._absent:
            self.close()
            self._end_of_absence = asyncio.get_running_loop().call_later(_ABSENT, self._forget)

    def _forget(self) -> None:
        if self._absent:
            self._absent.clear()
            self.changed.set()
