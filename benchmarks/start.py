"""How long a person waits for a process: help, a check, a run with nothing to do, a picture.

    python benchmarks/start.py [--json]

Each figure is the best of several processes. The picture is made by the first model among ``models/checkpoints``, or by
a small random one where there is none.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measures import Measure, report
from processes import ROOT, Cost, best, graphengine, python
from workflows import many_prompts, text_to_picture

TIMES = 5
# Python runs this when it starts: nothing may open a model file
FORBID = """
import sys

def refuse(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".safetensors") and "/models/" in str(arguments[0]):
        raise PermissionError(f"{arguments[0]} was opened")

sys.addaudithook(refuse)
"""
RANDOM_MODEL = """
import sys
sys.path.insert(0, sys.argv[1])
from model_files import write_small
write_small(sys.argv[2])
"""


def measures() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        model, size = _model(home)
        options = ("--home", home, "--output", home / "output")
        picture = _written(home / "picture.json", text_to_picture(model, size, 20))
        many = _written(home / "many.json", many_prompts(model, 50))
        yield from _figures("--help", 0.2, [graphengine("--help") for _ in range(TIMES)])
        graphengine("validate", many, "--home", home)  # makes the index of packs
        yield from _figures(
            "validate 50 nodes", 0.4, [graphengine("validate", many, "--home", home) for _ in range(TIMES)]
        )
        made = [graphengine("run", picture, *options, "--no-cache") for _ in range(2)]
        yield from _figures(f"run 20 steps, {size} px, with {model}", 5.0, made)
        graphengine("run", picture, *options)
        (home / "sitecustomize.py").write_text(FORBID)
        hook = {"PYTHONPATH": str(home)}
        again = [graphengine("run", picture, *options, environment=hook) for _ in range(TIMES)]
        yield from _figures("run again, nothing changed, no model file opened", 1.0, again)


def _model(home: Path) -> tuple[str, int]:
    """Name of a checkpoint that the engine finds, and the side of its pictures in pixels."""
    built_in = sorted((ROOT / "models" / "checkpoints").glob("*.safetensors"))
    if built_in:
        return built_in[0].name, 128
    folder = home / "models" / "checkpoints"
    folder.mkdir(parents=True)
    python("-c", RANDOM_MODEL, ROOT / "benchmarks", folder / "random.safetensors")
    return "random.safetensors", 128


def _written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def _figures(name: str, goal: float, costs: list[Cost]) -> Iterator[Measure]:
    least = best(costs)
    yield Measure(f"{name}: clock", least.wall, "s", goal)
    yield Measure(f"{name}: processor", least.cpu, "s")


if __name__ == "__main__":
    report(measures)
