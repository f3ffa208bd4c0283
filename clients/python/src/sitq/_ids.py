"""Unique ids."""

from __future__ import annotations

import os
import platform
import re
import secrets


class RequestIds:
    """Unique ids of requests: when this process began, a random part, and a counter."""

    def __init__(self) -> None:
        self._prefix = os.urandom(9).hex() + "-"
        self._count = 0

    def next(self) -> str:
        """Another one."""
        self._count += 1
        return f"{self._prefix}{self._count:x}"


def generated_id(service: str) -> str:
    """An id that no other process has: of the service or the host, the process, and a random part."""
    base = re.sub(r"[^A-Za-z0-9._-]", "-", service or platform.node() or "worker")[:60]
    return f"{base}-{os.getpid()}-{secrets.token_hex(3)}"
