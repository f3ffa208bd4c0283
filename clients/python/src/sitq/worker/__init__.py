"""Workers: ``sitq.Worker``, and ``python -m sitq.worker app:worker``."""

from ._context import Cancelled, Context
from ._running import RunningWorker
from ._worker import Worker

__all__ = ["Cancelled", "Context", "RunningWorker", "Worker"]
