"""Service discovery: registering instances, finding them, and having one picked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from types import TracebackType

from ._base import Base
from ._instances import Instance, Instances
from ._new_task import strategy_of
from ._reconnecting import is_refused, reconnecting
from ._registration import Registration
from ._spans import Span, to_duration
from .errors import CallError
from .v1 import registry_service_pb2 as pb


class Picked:
    """An instance with a place that is reserved on it: ``async with await client.pick("inventory") as picked``."""

    def __init__(self, base: Base, answer: pb.PickInstanceResponse) -> None:
        self.instance = Instance(answer.instance)
        self.address = self.instance.address
        """Where to call it."""
        self._base = base
        self._reservation = answer.reservation_id

    async def release(self) -> None:
        """Gives the place back. Idempotent; if the server is away, the reservation runs out by itself."""
        reservation, self._reservation = self._reservation, ""
        if reservation:
            with contextlib.suppress(CallError):
                request = pb.ReleaseInstanceRequest(reservation_id=reservation)
                await self._base.call(request, pb.ReleaseInstanceResponse)

    async def __aenter__(self) -> Picked:
        """Returns itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the place back."""
        await self.release()


class Discovery(Base):
    """The part of a client that is about services and their instances."""

    def register(
        self,
        address: str,
        *,
        service: str = "",
        instance_id: str = "",
        capacity: int = 0,
        weight: int = 0,
        metadata: Mapping[str, str] | None = None,
        ttl: Span | None = None,
        load: Callable[[], int] | None = None,
    ) -> Registration:
        """Registers an instance as long as a block runs: ``async with client.register("10.0.0.7:8080"): …``.

        It sends heartbeats, and registers again whenever the server no longer knows it. ``service``: the client's; ``instance_id``:
        generated; ``capacity``: how many calls it takes at a time (100); ``weight``: its share under WEIGHTED (its capacity); ``ttl``: how
        long it counts as healthy after a heartbeat (30 s); ``load``: returns its current number of calls. A worker with a service needs
        none of this: its stream is its heartbeat.
        """
        return Registration(
            self,
            address,
            service=service or self.service,
            instance_id=instance_id,
            capacity=capacity,
            weight=weight,
            metadata=metadata,
            ttl=ttl,
            load=load,
        )

    async def discover(
        self, service: str = "", *, metadata: Mapping[str, str] | None = None, include_unhealthy: bool = False
    ) -> list[Instance]:
        """The instances of a service, or of all; an empty list if there are none.

        ``include_unhealthy``: those too that are unhealthy or drain.
        """
        found: list[Instance] = []
        request = pb.DiscoverInstancesRequest(
            service_name=service, metadata=metadata or {}, include_unhealthy=include_unhealthy, page_size=1_000
        )
        while True:
            page = await self.call(request, pb.DiscoverInstancesResponse)
            found += [Instance(each) for each in page.instances]
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def watch_instances(
        self, service: str = "", *, metadata: Mapping[str, str] | None = None
    ) -> AsyncGenerator[list[Instance], None]:
        """All instances of a service, in every state, and again whenever one has changed, without end.

        While the server is away, nothing comes: what was known last holds. A loop that is slow gets the newest state.
        """
        instances = Instances()

        def open() -> AsyncIterator[pb.WatchInstancesResponse]:
            request = pb.WatchInstancesRequest(
                service_name=service, metadata=metadata or {}, resume_token=instances.begin()
            )
            return self._connection.watch(request, pb.WatchInstancesResponse)

        async def follow() -> None:
            messages = reconnecting("the watch of instances", open, is_final=is_refused)
            async with contextlib.aclosing(messages):
                async for message in messages:
                    instances.apply(message)

        following = asyncio.ensure_future(follow())
        try:
            while True:
                news = asyncio.ensure_future(instances.changed.wait())
                await asyncio.wait([news, following], return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                if following.done():
                    await following
                instances.changed.clear()
                yield instances.all()
        finally:
            following.cancel()
            await asyncio.wait([following])
            instances.close()

    async def pick(
        self,
        service: str,
        *,
        strategy: str = "least_loaded",
        key: str = "",
        metadata: Mapping[str, str] | None = None,
        reservation: Span | None = None,
    ) -> Picked:
        """Has a healthy instance picked, and a place reserved on it.

        ``strategy``: ``least_loaded``, ``round_robin``, ``random``, ``weighted`` or ``sticky`` with a ``key``; ``reservation``: how long
        the place is kept at most (30 s). Raises ServiceNotFound, NoHealthyInstance, ServiceFull.
        """
        request = pb.PickInstanceRequest(
            service_name=service, strategy=strategy_of(strategy), key=key, metadata=metadata or {}
        )
        if reservation is not None:
            request.reservation_duration.CopyFrom(to_duration("reservation", reservation))
        return Picked(self, await self.call(request, pb.PickInstanceResponse, timeout=5))
