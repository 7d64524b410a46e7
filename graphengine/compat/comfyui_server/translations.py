"""Translations by packs: ``/i18n``. A pack has them as files ``locales/LOCALE/PART.json``."""

import asyncio
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from graphengine.server.answers import json_answer
from graphengine.server.keys import SERVICE
from graphengine.server.routes import Route

log = logging.getLogger("graphengine.server")
PARTS = ("nodeDefs", "commands", "settings")  # beside ``main``, whose keys are those of the whole


async def translations(request: web.Request) -> web.Response:
    """Locale -> texts by key, those of all packs together."""
    packs = request.app[SERVICE].engine.index.packs.values()
    return json_answer(await asyncio.to_thread(merged, [pack.folder / "locales" for pack in packs]))


def merged(folders: Iterable[Path]) -> dict[str, Any]:
    """What lies in these folders; of two texts with one key the later one stays."""
    found: dict[str, Any] = {}
    for folder in [locale for parent in folders for locale in sorted(parent.glob("*/"))]:
        texts = found.setdefault(folder.name, {part: {} for part in PARTS})
        _merge(texts, _read(folder / "main.json"))
        for part in PARTS:
            _merge(texts, {part: _read(folder / f"{part}.json")})
    return found


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _read(path: Path) -> dict[str, Any]:
    """One file; a broken one is logged, and costs only its own texts."""
    try:
        texts = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.warning("The translations in %s cannot be read: %s", path, error)
        return {}
    if not isinstance(texts, dict):
        log.warning("The translations in %s are no object, but a %s", path, type(texts).__name__)
        return {}
    return texts


ROUTES = (Route("GET", "/i18n", translations, "Translations by packs.", compatible=True),)
