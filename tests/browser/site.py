"""The pages on a port of this machine: the function's own handler behind an HTTP server, over an in-memory world."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from functions.serve_pages import app
from perennial.links import PATHS, Purpose
from perennial_cli.lambda_events import http_event
from tests.unit.pages.visits import Shop


@dataclass
class Site:
    """`shop` is the world behind it."""

    shop: Shop
    address: str

    def url(self, purpose: Purpose, touch: str = "thanks") -> str:
        return f"{self.address}/{PATHS[purpose]}/{self.shop.token(purpose, touch)}"


@contextmanager
def served(shop: Shop) -> Iterator[Site]:
    """While it lasts, the pages can be opened by a browser."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"] or 0)))

        def _answer(self, body: bytes) -> None:
            path, _, query = self.path.partition("?")
            event = http_event(self.command, path, dict(self.headers.items()), body, shop.world.now, query)
            answer: dict[str, Any] = app.handler(event, None)
            page = answer["body"].encode()
            self.send_response(answer["statusCode"])
            for name, value in {**answer["headers"], "content-length": str(len(page))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(shop, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
