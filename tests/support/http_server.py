"""A program: an HTTP server that records what it is sent and answers, or misbehaves, as it is told over standard input.

Run by `tests.support.servers.HttpServer`, which speaks the lines of JSON: one command, one reply.
"""

import argparse
import base64
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
DRIP_SECONDS = 20  # then the answer ends well, so that whoever outlasted it sees a success


class State:
    """What was planned and received; one lock for all."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.planned: deque[dict] = deque()
        self.default: dict = {}
        self.received: list[dict] = []
        self.released = threading.Event()
        self.batches = False  # as Marquez: there is nothing that takes several events at once

    def next_answer(self, request: dict) -> dict:
        """Note a request; gives the answer that was planned for it."""
        if request["path"].endswith("/batch") and not self.batches:
            return {"status": 404, "headers": {}, "body": "", "fault": None, "delay": 0}
        with self.changed:
            self.received.append(request)
            answer = self.planned.popleft() if self.planned else self.default
            self.changed.notify_all()
        return {"status": 201, "headers": {}, "body": "", "fault": None, "delay": 0, **answer}


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
    return {"method": head[0], "path": head[1], "headers": headers, "body": text, "connection": connection}


def reply(conn, answer: dict, state: State) -> bool:
    """Send one answer; False when the connection is over."""
    time.sleep(answer["delay"])  # sleep: a slow backend is asked for
    fault, body = answer["fault"], answer["body"].encode()
    if fault == "hold":
        state.released.wait()
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


def accept(listener: socket.socket, context: ssl.SSLContext | None, state: State) -> None:
    """One thread per connection."""
    numbers = count(1)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn, context, state, next(numbers)), daemon=True).start()


def obey(state: State, command: dict) -> object:
    """Carry out one command."""
    do = command["do"]
    with state.changed:
        if do == "answer":
            state.planned.append(command["answer"])
        elif do == "always":
            state.planned.clear()
            state.default = command["answer"]
        elif do == "release":
            state.released.set()
        elif do == "batches":
            state.batches = True
        elif do == "clear":
            state.received.clear()
        elif do == "wait":
            state.changed.wait_for(lambda: len(state.received) >= command["count"], command["timeout"])
        return state.received if do in ("wait", "requests") else None


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
    listener = socket.create_server(("127.0.0.1", 0))
    state = State()
    threading.Thread(target=accept, args=(listener, context, state), daemon=True).start()
    print(json.dumps(listener.getsockname()[1]), flush=True)
    for line in sys.stdin:
        print(json.dumps(obey(state, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
