from __future__ import annotations

from dataclasses import dataclass

import pytest

import sitq
from sitq import blocking


@dataclass
class Order:
    number: int


async def test_a_handler_of_events_gets_each_event_of_its_pattern(client: sitq.Client) -> None:
    worker = sitq.Worker()
    seen: list[tuple[int, str, str]] = []

    @worker.on("order.*", subscription="billing")
    async def bill(order: Order, event: sitq.Event) -> dict[str, str]:
        seen.append((order.number, event.type, event.subject))
        return {"invoice": f"I-{order.number}"}

    async with worker.running(client):
        event = await client.publish("order.created", Order(7), subject="7")
        await client.publish("parcel.sent", {"number": 7})
        report = await client.wait_delivered(event, timeout=10)
    assert seen == [(7, "order.created", "7")]
    assert event.delivered_to == 1
    assert [(each.subscription, each.state, each.result) for each in report.deliveries] == [
        ("billing", "COMPLETED", {"invoice": "I-7"})
    ]
    assert report.event.data(Order) == Order(7)


async def test_a_subscription_is_named_after_its_service_and_function_and_keeps_events(client: sitq.Client) -> None:
    def make() -> tuple[sitq.Worker, list[int]]:
        worker, seen = sitq.Worker("mixed"), list[int]()

        @worker.on("kept.order")
        async def keep(order: Order) -> None:
            seen.append(order.number)

        @worker.task("other")
        async def other(payload: int) -> int:
            return payload

        return worker, seen

    first, _ = make()
    async with first.running(client):
        assert await (await client.enqueue("mixed", "other", 1)).result(timeout=10) == 1
    event = await client.publish("kept.order", Order(8))
    second, seen = make()
    async with second.running(client):
        report = await client.wait_delivered(event, timeout=10)
    assert seen == [8]
    assert report.deliveries[0].subscription == "tests.keep"


async def test_publishing_again_under_an_id_returns_the_first_event(client: sitq.Client) -> None:
    first = await client.publish("once", {"n": 1}, id="once-1", attributes={"shop": "berlin", "express": True, "n": 3})
    again = await client.publish("once", {"n": 1}, id="once-1", attributes={"shop": "berlin", "express": True, "n": 3})
    assert (first.created, again.created, again.position) == (True, False, first.position)
    with pytest.raises(sitq.reasons.EventIdReused):
        await client.publish("once", {"n": 2}, id="once-1")
    found = await client.get_event(first)
    assert found.event.attributes == {"shop": "berlin", "express": True, "n": 3}


async def test_a_watch_yields_events_from_a_position_on(client: sitq.Client) -> None:
    first = await client.publish("watched.a", 1)
    await client.publish("watched.b", 2)
    await client.publish("unwatched", 3)
    await client.publish("watched.c", 4)
    seen = []
    async for event in client.watch_events("watched.*", start=sitq.Position(first.position)):
        seen.append((event.type, event.data(int)))
        if len(seen) == 2:
            break
    assert seen == [("watched.b", 2), ("watched.c", 4)]


def test_the_blocking_face_publishes_and_handles(sitq_address: str) -> None:
    worker = sitq.Worker()

    @worker.on("blocking.*", subscription="blocking")
    def handle(number: int) -> int:
        return number + 1

    with blocking.connect(service="tests") as client, client.running(worker):
        event = client.publish("blocking.event", 41)
        report = client.wait_delivered(event, timeout=10)
        assert [each.result for each in report.deliveries] == [42]
        for found in client.watch_events("blocking.*", start="earliest"):
            assert found.id == event.id
            break
