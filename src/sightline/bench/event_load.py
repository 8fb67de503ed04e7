"""Sends signed events as fast as they are answered, or at a pace, and prints how long each answer took.

Run as a process of its own beside the server: `python -m sightline.bench.event_load '{"port": …}'`. It imports little
and speaks HTTP itself, so that it takes as little of the processors as it can from the server it measures.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

PATH = "/api/v1/workspaces/bench/events/bench"
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Load:
    """What to send: requests of `batch` events each, over so many connections, at most `per_second` of them (0: all
    at once). `name` makes the ids of events; with `probes` they say so, and the answers tell when each was sent."""

    port: int
    secret: str
    name: str
    requests: int
    batch: int = 1
    connections: int = 8
    per_second: float = 0
    probes: bool = False


@dataclass
class Sent:
    """How long answers took, in milliseconds, when the load began and ended, and when each probe was sent."""

    times_ms: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    probes: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


class Connection:
    """A kept-alive connection that knows just enough HTTP."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port = port

    def post(self, body: bytes, secret: bytes) -> int:
        """Send a signed request and return the status of its answer."""
        seconds = int(time.time())
        signature = hmac.new(secret, b"%d." % seconds + body, hashlib.sha256).hexdigest()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: localhost:{self._port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nSightline-Signature: t={seconds},v1={signature}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        return self._status()

    def _status(self) -> int:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(rest) < length:
            rest += self._more()
        return int(lines[0].split()[1])

    def _more(self) -> bytes:
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def send(load: Load) -> Sent:
    """Return what became of the load."""
    sent = Sent(began=time.time())
    taken = _turns(load)
    threads = [threading.Thread(target=_send_some, args=(load, taken, sent)) for _ in range(load.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.ended = time.time()
    return sent


def _turns(load: Load) -> Callable[[], int | None]:
    """Return a function that gives the number of the next request when its time has come, None after the last."""
    lock = threading.Lock()
    numbers = iter(range(load.requests))
    start = time.monotonic()

    def take() -> int | None:
        with lock:
            number = next(numbers, None)
        if number is not None and load.per_second:
            time.sleep(max(0.0, start + number / load.per_second - time.monotonic()))
        return number

    return take


def _send_some(load: Load, take: Callable[[], int | None], sent: Sent) -> None:
    secret = load.secret.encode()
    try:
        connection = Connection(load.port)
        while (number := take()) is not None and not sent.failures:
            body = _body(load, number)
            if load.probes:
                sent.probes[f"{load.name}-{number}"] = time.time()
            started = time.perf_counter()
            status = connection.post(body, secret)
            sent.times_ms.append((time.perf_counter() - started) * 1000)
            if status != 202:
                sent.failures.append(f"answered {status}")
    except OSError as error:
        sent.failures.append(str(error))


def _body(load: Load, number: int) -> bytes:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if load.probes:
        probe = f"{load.name}-{number}"
        return b'{"id":"%s","at":"%s","kind":"probe","probe":"%s","value":1}' % (
            probe.encode(),
            at.encode(),
            probe.encode(),
        )
    events = [
        f'{{"id":"{load.name}-{number}-{each}","at":"{at}","kind":"signup","value":{each}.5}}'
        for each in range(load.batch)
    ]
    return (events[0] if load.batch == 1 else f"[{','.join(events)}]").encode()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(send(Load(**json.loads(sys.argv[1]))))))
