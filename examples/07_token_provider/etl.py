"""A backend that wants a token: a stand-in for one prints what it gets."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


class Backend(BaseHTTPRequestHandler):
    """Answers 201 and shows the head of the token."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        print(self.path, self.headers["Authorization"][:12] + "…")
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


server = HTTPServer(("127.0.0.1", 0), Backend)
Thread(target=server.serve_forever, daemon=True).start()
os.environ["LINEAGE_BACKEND"] = f"http://127.0.0.1:{server.server_port}"

from lineage_kit import flush, run  # noqa: E402 - after the backend's address is known

with run("orders.load"):
    pass
print("delivered" if flush(5) else "still owed")
