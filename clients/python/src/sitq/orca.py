"""Reports of a gRPC server's load to its clients: ORCA, gRFC A51.

::

    reports = LoadReports(capacity=50)
    server = grpc.aio.server(interceptors=[reports.interceptor])
    reports.add_to(server)

Each report has ``application_utilization``, the share of the capacity that is taken: by running tasks, by what the application adds,
and by calls as a mean over about five seconds; and ``rps_fractional`` and ``eps``, how many calls began and failed by the server's
fault in a second. Clients with client-side weighted round robin (A58) call the instances that have most room by them.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import re
import struct
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import grpc
import grpc.aio
from google.rpc import error_details_pb2

__all__ = ["BusyWorker", "LoadReports"]

_TRAILER = "endpoint-load-metrics-bin"
# What gRPC and xDS ask for by themselves is not work: health checks, reflection, these reports.
_UNMEASURED = re.compile(r"/(grpc|xds)\.")
# From one report out of band to the next, in seconds: where the client does not say; at least; at most.
_INTERVAL, _LEAST_INTERVAL, _MOST_INTERVAL = 10.0, 1.0, 3_600.0
# How long a call counts, in seconds: after so long to 37 %, after thrice as long to 5 %.
_MEMORY = 5.0
# By these the server is to blame, or another instance might have done better.
_FAILURES = frozenset(
    code.value[0]
    for code in (
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    )
)


class BusyWorker(Protocol):
    """A running worker: ``worker.running(client)``."""

    @property
    def running(self) -> int:
        """How many tasks it runs now."""

    @property
    def capacity(self) -> int:
        """How many it runs at a time at most."""


class LoadReports:
    """The reports of one gRPC server.

    ``worker`` is the running worker of the same process, whose tasks count. ``capacity`` is how many calls and tasks the process takes at a
    time, as it is registered: by default the worker's, without one 100. ``load`` returns what else the process is busy with, in calls.
    """

    def __init__(
        self,
        *,
        worker: BusyWorker | None = None,
        capacity: float | None = None,
        load: Callable[[], float] | None = None,
    ) -> None:
        if capacity is None:
            capacity = 100 if worker is None else worker.capacity
        if not (math.isfinite(capacity) and capacity > 0):
            raise ValueError(f"capacity is {capacity}; it must be above 0")
        self._worker, self._capacity, self._load = worker, capacity, load
        self._calls = _Meter()
        #: For ``grpc.aio.server(interceptors=[…])``: reports at the end of each call, and counts it.
        self.interceptor: grpc.aio.ServerInterceptor = _AioInterceptor(self)
        #: The same for ``grpc.server(…, interceptors=[…])``, whose handlers block.
        self.blocking_interceptor: grpc.ServerInterceptor = _BlockingInterceptor(self)

    @property
    def load(self) -> int:
        """What the process has in hand now: calls, tasks, and what else ``load`` says. It can be the load of its registration."""
        return round(self._busy_with() + self._calls.under_way)

    def add_to(self, server: grpc.aio.Server) -> None:
        """Reports out of band to clients that ask for it: adds ``xds.service.orca.v3.OpenRcaService``.

        A server whose handlers block has no room for it: each client would hold one of its threads. It reports with each call alone.
        """
        if not isinstance(server, grpc.aio.Server):
            raise TypeError("reports out of band need a server of grpc.aio; others report with each call alone")
        handler = grpc.unary_stream_rpc_method_handler(
            self._stream,
            # The request has the shape of RetryInfo: a Duration with the number 1.
            request_deserializer=error_details_pb2.RetryInfo.FromString,
            response_serializer=bytes,
        )
        methods = {"StreamCoreMetrics": handler}
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("xds.service.orca.v3.OpenRcaService", methods),)
        )

    async def _stream(self, request: error_details_pb2.RetryInfo, context: object) -> AsyncIterator[bytes]:
        asked = request.retry_delay.ToTimedelta().total_seconds() if request.HasField("retry_delay") else _INTERVAL
        interval = min(max(asked, _LEAST_INTERVAL), _MOST_INTERVAL)
        while True:
            yield self._report()
            await asyncio.sleep(interval)

    def _report(self) -> bytes:
        under_way, per_second, failed_per_second = self._calls.read()
        utilization = (self._busy_with() + under_way) / self._capacity
        # xds.data.orca.v3.OrcaLoadReport, written by hand: a second declaration of it in one process would fail.
        return struct.pack("<BdBdBd", 6 << 3 | 1, per_second, 7 << 3 | 1, failed_per_second, 9 << 3 | 1, utilization)

    def _busy_with(self) -> float:
        """What the process has in hand beside calls."""
        tasks = 0 if self._worker is None else self._worker.running
        try:
            more = 0.0 if self._load is None else float(self._load())
        except Exception:
            # The calls whose report it is for are not to fail by it.
            more = 0.0
        return tasks + (more if math.isfinite(more) and more > 0 else 0)

    @contextmanager
    def _counted(self, context: Any) -> Iterator[None]:
        """Counts a call, and reports at its end; at its begin too, since a handler that aborts sends what is set by then."""
        given = tuple(context.trailing_metadata() or ())
        has_failed = False
        self._calls.begin()
        context.set_trailing_metadata((*given, (_TRAILER, self._report())))
        try:
            yield
            has_failed = _number(context.code()) in _FAILURES
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException:
            has_failed = _number(context.code()) in (_FAILURES | {0})
            raise
        finally:
            self._calls.end(has_failed)
            others = (each for each in context.trailing_metadata() or () if each[0] != _TRAILER)
            context.set_trailing_metadata((*others, (_TRAILER, self._report())))


class _Meter:
    """Counts the calls of a server.

    Its means forget exponentially, all alike: of a client that divides one by another they are right from the first call on,
    however short the calls and however rarely they are read.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.under_way = 0
        self._mean_under_way = 0.0
        self._begun = 0.0
        self._failed = 0.0
        self._as_of = clock()

    def begin(self) -> None:
        with self._lock:
            self._forget()
            self.under_way += 1
            self._begun += 1

    def end(self, has_failed: bool) -> None:
        with self._lock:
            self._forget()
            self.under_way -= 1
            self._failed += has_failed

    def read(self) -> tuple[float, float, float]:
        """Returns how many calls were under way at a time, and how many began and failed in a second."""
        with self._lock:
            self._forget()
            return self._mean_under_way, self._begun / _MEMORY, self._failed / _MEMORY

    def _forget(self) -> None:
        now = self._clock()
        kept = math.exp(-(now - self._as_of) / _MEMORY)
        self._as_of = now
        self._mean_under_way = self.under_way + (self._mean_under_way - self.under_way) * kept
        self._begun *= kept
        self._failed *= kept


class _AioInterceptor(grpc.aio.ServerInterceptor):
    def __init__(self, reports: LoadReports) -> None:
        self._reports = reports

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        return _measured(self._reports, await continuation(handler_call_details), handler_call_details.method)


class _BlockingInterceptor(grpc.ServerInterceptor):
    def __init__(self, reports: LoadReports) -> None:
        self._reports = reports

    def intercept_service(
        self, continuation: Callable[[Any], Any], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        return _measured(self._reports, continuation(handler_call_details), handler_call_details.method)


def _measured(reports: LoadReports, handler: Any, method: str) -> Any:
    """The handler of a method with its calls counted; of an unknown method there is none."""
    if handler is None or _UNMEASURED.match(method):
        return handler
    if handler.response_streaming:
        make = (
            grpc.stream_stream_rpc_method_handler if handler.request_streaming else grpc.unary_stream_rpc_method_handler
        )
        behavior = handler.stream_stream if handler.request_streaming else handler.unary_stream
    else:
        make = (
            grpc.stream_unary_rpc_method_handler if handler.request_streaming else grpc.unary_unary_rpc_method_handler
        )
        behavior = handler.stream_unary if handler.request_streaming else handler.unary_unary
    wrapped = _wrapped(reports, behavior, handler.response_streaming)
    return make(wrapped, handler.request_deserializer, handler.response_serializer)


def _wrapped(reports: LoadReports, behavior: Callable[..., Any], streams: bool) -> Callable[..., Any]:
    """As gRPC tells handlers apart: asynchronous generators, coroutines, and functions that block."""
    if inspect.isasyncgenfunction(behavior):

        async def generate(request: Any, context: Any) -> AsyncIterator[Any]:
            with reports._counted(context):
                async for response in behavior(request, context):
                    yield response

        return generate
    if inspect.iscoroutinefunction(behavior):

        async def answer(request: Any, context: Any) -> Any:
            with reports._counted(context):
                return await behavior(request, context)

        return answer
    if streams:

        def generate_blocking(request: Any, context: Any) -> Iterator[Any]:
            with reports._counted(context):
                yield from behavior(request, context)

        return generate_blocking

    def answer_blocking(request: Any, context: Any) -> Any:
        with reports._counted(context):
            return behavior(request, context)

    return answer_blocking


def _number(code: Any) -> int:
    """A status code as gRPC has it in its different servers: a number, a member of StatusCode, or not set yet."""
    if code is None:
        return 0
    return int(code.value[0] if isinstance(code, grpc.StatusCode) else code)
