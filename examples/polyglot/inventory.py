"""The shop's inventory in Python: ``python inventory.py INSTANCE``. It finds the server by SITQ_ADDRESS."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from dataclasses import dataclass

import grpc

import sitq

GRAMS_EACH = 1_200


@dataclass
class Line:
    """So many pieces of an article."""

    sku: str
    quantity: int


@dataclass
class Reservation:
    """What is taken from the shelves for an order, and put back."""

    orderId: str
    lines: list[Line]

    def items(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass
class Updated:
    """The shelves have changed."""

    orderId: str
    items: int


async def work() -> None:
    """The work of one task takes a few milliseconds, like a call to a database."""
    await asyncio.sleep(0.005)


def handlers_of(worker: sitq.Worker, client: sitq.Client) -> None:
    async def updated(ctx: sitq.Context, what: str, reservation: Reservation, items: int) -> None:
        await client.publish(
            "inventory.updated",
            {"orderId": reservation.orderId, "items": items},
            # A second attempt publishes the same event.
            id=f"{ctx.task_id}-{what}",
            subject=reservation.orderId,
            correlation_id=ctx.task.correlation_id,
            causation_id=ctx.task_id,
        )

    @worker.task("reserve")
    async def reserve(reservation: Reservation, ctx: sitq.Context) -> dict[str, int]:
        await work()
        await updated(ctx, "reserved", reservation, -reservation.items())
        return {"items": reservation.items()}

    @worker.task("put-back")
    async def put_back(reservation: Reservation, ctx: sitq.Context) -> None:
        await work()
        await updated(ctx, "put-back", reservation, reservation.items())

    @worker.task("inventory.updated")
    async def restock(_: Updated) -> None:
        await work()


async def serve_weights(instance: str) -> tuple[grpc.aio.Server, str]:
    """Answers what things weigh, over gRPC with JSON for messages. Returns the server and its address."""

    async def ask(items: int, _: grpc.aio.ServicerContext) -> object:
        return {"grams": items * GRAMS_EACH, "weighedBy": instance}

    method = grpc.unary_unary_rpc_method_handler(
        ask, request_deserializer=json.loads, response_serializer=lambda value: json.dumps(value).encode()
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.Service", {"Ask": method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, f"127.0.0.1:{port}"


async def main(instance: str) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    server, address = await serve_weights(instance)
    async with sitq.connect(service="inventory") as client:
        # Its stream is its registration: with an address the others can call it, and its end takes it off the list.
        worker = sitq.Worker("inventory", worker_id=instance, address=address, capacity=8)
        handlers_of(worker, client)
        async with worker.running(client):
            print("ready", flush=True)
            await stopping.wait()
    await server.stop(grace=None)


asyncio.run(main(sys.argv[1]))
