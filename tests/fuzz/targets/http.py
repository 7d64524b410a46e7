"""Bytes that should be HTTP, sent to the real application."""

import json

from tests.fuzz.served import Served

ERRORS = ()


def seeds():
    head = b"%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    return [
        head % b"GET /api/v1/openapi.json?x=1" + b"\r\n",
        head % b"POST /json" + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        head % b"POST /json" + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        head % b"GET /api/v1/files/input/a.png" + b'Range: bytes=0-1\r\nIf-Match: "1"\r\nIf-Modified-Since: 0\r\n\r\n',
        head % b"GET /ws" + b"Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ]


def take(data):
    answer = Served.one().ask(data)
    if not answer.startswith(b"HTTP/"):
        assert not answer, answer
        return
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert status < 500 or status in (501, 505), answer
    assert b"aiohttp" not in answer.lower() and b"Traceback" not in answer
    if status >= 400 and status != 417 and not data.startswith(b"HEAD") and body:  # 417 where there is no route
        assert json.loads(body[: _length(head)])["error"]["code"], answer


def _length(head):
    return next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
