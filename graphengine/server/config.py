"""What serving needs to know: one frozen value made by the command line. The defaults are the safe ones."""

import ipaddress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from graphengine.graph.errors import CallError

MIB, GIB, DAY = 2**20, 2**30, 86400.0

LogFormat = Literal["text", "json"]


@dataclass(frozen=True)
class Limits:
    """What one client may ask of the service.

    Attributes:
        upload_bytes: Of one upload request, all its files together.
        uploads: Files in one upload request.
        pixels: Of a picture that is looked into; 8192 x 8192 fits.
        json_bytes: Of a JSON body.
        json_depth: Levels of arrays and objects in each other.
        message_bytes: Of one websocket message from a client.
        requests: In flight at a time from one address; websockets and event streams count.
        connections: Open at a time from one address.
        header_seconds: Until a request's headers are there whole; also how long an idle connection is kept.
        body_seconds: After this a body must come at ``body_rate``.
        body_rate: Bytes a second, at least.
    """

    upload_bytes: int = 512 * MIB
    uploads: int = 32
    pixels: int = 2**26
    json_bytes: int = 64 * MIB
    json_depth: int = 100
    message_bytes: int = 4 * MIB
    requests: int = 256
    connections: int = 512
    header_seconds: float = 30.0
    body_seconds: float = 10.0
    body_rate: int = 1024


@dataclass(frozen=True)
class Retention:
    """How much of what is over is kept; what is beyond goes, the oldest first. Results in the output always stay.

    Attributes:
        jobs: That have ended, with their results' rows.
        job_seconds: Since a job ended.
        database_bytes: Of all rows. Jobs go sooner if there are more, but for the last hundred.
        thumbnail_bytes: Thumbnails are made again when they are asked for.
        temp_bytes: Of files in ``temp``: previews that nodes saved there, and uploads.
        temp_seconds: Since a file in ``temp`` was written.
    """

    jobs: int = 20_000
    job_seconds: float = 365 * DAY
    database_bytes: int = 2 * GIB
    thumbnail_bytes: int = 512 * MIB
    temp_bytes: int = 4 * GIB
    temp_seconds: float = DAY


@dataclass(frozen=True)
class Serving:
    """How to serve.

    Attributes:
        listen: Addresses to listen on.
        port: 0 lets the system choose.
        token: A token is asked for. Always so beyond loopback, see ``resolve``.
        new_token: Make another token; the old one is no longer taken.
        hosts: More names that a Host header may have, such as ``studio.example``; with a port only at that port.
        origins: More origins that may change state, such as ``https://studio.example``.
        webhook: An address that is told of every job that has ended, unless the job names another.
        webhook_hosts: Hosts that webhooks may be at though they are not on the open internet, as in ``hosts``.
        webhook_secret: What messages to webhooks are signed with, if anything.
        limits: What one client may ask.
        retention: How much is kept.
        frontend: A folder with another built page to serve instead of ours.
        offline: Nothing is fetched from the network.
        workers: Worker processes.
        devices: Which the workers take in turn, named as ``Settings.device`` is; that one when empty.
        log_format: ``text``, or ``json`` for a JSON object a line.
        drain_seconds: How long requests may go on after the service was told to stop.
    """

    listen: tuple[str, ...] = ("127.0.0.1",)
    port: int = 8188
    token: bool = False
    new_token: bool = False
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    webhook: str | None = None
    webhook_hosts: tuple[str, ...] = ()
    webhook_secret: bytes = field(default=b"", repr=False)
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)
    frontend: Path | None = None
    offline: bool = False
    workers: int = 1
    devices: tuple[str, ...] = ()
    log_format: LogFormat = "text"
    drain_seconds: float = 10.0


def resolve(serving: Serving) -> Serving:
    """The same, made safe: whoever listens beyond loopback, or makes a new token, asks for the token.

    Raises:
        CallError: A value cannot be: its name, the value, and what to give instead.
    """
    if not serving.listen:
        raise CallError("There is no address to listen on.", "Give one, such as --listen 127.0.0.1.")
    if not 0 <= serving.port <= 65535:
        raise CallError(f"The port {serving.port} is none.", "Give one from 1 to 65535, or 0 for any that is free.")
    if serving.workers < 1:
        raise CallError(f"{serving.workers} workers can run nothing.", "Give --workers 1 or more.")
    if serving.workers < len(serving.devices):
        names = ", ".join(serving.devices)
        raise CallError(f"{serving.workers} workers cannot be on {names}.", "Give --workers as many as devices.")
    if serving.retention.jobs < 0 or serving.retention.job_seconds < 0:
        raise CallError("Fewer jobs than none cannot be kept.", "Give --keep-jobs and --keep-days 0 or more.")
    if serving.frontend and not (serving.frontend / "index.html").is_file():
        raise CallError(f"There is no index.html in {serving.frontend}.", "Name the folder of a built page.")
    beyond = not all(map(is_loopback, serving.listen))
    return replace(serving, token=serving.token or serving.new_token or beyond)


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches that address; names other than ``localhost`` are taken to be reached."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address.rstrip(".").lower() == "localhost"
