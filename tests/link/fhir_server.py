"""A FHIR server on loopback that answers as a test says, and Observations for it."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


class Server(ThreadingHTTPServer):
    """Answers each request with the next of ``answers``, the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer | Callable[[str], Answer]] = [(200, {}, bundle())]
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/fhir"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        code, headers, body = answer(self.path) if callable(answer) else answer
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def observation(
    number: int, *, updated: str | None = None, measured: str = "2024-01-31T12:00:00+01:00"
) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": f"o{number}", "valueQuantity": {"value": number},
        "effectiveDateTime": measured,
        "meta": {"versionId": "1", "lastUpdated": updated or f"2024-01-31T12:00:{number:02d}Z"},
    }  # fmt: skip


def bundle(*resources: dict[str, Any], following: str | None = None) -> bytes:
    links = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "entry": entries, "link": links}).encode()
