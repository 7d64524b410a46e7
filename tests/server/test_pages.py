"""A built page is served whole, with types that browsers take, and nothing beside it is."""

import asyncio

import pytest
from aiohttp.test_utils import TestServer

from graphengine.server.app import make_app
from graphengine.server.config import Serving
from graphengine.settings import Settings

from .served import client, raw


@pytest.fixture
def page(tmp_path):
    folder = tmp_path / "page"
    for name in (
        "index.html",
        "assets/app.js",
        "assets/a.mjs",
        "a.css",
        "a.webp",
        "a.wasm",
        "sub/index.html",
        "odd.xyz",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "out").symlink_to(tmp_path)
    return folder


def test_files_have_their_types_and_the_page_is_asked_for_anew(tmp_path, page):
    async def look():
        async with client(tmp_path, Serving(frontend=page)) as served:
            for path, type in (
                ("/", "text/html"), ("/assets/app.js", "text/javascript"), ("/assets/a.mjs", "text/javascript"),
                ("/a.css", "text/css"), ("/a.webp", "image/webp"), ("/a.wasm", "application/wasm"),
                ("/sub/", "text/html"), ("/odd.xyz", "application/octet-stream"), ("/?a=1", "text/html"),
            ):  # fmt: skip
                answer = await served.get(path)
                assert (answer.status, answer.content_type) == (200, type), path
                cached = answer.headers["Cache-Control"]
                anew = type == "text/html" or path == "/a.css"  # what is in assets/ is named by its contents
                assert cached == ("no-cache" if anew else "private, max-age=3600")
                policy = answer.headers["Content-Security-Policy"]
                assert "connect-src 'self'" in policy and "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert (await served.get("/api/v1/health")).content_type == "application/json"
            assert (await served.head("/")).status == 200

    asyncio.run(look())


@pytest.mark.parametrize("path", [
    "/none.js", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/out/secret.txt", "//etc/passwd", "/%00",
    "/..%5csecret.txt", "/out", "/assets", "/api/v1/none", "/a.css/..%2f..%2fsecret.txt", "/C:/secret.txt",
])  # fmt: skip
def test_nothing_beside_the_page_is_served(tmp_path, page, path):
    async def attack():
        async with TestServer(make_app(Settings(home=tmp_path), Serving(frontend=page))) as server:
            head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n"
            answer = await raw(server.port, head.encode())
            assert answer.split()[1] in (b"404", b"400")
            assert b"secret\r\n" not in answer and not answer.endswith(b"secret")
            assert str(tmp_path).encode() not in answer

    asyncio.run(attack())


def test_our_own_page_may_neither_eval_nor_run_inline_scripts():
    from graphengine.server.headers import PAGE_POLICY

    assert "unsafe" not in PAGE_POLICY
    assert "script-src 'self';" in PAGE_POLICY
    assert "default-src 'none'" in PAGE_POLICY
