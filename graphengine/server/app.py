"""The application: what guards it, what it holds, what it answers. Nothing here listens; see ``serve``."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web

from graphengine import builtin
from graphengine.files import Files
from graphengine.server import keys
from graphengine.server.answers import answer_errors, quiet_errors
from graphengine.server.api import (
    documents,
    events,
    files,
    jobs,
    memory,
    nodes,
    queue,
    results,
    system,
    values,
    workflows,
)
from graphengine.server.bodies import watch_bodies
from graphengine.server.config import Serving
from graphengine.server.cross_origin import answer_preflight, share
from graphengine.server.flood import limit_requests
from graphengine.server.headers import FOREIGN_PAGE_POLICY, PAGE_POLICY, add_headers
from graphengine.server.hiding import hidden_paths
from graphengine.server.own_page import own_page_routes
from graphengine.server.pages import page_routes
from graphengine.server.pictures import Pictures
from graphengine.server.retention import retaining
from graphengine.server.routes import Route, add_routes
from graphengine.server.security import allowed_origins, check_host, check_media, check_origin
from graphengine.server.service import Service
from graphengine.server.thumbnails import Thumbnails
from graphengine.server.tokens import check_token
from graphengine.server.uploads import sweep
from graphengine.server.webhooks import telling
from graphengine.settings import Settings


def make_app(
    settings: Settings,
    serving: Serving,
    token: str | None = None,
    more_routes: Sequence[Route] = (),
    service: Service | None = None,
    extensions: Sequence[Callable[[web.Application], None]] = (),
) -> web.Application:
    """The application, guarded.

    Args:
        token: The digest of the token that is asked for; none is asked for when None.
        more_routes: Routes besides ``routes``.
        service: What the handlers of jobs and documents call; it runs as long as the application.
        extensions: Each puts what the handlers of ``more_routes`` need into the application.

    Raises:
        CallError: A name of ``serving.hosts`` or ``serving.origins`` is none.
    """
    limits, origins = serving.limits, allowed_origins(serving.origins)
    guards = [
        quiet_errors,
        answer_errors(hidden_paths(settings)),
        limit_requests(limits),
        check_host(serving),
        *([answer_preflight(origins)] if origins else []),
        *([check_token(token)] if token else []),
        check_origin(origins),
        check_media,
        watch_bodies(limits),
    ]
    app = web.Application(middlewares=guards, client_max_size=limits.json_bytes)
    app.on_response_prepare.append(add_headers)
    if origins:
        app.on_response_prepare.append(share(origins))
    app.cleanup_ctx.append(_uploads)
    if service is not None:
        app[keys.SERVICE] = service
        app.cleanup_ctx.extend([_service, _retention, _webhooks])
        app.on_shutdown.append(_end_streams)
    app[keys.SERVING] = serving
    app[keys.SETTINGS] = settings
    app[keys.FILES] = Files(settings)
    app[keys.PICTURES] = pictures = Pictures(limits.pixels)
    app[keys.THUMBNAILS] = Thumbnails(settings.thumbnail_folder, pictures)
    for extend in extensions:
        extend(app)
    add_routes(app, (*routes(), *more_routes, *_page(serving)))
    return app


def routes() -> tuple[Route, ...]:
    """The table of our own interface."""
    return (
        *system.ROUTES,
        *nodes.ROUTES,
        *workflows.ROUTES,
        *jobs.ROUTES,
        *queue.ROUTES,
        *events.ROUTES,
        *documents.ROUTES,
        *results.ROUTES,
        *files.ROUTES,
        *memory.ROUTES,
        *values.ROUTES,
    )


async def _uploads(app: web.Application) -> AsyncIterator[None]:
    await asyncio.to_thread(sweep, app[keys.SETTINGS].input_folder)
    yield


async def _service(app: web.Application) -> AsyncIterator[None]:
    async with app[keys.SERVICE].running(app[keys.SERVING].drain_seconds):
        yield


async def _retention(app: web.Application) -> AsyncIterator[None]:
    settings, wanted = app[keys.SETTINGS], app[keys.SERVING].retention
    async with retaining(app[keys.SERVICE], wanted, settings.thumbnail_folder, settings.temp_folder):
        yield


async def _webhooks(app: web.Application) -> AsyncIterator[None]:
    async with telling(app[keys.SERVICE], app[keys.SERVING].webhook_secret):
        yield


async def _end_streams(app: web.Application) -> None:
    """Streams of events never end by themselves, and the server waits for what is in flight."""
    app[keys.SERVICE].hub.close()


def _page(serving: Serving) -> tuple[Route, ...]:
    if serving.frontend:
        return page_routes(serving.frontend, FOREIGN_PAGE_POLICY)
    return own_page_routes(builtin.WEB, PAGE_POLICY)
