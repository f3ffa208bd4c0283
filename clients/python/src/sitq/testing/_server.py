"""A server in a process of its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

_GREETING = re.compile(r"listens on\s+(\S+)")
_START_TIMEOUT = 60.0


class ServerNotFound(RuntimeError):
    """There is no command ``sitq`` that could be started."""


def _command() -> list[str]:
    """The command of the server: of ``SITQ_BIN``, on the path, or in the ``node_modules`` of this directory or one above it."""
    named = os.environ.get("SITQ_BIN")
    if named:
        return shlex.split(named)
    found = shutil.which("sitq")
    if found:
        return [found]
    here = Path.cwd()
    for directory in (here, *here.parents):
        candidate = directory / "node_modules" / ".bin" / "sitq"
        if candidate.exists():
            return [str(candidate)]
    raise ServerNotFound("no command sitq: install the npm package sitq, or name it in the variable SITQ_BIN")


class Server:
    """A server with a database of its own. Used as a context manager it leaves nothing behind."""

    def __init__(
        self, args: Sequence[str] = (), *, db: str | os.PathLike[str] | None = None, listen: str = "127.0.0.1:0"
    ) -> None:
        self._command = _command()
        self._args = list(args)
        self._directory = None if db is not None else tempfile.TemporaryDirectory(prefix="sitq-")
        self.db = Path(db) if db is not None else Path(self._directory.name if self._directory else ".") / "sitq.db"
        """The file of its database."""
        self._listen = listen
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        """Where it listens: ``host:port``."""

    def __enter__(self) -> Server:
        """Starts it, unless it runs."""
        if self._process is None:
            try:
                self.start()
            except BaseException:
                self.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kills it and removes its database."""
        self.close()

    def start(self) -> None:
        """Starts it, again at the same address after a stop; returns when it listens."""
        listen = self.address or self._listen
        # Without the settings of the tests' own environment: a server would take them for its own.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SITQ_")}
        process = subprocess.Popen(
            [*self._command, "serve", "--listen", listen, "--db", str(self.db), *self._args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        log: list[str] = []
        reader = threading.Thread(target=lambda: log.extend(process.stderr or ()), daemon=True)
        reader.start()
        watchdog = threading.Timer(_START_TIMEOUT, process.kill)
        watchdog.start()
        try:
            for line in process.stdout:
                greeting = _GREETING.search(line)
                if greeting:
                    self.address = greeting[1]
                    threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
                    return
        finally:
            watchdog.cancel()
        process.wait()
        reader.join(1)
        raise RuntimeError(f"the server ended with {process.returncode} before it listened:\n{''.join(log)}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it by a signal and waits until it is gone; ``start`` starts it again with its database."""
        process = self._process
        if process is None:
            return
        process.send_signal(how)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        self._process = None

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.stop(signal.SIGKILL)

    def pause(self) -> None:
        """Stops it where it is: its connections stay open and are silent."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it go on after ``pause``."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Kills it and removes its database, unless that was given. Idempotent."""
        self.kill()
        if self._directory is not None:
            self._directory.cleanup()


def start_server(*args: str, db: str | os.PathLike[str] | None = None) -> Server:
    """Starts a server on a free port of this machine with further arguments of ``sitq serve``; returns when it listens.

    Its database is a temporary file, unless ``db`` names one. Use it as a context manager, or close it.
    Raises ServerNotFound if there is no command ``sitq``.
    """
    server = Server(args, db=db)
    try:
        server.start()
    except BaseException:
        server.close()
        raise
    return server
