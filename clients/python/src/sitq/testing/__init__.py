"""Servers for tests: ``with sitq.testing.start_server() as server``, and with pytest the fixture ``sitq_server``."""

from ._server import Server, ServerNotFound, start_server

__all__ = ["Server", "ServerNotFound", "start_server"]
