"""Every route of the table, asked for what no client means to ask: an answer in our shape, never a fault of ours."""

import re

import pytest
from yarl import URL

from graphengine.server.app import routes
from graphengine.server.routes import API

from .serving import SAY, play

NAMES = (
    "none",
    "%00",
    "%ff",
    "%ED%A0%80",
    "..%2f..%2fetc",
    "a%0Ab",
    "%F0%9F%98%80",
    "x" * 3000,
    "'--",
    "a/b/c",
    "{id}",
)
QUERIES = (
    "limit=-1", "after=" + "9" * 30, "before=1e9", "after=%00", "state=%ff", "job=%00&job=%ED%A0%80", "folder=%00",
    "folder=..%2f..", "version=9223372036854775808", "based_on=NaN", "size=99999999999", "download=maybe", "a=1&a=2",
)  # fmt: skip
BODIES = (
    b"", b"null", b"[]", b'""', b"5", b"1e999", b'{"a":', b"\xff\xfe\x00", b'"\\ud800"', b"[" * 100_000,
    b'{"workflow": null}', b'{"workflow": {"graphengine": 1, "nodes": {"": {"kind": "@x"}}, "workflows": {"x": 1}}}',
    b'{"workflow": {"1": {"class_type": "KSampler", "inputs": {"seed": 1' + b"0" * 400 + b"}}}}",
    b'{"workflow": {"1": {"class_type": "\\u0000", "inputs": {"\\u0000": ["1", 0]}}}}',
    b'{"workflow": {"nodes": [null, {"id": {}}], "links": [5]}}',
    b'{"workflow": {"prompt": {"prompt": {"prompt": {}}}}}',
    b'{"name": "\\u0000", "new": "x", "version": 1}', b'{"name": "a", "version": -1}', b'{"before": "\\u0000"}',
    b'{"models": 1, "cache": null}', b'{"to": null, "before": null}',
)  # fmt: skip


def paths(route, name):
    return re.sub(r"{(\w+)(:[^}]*)?}", lambda match: "output" if match[1] == "type" else name, route.path)


async def ask(api, method, path, data=None):
    headers = {} if data is None else {"Content-Type": "application/json"}
    async with api.client.request(method, URL(path, encoded=True), data=data, headers=headers) as answer:
        body = await answer.read()
        assert answer.status < 500, (method, path[:100], data and data[:100], body[:1000])
        if answer.status >= 400:
            error = (await answer.json())["error"]
            assert error["code"] and error["message"], (method, path, data)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_no_route_fails_whatever_it_is_asked(home, method):
    async def act(api):
        for route in routes():
            if route.method != method or route.gives == "text/event-stream":
                continue
            if "{" in route.path:
                for name in NAMES:
                    await ask(api, method, paths(route, name), b"{}" if method in ("POST", "PUT") else None)
            if route.query is not None:
                for query in QUERIES:
                    body = b"{}" if method == "PUT" else None
                    await ask(api, method, f"{paths(route, 'none')}?{query}", body)
            if method in ("POST", "PUT"):
                for data in BODIES:
                    await ask(api, method, paths(route, "none"), data)
        await api.post("/queue/resume", 204)
        await api.ended((await api.submit(SAY))["id"])
        assert (await api.get("/health"))["status"] == "ok"

    play(home, act)


def test_the_table_has_only_our_own_paths():
    assert all(route.path.startswith(f"{API}/") and not route.compatible for route in routes())
    assert [route.path for route in routes() if route.open] == [f"{API}/health"]
