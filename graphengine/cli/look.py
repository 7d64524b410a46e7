"""Commands that look and change nothing (but for ``cache --clear``): validate, nodes, inspect, packs, cache, doctor."""

import argparse
import platform
from pathlib import Path
from typing import Any

import graphengine
from graphengine import builtin
from graphengine.cli.common import engine_of, note, out, out_json, read_workflow
from graphengine.engine import Engine
from graphengine.files import PICTURES
from graphengine.graph.errors import CallError, DocumentError, GraphengineError, PackError
from graphengine.graph.spec import MISSING, InputSpec, NodeSpec
from graphengine.graph.workflow import Workflow
from graphengine.lock import differences, malformed
from graphengine.packs.load import named_function

MODEL_SUFFIXES = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin")


def validate(options: argparse.Namespace) -> int:
    """Check a workflow; status 2 when it has problems."""
    engine = engine_of(options)
    workflow = read_workflow(engine, options.workflow)
    analysis = engine.check(workflow)
    problems = [*analysis.problems, *malformed(workflow)]
    if options.json:
        out_json(problems)
    elif problems:
        for problem in problems:
            out(str(problem))
        note(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}")
    else:
        out(f"no problems: {len(analysis.workflow.nodes)} nodes")
    if workflow.lock:
        for difference in differences(workflow, analysis, engine.index, engine.files):
            note(difference)
    return 2 if problems else 0


def nodes(options: argparse.Namespace) -> int:
    """List kinds by category, or describe one."""
    engine = engine_of(options)
    specs = engine.registry.specs
    if options.kind:
        if options.kind not in specs:
            near = ", ".join(engine.registry.near(options.kind))
            raise CallError(f"There is no kind '{options.kind}'.", f"Did you mean {near}?" if near else "")
        out_json(specs[options.kind]) if options.json else _describe(specs[options.kind])
    elif options.json:
        out_json(list(specs.values()))
    else:
        for category in sorted({spec.category for spec in specs.values()}):
            out(category or "(no category)")
            for spec in sorted((s for s in specs.values() if s.category == category), key=lambda s: s.kind):
                out(f"  {spec.kind:32} {spec.help.splitlines()[0] if spec.help else ''}".rstrip())
    return 0


def _describe(spec: NodeSpec) -> None:
    out(f"{spec.kind}  ({spec.category})\n{spec.help}\n\ninputs:")
    for port in spec.inputs:
        out(f"  {port.name}: {port.type}{_widget(port)}")
        if port.help:
            out(f"      {port.help}")
    out("outputs:")
    for given in spec.outputs:
        out(f"  {given.name}: {given.type}{' (a list)' if given.many else ''}")


def _widget(port: InputSpec) -> str:
    facts = []
    if port.default is not MISSING:
        facts.append(f"= {port.default!r}")
    elif not port.required:
        facts.append("optional")
    if port.low is not None or port.high is not None:
        facts.append(f"{port.low} to {port.high}")
    if port.choices:
        facts.append(f"one of {', '.join(map(str, port.choices))}")
    if port.source:
        facts.append(f"a file of {port.source}")
    return f" ({'; '.join(facts)})" if facts else ""


def inspect(options: argparse.Namespace) -> int:
    """Say what a file is."""
    engine = engine_of(options)
    path = options.file
    if not path.exists():
        raise CallError(f"There is no file '{path}'.", "Name a model file, a picture or a workflow.")
    if path.is_dir() or path.suffix.lower() in MODEL_SUFFIXES:
        facts = _describe_model(engine, options)
    elif path.suffix.lower() in PICTURES:
        facts = _describe_picture(engine, path)
    else:
        facts = _describe_workflow(engine, engine.read(path))
    if options.json:
        out_json(facts)
    else:
        for name, value in facts.items():
            out(f"{name}: {value}" if not isinstance(value, dict) else f"{name}:")
            if isinstance(value, dict):
                for key, item in value.items():
                    out(f"  {key}: {item}")
    return 0


def _describe_model(engine: Engine, options: argparse.Namespace) -> dict[str, Any]:
    for pack in engine.index.packs.values():
        if pack.describe:
            try:
                return dict(named_function(pack, pack.describe)(options.file))
            except ValueError as error:
                raise DocumentError(str(error)) from error
            except (GraphengineError, OSError):
                raise
            except Exception as error:  # whatever a pack raises, people are told whose it is
                message = f"The pack '{pack.name}' cannot describe {options.file}: {_said(error)}."
                raise PackError(message, f"Mend its describe = {pack.describe!r}, or remove the pack.") from error
    raise CallError("No pack says what model files are.", "Install one.")


def _describe_picture(engine: Engine, path: Path) -> dict[str, Any]:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            facts = {"what": "picture", "format": picture.format, "size": f"{picture.width} x {picture.height}"}
    except (OSError, Image.DecompressionBombError) as error:
        raise DocumentError(f"{path} is no picture that can be read: {error}.") from error
    try:
        workflow = _describe_workflow(engine, engine.read(path))
    except DocumentError as error:
        return {**facts, "workflow": error.message}
    return {**workflow, **facts, "what": "picture with a workflow"}


def _describe_workflow(engine: Engine, workflow: Workflow) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for node in workflow.nodes.values():
        kinds[node.kind] = kinds.get(node.kind, 0) + 1
    problems = engine.check(workflow).problems
    return {
        "what": "workflow",
        "nodes": len(workflow.nodes),
        "kinds": kinds,
        "inputs": ", ".join(workflow.interface.inputs) or "none declared",
        "problems": len(problems),
    }


def packs(options: argparse.Namespace) -> int:
    """List packs; status 2 when ``check`` finds faults."""
    found = engine_of(options).index
    for pack in found.packs.values():
        kinds = sum(spec.pack == pack.name for spec in found.registry.specs.values())
        out(f"{pack.name} {pack.version}: {kinds} kinds, {pack.folder}")
    for fault in found.faults:
        note(f"{fault.pack}: {fault.message}")
    return 2 if found.faults and options.action == "check" else 0


def cache(options: argparse.Namespace) -> int:
    """Show or clear the disk cache."""
    disk = engine_of(options).disk
    if disk is None:
        raise CallError("The cache on disk is switched off.")
    count, size = disk.size()
    if options.clear:
        out(f"cleared {disk.clear() / 1e6:.1f} MB")
    else:
        out(f"{disk.folder}: {count} files, {size / 1e6:.1f} MB of at most {disk.limit / 1e9:.1f} GB")
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Facts about this machine and installation, for people and for reports."""
    engine = engine_of(options)
    out(f"graphengine {graphengine.__version__}, Python {platform.python_version()}, {platform.platform()}")
    out(f"home: {engine.settings.home}")
    out(f"built-in: {builtin.ROOT}")
    for source in ("checkpoints", "loras", "controlnet", "vae"):
        out(f"{source}: {len(engine.files.names(source))} files in {engine.files.folders(source)[0]}")
    for pack in engine.index.packs.values():
        if pack.doctor:
            try:
                lines = [str(line) for line in named_function(pack, pack.doctor)(engine.settings)]
            except Exception as error:  # noqa: BLE001  a broken pack must not stop the others: reported by name
                lines = []
                note(f"pack {pack.name}: its doctor = {pack.doctor!r} fails: {_said(error)}. Mend or remove the pack.")
            for line in lines:
                out(line)
    for fault in engine.index.faults:
        note(f"pack {fault.pack}: {fault.message}")
    return 0


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
