"""What the commands share: settings from options, printing, reading the workflow."""

import argparse
import json
import sys
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any

from graphengine.engine import Engine
from graphengine.graph.errors import CallError
from graphengine.graph.workflow import Workflow
from graphengine.settings import Settings


def engine_of(options: argparse.Namespace) -> Engine:
    """An engine with the settings that the options name."""
    given = vars(options)
    settings = Settings(model_paths=tuple(options.model_paths), packs=tuple(options.pack_folders))
    if options.home:
        settings = replace(settings, home=options.home.absolute())
    if given.get("output"):
        settings = replace(settings, output=options.output.absolute())
    if "device" in given:
        settings = replace(
            settings,
            device=options.device,
            precision=options.precision,
            memory_budget=options.memory_budget,
            compile=options.compile,
        )
    if "no_cache" in given:
        settings = replace(settings, cache=not options.no_cache, metadata=not options.no_metadata, guard=options.guard)
    return Engine(settings)


def read_workflow(engine: Engine, name: str) -> Workflow:
    """The workflow of a file.

    Raises:
        CallError: There is no such file.
    """
    if not Path(name).exists() or Path(name).is_dir():  # it may be a pipe
        raise CallError(f"There is no file '{name}'.", "Name a workflow file.")
    return engine.read(name)


def out(text: str = "") -> None:
    """A result."""
    print(text)  # noqa: T201


def note(text: str = "") -> None:
    """Anything that is no result."""
    print(text, file=sys.stderr)  # noqa: T201


def out_json(data: Any) -> None:
    """A result as JSON."""
    out(json.dumps(data, indent=1, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return list(value) if isinstance(value, (set, frozenset, tuple)) else str(value)
