from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import sitq

_exporter = InMemorySpanExporter()
_provider = TracerProvider()
_provider.add_span_processor(SimpleSpanProcessor(_exporter))


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    if trace.get_tracer_provider() is not _provider:
        trace.set_tracer_provider(_provider)
    _exporter.clear()
    yield _exporter
    _exporter.clear()


def briefly(spans: tuple[ReadableSpan, ...]) -> set[tuple[str, str, str, tuple[str, ...]]]:
    """Names, kinds, the names of the span above each and of those that it links to."""
    names = {span.context.span_id: span.name for span in spans if span.context is not None}
    return {
        (
            span.name,
            span.kind.name,
            names.get(span.parent.span_id, "unknown") if span.parent else "",
            tuple(names.get(link.context.span_id, "unknown") for link in span.links),
        )
        for span in spans
    }


async def test_a_trace_goes_from_the_producer_through_the_handler_to_what_it_enqueues(
    client: sitq.Client, queue: str, exporter: InMemorySpanExporter
) -> None:
    worker = sitq.Worker(queue)

    @worker.task("pack")
    async def pack(payload: None, ctx: sitq.Context) -> str:
        return (await ctx.client.enqueue(queue, "ship")).id

    @worker.task("ship")
    def ship(payload: None, ctx: sitq.Context) -> str:
        """A plain function, in a thread."""
        return ctx.run(ctx.client.enqueue(f"{queue}-next", "bill")).id

    async with worker.running(client):
        task = await client.enqueue(queue, "pack", correlation_id="order-7")
        await client.result(await task.result())
    spans = exporter.get_finished_spans()
    sent, processed = f"send {queue}", f"process {queue}"
    assert briefly(spans) == {
        (sent, "PRODUCER", "", ()),
        (processed, "CONSUMER", sent, (sent,)),
        (f"settle {queue}", "CLIENT", processed, (sent,)),
        (sent, "PRODUCER", processed, ()),
        (f"send {queue}-next", "PRODUCER", processed, ()),
    }
    assert len({span.context.trace_id for span in spans if span.context is not None}) == 1
    for operation in ("process", "settle"):
        of_operation = (span for span in spans if span.name.startswith(operation))
        first = next(span for span in of_operation if (span.attributes or {})["sitq.task.type"] == "pack")
        check_attributes(dict(first.attributes or {}), operation, queue, task.id)


def check_attributes(attributes: dict[str, object], operation: str, queue: str, task_id: str) -> None:
    assert attributes.pop("messaging.client.id")
    assert attributes == {
        "messaging.system": "sitq",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": queue,
        "messaging.message.id": task_id,
        "messaging.message.conversation_id": "order-7",
        "sitq.task.type": "pack",
        "sitq.task.attempt": 1,
        "sitq.task.outcome": "completed",
    }


async def test_a_trace_goes_with_events_workflows_and_batches(
    client: sitq.Client, queue: str, exporter: InMemorySpanExporter
) -> None:
    worker = sitq.Worker(queue)

    @worker.task("step")
    async def step(payload: None) -> None:
        raise sitq.Terminal("no money", type="CARD_DECLINED")

    async with worker.running(client):
        workflow = sitq.Workflow("place-order").step("a", "step", service=queue)
        started = await client.start_workflow(workflow)
        with pytest.raises(sitq.WorkflowFailed):
            await client.wait_workflow(started)
    event = await client.publish(f"{queue}.created", source_service="shop")
    report = await client.get_event(event)
    answers = await client.enqueue_all([sitq.NewTask(queue, "a"), sitq.NewTask(queue, "b")])
    assert all(isinstance(answer, sitq.EnqueuedTask) for answer in answers)
    created = f"create {queue}"
    spans = exporter.get_finished_spans()
    assert briefly(spans) == {
        ("send place-order", "PRODUCER", "", ()),
        (f"process {queue}", "CONSUMER", "send place-order", ("send place-order",)),
        (f"settle {queue}", "CLIENT", f"process {queue}", ("send place-order",)),
        (f"send {queue}.created", "PRODUCER", "", ()),
        (created, "PRODUCER", "", ()),
        (f"send {queue}", "CLIENT", "", (created, created)),
    }
    failed = next(span for span in spans if span.kind is trace.SpanKind.CONSUMER)
    assert failed.status.status_code is trace.StatusCode.ERROR
    assert (failed.attributes or {})["error.type"] == "CARD_DECLINED"
    published = next(span for span in spans if span.name.endswith(".created"))
    assert published.context is not None
    assert f"{published.context.span_id:016x}" in str(report.event.attributes["traceparent"])


async def test_a_step_links_to_the_steps_that_it_waited_for(
    client: sitq.Client, queue: str, exporter: InMemorySpanExporter
) -> None:
    worker = sitq.Worker(queue)

    @worker.task("step")
    async def step(payload: None) -> None:
        return None

    workflow = (
        sitq.Workflow("chain").step("a", "step", service=queue).step("b", "step", service=queue, depends_on=["a"])
    )
    async with worker.running(client):
        await client.wait_workflow(await client.start_workflow(workflow))
    processed = [span for span in exporter.get_finished_spans() if span.kind is trace.SpanKind.CONSUMER]
    a, b = sorted(processed, key=lambda span: str((span.attributes or {})["sitq.workflow.step"]))
    assert a.context is not None
    assert [link.context.span_id for link in b.links[1:]] == [a.context.span_id]
    assert len(a.links) == 1


async def test_a_task_that_names_a_span_of_its_own_keeps_it(
    client: sitq.Client, queue: str, exporter: InMemorySpanExporter
) -> None:
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    task = await client.enqueue(queue, "t", headers=headers)
    assert (await client.get_task(task.id)).headers == headers
    assert briefly(exporter.get_finished_spans()) == {(f"send {queue}", "CLIENT", "", ("unknown",))}


def test_without_opentelemetry_nothing_of_it_is_loaded() -> None:
    code = "import sitq, sys; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
