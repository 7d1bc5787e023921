"""Spans to a file or a server, and what is said where that can't be."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ecomkafka.telemetry.delivery import deliver
from tests.waiting import PATIENCE, eventually


class Viewer(HTTPServer):
    status = 202
    received: list[tuple[str, str | None, bytes]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.received = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Viewer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["Content-Type"], body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    with Viewer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(PATIENCE)


def test_a_server_gets_them_at_its_usual_path_or_at_the_one_that_is_named(viewer: Viewer) -> None:
    assert deliver(b"[]", viewer.url, "/v1/traces") == f"{viewer.url}/v1/traces"
    assert deliver(b"[]", f"{viewer.url}/", "/v1/traces") == f"{viewer.url}/v1/traces"
    assert deliver(b"[]", f"{viewer.url}/own", "/v1/traces") == f"{viewer.url}/own"
    eventually(lambda: len(viewer.received) == 3, "the requests")
    paths = ("/v1/traces", "/v1/traces", "/own")
    assert viewer.received == [(path, "application/json", b"[]") for path in paths]


def test_a_server_that_refuses_is_named_with_its_answer(viewer: Viewer) -> None:
    viewer.status = 404
    with pytest.raises(ConnectionError, match=r"/api/v2/spans answered 404 Not Found: is it the right address\?"):
        deliver(b"[]", viewer.url, "/api/v2/spans")


def test_nobody_there_is_said_in_one_sentence() -> None:
    with Viewer() as gone:
        url = gone.url
    with pytest.raises(ConnectionError, match=f"{url}/x can't be reached"):
        deliver(b"[]", url, "/x")
    with pytest.raises(ValueError, match="is no URL"):
        deliver(b"[]", "http://", "/x")


def test_a_file_is_written(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    assert deliver(b"[1]", str(file), "/x") == str(file)
    assert file.read_bytes() == b"[1]"
