"""Homes whose packs were looked through already: making the index imports torch, which takes seconds."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

PACKS = Path(__file__).parent / "data/packs"


@cache
def _index(packs):
    home = tempfile.mkdtemp(prefix="index-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    options = [part for folder in packs for part in ("--packs", str(folder))]
    command = [sys.executable, "-m", "graphengine", "packs", "--home", home, *options]
    subprocess.run(command, check=True, capture_output=True)
    return Path(home, "cache/index")


def indexed(home, *packs):
    """A home with the index of our own packs and these."""
    shutil.copytree(_index(packs), home / "cache/index", dirs_exist_ok=True)
    return home
