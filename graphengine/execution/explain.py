"""Why a node runs: what differs from the run before. Pure.

A run leaves a record of each node (kind, code, literals, links, files), and those that it did not come to keep the one
of an earlier run; the next plan is held against them by node id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from graphengine.execution.keys import Context, Keys, named_files
from graphengine.execution.plan import Plan, needs
from graphengine.graph.check import Analysis
from graphengine.graph.literals import short


@dataclass(frozen=True)
class Record:
    """What a node was made of in one run, and how it ended; by input name, links as ``node.output``.

    Attributes:
        seconds: That it took when it last ran.
        ended: ``failed``, ``blocked`` by one that failed or by a cancel, or empty.
    """

    kind: str
    code: str
    numerics: str
    literals: Mapping[str, Any]
    links: Mapping[str, str]
    files: Mapping[str, str]
    key: str
    seconds: float = 0.0
    ended: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def records(
    analysis: Analysis,
    keys: Keys,
    context: Context,
    took: Mapping[str, float] | None = None,
    unfinished: Mapping[str, str] | None = None,
) -> dict[str, Record]:
    """The record of every node.

    Args:
        took: Seconds of those that ever ran.
        unfinished: How those ended that did not finish.
    """
    known, ended = took or {}, unfinished or {}
    found = {id: _record(id, analysis, keys, context) for id in analysis.order if id in analysis.specs}
    return {id: replace(record, seconds=known.get(id, 0.0), ended=ended.get(id, "")) for id, record in found.items()}


def _record(id: str, analysis: Analysis, keys: Keys, context: Context) -> Record:
    node, spec, literals = analysis.workflow.nodes[id], analysis.specs[id], analysis.values[id]
    named = named_files(spec, literals, node.links)
    files = {name: context.fingerprint(source, file) for name, source, file in named}
    links = {name: f"{link.node}.{link.output}" for name, link in node.links.items()}
    numerics = context.numerics if spec.resource == "device" else ""
    key = keys.of.get(id)
    return Record(node.kind, spec.code, numerics, dict(literals), links, files, key.hex() if key else "")


def reached(analysis: Analysis, keys: Keys, made: Iterable[str]) -> set[str]:
    """Nodes of which a run had the value or whose values are in what it had, as far as they were needed.

    Args:
        made: Nodes that ran or were served.
    """
    of = keys.of
    values = {of.get(id) for id in made} - {None}
    found: set[str] = set()
    pending = [id for id in analysis.order if of.get(id) in values]
    while pending:
        id = pending.pop()
        if id not in found:
            found.add(id)
            pending += [source for source in needs(id, analysis, keys) if source in of]
    return found


def explain(
    analysis: Analysis, plan: Plan, now: Mapping[str, Record], before: Mapping[str, Record]
) -> dict[str, list[str]]:
    """For each node that will run, the reasons, as short sentences."""
    runs = {task.id for task in plan.tasks} | set(plan.waiting) | set(plan.same)
    reasons: dict[str, list[str]] = {}
    for id in analysis.order:
        if id in runs:
            reasons[id] = _reasons(id, analysis, now[id], before.get(id), runs)
    return reasons


def _reasons(id: str, analysis: Analysis, now: Record, before: Record | None, runs: set[str]) -> list[str]:
    spec = analysis.specs[id]
    if spec.volatile:
        return ["it always runs"]
    if before is None:
        return ["it has not run before"]
    if now.kind != before.kind:
        return [f"its kind changed from {before.kind} to {now.kind}"]
    found = [
        *_changes(now.literals, before.literals, lambda name, old, new: f"'{name}' changed from {old} to {new}"),
        *_changes(now.links, before.links, lambda name, old, new: f"'{name}' is linked to {new}, was {old}"),
        *(f"the file of '{name}' changed" for name in now.files if before.files.get(name, "") != now.files[name]),
    ]
    if now.code != before.code:
        found.append("its code changed")
    if now.numerics != before.numerics:
        found.append(f"the device or precision changed from {before.numerics} to {now.numerics}")
    upstream = dict.fromkeys(link.node for link in analysis.workflow.nodes[id].links.values() if link.node in runs)
    changed = [node for node in upstream if now.key != before.key or not now.key]
    if changed and not found:
        found = [f"'{node}' runs" for node in changed]
    return found or _same_as_before(before, upstream)


def _same_as_before(before: Record, upstream: Iterable[str]) -> list[str]:
    """Why a node runs that is just what it was."""
    if before.ended == "failed":
        return ["it failed the last time"]
    if before.ended == "blocked":
        return [f"'{node}' runs" for node in upstream] or ["it was not reached the last time"]
    return ["its result is no longer kept" if before.seconds else "it has not run before"]


def _changes(now: Mapping[str, Any], before: Mapping[str, Any], say: Any) -> list[str]:
    names = dict.fromkeys([*now, *before])
    absent = object()

    def shown(value: Any) -> str:
        return "nothing" if value is absent else short(value)

    pairs = [(name, before.get(name, absent), now.get(name, absent)) for name in names]
    return [say(name, shown(old), shown(new)) for name, old, new in pairs if (type(old), old) != (type(new), new)]
