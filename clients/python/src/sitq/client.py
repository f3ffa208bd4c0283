"""The client: ``async with sitq.connect() as client``."""

from __future__ import annotations

import os
from types import TracebackType

from ._addresses import addresses_of
from ._credentials import Tls, TokenProvider, security_of
from ._spans import Span
from .discovery import Discovery
from .events import Events
from .tasks import Tasks
from .workflows import Workflows

DEFAULT_ADDRESS = "127.0.0.1:50051"


class Client(Tasks, Events, Workflows, Discovery):
    """A client of a server. Made by ``sitq.connect``; it belongs to the event loop of its first call."""

    @property
    def _tasks(self) -> Tasks:
        return self

    async def __aenter__(self) -> Client:
        """Returns itself; it connects with the first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        await self.close()


def connect(
    address: str | None = None,
    *,
    service: str = "",
    tls: bool | Tls | None = None,
    token: str | TokenProvider | None = None,
    token_file: str | os.PathLike[str] | None = None,
    insecure: bool = False,
    retry_timeout: Span = 30,
    call_timeout: Span = 10,
) -> Client:
    """Makes a client of a server. It does not wait for it: the first call does.

    ``address``: ``host:port``, or any name that gRPC resolves; of several servers that share their data ``host:port,host:port``: one is
    used, and another one once it is out of reach or stops (the variable ``SITQ_ADDRESS``, or 127.0.0.1:50051). ``service``: the service
    that this process is part of. ``tls``: ``True``, or a :class:`Tls` (the variables ``SITQ_TLS_CA`` and its like, or plaintext).
    ``token``, ``token_file``: the token that each call carries, what provides it, or its file (``SITQ_TOKEN``, ``SITQ_TOKEN_FILE``).
    ``insecure``: sends a token in clear text to another machine too. ``retry_timeout``: how long what is safe to repeat is repeated when
    the server is out of reach. ``call_timeout``: how long the server may be silent before an enqueue is repeated.

    Raises InvalidArgumentError of an option that is not usable.
    """
    found = address or os.environ.get("SITQ_ADDRESS") or DEFAULT_ADDRESS
    security = security_of(
        addresses_of(found), tls=tls, token=token, token_file=token_file, insecure=insecure, environment=os.environ
    )
    return Client(found, service, security, retry_timeout, call_timeout)
