"""The fixtures of pytest: they are there where the package is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import Server, ServerNotFound, start_server


@pytest.fixture(scope="session")
def sitq_server() -> Iterator[Server]:
    """A server for all tests, with a database of its own. Without the command ``sitq`` the test is skipped."""
    try:
        server = start_server()
    except ServerNotFound as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def sitq_address(sitq_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of ``sitq_server``, which is also that of ``sitq.connect()`` in the test."""
    monkeypatch.setenv("SITQ_ADDRESS", sitq_server.address)
    return sitq_server.address
