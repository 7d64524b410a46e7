"""Our own page: served whole, under its policy, and never older than its files."""

import asyncio
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from graphengine import builtin
from graphengine.server.headers import PAGE_POLICY
from graphengine.server.own_page import own_page_routes, page_key

from .served import client

PAGE = '<script type="module" src="/assets/dev/js/main.js"></script>'


@pytest.fixture
def page(tmp_path):
    folder = tmp_path / "web"
    (folder / "js").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "js" / "main.js").write_text("export const one = 1;")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def test_the_server_sends_the_page_and_what_it_names_is_kept_for_ever(tmp_path):
    async def look():
        async with client(tmp_path) as served:
            answer = await served.get("/")
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.headers["Content-Security-Policy"] == PAGE_POLICY
            named = re.findall(r'(?:src|href)="([^"]+)"', await answer.text())
            assert named and not any("/dev/" in one for one in named)
            for one in named:
                file = await served.get(one)
                assert file.status == 200, one
                assert "immutable" in file.headers["Cache-Control"]
                assert file.headers["Content-Security-Policy"] == PAGE_POLICY

    asyncio.run(look())


def test_a_module_is_sent_small_and_whole_to_whoever_cannot_unpack_it(tmp_path, page):
    code = "export const text = 1;\n" * 100
    (page / "js" / "main.js").write_text(code)

    async def look():
        async with client(tmp_path / "home", routes=own_page_routes(page, PAGE_POLICY)) as served:
            for accepted, length in (("gzip, br", range(20, 200)), ("identity", [len(code)])):
                answer = await served.get("/assets/dev/js/main.js", headers={"Accept-Encoding": accepted})
                assert int(answer.headers["Content-Length"]) in length
                assert await answer.text() == code

    asyncio.run(look())


def test_a_changed_file_changes_what_the_page_asks_for(page):
    before = page_key(page)
    assert page_key(page) == before
    (page / "js" / "main.js").write_text("export const one = 11;")
    assert page_key(page) != before


@pytest.mark.parametrize("path", ["js/none.js", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "js", "%00"])
def test_nothing_beside_the_page_is_served(tmp_path, page, path):
    async def attack():
        async with client(tmp_path / "home", routes=own_page_routes(page, PAGE_POLICY)) as served:
            answer = await served.get(f"/assets/dev/{path}")
            assert answer.status in (400, 404)
            assert "secret" not in await answer.text() or "secret.txt" in await answer.text()

    asyncio.run(attack())


def test_without_its_files_there_is_no_page(tmp_path):
    assert own_page_routes(tmp_path, PAGE_POLICY) == ()


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_page(tmp_path):
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(root)]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        for path in builtin.WEB.rglob("*"):
            if path.is_file():
                name = f"graphengine/builtin_data/web/{path.relative_to(builtin.WEB).as_posix()}"
                assert packed.read(name) == path.read_bytes(), name
