from __future__ import annotations

import asyncio

import pytest

import sitq
from sitq import blocking
from sitq.testing import Server


async def test_an_instance_is_there_while_it_is_registered(client: sitq.Client) -> None:
    async with client.register("127.0.0.1:8080", service="inventory", capacity=5, metadata={"zone": "b"}) as mine:
        assert mine.state == "registered"
        found = await client.discover("inventory", metadata={"zone": "b"})
        assert [(each.id, each.address, each.capacity) for each in found] == [(mine.instance_id, "127.0.0.1:8080", 5)]
        async with await client.pick("inventory", strategy="sticky", key="customer-7") as picked:
            assert picked.address == "127.0.0.1:8080"
            assert (await client.discover("inventory"))[0].load == 1
        assert (await client.discover("inventory"))[0].load == 0
    assert await client.discover("inventory") == []
    with pytest.raises(sitq.reasons.ServiceNotFound):
        await client.pick("inventory")


async def test_a_watch_says_how_instances_come_and_go(client: sitq.Client) -> None:
    counts: asyncio.Queue[int] = asyncio.Queue()

    async def watch() -> None:
        async for instances in client.watch_instances("watched"):
            counts.put_nowait(len(instances))

    watching = asyncio.ensure_future(watch())
    try:
        assert await counts.get() == 0
        async with client.register("127.0.0.1:1", service="watched"):
            assert await counts.get() == 1
        assert await counts.get() == 0
    finally:
        watching.cancel()


async def test_a_worker_with_a_service_is_an_instance_of_it(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue, service="printing", address="127.0.0.1:9000", capacity=3)

    @worker.task("print")
    async def print_it(payload: None) -> None: ...

    async with worker.running(client) as running:
        found = await client.discover("printing")
        assert [(each.id, each.address, each.capacity) for each in found] == [(running.id, "127.0.0.1:9000", 3)]


async def first_id(client: sitq.Client, service: str) -> str:
    async for instances in client.watch_instances(service):
        if instances:
            return instances[0].id
    raise AssertionError("the watch has ended")


async def test_a_registration_survives_a_server_that_starts_anew() -> None:
    with Server(["--lease-duration", "3s", "--heartbeat-interval", "300ms"]) as server:
        async with (
            sitq.connect(server.address, service="anew") as client,
            client.register("127.0.0.1:8080", ttl=1) as mine,
        ):
            server.kill()
            for file in server.db.parent.iterdir():
                file.unlink()
            server.start()
            assert await asyncio.wait_for(first_id(client, "anew"), 60) == mine.instance_id


async def test_a_watch_keeps_workers_over_a_restart_of_the_server(queue: str) -> None:
    worker = sitq.Worker(queue, service="staying")

    @worker.task("nothing")
    async def nothing(payload: None) -> None: ...

    counts: list[int] = []
    one = asyncio.Event()

    async def watch(client: sitq.Client) -> None:
        async for instances in client.watch_instances("staying"):
            counts.append(len(instances))
            one.set()

    with Server() as server:
        async with sitq.connect(server.address) as client, worker.running(client):
            watching = asyncio.ensure_future(watch(client))
            await one.wait()
            server.kill()
            one.clear()
            server.start()
            await one.wait()
            await (await client.enqueue(queue, "nothing")).result(timeout=30)
            watching.cancel()
    assert set(counts) == {1}


async def test_the_second_of_two_registrations_under_one_name_wins(client: sitq.Client) -> None:
    async with client.register("127.0.0.1:1", service="twice", instance_id="one", ttl=1) as first:
        async with client.register("127.0.0.1:2", service="twice", instance_id="one", ttl=1) as second:
            await first.ended()
            assert (first.state, second.state) == ("replaced", "registered")
        assert await client.discover("twice") == []


async def test_an_instance_drains_until_it_stops(client: sitq.Client) -> None:
    # No heartbeat is due for 20 minutes.
    async with client.register("127.0.0.1:1", service="drained", ttl=3_600) as mine:
        await mine.drain()
        await mine.drain()
        assert mine.state == "draining"
        (found,) = await client.discover("drained", include_unhealthy=True)
        assert (found.state, found.is_healthy) == ("DRAINING", False)
        assert await client.discover("drained") == []
        with pytest.raises(sitq.reasons.NoHealthyInstance):
            await client.pick("drained")
    assert await client.discover("drained", include_unhealthy=True) == []
    await mine.drain()
    assert mine.state == "stopped"


async def test_an_instance_that_drains_before_its_start_is_registered_so(client: sitq.Client) -> None:
    registration = client.register("127.0.0.1:1", service="drained-early", ttl=1)
    await registration.drain()
    async with registration:
        assert registration.state == "draining"
        assert await client.discover("drained-early") == []


def test_the_blocking_face_registers_and_picks(sitq_address: str) -> None:
    with blocking.connect() as client, client.register("127.0.0.1:8081", service="blocked") as mine:
        with client.pick("blocked") as instance:
            assert instance.address == "127.0.0.1:8081"
        assert next(client.watch_instances("blocked"))[0].address == "127.0.0.1:8081"
        client.drain(mine)
        assert next(client.watch_instances("blocked"))[0].state == "DRAINING"
