"""The way of a phone through a tunnel: the request arrives, and its answer does not."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

SECONDS = 30.0
JOIN_SECONDS = 10.0
_SENT_ON = ("content-type", "idempotency-key")


class Tunnel:
    """Requests to `url` are handed on to the server at `target`; of the answers the next `lost` never come out."""

    def __init__(self, target: str) -> None:
        self.lost = 0
        tunnel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name: value for name, value in self.headers.items() if name.lower() in _SENT_ON}
                status, answered, text = _ask(target, self.path, body, headers)
                if tunnel.lost > 0:
                    tunnel.lost -= 1
                    return  # the connection ends without a byte
                self.send_response(status)
                for name, value in answered:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                """A lesson's page is no log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="tunnel", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(JOIN_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _ask(target: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    connection = HTTPConnection(urlsplit(target).netloc, timeout=SECONDS)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        own = ("date", "server", "connection", "transfer-encoding")  # those are this server's
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in own]
        return answer.status, kept, answer.read()
    finally:
        connection.close()
