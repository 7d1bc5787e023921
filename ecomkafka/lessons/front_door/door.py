"""A door as everybody begins: Python's own `http.server`, and a function that handles one order."""

import json
from collections.abc import Callable
from typing import Any

from ecomkafka.lessons.front_door.local_server import LocalServer, QuietHandler

Handle = Callable[[Any], tuple[int, Any]]
"""Gets the order that was posted; returns the answer's status and its body."""


class Door(LocalServer):
    """POST an order to `url`: it is answered when `handle` has returned. Each request has a thread of its own."""

    def __init__(self, handle: Handle) -> None:
        class Handler(QuietHandler):
            def do_POST(self) -> None:
                order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, body = handle(order)
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                if status == 503:
                    self.send_header("Retry-After", "1")
                self.end_headers()
                self.wfile.write(text)

        super().__init__(Handler)
