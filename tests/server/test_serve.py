"""The command, as a process: it starts at once, says where it is, and ends when told to."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import AsyncExitStack, contextmanager

import pytest

from graphengine.server.answers import json_answer
from graphengine.server.routes import Route
from tests.indexed import indexed

from .served import connected, free_port, real


def command(home, *options):
    return [sys.executable, "-m", "graphengine", "serve", "--home", str(home), *options]


@contextmanager
def served(home, *options):
    """The process, and its first line."""
    process = subprocess.Popen(
        command(indexed(home), "--port", "0", *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def get(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_answers_and_ends_when_told(tmp_path, number):
    with served(tmp_path) as (process, line):
        address = line.split()[4]
        assert address.startswith("http://127.0.0.1:")
        status, health = get(f"{address}api/v1/health")
        assert status == 200 and json.loads(health)["status"] == "ok"
        facts = json.loads(get(f"{address}api/v1/system")[1])
        assert facts["version"] in line
        assert {"image", "diffusion"} <= {pack["name"] for pack in facts["packs"]}
        assert str(tmp_path) not in json.dumps(facts)
        process.send_signal(number)
        out, log = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert "GET /api/v1/health 200" in log


def test_beyond_loopback_it_prints_a_link_once_and_nobody_gets_in_without(tmp_path):
    with served(tmp_path, "--listen", "0.0.0.0", "--log-format", "json") as (process, line):
        address, token = line.split()[4].split("?token=")
        assert get(f"{address}api/v1/system")[0] == 401
        assert get(f"{address}api/v1/system", Authorization=f"Bearer {token}")[0] == 200
        get(f"{address}none?token={token}")
        process.terminate()
        _, log = process.communicate(timeout=10)
    assert token not in log
    assert [json.loads(one)["level"] for one in log.splitlines()]
    assert token not in (tmp_path / "server" / "token").read_text()
    with served(tmp_path, "--listen", "0.0.0.0") as (process, line):
        assert "token=" not in line and "--new-token" in line
        address = line.split()[4]
        assert get(f"{address}api/v1/system", Authorization=f"Bearer {token}")[0] == 200
    with served(tmp_path, "--new-token") as (process, line):
        address, new = line.split()[4].split("?token=")
        assert get(f"{address}api/v1/system", Authorization=f"Bearer {token}")[0] == 401
        assert get(f"{address}api/v1/system", Authorization=f"Bearer {new}")[0] == 200


def test_a_port_that_is_taken_is_told_with_its_cure_and_makes_no_token(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            command(tmp_path, "--port", str(port), "--token"), capture_output=True, text=True, timeout=30
        )
    assert done.returncode == 2
    assert done.stderr == (
        f"graphengine: Port {port} of 127.0.0.1 is taken. Stop what uses it, or give another with --port.\n"
    )
    assert not (tmp_path / "server").exists()


@pytest.mark.parametrize("options", [
    ["--listen", "192.0.2.1"], ["--listen", "no such name"], ["--port", "70000"], ["--workers", "0"],
    ["--frontend", "/nowhere"], ["--allow-host", "http://x/"],
])  # fmt: skip
def test_what_cannot_be_served_ends_with_2_and_a_cure(tmp_path, options):
    done = subprocess.run(command(tmp_path, *options), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stderr.startswith("graphengine: ") and len(done.stderr.splitlines()) == 1


def test_a_database_that_is_none_ends_it_with_its_cure_and_is_left_as_it_was(tmp_path):
    path = tmp_path / "server/server.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"GIF89a" * 1000)
    done = subprocess.run(command(tmp_path, "--port", "0"), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("graphengine: Cannot open ") and "Move the file away" in done.stderr
    assert "Traceback" not in done.stderr and path.read_bytes() == b"GIF89a" * 1000


def test_a_request_in_flight_is_answered_before_the_service_ends(tmp_path):
    async def slow(request):
        await asyncio.sleep(0.5)
        return json_answer("done")

    async def run():
        async with AsyncExitStack() as stack:
            routes = (Route("GET", "/slow", slow, "Slow."),)
            async with real(tmp_path, routes=routes, drain=5) as port:
                reader, writer = await stack.enter_async_context(connected(port))
                writer.write(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
                await asyncio.sleep(0.2)
            assert (await reader.read()).endswith(b'"done"')

    asyncio.run(run())


@pytest.mark.alone
def test_nothing_heavy_is_imported_and_the_first_answer_is_quick(tmp_path):
    code = (
        "import sys, graphengine.cli.serve, graphengine.server.app, graphengine.server.serve\n"
        "from graphengine.server.config import Serving\nfrom graphengine.settings import Settings\n"
        "graphengine.server.app.make_app(Settings(), Serving())\n"
        "heavy = {'torch', 'numpy', 'PIL', 'transformers', 'safetensors', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    home = indexed(tmp_path)
    first_answer(home)
    pairs = [(first_answer(home), bare_import()) for _ in range(3)]
    answer, bare = map(min, zip(*pairs, strict=True))
    assert answer < 2 * bare, pairs  # the goal of 0.6 s, on machines of any speed


def bare_import():
    """Seconds of a process that only imports what everything here stands on."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True, timeout=60)
    return time.monotonic() - started


def first_answer(home):
    """Seconds from the process's start to its first answer."""
    port = free_port()
    started = time.monotonic()
    process = subprocess.Popen(
        command(home, "--port", str(port)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
    )  # fmt: skip
    try:
        process.stdout.readline()
        assert get(f"http://127.0.0.1:{port}/api/v1/health")[0] == 200
        return time.monotonic() - started
    finally:
        process.kill()
        process.communicate()
