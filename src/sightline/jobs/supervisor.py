"""Keeps the worker process running beside the web server. Imports nothing heavy: the server's main process has it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence

STOP_SECONDS = 10.0
PAUSE_SECONDS = 2.0


class Supervisor:
    """Runs a command, again whenever it ends, until stopped."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._running: int | None = None
        self._thread = threading.Thread(target=self._keep_running, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the process to end, and end it after ten seconds."""
        self._stop.set()
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._send(number)
            self._thread.join(timeout=STOP_SECONDS)
            if not self._thread.is_alive():
                return

    def _send(self, number: signal.Signals) -> None:
        with self._lock:
            if self._running is not None:
                os.kill(self._running, number)

    def _keep_running(self) -> None:
        while not self._stop.is_set():
            code = self._run()
            if code != 0 and not self._stop.is_set():
                print(f"The worker ended with {code}; it is started again.", file=sys.stderr, flush=True)  # noqa: T201 - the log of the process
            self._stop.wait(PAUSE_SECONDS if code else 0)

    def _run(self) -> int:
        """Run the command once and return its exit code."""
        with self._lock:
            if self._stop.is_set():
                return 0
            # Not subprocess: it waits on a pipe that a web process forked at the same moment would hold open for good.
            # A session of its own: Ctrl+C in the terminal reaches us, and we tell it.
            self._running = os.posix_spawn(self._command[0], self._command, os.environ, setsid=True)
            pid = self._running
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with self._lock:  # reaped under the lock, so that no signal goes to another process of the same number
            self._running = None
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
