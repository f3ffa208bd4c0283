from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest

import sitq
from sitq.testing import Server

_numbers = itertools.count(1)


@pytest.fixture
async def client(sitq_server: Server) -> AsyncIterator[sitq.Client]:
    async with sitq.connect(sitq_server.address, service="tests") as client:
        yield client


@pytest.fixture
def queue() -> str:
    """A queue that no other test has."""
    return f"queue-{next(_numbers)}"
