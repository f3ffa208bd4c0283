from __future__ import annotations

import asyncio

import sitq
from sitq.v1.admin_service_pb2 import GetServerInfoRequest, GetServerInfoResponse

_CALLS = 2_000


async def test_a_call_that_is_cancelled_returns_its_answer_or_ends_as_cancelled(client: sitq.Client) -> None:
    """At whatever moment of the call: also when its answer has come and its task has not gone on yet."""

    async def cancelled_after(turns: int) -> asyncio.Task[GetServerInfoResponse]:
        call = asyncio.ensure_future(client.call(GetServerInfoRequest(), GetServerInfoResponse))
        for _ in range(turns):
            await asyncio.sleep(0)
            if call.done():
                break
        call.cancel()
        await asyncio.wait([call])
        return call

    turns = 1
    while (await cancelled_after(turns)).cancelled():
        turns += turns // 4 + 1
    calls = [await cancelled_after(2 * turns * step // _CALLS) for step in range(_CALLS)]
    assert [call.exception() for call in calls if not call.cancelled() and call.exception()] == []
    assert 0 < sum(call.cancelled() for call in calls) < _CALLS
