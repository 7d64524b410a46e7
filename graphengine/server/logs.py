"""Logs: one format, to stderr, as text or as a JSON object a line; secrets never get in."""

import json
import logging
import re
import sys
import time
from collections import deque
from collections.abc import Callable

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import HttpProcessingError

from graphengine.server.answers import ERROR_STATUS
from graphengine.server.config import LogFormat

KEPT_LINES = 500
_SECRETS = re.compile(
    r"(?P<name>token(?:=|%3d)|graphengine_\d+=|(?:authorization|cookie)['\"]?\s*[:=,]\s*(?:b?['\"])?(?:bearer\s+)?|bearer\s+)"
    r"(?P<secret>[^\s&;'\"\\,)>]+)",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """The text with the values of tokens, cookies and Authorization headers taken out."""
    return _SECRETS.sub(r"\g<name>***", text)


class Line(logging.Formatter):
    """A record as a line of text: the time (UTC), the level, the logger, the message."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line; more lines only for a traceback."""
        return without_secrets(super().format(record))


class JsonLine(Line):
    """A record as a JSON object in a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The object: ``time``, ``level``, ``logger``, ``message``, and ``traceback`` where there is one."""
        fields = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info:
            fields["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


class AccessLog(AbstractAccessLogger):
    """A line a request: address, method, path, status, bytes, milliseconds. No header is ever in it."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write the line; the query's token is left out, however its name was written."""
        secret = [name for name in request.rel_url.query if name.lower() == "token"]
        target = str(request.rel_url.without_query_params(*secret)) if secret else request.rel_url.raw_path_qs
        self.logger.info(
            "%s %s %s %s %d bytes %.1f ms",
            request.remote, request.method, target[:1000],
            response.headers.get(ERROR_STATUS, response.status), response.body_length, time * 1000,
        )  # fmt: skip

    @property
    def enabled(self) -> bool:
        """Whether such lines are wanted."""
        return self.logger.isEnabledFor(logging.INFO)


class Recent(logging.Handler):
    """The last lines of the log, for those who may use the service; requests, which name clients, are not among them.

    Attributes:
        lines: (Unix seconds, line), the oldest first.
        listeners: Called with each further one, in the thread that logs it.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(Line())
        self.addFilter(lambda record: record.name != "aiohttp.access")
        self.lines: deque[tuple[float, str]] = deque(maxlen=KEPT_LINES)
        self.listeners: set[Callable[[float, str], None]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        line = (record.created, self.format(record))
        self.lines.append(line)
        for listener in list(self.listeners):
            listener(*line)


RECENT = Recent()  # of this process, as all of its logging is


def quieten(record: logging.LogRecord) -> bool:
    """A filter: that a client sent no HTTP is no error of ours, and worth no traceback; anybody could fill the log."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.exc_info, record.exc_text = None, None
    return True


def start_logs(format: LogFormat) -> None:
    """Send all logs of this process to stderr in that format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if format == "json" else Line())
    logging.captureWarnings(True)
    logging.getLogger("aiohttp.server").addFilter(quieten)
    logging.basicConfig(level=logging.INFO, handlers=[handler, RECENT], force=True)
