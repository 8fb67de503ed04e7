"""A small web server on this machine that plays a source, and fails on request the way real ones do."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SKEWED = datetime(2031, 1, 1, tzinfo=UTC)
"""What the clock of a failing server says: years away from ours."""

LONGEST_SILENCE = 20.0
"""Seconds after which a silent answer ends even if nobody stops the server."""


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass(frozen=True)
class Answer:
    """What the server says. `body`: bytes as they are, anything else as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class Fault:
    """A failure that the next `times` requests meet (None: all of them), and how many have met it."""

    kind: str
    times: int | None
    met: int = 0

    @property
    def over(self) -> bool:
        return self.times is not None and self.met >= self.times


FAULTS: Mapping[str, Answer] = {
    "limited": Answer({"message": "slow down"}, 429, {"Retry-After": "7"}),
    "limited until": Answer(
        {"message": "slow down"},
        429,
        {
            "Date": format_datetime(SKEWED, usegmt=True),
            "Retry-After": format_datetime(SKEWED + timedelta(seconds=7), usegmt=True),
        },
    ),
    "broken": Answer({"message": "internal error"}, 500),
    "unavailable": Answer(b"<html>over capacity</html>", 503),
    "not json": Answer(b"<html>Please wait</html>", 200, {"Content-Type": "text/html"}),
    "refused": Answer({"message": "you may not read this"}, 403),
    "misunderstood": Answer({"message": "no such thing"}, 400),
}
CUT_OFF, SLOW = "cut off", "slow"
"""An answer shorter than its Content-Length, and one that does not come in time."""


class FakeServer:
    """Answers with `answer(asked)`, or with a fault while one is set. `asked` lists all requests that arrived.

    `clock`: what the Date header says; without it there is none.
    """

    def __init__(self, answer: Callable[[Asked], Answer], clock: Callable[[], datetime] | None = None) -> None:
        self._answer = answer
        self._clock = clock
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, kind: str, times: int | None = 1) -> Fault:
        """Make the next requests fail and return the fault, which counts them."""
        assert kind in (*FAULTS, CUT_OFF, SLOW), kind
        fault = Fault(kind, times)
        self.faults.append(fault)
        return fault

    def recover(self) -> None:
        """End all faults."""
        self.faults.clear()

    def __enter__(self) -> FakeServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close the server for good; no harm when it is closed."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def respond(self, asked: Asked, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        with self._lock:
            self.asked.append(asked)
            fault = next((each for each in self.faults if not each.over), None)
            if fault:
                fault.met += 1
            kind = fault.kind if fault else ""
            answer = FAULTS[kind] if kind in FAULTS else self._answer(asked)
        if kind == SLOW:
            self._stopped.wait(LONGEST_SILENCE)
            return
        date = {"Date": format_datetime(self._clock(), usegmt=True)} if self._clock else {}
        _send(handler, replace(answer, headers={**date, **answer.headers}), cut_off=kind == CUT_OFF)


def _send(handler: BaseHTTPRequestHandler, answer: Answer, *, cut_off: bool) -> None:
    content = answer.content()
    handler.send_response_only(answer.status)
    for name, value in {"Content-Type": "application/json", **answer.headers}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content) + (10 if cut_off else 0)))
    handler.end_headers()
    with contextlib.suppress(ConnectionError):
        handler.wfile.write(content[: len(content) // 2] if cut_off else content)


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

        def handle_any(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.respond(Asked(self.command, address.path, query, dict(self.headers.items()), body), self)

        def log_message(self, *_: object) -> None:
            """Nothing: the test says what went wrong."""

    return Handler


@contextlib.contextmanager
def serving(answer: Callable[[Asked], Answer], clock: Callable[[], datetime] | None = None) -> Iterator[FakeServer]:
    """Run a server while inside."""
    with FakeServer(answer, clock) as server:
        yield server
