"""``graphengine run``."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphengine.cli.common import engine_of, note, out, out_json, read_workflow
from graphengine.cli.display import display
from graphengine.engine import Engine
from graphengine.execution.outcome import Outcome
from graphengine.execution.preview import Preview
from graphengine.graph.errors import CallError
from graphengine.graph.signature import Signatures, find_definition
from graphengine.graph.workflow import Workflow

STATUS = {"done": 0, "failed": 1, "cancelled": 130}


def run(options: argparse.Namespace) -> int:
    """Run a workflow, or show what would run."""
    engine = engine_of(options)
    workflow = read_workflow(engine, options.workflow)
    for setting in options.set:
        workflow = set_value(engine, workflow, setting)
    name = str(Path(options.workflow).resolve())
    if options.plan or options.explain:
        preview = engine.plan(workflow, options.target, name=name)
        if options.plan:
            return _show_plan(preview, workflow, options)
        _explain(preview, workflow, note)
    with display(workflow) as on_event:
        outcome = engine.run(workflow, options.target, on_event=on_event, name=name)
    _report(engine, outcome, options.json, options.trace)
    return STATUS[outcome.status]


def set_value(engine: Engine, workflow: Workflow, setting: str) -> Workflow:
    """Apply one ``NODE.INPUT=VALUE``: text as it stands where the input takes text, else JSON, else text.

    Raises:
        CallError: It is not of that form, or names nothing.
    """
    name, separator, text = setting.partition("=")
    if not separator:
        raise CallError(f"'{setting}' is no setting.", "Write NODE.INPUT=VALUE.")
    exposed = workflow.interface.inputs.get(name)
    node, input = (exposed[0].node, exposed[0].input) if exposed else (name.rpartition(".")[0], name.rpartition(".")[2])
    value: Any = text
    if node and _input_type(engine, workflow, node, input) not in ("STRING", "COMBO"):
        try:
            value = json.loads(text)
        except ValueError:
            value = text
    return workflow.set(name, value)


def _input_type(engine: Engine, workflow: Workflow, name: str, input: str) -> str:
    """The type of a node's input, followed into sub-workflows; ``*`` where nothing tells it."""
    node, definitions = workflow.nodes[workflow.find(name)], (workflow.workflows,)
    spec, signatures = engine.registry.specs.get(node.kind), Signatures(engine.registry.specs)
    inputs = signatures.of(node, definitions).inputs
    told = spec is not None or find_definition(node.kind, definitions) is not None
    if told and input not in inputs and (spec is None or spec.input_port(input) is None):
        raise CallError(f"'{name}' ({node.kind}) has no input '{input}'.", f"It has: {', '.join(inputs) or 'none'}.")
    return signatures.input_type(node, input, definitions)


def _show_plan(preview: Preview, workflow: Workflow, options: argparse.Namespace) -> int:
    runs = set(preview.reasons)
    if options.json:
        out_json({"run": preview.reasons, "cached": list(preview.plan.cached), "needed": list(preview.order)})
        return 0
    about = f", about {preview.seconds:.1f} s" if preview.seconds else ""
    count = f"runs {len(runs)} of {len(preview.order)} nodes{about}"
    out(count if runs else f"nothing to do: all {len(preview.order)} nodes are cached")
    _explain(preview, workflow, out)
    return 0


def _explain(preview: Preview, workflow: Workflow, say: Any) -> None:
    for id in preview.order:
        if id in preview.reasons:
            say(f"  {label(workflow, id)}: {'; '.join(preview.reasons[id])}")


def label(workflow: Workflow, id: str) -> str:
    """A node for people: ``3 KSampler`` or ``3 'My sampler'``."""
    node = workflow.nodes.get(id)
    if node is None:
        return id
    return f"{id} '{node.title}'" if node.title else f"{id} {node.kind}"


def _report(engine: Engine, outcome: Outcome, as_json: bool, trace: bool) -> None:
    if as_json:
        files = [str(path) for path in engine.saved(outcome)]
        out_json(
            {
                "status": outcome.status,
                "seconds": round(outcome.seconds, 3),
                "ran": outcome.ran,
                "cached": outcome.cached,
                "blocked": outcome.blocked,
                "failures": outcome.failures,
                "results": outcome.results,
                "files": files,
            }
        )
        return
    for failure in outcome.failures:
        note(str(failure))
        if failure.trace:
            note(failure.trace.rstrip() if trace else "  It is a fault in the node's code; --trace shows where.")
    for path in engine.saved(outcome):
        out(str(path))
    for text in _texts(outcome.results.values()):
        out(text)
    counts = f"{len(outcome.ran)} run, {len(outcome.cached)} from the cache"
    note(f"{outcome.status} in {outcome.seconds:.2f} s: {counts}")


def _texts(results: Iterable[dict[str, list[Any]]]) -> list[str]:
    return [str(item) for kinds in results for item in kinds.get("text", ())]
