"""Forms with files, sent to the routes that store them: the body of a request to the real application."""

import json
import shutil

from tests.fuzz import seeds as good
from tests.fuzz.served import Served

ERRORS = ()
HEAD = (
    b"POST /%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n"
)


def seeds():
    return good.forms()


def take(data):
    served = Served.one()
    for route in (b"upload", b"mask"):
        answer = served.ask(HEAD % (route, len(data)) + data)
        head, _, body = answer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        assert status == 200 or 400 <= status < 500, answer
        assert status == 200 or json.loads(body)["error"]["message"]
        _look(served)


def _look(served):
    """Everything that there is now lies in the folder for it, and nothing aside."""
    written = [path for path in served.base.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(served.home / "input") and path.suffix != ".part" for path in written), written
    shutil.rmtree(served.home / "input", ignore_errors=True)
