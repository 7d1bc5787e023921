"""The way of a phone through a tunnel: the request arrives, and its answer does not."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from ecomkafka.lessons.front_door.local_server import LocalServer, QuietHandler

SECONDS = 30.0
_SENT_ON = ("content-type", "idempotency-key")


class Tunnel(LocalServer):
    """Requests to `url` are handed on to the server at `target`; of the answers the next `lost` never come out."""

    def __init__(self, target: str) -> None:
        self.lost = 0
        tunnel = self

        class Handler(QuietHandler):
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

        super().__init__(Handler)


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
