"""What we may be made to send, and where: each test but the first is an attack."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientError, ClientTimeout, web
from hypothesis import given
from hypothesis import strategies as st

from graphengine.graph.errors import CallError
from graphengine.server.origins import Host
from graphengine.server.outward import Outward, is_open


@asynccontextmanager
async def listening(answer=None):
    """A service that may not be reached: its port, and the paths that were asked for."""
    heard = []

    async def handle(request):
        heard.append((request.path, await request.read()))
        return await answer(request) if answer else web.Response()

    server = web.Server(handle, handler_cancellation=True)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield site._server.sockets[0].getsockname()[1], heard
    finally:
        await runner.cleanup()


def play(act):
    async def run():
        async with asyncio.timeout(30):
            return await act()

    return asyncio.run(run())


def test_a_host_that_the_operator_named_is_told():
    async def act():
        async with listening() as (port, heard):
            for host in (Host("127.0.0.1"), Host("127.0.0.1", port)):
                assert await Outward({host}).post(f"http://127.0.0.1:{port}/told", b"{}", {}) == 200
            own = f"http://localhost:{port}/own"
            assert await Outward(own=own).post(own, b"{}", {}) == 200
            assert [path for path, _ in heard] == ["/told", "/told", "/own"]

    play(act)


@pytest.mark.parametrize("host", [
    "127.0.0.1", "localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "[::1]",
    "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::127.0.0.1]",
])  # fmt: skip
def test_no_way_to_write_this_machine_leads_to_it(host):
    async def act():
        async with listening() as (port, heard):
            with pytest.raises((CallError, ClientError, OSError)):
                await Outward({Host("other.example")}).post(f"http://{host}:{port}/", b"{}", {})
            assert heard == []

    play(act)


def test_a_name_that_leads_here_is_refused_when_it_is_used_whatever_it_led_to_before(monkeypatch):
    async def act():
        async with listening() as (port, heard):
            answers = iter(["93.184.215.14", *["127.0.0.1"] * 10])

            async def rebound(host, port, **_):
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebound)
            outward = Outward()
            url = f"http://evil.example:{port}/"
            next(answers)
            outward.check(url)
            with pytest.raises(ClientError, match=r"127\.0\.0\.1 is not on the open internet"):
                await outward.post(url, b"{}", {})
            assert heard == []

    play(act)


def test_a_name_with_one_open_and_one_closed_address_does_not_lead_to_the_closed_one(monkeypatch):
    async def act():
        async with listening() as (port, heard):

            async def both(host, port, **_):
                places = ("0.0.0.1", "127.0.0.1")
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
            with pytest.raises((ClientError, OSError)):
                await Outward().post(f"http://evil.example:{port}/", b"{}", {})
            assert heard == []

    play(act)


def test_a_redirect_is_not_followed():
    async def act():
        async with listening() as (inner, heard):

            async def redirect(request):
                return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{inner}/secret"})

            async with listening(redirect) as (outer, _):
                outward = Outward({Host("127.0.0.1")})
                assert await outward.post(f"http://127.0.0.1:{outer}/", b"{}", {}) == 307
            assert heard == []

    play(act)


def test_an_answer_that_never_comes_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("graphengine.server.outward.TIMEOUT", ClientTimeout(total=0.3))

    async def act():
        async with listening(lambda request: asyncio.sleep(20)) as (port, heard):
            with pytest.raises(TimeoutError):
                await Outward({Host("127.0.0.1")}).post(f"http://127.0.0.1:{port}/", b"{}", {})
            assert len(heard) == 1

    play(act)


def test_an_answer_without_end_is_not_read():
    async def act():
        sent = 0

        async def endless(request):
            nonlocal sent
            response = web.StreamResponse()
            await response.prepare(request)
            while sent < 2**28:
                await response.write(bytes(2**16))
                sent += 2**16
            return response

        async with listening(endless) as (port, _):
            assert await Outward({Host("127.0.0.1")}).post(f"http://127.0.0.1:{port}/", b"{}", {}) == 200
            await asyncio.sleep(0.2)
        assert sent < 2**26

    play(act)


@pytest.mark.parametrize("url", [
    "", "nothing", "file:///etc/passwd", "ftp://studio.example/", "gopher://studio.example/", "//studio.example/",
    "javascript:alert(1)", "http://", "http:///path", "https://user@studio.example/", "https://a:b@studio.example/",
    "http://studio.example/\r\nX: y", "http://studio.example/ x", "http://studio.example:99999/", "http://[::1",
    "http://stüdio.example/", "http://studio.example/" + "x" * 2000, "unix:/run/docker.sock",
    "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00:ec2::254]/", "http://100.100.100.200/",
])  # fmt: skip
def test_an_address_that_is_none_or_is_closed_is_refused_before_anything_is_sent(url):
    with pytest.raises(CallError) as caught:
        Outward({Host("other.example")}).check(url)
    assert caught.value.cure


def test_offline_only_what_the_operator_named_is_reached():
    outward = Outward({Host("inside.example")}, own="https://studio.example/told", offline=True)
    outward.check("http://inside.example/x")
    outward.check("https://studio.example/told")
    for url in ("https://studio.example/other", "https://8.8.8.8/"):
        with pytest.raises(CallError, match="--offline"):
            outward.check(url)


def test_the_operators_own_address_opens_nothing_else_on_its_host():
    with pytest.raises(CallError, match="own network"):
        Outward(own="http://127.0.0.1:9000/told").check("http://127.0.0.1:9000/admin")


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::808:808"]
)
def test_the_internet_is_open(address):
    assert is_open(address)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.192",
    "168.63.129.16", "198.18.0.1", "203.0.113.5", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::7f00:1", "::ffff:8.8.8.8", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "fec0::1", "100::1",
])  # fmt: skip
def test_what_is_no_public_address_is_closed(address):
    assert not is_open(address)


@given(
    st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="127.0.0.0/8") | st.ip_addresses(network="fc00::/7")
)
def test_no_private_address_is_open(address):
    assert not is_open(str(address))
