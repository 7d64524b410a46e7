"""The index of the packs, made by a process that may import them."""

import asyncio
import sys

from graphengine.graph.errors import PackError
from graphengine.packs.find import find
from graphengine.packs.index import kept_index
from graphengine.settings import Settings


async def make_index(settings: Settings) -> None:
    """Have another process make the index of the packs if there is none: it imports them all, and torch with them.

    Raises:
        PackError: It failed.
    """
    folders = settings.pack_folders
    found = find(folders[0], folders[1:])
    if kept_index(found, settings.cache_folder / "index") is not None:
        return
    options = ["--home", str(settings.home), *(part for path in settings.packs for part in ("--packs", str(path)))]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "graphengine", "packs", *options, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait():
        raise PackError("The packs cannot be looked through.", "Run 'graphengine packs check'; it says what is wrong.")
