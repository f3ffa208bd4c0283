"""Where a client may be used: in one process, and in one event loop. Elsewhere its calls would never return."""

from __future__ import annotations

import asyncio
import os

from .errors import FailedPreconditionError

_is_grpc_used = False
_is_grpc_broken = False
"""This process was forked from one in which gRPC was used: the threads of gRPC are not in it, and nothing can start them again."""


def _after_fork() -> None:
    global _is_grpc_broken
    _is_grpc_broken = _is_grpc_used


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def use_grpc() -> None:
    """Notes that gRPC is used. Raises FailedPreconditionError where it cannot be."""
    global _is_grpc_used
    if _is_grpc_broken:
        raise _forked(
            "This process was forked after calls of gRPC, which do not survive that: use the start method spawn or forkserver, "
            "or fork before the first call"
        )
    _is_grpc_used = True


class Place:
    """The process in which something was made, and the event loop of its first use."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._loop: asyncio.AbstractEventLoop | None = None

    def check_process(self) -> None:
        """Raises FailedPreconditionError in any other process."""
        if self.is_forked:
            raise _forked(
                "The client was made in another process, from which this one was forked: make one in this process"
            )

    @property
    def is_forked(self) -> bool:
        """Whether this process is another one."""
        return self._process != os.getpid()

    def enter(self) -> asyncio.AbstractEventLoop:
        """The running event loop, which is the one of the first use. Raises FailedPreconditionError in another one."""
        self.check_process()
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            what = "is closed" if self._loop.is_closed() else "is another one"
            text = f"The client belongs to the event loop of its first call, which {what}: make a client in each, or use sitq.blocking"
            raise FailedPreconditionError(text, reason="OTHER_EVENT_LOOP")
        return loop

    @property
    def is_gone(self) -> bool:
        """Whether what was opened here can be neither used nor closed: this process is another one, or the event loop is closed."""
        return self.is_forked or (self._loop is not None and self._loop.is_closed())


def closed() -> FailedPreconditionError:
    """The refusal of a call after the end of its client."""
    return FailedPreconditionError("The client is closed.", reason="CLOSED")


def _forked(text: str) -> FailedPreconditionError:
    return FailedPreconditionError(f"{text}.", reason="FORKED")
