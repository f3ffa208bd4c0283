"""An instance of a service, as long as it is kept registered."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType

from ._base import Base
from ._ids import generated_id
from ._retry import Backoff, pause_asked
from ._spans import Span, seconds_in, to_duration
from .errors import CallError
from .v1 import registry_service_pb2 as pb

log = logging.getLogger("sitq")

_CALL_TIMEOUT = 5.0
_LONGEST_PAUSE = 2.0
"""The server is back before a ttl of the usual length is over, in seconds."""


class Registration:
    """An instance that is registered while the block of ``async with`` runs. Made by ``Client.register``."""

    def __init__(
        self,
        base: Base,
        address: str,
        *,
        service: str,
        instance_id: str,
        capacity: int,
        weight: int,
        metadata: Mapping[str, str] | None,
        ttl: Span | None,
        load: Callable[[], int] | None,
    ) -> None:
        self.service = service
        self.instance_id = instance_id or generated_id(service)
        self.state = "idle"
        """``registered``; ``draining``: the server knows that it drains; ``replaced``: another process registered under its name, and it is
        over; ``stopped``."""
        self._base = base
        self._load = load
        # Made here and not by the server: a call whose answer was lost is repeated with the same one.
        self._id = str(uuid.uuid4())
        self._request = pb.RegisterInstanceRequest(
            service_name=service,
            instance_id=self.instance_id,
            address=address,
            capacity=capacity,
            weight=weight,
            metadata=metadata or {},
            registration_id=self._id,
        )
        if ttl is not None:
            self._request.ttl.CopyFrom(to_duration("ttl", ttl))
        self._work: asyncio.Task[None] | None = None
        self._draining = False
        self._drained = asyncio.Event()
        self._hurry = asyncio.Event()
        """Ends the wait for the next heartbeat."""

    async def __aenter__(self) -> Registration:
        """Registers it; see ``start``."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Deregisters it."""
        await self.stop()

    async def start(self) -> None:
        """Registers the instance; the heartbeats go on by themselves. Raises CallError if the server refuses it for good."""
        backoff = Backoff(cap=_LONGEST_PAUSE)
        while True:
            try:
                interval = await self._register()
                break
            except CallError as error:
                if not error.is_transient:
                    raise
                log.warning("the instance %s of %s is not registered yet: %s", self.instance_id, self.service, error)
                await asyncio.sleep(min(_LONGEST_PAUSE, backoff.next(pause_asked(error))))
        self._work = asyncio.ensure_future(self._beat(interval))

    async def drain(self) -> None:
        """Says that the instance finishes what it has and takes no new calls, at once and with each heartbeat until it stops. Idempotent.

        Calls that were on their way still come: drain, let them end, then leave the block. It returns when the server has stored it; where
        the server does not answer, after 5 seconds with a warning in the log. Before ``start`` it is registered as draining.
        """
        self._draining = True
        work = self._work
        if work is None:
            return
        # A heartbeat that is on its way may not say it: the next one follows it at once.
        self._hurry.set()
        drained = asyncio.ensure_future(self._drained.wait())
        try:
            await asyncio.wait([drained, work], timeout=_CALL_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        finally:
            drained.cancel()
        if self.state == "registered":
            log.warning(
                "the server does not know yet that %s of %s drains; its next heartbeats say it",
                self.instance_id,
                self.service,
            )

    async def stop(self) -> None:
        """Ends the heartbeats and deregisters the instance; a registration that has replaced it stays. Idempotent."""
        work, self._work = self._work, None
        if work is None:
            return
        work.cancel()
        await asyncio.wait([work])
        if self.state not in ("registered", "draining"):
            return
        self.state = "stopped"
        try:
            request = pb.DeregisterInstanceRequest(
                service_name=self.service, instance_id=self.instance_id, registration_id=self._id
            )
            await self._base.call(request, pb.DeregisterInstanceResponse, timeout=_CALL_TIMEOUT)
        except CallError as error:
            log.warning("the instance %s of %s is not deregistered: %s", self.instance_id, self.service, error)

    async def ended(self) -> None:
        """Returns when another process has registered under its name, which ends it."""
        if self._work is not None:
            await asyncio.shield(self._work)

    async def _register(self) -> float:
        """Registers it; returns when the first heartbeat is due, in seconds."""
        if self._load is not None:
            self._request.current_load = self._load()
        draining = self._request.draining = self._draining
        answer = await self._base.call(self._request, pb.RegisterInstanceResponse, timeout=_CALL_TIMEOUT)
        self._is_known(draining)
        return max(0.1, seconds_in(answer.heartbeat_interval))

    async def _beat(self, interval: float) -> None:
        backoff = Backoff(cap=_LONGEST_PAUSE)
        pause = interval
        is_away = False
        while True:
            await self._wait(pause)
            try:
                pause = await self._heartbeat()
                if is_away:
                    log.warning("reached %s again", self._base.address)
                is_away = False
                backoff.reset()
            except CallError as error:
                if error.reason == "INSTANCE_REPLACED":
                    log.warning(
                        "another process registered %s of %s: this registration has ended",
                        self.instance_id,
                        self.service,
                    )
                    self.state = "replaced"
                    return
                if not is_away:
                    log.warning("no heartbeat of %s of %s: %s", self.instance_id, self.service, error)
                is_away = True
                pause = min(_LONGEST_PAUSE, backoff.next(pause_asked(error)))

    async def _heartbeat(self) -> float:
        request = pb.HeartbeatRequest(service_name=self.service, instance_id=self.instance_id, registration_id=self._id)
        if self._load is not None:
            request.current_load = self._load()
        draining = self._draining
        if draining:
            request.draining = True
        try:
            answer = await self._base.call(request, pb.HeartbeatResponse, timeout=_CALL_TIMEOUT)
        except CallError as error:
            if error.reason != "INSTANCE_NOT_FOUND":
                raise
            log.warning("the server no longer knows %s of %s; registering again", self.instance_id, self.service)
            return await self._register()
        self._is_known(draining)
        return max(0.1, seconds_in(answer.heartbeat_interval))

    def _is_known(self, draining: bool) -> None:
        """The server has it on its disk."""
        self.state = "draining" if draining else "registered"
        if draining:
            self._drained.set()

    async def _wait(self, seconds: float) -> None:
        """Waits for the next heartbeat, or until it is wanted at once."""
        hurry = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait([hurry], timeout=seconds)
        finally:
            hurry.cancel()
        self._hurry.clear()
