"""Requests that are sent because a client asked for it: to the open internet and to hosts that the operator named.

Otherwise whoever may submit a job could reach through us what only this machine reaches: services on loopback, the
local network, a cloud's metadata. A name is looked up once, and what is looked at is the address of the socket that is
about to connect, so no name can lead to one address when it is checked and to another when it is used.
"""

import errno
import re
import socket
from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from graphengine.graph.errors import CallError
from graphengine.server.origins import Host

TIMEOUT = ClientTimeout(total=10.0, connect=5.0)
LONGEST = 2000  # characters of an address

UNICAST, NAT64 = ip_network("2000::/3"), ip_network("64:ff9b::/96")
# not in every version of Python's tables: protocol assignments (one cloud's metadata), and another cloud's own address
CLOSED = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))


class Outward:
    """Sends requests.

    Args:
        hosts: May be reached wherever they are.
        own: An address that the operator gave; that one alone may be reached too.
        offline: Nothing but these may be reached.
    """

    def __init__(self, hosts: Collection[Host] = (), own: str = "", offline: bool = False) -> None:
        self._hosts, self._own, self._offline = hosts, own, offline

    def check(self, address: str) -> None:
        """Look at an address before anything is sent there.

        Raises:
            CallError: It is none of http or https, or leads where nothing may be sent.
        """
        problem = self._problem(address)
        if problem:
            cure = "Give one on the open internet, or have the service started with --webhook-host NAME."
            raise CallError(f"The address {address[:200]!r} {problem}.", cure)

    async def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status that is answered; the answer itself is not read, and no redirect is followed.

        Raises:
            CallError: As ``check``.
            ClientError, OSError: Nothing answers, or it leads where nothing may be sent.
            TimeoutError: The answer takes too long.
        """
        self.check(address)
        guard = None if self._is_named(address) else guarded_socket
        connector = TCPConnector(socket_factory=guard, use_dns_cache=False, force_close=True)
        async with (
            ClientSession(connector=connector, timeout=TIMEOUT, cookie_jar=DummyCookieJar()) as session,
            session.post(URL(address), data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status

    def _problem(self, address: str) -> str:
        if len(address) > LONGEST or not re.fullmatch("[!-~]+", address):
            return "is too long, or has characters that no address has"
        try:
            url = URL(address)
            known = url.scheme in ("http", "https") and url.host
        except ValueError:
            known = False
        if not known:
            return "is none of http or https"
        if url.user is not None or url.password is not None:
            return "carries a name or a password"
        if self._is_named(address):
            return ""
        if self._offline:
            return "leads to the network, which --offline keeps closed"
        return "" if _may_be_open(url.host or "") else "leads to this machine or its own network"

    def _is_named(self, address: str) -> bool:
        url = URL(address)
        name = (url.host or "").removesuffix(".")
        return address == self._own or Host(name) in self._hosts or Host(name, url.port) in self._hosts


def guarded_socket(info: Any) -> socket.socket:
    """A socket for an address that was looked up, for ``aiohttp.TCPConnector``.

    Raises:
        OSError: The address is not on the open internet.
    """
    family, kind, protocol, _, place = info
    if not is_open(place[0]):
        raise OSError(errno.EACCES, f"{place[0]} is not on the open internet")
    return socket.socket(family, kind, protocol)


def is_open(text: str) -> bool:
    """Whether an IP address is one of the open internet: of no machine's own, no private network, no group."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address in NAT64:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, IPv6Address):
        tunnel = address.sixtofour or address.teredo  # which lead to an IPv4 address inside
        return address in UNICAST and address.is_global and not tunnel
    return address.is_global and not address.is_multicast and not any(address in network for network in CLOSED)


def _may_be_open(host: str) -> bool:
    """Names are looked at when they are looked up."""
    try:
        return is_open(host)
    except ValueError:
        return True
