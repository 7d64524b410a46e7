"""All routes of the protocol: each bare and, but for files and what the page asks for itself, under ``/api``."""

from collections.abc import Iterable
from dataclasses import replace

from graphengine.compat.comfyui_server import (
    extensions,
    files,
    history,
    internal,
    jobs,
    live,
    logs,
    models,
    node_help,
    object_info,
    prompts,
    queue,
    system,
    templates,
    translations,
    userdata,
    users,
)  # fmt: skip
from graphengine.server.routes import Route


def with_twins(routes: Iterable[Route]) -> tuple[Route, ...]:
    """The routes, and each again under ``/api``."""
    bare = tuple(routes)
    return (*bare, *(replace(route, path=f"/api{route.path}") for route in bare))


_DOUBLED = (
    extensions, files, history, live, models, object_info, prompts, queue, system, templates, translations, userdata,
    users,
)  # fmt: skip
ROUTES: tuple[Route, ...] = (
    *with_twins(route for module in _DOUBLED for route in module.ROUTES),
    *(*extensions.FILES, *internal.ROUTES, *jobs.ROUTES, *logs.ROUTES, *node_help.ROUTES, *templates.FILES),
)
