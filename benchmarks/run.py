"""Every benchmark in one table.

    python benchmarks/run.py [PART ...] [--full FOLDER] [--peer PYTHON]

A PART is one of start, serving, unet_step, parity, full_size, engine_overhead; without any, all run. ``full_size``
needs 4.2 GB of disk, in FOLDER if it is named, which keeps the models for the next time. Parts that compare with
diffusers run in PYTHON if it is named, an environment with diffusers, transformers and what this project needs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measures import Measure, show
from processes import ROOT

MEASURED = ("start", "serving", "unet_step", "parity", "full_size")
WITH_PEER = ("unet_step", "parity")
OWN_TABLE = "engine_overhead"


def measure(part: str, python: str, *arguments: object) -> list[Measure]:
    """The measures of a part, from a process of its own."""
    said = _run(part, python, *map(str, arguments), "--json", capture=True)
    return [Measure(**json.loads(line)) for line in said.splitlines() if line.startswith("{")]


def _run(part: str, python: str, *arguments: str, capture: bool = False) -> str:
    command = [python, str(ROOT / "benchmarks" / f"{part}.py"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE if capture else None, text=True, check=True)
    return done.stdout or ""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*MEASURED, OWN_TABLE, []])
    parser.add_argument("--full", type=Path, metavar="FOLDER")
    parser.add_argument("--peer", metavar="PYTHON", default=sys.executable)
    options = parser.parse_args(arguments)
    parts = options.parts or [*MEASURED, OWN_TABLE]
    found: list[Measure] = []
    with tempfile.TemporaryDirectory() as scratch:
        for part in (part for part in MEASURED if part in parts):
            print(f"{part} ...", file=sys.stderr, flush=True)
            folder = [options.full or scratch] if part == "full_size" else []
            found += measure(part, options.peer if part in WITH_PEER else sys.executable, *folder)
    if found:
        show(found)
    if OWN_TABLE in parts and (ROOT / "benchmarks" / f"{OWN_TABLE}.py").is_file():
        _run(OWN_TABLE, sys.executable)


if __name__ == "__main__":
    main()
