"""Help of a kind as the page asks for it: ``/docs/KIND/LOCALE.md``, and beside packs' scripts. It is in English."""

from aiohttp import web

from graphengine.compat.comfyui.help_pages import help_page
from graphengine.server.answers import no_such_file
from graphengine.server.keys import SERVICE
from graphengine.server.routes import Route


async def docs(request: web.Request) -> web.Response:
    """The help of a built-in kind."""
    return help_answer(request, request.match_info["path"])


def help_answer(request: web.Request, path: str) -> web.Response:
    """The help of the kind that ``KIND.md`` or ``KIND/LOCALE.md`` names.

    Raises:
        Refusal: There is no such kind.
    """
    specs, name = request.app[SERVICE].engine.registry.specs, path.removesuffix(".md")
    spec = specs.get(name) or specs.get(name.rpartition("/")[0])
    if spec is None or name == path:
        raise no_such_file(path)
    return web.Response(text=help_page(spec), content_type="text/markdown")


ROUTES = (Route("GET", "/docs/{path:.+}", docs, "Help of a kind.", compatible=True),)
