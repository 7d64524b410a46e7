"""What happens, as it happens: server-sent events and a websocket."""

from aiohttp import web

from graphengine.server.answers import Refusal
from graphengine.server.hub import Subscription
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.query import Number, Query, read_query
from graphengine.server.routes import API, Route
from graphengine.server.sockets import open_websocket
from graphengine.server.streams import send_frames, send_stream

LAST = "Last-Event-ID"


class Listen(Query, frozen=True):
    """From which event on (those to come when it is not given), and of which jobs (all, and the queue, when none)."""

    after: Number | None = None
    job: tuple[str, ...] = ()


async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events."""
    subscription, newest = _subscribe(request)
    return await send_stream(request, subscription, newest)


async def socket(request: web.Request) -> web.StreamResponse:
    """Events and previews over a websocket."""
    subscription, newest = _subscribe(request)
    opened = await open_websocket(request, request.app[SERVING].limits)
    await send_frames(request, opened, subscription, newest)
    return opened


def _subscribe(request: web.Request) -> tuple[Subscription, int]:
    """What a request asks to hear, and the number that it begins after."""
    asked, hub = read_query(request, Listen), request.app[SERVICE].hub
    after = _last_id(request)
    after = asked.after if after is None else after
    return hub.subscribe(after, jobs=asked.job or None), hub.newest if after is None else after


def _last_id(request: web.Request) -> int | None:
    """What a client that lost its connection heard last; it says so beside the address that it first asked."""
    text = request.headers.get(LAST)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal(400, "bad_event_id", f"The header {LAST} is {text[:40]!r}.", "Send the number of an event.")
    return int(text)


PATH = f"{API}/events"
ROUTES = (
    Route("GET", PATH, stream, "Events as server-sent events.", query=Listen, gives="text/event-stream"),
    Route("GET", f"{PATH}/socket", socket, "Events and previews, websocket.", query=Listen, statuses=(101,)),
)
