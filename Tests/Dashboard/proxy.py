#!/usr/bin/env python3
"""Serves the dashboard's files as they are in the working tree, with the coordinator's own headers, and passes all else on to a coordinator.

For work on the dashboard: change a file, load the page again; nothing is compiled. Usage: proxy.py PORT http://127.0.0.1:COORDINATOR
"""
import http.client
import http.server
import pathlib
import re
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ROOT / "Sources/CDashboard/web"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def policy():
    """The Content-Security-Policy that the coordinator sends."""
    source = (ROOT / "Sources/Coordinator/HTTP/Routes+Dashboard.swift").read_text()
    return "; ".join(re.findall(r'"([^"]*)"', source[source.index("static let policy"):source.index(".joined")]))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    coordinator = None

    def log_message(self, *_):
        pass

    def handle_any(self):
        path = self.path.split("?")[0]
        name = "index.html" if path == "/" else path.removeprefix("/dashboard/") if path.startswith("/dashboard/") else None
        if name is not None and "/" not in name and (FILES / name).is_file():
            return self.file(FILES / name)
        return self.forward()

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = handle_any

    def file(self, path):
        body = path.read_bytes()
        self.send_response(200)
        for field in [("Content-Type", TYPES[path.suffix]), ("Content-Length", str(len(body))), ("Content-Security-Policy", policy()),
                      ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
                      ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-cache")]:
            self.send_header(*field)
        self.end_headers()
        self.wfile.write(body)

    def forward(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        target = urllib.parse.urlsplit(self.coordinator)
        connection = http.client.HTTPConnection(target.hostname, target.port)
        fields = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        try:
            connection.request(self.command, self.path, body, fields)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException):
            return self.send_error(502)
        self.send_response(answer.status)
        is_stream = answer.getheader("Content-Length") is None and answer.status != 204
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "server", "date"):
                self.send_header(name, value)
        if is_stream:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        try:
            while chunk := answer.read1(65536):
                self.wfile.write(chunk)
                self.wfile.flush()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            connection.close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Browsers hang up whenever they like."""


def serve(port, coordinator):
    """A server before this coordinator that is ready to be run."""
    handler = type("Bound", (Handler,), {"coordinator": coordinator})
    return Server(("127.0.0.1", port), handler)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2]).serve_forever()
