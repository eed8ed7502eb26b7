"""A program: a backend that writes down every event it takes, byte for byte, and has good and bad weather.

Run by `tests.support.oracle.Backend`, which speaks lines of JSON over standard input: one command, one reply. Plain
threads and sockets, for it has to keep up with several fast senders. It takes single events and, with ``--batches``,
several at once as OpenLineage.yml says.

A line of the book: digest, run, state, 1 when these are the last words of a dead process, and (``--bodies``) the event.
"""

import argparse
import json
import random
import socket
import struct
import sys
import threading
import time
from hashlib import blake2b

LAST_WORDS = b"died while the run was open"
POISON = "poison"
FAULTS = ("503", "500", "429", "drop", "take_and_drop", "half_an_answer", "slow")
REASONS = {200: "OK", 201: "Created", 204: "No Content"}


class Book:
    """What was taken, in the order in which it was: counted, and written to a file."""

    def __init__(self, path: str, *, bodies: bool) -> None:
        self._file = open(path, "wb", buffering=1 << 18)  # noqa: SIM115 - open as long as the program runs
        self._bodies = bodies
        self.lock = threading.Lock()
        self.taken = 0
        self.unreadable = 0

    def take(self, events: "list[tuple[dict, bytes]]") -> None:
        """Write these down, together."""
        lines = [self._line(event, body) for event, body in events]
        with self.lock:
            self._file.write(b"".join(lines))
            self.taken += len(lines)

    def flush(self) -> None:
        """Have the file hold all of it."""
        with self.lock:
            self._file.flush()

    def clear(self) -> None:
        """Begin again."""
        with self.lock:
            self._file.flush()
            self._file.seek(0)
            self._file.truncate()
            self.taken = self.unreadable = 0

    def _line(self, event: dict, body: bytes) -> bytes:
        digest = blake2b(body, digest_size=16).hexdigest()
        run = event.get("run", {}).get("runId", "-")
        words = int(LAST_WORDS in body)
        line = f"{digest} {run} {event.get('eventType', '-')} {words}".encode()
        return b"%b %b\n" % (line, body) if self._bodies else line + b"\n"


class Weather:
    """faults: the share of requests that go wrong. poison: whether events that say so are refused for good."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.faults = 0.0
        self.poison = True

    def fault(self) -> str:
        """What goes wrong with the next request; empty for nothing."""
        return self._chance.choice(FAULTS) if self._chance.random() < self.faults else ""

    def spoils_one(self) -> bool:
        """Whether one event of a batch fails for now."""
        return self._chance.random() < self.faults / 10


class Door:
    """The address, which can be closed and opened again: connections then end, and new ones are refused."""

    def __init__(self, serve) -> None:
        self._serve = serve
        self._open: set[socket.socket] = set()
        self._listener = None
        self.port = 0

    def open(self) -> None:
        """Listen."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """Refuse."""
        listener, self._listener = self._listener, None
        if listener is not None:
            for one in (listener, *tuple(self._open)):
                try:
                    one.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept or recv
                except OSError:
                    pass
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(conn)
            threading.Thread(target=self._handle, args=(conn,), daemon=True).start()

    def _handle(self, conn: socket.socket) -> None:
        try:
            with conn:
                self._serve(conn)
        except OSError:
            pass
        finally:
            self._open.discard(conn)


class Backend:
    """Requests in, answers out."""

    def __init__(self, book: Book, weather: Weather, *, batches: bool) -> None:
        self.book = book
        self.weather = weather
        self._batches = batches

    def serve(self, conn: socket.socket) -> None:
        """Everything that comes over one connection."""
        with conn.makefile("rb", buffering=1 << 18) as stream:
            while (request := _read(stream)) is not None:
                if not self._answer(conn, *request):
                    return

    def _answer(self, conn: socket.socket, path: str, body: bytes) -> bool:
        """False when the connection is over."""
        batch = path.endswith("/batch")
        if batch and not self._batches:
            return _send(conn, 404)
        fault = self.weather.fault()
        if fault == "slow":
            time.sleep(0.03)  # sleep: a slow backend is part of the weather
        if fault == "drop":
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if fault.isdecimal():
            return _send(conn, int(fault), b"", b"Retry-After: 0\r\n" if fault == "429" else b"")
        try:
            events = _split(body) if batch else [(json.loads(body), body)]
        except ValueError:
            self.book.unreadable += 1
            return _send(conn, 400)
        status, answer = self._rule_on_batch(events) if batch else self._rule_on_one(events)
        if fault == "take_and_drop":
            return False
        if fault == "half_an_answer":
            conn.sendall(b"HTTP/1.1 20")
            return False
        return _send(conn, status, answer)

    def _is_poison(self, event: dict) -> bool:
        return self.weather.poison and POISON in event.get("job", {}).get("name", "")

    def _rule_on_one(self, events: "list[tuple[dict, bytes]]") -> "tuple[int, bytes]":
        if self._is_poison(events[0][0]):
            return 422, b"poison"
        self.book.take(events)
        return 201, b""

    def _rule_on_batch(self, events: "list[tuple[dict, bytes]]") -> "tuple[int, bytes]":
        failed, taken = [], []
        for index, (event, body) in enumerate(events):
            if self._is_poison(event):
                failed.append({"index": index, "reason": "poison", "retriable": False})
            elif self.weather.faults and self.weather.spoils_one():
                failed.append({"index": index, "reason": "for now", "retriable": True})
            else:
                taken.append((event, body))
        self.book.take(taken)
        if not failed:
            return 204, b""
        summary = {"received": len(events), "successful": len(taken), "failed": len(failed)}
        document = {"status": "partial_success", "summary": summary, "failed_events": failed}
        return 200, json.dumps(document).encode()


def _read(stream) -> "tuple[str, bytes] | None":
    """Path and body of the next request; None when there is none."""
    head = stream.readline(65536).split()
    if len(head) != 3:
        return None
    size = 0
    while (line := stream.readline(65536)) not in (b"\r\n", b""):
        if line[:15].lower() == b"content-length:":
            size = int(line[15:])
    body = stream.read(size)
    return (head[1].decode("latin-1"), body) if len(body) == size else None


def _split(body: bytes) -> "list[tuple[dict, bytes]]":
    """The events of a JSON array, each with the very bytes it came in. Raises ValueError."""
    text, decode = body.decode(), json.JSONDecoder().raw_decode
    if text[:1] != "[" or text[-1:] != "]":
        raise ValueError("no array")
    events, at = [], 1
    while at < len(text) - 1:
        event, end = decode(text, at)
        events.append((event, text[at:end].encode()))
        at = end + 1  # a comma, or the end
    return events


def _send(conn: socket.socket, status: int, body: bytes = b"", headers: bytes = b"") -> bool:
    """One answer; the connection goes on."""
    length = b"" if status == 204 else b"Content-Length: %d\r\n" % len(body)
    head = f"HTTP/1.1 {status} {REASONS.get(status, 'Trouble')}\r\n".encode()
    conn.sendall(head + length + headers + b"\r\n" + body)
    return True


def _obey(book: Book, weather: Weather, door: Door, command: dict) -> dict:
    """Carry out one command."""
    if "faults" in command:
        weather.faults = command["faults"]
    if "poison" in command:
        weather.poison = command["poison"]
    if "up" in command:
        (door.open if command["up"] else door.close)()
    if command.get("clear"):
        book.clear()
    book.flush()
    return {"taken": book.taken, "unreadable": book.unreadable, "port": door.port}


def main() -> None:
    """Say the port, then obey until standard input ends."""
    options = argparse.ArgumentParser()
    options.add_argument("book")
    options.add_argument("--batches", action="store_true")
    options.add_argument("--bodies", action="store_true")
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    book, weather = Book(chosen.book, bodies=chosen.bodies), Weather(chosen.seed)
    door = Door(Backend(book, weather, batches=chosen.batches).serve)
    door.open()
    print(json.dumps({"port": door.port}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_obey(book, weather, door, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
