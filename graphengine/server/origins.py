"""Who may talk to us: decisions about the Host and Origin headers, as pure functions.

A page from elsewhere can make a browser send requests here. Its name in the Host header (DNS rebinding) or its origin
in the Origin header gives it away, and neither header can be chosen by a page.
"""

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#@\\]+)", re.ASCII)
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Host:
    """A Host header, taken apart: the name in lower case without a trailing dot or brackets; the port if it is told."""

    name: str
    port: int | None = None


@lru_cache(maxsize=64)
def parse_host(text: str) -> Host | None:
    """``Name.example.:8188`` or ``[::1]:8188`` taken apart; None when it is no host."""
    match = _HOST.fullmatch(text.lower())
    if match is None:
        return None
    bare = match["name"].strip("[]").removesuffix(".")
    if match["name"].startswith("[") and _address(bare) is None:
        return None
    port = int(match["port"]) if match["port"] else None
    return Host(bare, port) if bare and (port is None or port < 65536) else None


def host_problem(headers: Sequence[str], listening: tuple[str, int], allowed: Collection[Host]) -> str | None:
    """Why a request with these Host headers is refused; None when it is not.

    Taken are loopback names and addresses with our port, the address that the connection came in at, and the names of
    ``allowed`` (with any port when they have none). An address cannot be rebound, so one that is not loopback's is
    taken where we listen beyond loopback: the name a client knows us by may be a router's.

    Args:
        headers: All Host headers of the request.
        listening: Address and port at this end of the connection.
    """
    if len(headers) != 1:
        return "It has no Host header." if not headers else "It has more than one Host header."
    host = parse_host(headers[0])
    if host is None:
        return f"{headers[0][:100]!r} is no host."
    if host in allowed or Host(host.name) in allowed:
        return None
    here, port = listening
    ours = (host.port or 80) == port
    address = _address(host.name)
    near = host.name == "localhost" or (address is not None and address.is_loopback)
    at = _address(here)
    beyond = address is not None and at is not None and not at.is_loopback
    if ours and (near or beyond):
        return None
    return f"The host {headers[0][:100]!r} is not one of ours."


def origin_problem(
    origins: Sequence[str], hosts: Sequence[str], site: str | None, allowed: Collection[str] = ()
) -> str | None:
    """Why a request that changes state, or opens a websocket, is refused; None when it is not.

    Args:
        origins: All Origin headers. Programs send none; browsers send one.
        hosts: All Host headers, already found to be ours.
        site: The Sec-Fetch-Site header. A browser that sends no Origin tells there where the request comes from.
        allowed: More origins, such as ``https://studio.example``.
    """
    if not origins:
        foreign = site is not None and site not in ("same-origin", "none")
        return f"It comes from another site ({site[:20]!r})." if foreign and site else None
    origin = origins[0]
    shown = f"The origin {origin[:100]!r} is not ours."
    if len(origins) != 1 or origin == "null":
        return shown
    if origin.lower() in allowed:
        return None
    match = _ORIGIN.fullmatch(origin.lower())
    theirs, own = parse_host(match["host"]) if match else None, parse_host(hosts[0]) if hosts else None
    if match is None or theirs is None or own is None:
        return shown
    usual = _USUAL_PORTS[match["scheme"]]
    same = theirs.name == own.name and (theirs.port or usual) == (own.port or usual)
    return None if same else shown


def is_origin(text: str) -> bool:
    """Whether a text in lower case is an origin of pages: scheme, host and perhaps a port."""
    match = _ORIGIN.fullmatch(text)
    return match is not None and parse_host(match["host"]) is not None


@lru_cache(maxsize=64)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
