from __future__ import annotations

from typing import Any

import pytest

import sitq

place_order = (
    sitq.Workflow("place-order")
    .step("reserve", "reserve", {"sku": "${input.sku}"}, service="stock", compensate_with="release")
    .step(
        "charge",
        "charge",
        {"shelf": "${results.reserve.shelf}"},
        service="stock",
        depends_on=["reserve"],
        max_retries=0,
    )
)


def stock(*, has_money: bool) -> tuple[sitq.Worker, list[str]]:
    worker, done = sitq.Worker("stock"), list[str]()

    @worker.task("reserve")
    async def reserve(order: dict[str, str]) -> dict[str, int]:
        done.append(f"reserve {order['sku']}")
        return {"shelf": 3}

    @worker.task("charge")
    async def charge(order: dict[str, int], ctx: sitq.Context) -> str:
        done.append(f"charge {order['shelf']} {ctx.results['reserve']}")
        if not has_money:
            raise sitq.Terminal("no money", type="NoMoney")
        return "charged"

    @worker.task("release")
    async def release(order: dict[str, str], ctx: sitq.Context) -> None:
        assert ctx.is_compensation
        done.append(f"release {ctx.results['reserve']}")

    return worker, done


async def test_a_workflow_passes_results_on_and_is_watched_to_its_end(client: sitq.Client) -> None:
    worker, done = stock(has_money=True)
    started = await client.start_workflow(place_order, {"sku": "lamp"})
    async with worker.running(client):
        states: list[Any] = []
        async for update in client.watch_workflow(started):
            if isinstance(update, sitq.WorkflowInfo):
                states.append(update.name)
            elif update.step_id is None:
                states.append(update.state)
        assert await client.wait_workflow(started, timeout=10) == {"reserve": {"shelf": 3}, "charge": "charged"}
    assert states[0] == "place-order"
    assert states[-1] == "COMPLETED"
    assert done == ["reserve lamp", "charge 3 {'shelf': 3}"]


async def test_a_workflow_that_fails_is_compensated_and_says_where(client: sitq.Client) -> None:
    worker, done = stock(has_money=False)
    async with worker.running(client):
        started = await client.start_workflow(place_order, {"sku": "desk"})
        with pytest.raises(sitq.WorkflowFailed, match="failed at the step charge: NoMoney: no money") as caught:
            await client.wait_workflow(started, timeout=10)
    assert (caught.value.state, caught.value.step_id, caught.value.type) == ("FAILED", "charge", "NoMoney")
    assert done[-1] == "release {'shelf': 3}"


async def test_a_workflow_is_started_once_by_its_request_id_and_can_be_cancelled(client: sitq.Client) -> None:
    lonely = sitq.Workflow("lonely").step("wait", "wait", service="no-one")
    first = await client.start_workflow(lonely, request_id="lonely-1", pending=True)
    again = await client.start_workflow(lonely, request_id="lonely-1", pending=True)
    assert (first.created, again.created, again.id) == (True, False, first.id)
    assert await client.execute_workflow(first)
    with pytest.raises(TimeoutError, match="wait is PENDING"):
        await client.wait_workflow(first, timeout=0.2)
    assert (await client.cancel_workflow(first, reason="enough")).state == "CANCELLED"
    with pytest.raises(sitq.WorkflowFailed, match="was cancelled: enough"):
        await client.wait_workflow(first, timeout=10)


async def test_a_workflow_that_is_wrong_is_refused_with_the_field(client: sitq.Client) -> None:
    with pytest.raises(sitq.InvalidArgumentError) as caught:
        await client.start_workflow(sitq.Workflow("wrong").step("a", "b", {"x": "${"}, service="stock"))
    assert caught.value.field is not None
    assert caught.value.field.startswith("steps[0].parameters")
