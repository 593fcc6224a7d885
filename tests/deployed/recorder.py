"""What the stand-in is really asked: it drops most of a `SendEmail`, so the requests are kept on their way to it.

A process of its own: `python recorder.py PORT UPSTREAM SIGNED_FOR FILE`. It passes on every request to UPSTREAM and
every answer back. The proxy before it has put its own goal into `Host`, which belongs to what the function has signed:
SIGNED_FOR puts that right.
"""

import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SEND_EMAIL = "/v2/email/outbound-emails"
FOR_ONE_HOP = frozenset({"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"})


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    upstream: str
    signed_for: str
    file: Path

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == SEND_EMAIL:
            with self.file.open("ab") as file:
                file.write(body + b"\n")
        link = http.client.HTTPConnection(self.upstream, timeout=30)
        asked_with = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        link.request(self.command, self.path, body, {**asked_with, "Host": self.signed_for})
        answer = link.getresponse()
        self._answer(answer, answer.read())
        link.close()

    do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815  the library's names

    def _answer(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in FOR_ONE_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


if __name__ == "__main__":
    port, Passing.upstream, Passing.signed_for = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    Passing.file = Path(sys.argv[4])
    ThreadingHTTPServer(("127.0.0.1", port), Passing).serve_forever()
