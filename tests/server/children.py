"""Processes that own a store, to be killed."""

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAD = """
import asyncio
from pathlib import Path
from graphengine.server.store import Store
from tests.server.children import fact, facts
"""


def fact(name, value="x"):
    return lambda connection: connection.execute("INSERT INTO facts VALUES (?, ?)", (name, value)).rowcount


def facts(connection):
    return [name for (name,) in connection.execute("SELECT name FROM facts ORDER BY name")]


def started(path, code):
    script = f"{HEAD}path = Path({str(path)!r})\n{textwrap.dedent(code)}"
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT)
