"""What the parts of a client share."""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import Message

from ._addresses import addresses_of
from ._connection import CALL_TIMEOUT, Connection
from ._credentials import Security
from ._spans import Span, seconds_of

M = TypeVar("M", bound=Message)


class Base:
    """A connection, and who is at this end of it."""

    def __init__(self, address: str, service: str, security: Security, retry_timeout: Span, call_timeout: Span) -> None:
        self.address = address
        """The server's address, or those of several servers, separated by commas."""
        self.service = service
        """The service that this process is part of."""
        self.security = security
        self._retry_within = seconds_of("retry_timeout", retry_timeout)
        self._call_timeout = seconds_of("call_timeout", call_timeout)
        self.addresses = addresses_of(address)
        """The addresses one by one."""
        self._connection = Connection(self.addresses, security)

    async def call(self, request: Message, answer: type[M], *, timeout: Span = CALL_TIMEOUT) -> M:
        """Calls the method of the contract that takes a request: ``await client.call(GetQueueRequest(name="mail"), GetQueueResponse)``.

        The messages are in ``sitq.v1``. It is not repeated. Raises CallError.
        """
        return await self._connection.unary(request, answer, timeout=seconds_of("timeout", timeout))

    async def close(self) -> None:
        """Closes the connections: calls that are open fail. Idempotent."""
        await self._connection.close()
