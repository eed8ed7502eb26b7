"""A program: an HTTP server that records what it is sent and answers, or misbehaves, as it is told over standard input.

Run by `tests.support.servers.HttpServer`, which speaks the lines of JSON: one command, one reply.
"""

import argparse
import base64
import gzip
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections import deque
from itertools import count

TLS_HELLO = b"\x16"
WORDLESS = ("silence", "reset", "close", "drip_headers")
"""Faults of an answer that does not come."""
DRIP_SECONDS = 20  # then the answer ends well, so that whoever outlasted it sees a success


class State:
    """What was planned and received; one lock for all."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.forget()

    def forget(self) -> None:
        """As it was in the beginning."""
        self.planned: deque[dict] = deque()
        self.default: dict = {}
        self.rules: list[dict] = []
        self.received: list[dict] = []
        self.released = threading.Event()
        self.batches = False  # as Marquez: there is nothing that takes several events at once

    def next_answer(self, request: dict) -> dict:
        """Note a request; gives the answer that was planned for it."""
        is_batch = request["path"].endswith("/batch")
        if is_batch and not self.batches:
            return {"status": 404, "headers": {}, "body": "", "fault": None, "delay": 0}
        with self.changed:
            planned = self.planned.popleft() if self.planned else self.default
            answer = {"status": 201, "headers": {}, "body": "", "fault": None, "delay": 0, **planned}
            answer["gate"] = self.released
            if planned.get("status", 201) == 201:
                answer |= self._ruled(request, is_batch=is_batch)
            request["answered"] = 0 if answer["fault"] in WORDLESS else answer["status"]
            request["failed"] = answer.get("failed", [])
            self.received.append(request)
            self.changed.notify_all()
        return answer

    def _ruled(self, request: dict, *, is_batch: bool) -> dict:
        """What the rules say of a request that would be taken."""
        body = base64.b64decode(request["body"])
        text = gzip.decompress(body) if request["headers"].get("content-encoding") == "gzip" else body
        if not is_batch:
            return next((rule["answer"] for rule in self.rules if fits(rule, request, body, text)), {})
        events = [json.dumps(event, ensure_ascii=False).encode() for event in json.loads(text)]
        failed = []
        for rule in self.rules:
            found = [index for index, one in enumerate(events) if fits(rule, request, body, one)]
            if found and (rule.get("contains") is None or rule.get("together")):
                return rule["answer"]
            status = rule["answer"]["status"]
            failed += [{"index": index, "reason": str(status), "retriable": status >= 500} for index in found]
        return batch_answer(len(events), failed)


def fits(rule: dict, request: dict, body: bytes, event: bytes) -> bool:
    """Whether a rule is for this request, or this event of it."""
    contains, larger, unless = rule.get("contains"), rule.get("larger"), rule.get("unless_authorization")
    return (
        request["path"].endswith(rule.get("path", ""))
        and (contains is None or contains.encode() in event)
        and (larger is None or len(body) > larger)
        and (unless is None or request["headers"].get("authorization") != unless)
    )


def batch_answer(count: int, failed: list[dict]) -> dict:
    """As OpenLineage.yml says."""
    if not failed:
        return {"status": 204}
    summary = {"received": count, "successful": count - len(failed), "failed": len(failed)}
    document = {"status": "partial_success", "summary": summary, "failed_events": failed}
    return {"status": 200, "body": json.dumps(document), "failed": [one["index"] for one in failed]}


class Door:
    """The address: open, closed (refuses, and ends every connection), or stuck (neither takes nor refuses)."""

    def __init__(self, context: ssl.SSLContext | None, state: State) -> None:
        self._context = context
        self._state = state
        self._numbers = count(1)
        self._connections: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._stuck: list[socket.socket] = []
        self.port = 0

    def open(self) -> None:
        """Take connections."""
        self.close()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """Refuse."""
        ours = [*([self._listener] if self._listener else []), *tuple(self._connections)]
        for one in [*ours, *self._stuck]:
            try:
                one.shutdown(socket.SHUT_RDWR)  # wakes who waits for it
            except OSError:
                pass
        for one in [*([self._listener] if self._listener else []), *self._stuck]:
            one.close()
        self._listener, self._stuck = None, []

    def stick(self) -> None:
        """Have the queue of connections full, and take none (on Linux)."""
        self.close()
        listener = socket.create_server(("127.0.0.1", self.port), backlog=0)
        self._stuck = [listener]
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", self.port))
            self._stuck.append(one)

    def renew(self, cert: str) -> None:
        """Show another certificate from now on."""
        if self._context is not None:
            self._context.load_cert_chain(cert)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(conn, next(self._numbers)), daemon=True).start()

    def _serve(self, conn: socket.socket, number: int) -> None:
        self._connections.add(conn)
        try:
            serve(conn, self._context, self._state, number)
        finally:
            self._connections.discard(conn)


def read_request(stream, connection: int) -> dict | None:
    """The next request of a connection; None when there is none."""
    head = stream.readline(65536).decode("latin-1").split()
    if len(head) != 3 or not head[2].startswith("HTTP/"):
        return None
    headers: dict[str, str] = {}
    while (line := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    text = base64.b64encode(body).decode()
    request = {"method": head[0], "path": head[1], "headers": headers, "body": text, "connection": connection}
    return request | {"at": time.monotonic()}


def reply(conn, answer: dict, state: State) -> bool:
    """Send one answer; False when the connection is over."""
    time.sleep(answer["delay"])  # sleep: a slow backend is asked for
    fault, body = answer["fault"], answer["body"].encode()
    if fault == "hold":
        answer["gate"].wait()
    if fault == "silence":
        return drip(conn, b"")
    if fault == "reset":
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    if fault == "close":
        return False
    headers = {"Content-Length": len(body), **answer["headers"]}
    head = f"HTTP/1.1 {answer['status']} Whatever\r\n".encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    if fault == "drip_headers":
        conn.sendall(head + b"X-Slow: ")
        return drip(conn, b"x") and send(conn, b"\r\n" + lines + b"\r\n" + body)
    if fault == "drip_body":
        conn.sendall(head + f"Content-Length: {DRIP_SECONDS * 20}\r\n\r\n".encode())
        return drip(conn, b"x")
    if fault == "endless":
        conn.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            conn.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
    return send(conn, head + lines + b"\r\n" + body)


def send(conn, data: bytes) -> bool:
    """All of it; the connection goes on."""
    conn.sendall(data)
    return True


def drip(conn, byte: bytes) -> bool:
    """One byte every 50 ms."""
    for _ in range(DRIP_SECONDS * 20):
        if byte:
            conn.sendall(byte)
        time.sleep(0.05)  # sleep: the pace of the drip
    return bool(byte)


def serve(conn, context: ssl.SSLContext | None, state: State, number: int) -> None:
    """Everything that comes over one connection."""
    try:
        if context is not None:
            conn = context.wrap_socket(conn, server_side=True)
        elif conn.recv(1, socket.MSG_PEEK) == TLS_HELLO:
            conn.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with conn, conn.makefile("rb") as stream:
            while (request := read_request(stream, number)) is not None:
                if not reply(conn, state.next_answer(request), state):
                    break
    except OSError:
        pass  # the client went away or refused the certificate


def obey(state: State, door: Door, command: dict) -> object:
    """Carry out one command."""
    do = command["do"]
    if do in ("open", "close", "stick"):
        getattr(door, do)()
    elif do == "renew":
        door.renew(command["cert"])
    else:
        with state.changed:
            change(state, do, command)
            return state.received if do in ("wait", "requests") else None
    return None


def change(state: State, do: str, command: dict) -> None:
    """Carry out one that is about answers, or wait for requests."""
    if do == "wait":
        state.changed.wait_for(lambda: len(state.received) >= command["count"], command["timeout"])
    elif do == "always":
        state.planned.clear()
        state.default = command["answer"]
    elif do == "batches":
        state.batches = True
    elif do == "forget":
        state.released.set()
        state.forget()
    else:
        {
            "answer": lambda: state.planned.append(command["answer"]),
            "rule": lambda: state.rules.append(command),
            "lift": state.rules.clear,
            "release": state.released.set,
            "clear": state.received.clear,
            "requests": lambda: None,
        }[do]()


def main() -> None:
    """Say the port, then obey until standard input ends."""
    options = argparse.ArgumentParser()
    options.add_argument("--cert")
    options.add_argument("--client-ca")
    chosen = options.parse_args()
    context = None
    if chosen.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chosen.cert)
    if context is not None and chosen.client_ca:
        context.load_verify_locations(chosen.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    state = State()
    door = Door(context, state)
    door.open()
    print(json.dumps(door.port), flush=True)
    for line in sys.stdin:
        print(json.dumps(obey(state, door, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
