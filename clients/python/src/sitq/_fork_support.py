"""Turns off what gRPC does at a fork. It is imported before gRPC, which reads this as it is imported (grpcio 1.85.1)."""

from __future__ import annotations

import os

# It does not suit gRPC's asyncio, whose thread is always in a call: a third of the processes that were forked crashed in it.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
