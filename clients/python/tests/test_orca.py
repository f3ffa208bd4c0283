from __future__ import annotations

import asyncio
import contextlib
import math
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import grpc.aio
import pytest

import sitq
from sitq.orca import LoadReports, _Meter

TRAILER = "endpoint-load-metrics-bin"
STREAM = "/xds.service.orca.v3.OpenRcaService/StreamCoreMetrics"


def read(report: bytes) -> tuple[float, float, float]:
    """Utilization, calls and failures in a second, by the published numbers of the fields: 9, 6 and 7."""
    fields = {}
    while report:
        fields[report[0] >> 3] = struct.unpack("<d", report[1:9])[0]
        report = report[9:]
    return fields[9], fields[6], fields[7]


def report_in(context: Any) -> tuple[float, float, float]:
    """The report that a call was answered with: gRPC for Python reads it by itself, and does not show it to clients."""
    found = [value for key, value in context.trailing_metadata() if key == TRAILER]
    assert len(found) == 1
    return read(found[0])


def methods_of(**handlers: Callable[..., Any]) -> grpc.GenericRpcHandler:
    makers = {
        "name": grpc.unary_unary_rpc_method_handler,
        "names": grpc.unary_stream_rpc_method_handler,
        "gather": grpc.stream_unary_rpc_method_handler,
    }
    return grpc.method_handlers_generic_handler("test.Shop", {key: makers[key](each) for key, each in handlers.items()})


@contextlib.asynccontextmanager
async def serving(reports: LoadReports, **handlers: Callable[..., Any]) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a server with reports."""
    async with served(reports, **handlers) as (channel, _):
        yield channel


@contextlib.asynccontextmanager
async def served(reports: LoadReports, **handlers: Callable[..., Any]) -> AsyncIterator[tuple[grpc.aio.Channel, int]]:
    """A channel to a server with reports, and the port of the server."""
    server = grpc.aio.server(interceptors=[reports.interceptor])
    server.add_generic_rpc_handlers((methods_of(**handlers),))
    reports.add_to(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel, port
    finally:
        await server.stop(None)


async def out_of_band(channel: grpc.aio.Channel, count: int = 1) -> list[tuple[float, float, float]]:
    """So many reports, as often as there are any."""
    # A Duration of no time, as the report_interval of an OrcaLoadReportRequest.
    stream: Any = channel.unary_stream(STREAM)
    call = stream(b"\x0a\x00", timeout=20)
    reports = [read(await call.read()) for _ in range(count)]
    call.cancel()
    return reports


async def test_the_tasks_of_a_worker_are_the_load_of_its_process(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue, capacity=10)
    begun: asyncio.Queue[None] = asyncio.Queue()
    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    @worker.task("send")
    async def send(payload: None) -> None:
        loop.call_soon_threadsafe(begun.put_nowait, None)
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(over.wait(), loop))

    contexts: list[Any] = []

    async def name(request: bytes, context: Any) -> bytes:
        contexts.append(context)
        context.set_trailing_metadata((("shop", "a"),))
        return b"a"

    async with worker.running(client) as running:
        reports = LoadReports(worker=running)
        async with serving(reports, name=name) as channel:
            assert await out_of_band(channel) == [(0, 0, 0)]
            for _ in range(3):
                await client.enqueue(queue, "send")
                await begun.get()
            (utilization, _, _), again = await out_of_band(channel, 2)
            assert [utilization, again[0]] == pytest.approx([0.3, 0.3])
            call: Any = channel.unary_unary("/test.Shop/name")
            assert await call(b"") == b"a"
            utilization, per_second, _ = report_in(contexts[0])
            assert utilization == pytest.approx(0.3, abs=0.05)
            assert per_second > 0
            assert ("shop", "a") in contexts[0].trailing_metadata()
        over.set()


async def test_calls_and_what_the_application_says_are_the_load_without_a_worker() -> None:
    busy: list[Any] = [2]
    reports = LoadReports(capacity=4, load=lambda: busy[0])
    begun, over = asyncio.Event(), asyncio.Event()
    contexts: list[Any] = []

    async def names(request: bytes, context: Any) -> AsyncIterator[bytes]:
        contexts.append(context)
        begun.set()
        yield b"a"
        await over.wait()
        yield b"b"

    async with serving(reports, names=names) as channel:
        assert await out_of_band(channel) == [(0.5, 0, 0)]
        call: Any = channel.unary_stream("/test.Shop/names")
        names_of = call(b"")
        await begun.wait()
        assert reports.load == 3
        over.set()
        assert [each async for each in names_of] == [b"a", b"b"]
        assert report_in(contexts[0])[1] > 0
        assert reports.load == 2
        for wrong in (-1, float("nan"), "many"):
            busy[0] = wrong
            assert reports.load == 0


async def test_calls_that_fail_by_the_servers_fault_are_reported_as_errors() -> None:
    contexts: list[Any] = []
    reports = LoadReports()
    now = 0.0
    reports._calls = _Meter(lambda: now)

    async def fail(request: bytes, context: Any) -> bytes:
        contexts.append(context)
        if request == b"raise":
            raise ValueError("no")
        await context.abort(grpc.StatusCode[request.decode()], "no")
        return b""

    async with serving(reports, name=fail) as channel:
        call: Any = channel.unary_unary("/test.Shop/name")
        rates = []
        for request in (b"NOT_FOUND", b"INTERNAL", b"raise", b"NOT_FOUND"):
            with pytest.raises(grpc.aio.AioRpcError):
                await call(request)
            # A client may have its status before the handler has ended.
            while reports.load > 0:  # noqa: ASYNC110
                await asyncio.sleep(0)
            _, per_second, failed = report_in(contexts[-1])
            rates.append(failed / per_second)
            now += 1
    # Those that are longer ago count the less.
    kept = [math.exp(-ago / 5) for ago in range(4)]
    assert rates == pytest.approx(
        [0, 1 / sum(kept[:2]), sum(kept[:2]) / sum(kept[:3]), sum(kept[1:3]) / sum(kept)], abs=1e-9
    )


async def test_a_call_that_its_client_gives_up_is_over() -> None:
    reports = LoadReports()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait(request: bytes, context: Any) -> bytes:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            asyncio.get_running_loop().call_soon(ended.set)
        return b""

    async with serving(reports, name=wait) as channel:
        call: Any = channel.unary_unary("/test.Shop/name")
        asked = call(b"")
        await begun.wait()
        assert reports.load == 1
        asked.cancel()
        await ended.wait()
        assert reports.load == 0
        assert (await out_of_band(channel))[0][2] == 0


def test_a_server_whose_handlers_block_reports_with_each_call() -> None:
    reports = LoadReports(capacity=10, load=lambda: 5)
    contexts: list[Any] = []

    def name(request: bytes, context: Any) -> bytes:
        contexts.append(context)
        return b"a"

    def names(request: bytes, context: Any) -> Iterator[bytes]:
        contexts.append(context)
        yield from (b"a", b"b")

    def gather(requests: Iterator[bytes], context: Any) -> bytes:
        contexts.append(context)
        return b"".join(requests)

    with ThreadPoolExecutor(2) as pool:
        server: Any = grpc.server(pool, interceptors=[reports.blocking_interceptor])
        server.add_generic_rpc_handlers((methods_of(name=name, names=names, gather=gather),))
        with pytest.raises(TypeError, match=r"grpc\.aio"):
            reports.add_to(server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        channel: Any
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            assert channel.unary_unary("/test.Shop/name")(b"") == b"a"
            assert list(channel.unary_stream("/test.Shop/names")(b"")) == [b"a", b"b"]
            assert channel.stream_unary("/test.Shop/gather")(iter([b"x", b"y"])) == b"xy"
        server.stop(None).wait()
    assert [report_in(context)[0] for context in contexts] == pytest.approx([0.5] * 3, abs=0.05)
    assert all(report_in(context)[1] > 0.1 for context in contexts)
    assert reports.load == 5


@pytest.mark.parametrize("out_of_band", ["false", "true"])
async def test_a_client_with_weighted_round_robin_follows_the_reports(out_of_band: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        ports = []
        for who, load in ((b"busy", 90), (b"idle", 10)):

            async def name(request: bytes, context: Any, who: bytes = who) -> bytes:
                return who

            reports = LoadReports(capacity=100, load=lambda load=load: load)  # type: ignore[misc]
            ports.append((await stack.enter_async_context(served(reports, name=name)))[1])
        period = '"blackoutPeriod": "0s", "weightUpdatePeriod": "0.1s", "oobReportingPeriod": "1s"'
        policy = f'{{{period}, "enableOobLoadReport": {out_of_band}}}'
        config = f'{{"loadBalancingConfig": [{{"weighted_round_robin": {policy}}}]}}'
        target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
        channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(target, options=[("grpc.service_config", config)])
        )
        call: Any = channel.unary_unary("/test.Shop/name")
        loop = asyncio.get_running_loop()
        deadline, idle = loop.time() + 20, 0
        while idle <= 85:
            assert loop.time() < deadline, f"{idle} of 100 calls went to the idle server"
            idle = [await call(b"") for _ in range(100)].count(b"idle")


def test_the_means_are_those_of_the_last_seconds() -> None:
    now = 1_000.0
    meter = _Meter(lambda: now)
    for calls, seconds, failed in ((6_000, 0.002, False), (6_000, 0.001, True)):
        for _ in range(calls):
            meter.begin()
            now += seconds
            meter.end(failed)
            now += 0.01 - seconds
        expected = (seconds / 0.01, 100, 100 if failed else 0)
        assert meter.read() == pytest.approx(expected, abs=0.5)
    now += 60
    assert meter.read() == pytest.approx((0, 0, 0), abs=0.001)


@pytest.mark.parametrize("capacity", [0, -1, float("nan")])
def test_a_capacity_of_nothing_is_refused(capacity: float) -> None:
    with pytest.raises(ValueError, match="capacity"):
        LoadReports(capacity=capacity)
