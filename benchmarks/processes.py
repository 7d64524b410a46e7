"""Processes of the program, and what they cost."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Cost:
    """Of one process: seconds of the clock and of the processor, and the most memory that it held, in bytes."""

    wall: float
    cpu: float
    memory: int


def python(*arguments: object, environment: Mapping[str, str] | None = None) -> Cost:
    """Run Python on the repository's code and wait for it; what it prints is dropped.

    This process must hold less memory than that one: a child inherits its parent's peak.

    Raises:
        SystemExit: It failed.
    """
    command = [sys.executable, *map(str, arguments)]
    paths = [str(ROOT), (environment or {}).get("PYTHONPATH", "")]
    environment = {**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}:\n{said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def graphengine(*arguments: object, environment: Mapping[str, str] | None = None) -> Cost:
    """Run the command line."""
    return python("-m", "graphengine", *arguments, environment=environment)


def best(costs: list[Cost]) -> Cost:
    """The least of each."""
    return Cost(*(min(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "memory")))
