"""The outcomes that the server has not confirmed as settled."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from .._status import error_of_status
from .._tracing import Settling
from .._wire import varint
from ..v1.worker_service_pb2 import SettledOutcome, SettleStatus
from ._outcomes import MAX_BYTES, Encoded, failed_for_good

_LEAST_BYTES = 65_536
"""What every server takes in one message."""
_PER_MESSAGE = 1_000
_FRAME_BYTES = 64
"""What a message holds beside its outcomes: tags and lengths."""
_SETTLED, _REJECTED = SettleStatus.SETTLE_STATUS_SETTLED, SettleStatus.SETTLE_STATUS_REJECTED
_STATUS_PREFIX = len("SETTLE_STATUS_")
_STATUS_NAMES = {number: name[_STATUS_PREFIX:] for name, number in SettleStatus.items()}

log = logging.getLogger("sitq")


class _Entry:
    __slots__ = ("data", "is_kept", "is_release", "is_replacement", "is_sent", "number", "span", "task_id")

    def __init__(
        self, task_id: str, number: int, outcome: Encoded, is_replacement: bool, span: Settling | None
    ) -> None:
        self.task_id = task_id
        self.number = number
        self.data = outcome.data
        self.is_release = outcome.is_release
        self.is_replacement = is_replacement
        """It stands for an outcome that the server rejected."""
        self.is_sent = False
        """Over this stream."""
        self.is_kept = True
        """It is neither settled, nor replaced, nor forgotten."""
        self.span = span
        """Of its sending, while it is traced."""

    def drop(self, failure: str = "") -> None:
        """Keeps it no longer. ``failure``: why the outcome does not stand; empty: it does."""
        self.is_kept = False
        if self.span is not None:
            self.span.end(failure)
            self.span = None


class Outbox:
    """Keeps outcomes, sends each once over a stream, and again over every new one, until the server has settled it.

    A task has one entry at most: when it is handed out again, what was said of it before has been applied. Not thread-safe.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._unsent: list[_Entry] = []
        self._max_bytes = MAX_BYTES
        self._largest: list[_Entry] = []
        self._largest_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def unsent(self) -> int:
        """How many were not sent over this stream."""
        return len(self._unsent)

    def leases(self) -> Iterable[tuple[str, int]]:
        """What the entries are of: task and attempt."""
        return [(entry.task_id, entry.number) for entry in self._entries.values()]

    def add(
        self,
        task_id: str,
        number: int,
        outcome: Encoded,
        *,
        is_replacement: bool = False,
        span: Settling | None = None,
    ) -> None:
        """Keeps an outcome. ``span``: of its sending, which ends with it."""
        entry = _Entry(task_id, number, outcome, is_replacement, span)
        former = self._entries.get(task_id)
        if former is not None:
            former.drop("REPLACED")
        self._entries[task_id] = entry
        self._unsent.append(entry)

    def forget(self, task_id: str) -> None:
        """Drops what is kept of a task, as when it was handed out again."""
        entry = self._entries.pop(task_id, None)
        if entry is not None:
            entry.drop()

    def lost(self, task_id: str, number: int) -> None:
        """Notes that a lease is gone.

        A release of it is applied, or of no more use; sent again, it could end the next lease, since the number of a released attempt is
        used again.
        """
        entry = self._entries.get(task_id)
        if entry is not None and entry.is_release and entry.number == number:
            self.forget(task_id)

    def settled(self, outcomes: Iterable[SettledOutcome]) -> None:
        """Drops what is settled; an outcome that the server rejects is replaced by a terminal failure with the reason."""
        entries = self._entries
        for outcome in outcomes:
            task_id = outcome.task_id
            entry = entries.get(task_id)
            # A released attempt gives its number back: the answer can be to what was said before the next hand-out.
            if entry is None or entry.number != outcome.attempt or not entry.is_sent:
                continue
            if outcome.status == _REJECTED:
                self._rejected(outcome, entry)
            else:
                del entries[task_id]
                entry.drop("" if outcome.status == _SETTLED else _STATUS_NAMES.get(outcome.status, "UNRECOGNIZED"))

    def take(self) -> bytes | None:
        """The next message of outcomes that were not sent over this stream; ``None``: there are none."""
        parts: list[bytes] = []
        sent: list[_Entry] = []
        size = seen = 0
        for entry in self._unsent:
            length = len(entry.data) + 6
            if sent and (size + length > self._max_bytes or len(sent) == _PER_MESSAGE):
                break
            seen += 1
            if not entry.is_kept:
                continue
            size += length
            entry.is_sent = True
            sent.append(entry)
            parts += (b"\x0a", varint(len(entry.data)), entry.data)
        self._unsent = self._unsent[seen:]
        if size > self._largest_bytes:
            self._largest, self._largest_bytes = sent, size
        if not sent:
            return None
        body = b"".join(parts)
        return b"\x12" + varint(len(body)) + body

    def send_again(self) -> None:
        """Begins a new stream: everything is sent again."""
        self._largest, self._largest_bytes = [], 0
        self._unsent = list(self._entries.values())
        for entry in self._unsent:
            entry.is_sent = False

    def fit(self, said: int | None) -> None:
        """Makes messages smaller after one was too large, and replaces what fits into none. ``said``: what the server takes."""
        sent_bytes = self._largest_bytes + _FRAME_BYTES
        # What it says is of no use if less was too large.
        most = said if said is not None and said < sent_bytes else None
        smaller = self._max_bytes // 2 if most is None else min(self._max_bytes, most - _FRAME_BYTES)
        self._max_bytes = max(_LEAST_BYTES, smaller)
        if most is not None:
            unfit = [entry for entry in self._entries.values() if len(entry.data) + _FRAME_BYTES > most]
        else:
            alone = len(self._largest) == 1 and len(self._largest[0].data) > _LEAST_BYTES
            unfit = self._largest if alone else []
        for entry in unfit:
            if entry.is_kept:
                text = f"The result has {len(entry.data)} bytes encoded, more than the server takes in one message."
                log.error("the outcome of the task %s is larger than the server accepts", entry.task_id)
                failure = failed_for_good(entry.task_id, entry.number, text, "MESSAGE_TOO_LARGE")
                self.add(entry.task_id, entry.number, failure, is_replacement=True)

    def abandon(self) -> None:
        """Keeps nothing any more: no server would take it."""
        for entry in self._entries.values():
            entry.drop("UNCONFIRMED")
        self._entries.clear()
        self._unsent = []

    def _rejected(self, outcome: SettledOutcome, entry: _Entry) -> None:
        error = error_of_status(outcome.error)
        why = error.message or "no reason given"
        log.error("the server rejected the outcome of the task %s: %s", entry.task_id, why)
        entry.drop(error.reason or "REJECTED")
        self.forget(entry.task_id)
        # If the replacement is rejected too, nothing is left that the server would take: the attempt ends with its lease.
        if not entry.is_replacement:
            text = f"The server rejected the outcome: {why}"
            failure = failed_for_good(entry.task_id, entry.number, text, error.reason or "OUTCOME_REJECTED")
            self.add(entry.task_id, entry.number, failure, is_replacement=True)
