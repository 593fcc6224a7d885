"""The socket: reads a request as HTTP writes it, and hands it to the front."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from perennial_cli.cloud import LARGEST_EVENT, Answer
from perennial_cli.dev.server import HERE, Front

WAITS = 30
"""Seconds that a connection may keep silent."""


class Server(ThreadingHTTPServer):
    """Bound before there is anything to answer, so that the port is known. Port 0 is any that is free."""

    front: Front

    def __init__(self, port: int) -> None:
        super().__init__((HERE, port), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version, timeout = "perennial-dev", "", WAITS

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: an address here is a shopper's link (law 11)."""

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_EVENT or "transfer-encoding" in headers:
            self._give(Answer(413, "Say the body's length, at most 6 MB.\n"))
        else:
            body = self.rfile.read(int(length))
            self._give(self.server.front.answer(self.command, self.path, headers, body))

    def _give(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
