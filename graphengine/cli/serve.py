"""The command ``serve``."""

import argparse
from dataclasses import replace

from graphengine.compat.comfyui_server.routes import ROUTES
from graphengine.compat.comfyui_server.state import extend
from graphengine.server.config import DAY, Retention, Serving
from graphengine.server.serve import serve as serve_until_told
from graphengine.server.signature import read_secret
from graphengine.settings import Settings


def serve(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    serve_until_told(settings_of(options), serving_of(options), ROUTES, (extend,))
    return 0


def settings_of(options: argparse.Namespace) -> Settings:
    """What the server's engine is made with, and but for the device those of the workers."""
    settings = Settings(
        model_paths=tuple(options.model_paths),
        packs=tuple(options.pack_folders),
        device=_devices(options)[0],
        precision=options.precision,
        memory_budget=options.memory_budget,
        compile=options.compile,
        cache_memory=Settings.cache_memory if options.cache_memory is None else options.cache_memory,
        cache_disk=Settings.cache_disk if options.cache_disk is None else options.cache_disk,
    )
    if options.home:
        settings = replace(settings, home=options.home.absolute())
    return replace(settings, output=options.output.absolute()) if options.output else settings


def _devices(options: argparse.Namespace) -> tuple[str, ...]:
    return tuple(options.device or (Settings.device,))


def _retention(options: argparse.Namespace) -> Retention:
    given = {
        "jobs": options.keep_jobs,
        "job_seconds": None if options.keep_days is None else options.keep_days * DAY,
        "database_bytes": options.keep_database,
        "thumbnail_bytes": options.keep_thumbnails,
        "temp_bytes": options.keep_temp,
    }
    return Retention(**{name: value for name, value in given.items() if value is not None})


def serving_of(options: argparse.Namespace) -> Serving:
    """How to serve."""
    return Serving(
        listen=tuple(options.listen or Serving.listen),
        port=options.port,
        token=options.token,
        new_token=options.new_token,
        hosts=tuple(options.allow_host),
        origins=tuple(options.allow_origin),
        webhook=options.webhook,
        webhook_hosts=tuple(options.webhook_host),
        webhook_secret=read_secret(options.webhook_secret_file) if options.webhook_secret_file else b"",
        frontend=options.frontend.absolute() if options.frontend else None,
        offline=options.offline,
        workers=len(_devices(options)) if options.workers is None else options.workers,
        devices=_devices(options),
        retention=_retention(options),
        log_format=options.log_format,
    )
