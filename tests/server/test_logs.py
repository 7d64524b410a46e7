"""Secrets never get into a log."""

import io
import json
import logging

import pytest
from aiohttp.http import HttpProcessingError
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Response

from graphengine.server.logs import AccessLog, JsonLine, Line, quieten, without_secrets

SECRET = "Zm9vYmFyLXNlY3JldA"


@pytest.mark.parametrize("text", [
    f"GET /?token={SECRET} HTTP/1.1", f"/x?a=1&token={SECRET}&b=2", f"/?TOKEN={SECRET}",
    f"Authorization: Bearer {SECRET}",
    f"{{'Authorization': 'Bearer {SECRET}'}}", f"b'authorization: bearer {SECRET}'",
    f"Cookie: graphengine_8188={SECRET}",
    f"(b'Authorization', b'Bearer {SECRET}')", f"('Cookie', 'a={SECRET}')",
    f"Set-Cookie: graphengine_1={SECRET}; Path=/",
    f"/?token%3D{SECRET}", f"Cookie: a=b; graphengine_8188={SECRET}",
])  # fmt: skip
def test_a_secret_is_taken_out_wherever_it_stands(text):
    assert SECRET not in without_secrets(text)


def logged(formatter, log):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("x", logging.DEBUG)
    logger.addHandler(handler)
    log(logger)
    return stream.getvalue()


@pytest.mark.parametrize("formatter", [Line(), JsonLine()])
def test_a_traceback_with_a_secret_is_cleaned(formatter):
    def log(logger):
        try:
            raise ValueError(f"bad request /?token={SECRET}")
        except ValueError:
            logger.exception("failed at token=%s", SECRET)

    text = logged(formatter, log)
    assert SECRET not in text and "ValueError" in text


@pytest.mark.parametrize("path", [
    f"/?token={SECRET}", f"/?%74oken={SECRET}", f"/?a=1&Token={SECRET}&token={SECRET}", f"/?tok%65n={SECRET}&a",
])  # fmt: skip
def test_a_line_of_access_leaves_the_token_out_however_it_is_written(path):
    request = make_mocked_request("GET", path, headers={"Authorization": f"Bearer {SECRET}", "Cookie": f"a={SECRET}"})
    text = logged(logging.Formatter(), lambda logger: AccessLog(logger, "").log(request, Response(), 0.1))
    assert SECRET not in text and "GET /" in text


def test_a_name_with_a_line_break_makes_no_second_line():
    request = make_mocked_request("GET", "/a%0d%0aINFO%20all%20is%20well?b=%0a")
    text = logged(Line(), lambda logger: AccessLog(logger, "").log(request, Response(), 0.1))
    assert text.count("\n") == 1


def test_what_is_no_http_is_a_line_without_a_traceback():
    def log(logger):
        logger.addFilter(quieten)
        try:
            raise HttpProcessingError(code=400, message="Invalid method")
        except HttpProcessingError:
            logger.exception("Error handling request from %s", "127.0.0.1")

    text = logged(Line(), log)
    assert text.count("\n") == 1 and " INFO " in text and "Traceback" not in text


def test_json_lines_are_json():
    line = json.loads(logged(JsonLine(), lambda logger: logger.warning("a %s", "b\n")))
    assert (line["level"], line["message"], line["logger"]) == ("warning", "a b\n", "x")
    assert line["time"].endswith("Z")


def test_a_line_of_access_has_the_status_that_a_quiet_error_would_have():
    request = make_mocked_request("GET", "/x")
    response = Response(headers={"Error-Status": "404"})
    text = logged(Line(), lambda logger: AccessLog(logger, "").log(request, response, 0.1))
    assert " GET /x 404 " in text
