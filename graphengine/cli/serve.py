"""The command ``serve``."""

import argparse
from dataclasses import replace

from graphengine.compat.comfyui_server.routes import ROUTES
from graphengine.compat.comfyui_server.state import extend
from graphengine.server.config import Serving
from graphengine.server.serve import serve as serve_until_told
from graphengine.settings import Settings


def serve(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    serve_until_told(_settings(options), _serving(options), ROUTES, (extend,))
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    settings = Settings(
        model_paths=tuple(options.model_paths),
        packs=tuple(options.pack_folders),
        device=options.device,
        precision=options.precision,
        memory_budget=options.memory_budget,
        compile=options.compile,
    )
    if options.home:
        settings = replace(settings, home=options.home.absolute())
    return replace(settings, output=options.output.absolute()) if options.output else settings


def _serving(options: argparse.Namespace) -> Serving:
    return Serving(
        listen=tuple(options.listen or Serving.listen),
        port=options.port,
        token=options.token,
        new_token=options.new_token,
        hosts=tuple(options.allow_host),
        origins=tuple(options.allow_origin),
        frontend=options.frontend.absolute() if options.frontend else None,
        offline=options.offline,
        workers=options.workers,
        log_format=options.log_format,
    )
