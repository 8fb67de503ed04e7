"""Keeps the worker process running beside the web server. Imports nothing heavy: the server's main process has it."""

from __future__ import annotations

import subprocess
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
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the process to end, and end it after ten seconds."""
        self._stop.set()
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(timeout=STOP_SECONDS)

    def _keep_running(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                if self._stop.is_set():
                    return
                # a session of its own: Ctrl+C in the terminal reaches us, and we tell it
                self._process = subprocess.Popen(self._command, start_new_session=True)  # noqa: S603 (our own command)
            code = self._process.wait()
            if code != 0 and not self._stop.is_set():
                print(f"The worker ended with {code}; it is started again.", file=sys.stderr)  # noqa: T201 - the log of the process
            self._stop.wait(PAUSE_SECONDS if code else 0)
