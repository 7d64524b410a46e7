"""All routes of the protocol: each bare and, but for the page's internal ones, under ``/api``."""

from collections.abc import Iterable
from dataclasses import replace

from graphengine.compat.comfyui_server import (
    files,
    history,
    internal,
    live,
    models,
    object_info,
    prompts,
    queue,
    system,
    userdata,
    users,
)  # fmt: skip
from graphengine.server.routes import Route


def with_twins(routes: Iterable[Route]) -> tuple[Route, ...]:
    """The routes, and each again under ``/api``."""
    bare = tuple(routes)
    return (*bare, *(replace(route, path=f"/api{route.path}") for route in bare))


_DOUBLED = (files, history, live, models, object_info, prompts, queue, system, userdata, users)
ROUTES: tuple[Route, ...] = (*with_twins(route for module in _DOUBLED for route in module.ROUTES), *internal.ROUTES)
