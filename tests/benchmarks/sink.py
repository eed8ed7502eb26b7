"""A program: a backend that takes everything and looks at nothing, after as long as it is told to wait.

`python sink.py DELAY BATCHES`: seconds per answer, and 1 where it takes several events at once. It says its port; for
each line it reads it says how many events it has had. Threads and sockets, so that it is no bottleneck.
"""

import socket
import sys
import threading
import time


class Count:
    """Events taken so far."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.events = 0

    def add(self, events: int) -> None:
        with self.lock:
            self.events += events


def serve(connection: socket.socket, count: Count, delay: float, batches: bool) -> None:
    """Everything that comes over one connection."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as stream:
        while line := stream.readline():
            path = line.split()[1]
            length = 0
            while (header := stream.readline()) not in (b"\r\n", b""):
                if header[:15].lower() == b"content-length:":
                    length = int(header[15:])
            body = stream.read(length)
            if delay:
                time.sleep(delay)  # sleep: the latency that is asked for
            if not path.endswith(b"/batch"):
                count.add(1)
                connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            elif batches:
                count.add(body.count(b'"eventType":'))
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            else:
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def accept(listener: socket.socket, count: Count, delay: float, batches: bool) -> None:
    """One thread per connection."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, count, delay, batches), daemon=True).start()


def main() -> None:
    """Listen until standard input ends."""
    delay, batches = float(sys.argv[1]), sys.argv[2] == "1"
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    count = Count()
    threading.Thread(target=accept, args=(listener, count, delay, batches), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    for _ in sys.stdin:
        print(count.events, flush=True)


if __name__ == "__main__":
    main()
