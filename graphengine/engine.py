"""Engine: the library's front door, and the one place where objects are built and joined.

from graphengine import Engine

engine = Engine()
workflow = engine.read("workflows/text_to_image.json").set("prompt", "a red circle on a blue background")
outcome = engine.run(workflow)
print(engine.saved(outcome))
"""

import importlib
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from graphengine import formats
from graphengine.execution.cache import Cache
from graphengine.execution.call import Function
from graphengine.execution.codec import Codec
from graphengine.execution.disk import DiskCache
from graphengine.execution.events import Event, OnEvent
from graphengine.execution.executor import Run
from graphengine.execution.expand import Known, expand, expanded_targets, known_expansions, why_unfit
from graphengine.execution.explain import Record, explain, reached, records
from graphengine.execution.history import History, Ran
from graphengine.execution.keys import Context, Decisions, Key, compute_keys
from graphengine.execution.looks import Look, Looks
from graphengine.execution.outcome import Failure, Outcome
from graphengine.execution.perform import Tools
from graphengine.execution.plan import Plan
from graphengine.execution.services import Provenance
from graphengine.execution.threads import Threads
from graphengine.execution.values import Entry
from graphengine.file_facts import FileFacts
from graphengine.files import FileRef, Files
from graphengine.graph import document
from graphengine.graph.check import Analysis, check
from graphengine.graph.errors import CallError, CheckError, DocumentError, NodeError
from graphengine.graph.infer import Facts, fact_at, infer
from graphengine.graph.migrate import migrate
from graphengine.graph.node import MARK
from graphengine.graph.order import ancestors
from graphengine.graph.problem import Problem
from graphengine.graph.registry import Registry
from graphengine.graph.resolve import passed_on, resolve
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Interface, Link, Workflow
from graphengine.packs.find import find
from graphengine.packs.index import Index, index
from graphengine.packs.load import node_function
from graphengine.settings import Settings

EXPANSIONS = 1_000  # levels of nodes that expand into nodes that expand, known before they run


@dataclass(frozen=True)
class Preview:
    """What a run would do.

    Attributes:
        plan: Tasks, cached nodes.
        reasons: Node that will run -> why.
        order: All nodes that are needed, sources first.
        seconds: What they took the last time, together; 0 when that is not known.
    """

    plan: Plan
    reasons: Mapping[str, Sequence[str]]
    order: Sequence[str]
    seconds: float = 0.0


class Grown(NamedTuple):
    """A workflow with the expansions that are known in their places.

    Attributes:
        wanted: The targets in it.
        unfit: Key of a node -> why what it returned cannot take its place.
    """

    analysis: Analysis
    wanted: list[str]
    unfit: Mapping[Key, Failure]


class Engine:
    """Reads, checks, plans and runs workflows.

    Args:
        settings: Folders, device, budgets; the defaults when None.
        registry: Kinds, instead of those of the packs (tests; ``functions`` must then give their functions).
        functions: Kind -> function.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        registry: Registry | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.files = Files(self.settings)
        self.cache = Cache(self.settings.cache_memory)
        self._registry = registry
        self._functions: dict[str, Function] = dict(functions or {})
        self._services: dict[str, Any] = {"graphengine.files:Files": self.files}
        self._lock = threading.RLock()
        self._threads = Threads()
        self._analyses: list[tuple[Workflow, Analysis]] = []
        self._last = Workflow()

    @cached_property
    def index(self) -> Index:
        """The packs and their kinds."""
        home = self.settings
        return index(find(home.pack_folders[0], home.pack_folders[1:]), home.cache_folder / "index")

    @cached_property
    def registry(self) -> Registry:
        """The kinds and port types."""
        return self._registry or self.index.registry

    @cached_property
    def codec(self) -> Codec:
        """How values become bytes."""
        known = self.index if self._registry is None else None
        store = ("graphengine.files:FileRef", *(known.store if known else ()))
        return Codec(store, known.arrays if known else {})

    @cached_property
    def looks(self) -> Looks:
        """What people are shown of values."""
        return Looks(self.index.looks if self._registry is None else None)

    @cached_property
    def disk(self) -> DiskCache | None:
        """The disk tier of the cache, unless it is switched off."""
        home = self.settings
        if not home.cache:
            return None
        return DiskCache(home.cache_folder / "values", self.codec, home.cache_disk, home.cache_seconds)

    @cached_property
    def decisions(self) -> Decisions:
        return Decisions(self.disk)

    @cached_property
    def history(self) -> History:
        """The last run of each name."""
        return History(self.disk)

    @cached_property
    def families(self) -> FileFacts:
        """The model families of files."""
        return FileFacts("family", self.files, self.index, self.disk)

    @cached_property
    def sizes(self) -> FileFacts:
        """Width and height of pictures in files."""
        return FileFacts("size", self.files, self.index, self.disk)

    def read(self, source: str | os.PathLike[str] | bytes) -> Workflow:
        """A workflow from a file or bytes of any format that is understood, pictures included.

        Raises:
            DocumentError: It is none of them.
        """
        data = source if isinstance(source, bytes) else Path(source)
        return self._current(formats.read(data, self.registry.specs))

    def from_json(self, data: Any) -> Workflow:
        """A workflow from parsed JSON of any format that is understood.

        Raises:
            DocumentError: It is none of them, or nested too deep.
        """
        document.check_depth(data)
        return self._current(formats.from_json(data, self.registry.specs))

    def _current(self, workflow: Workflow) -> Workflow:
        return migrate(workflow, self.registry.renamed, self.registry.migrations)

    def check(self, workflow: Workflow) -> Analysis:
        """Every problem of a workflow at once, choices of files included."""
        return self._analyse(workflow)

    def _analyse(self, workflow: Workflow) -> Analysis:
        """Checked before: the same value again, unless it names files, which may have come or gone."""
        workflow = self._last = workflow.sharing(self._last)
        for known, analysis in self._analyses:
            if known is workflow:
                return analysis
        analysis, named_files = self._check(workflow)
        if not named_files:
            self._analyses = [(workflow, analysis), *self._analyses[:7]]
        return analysis

    def _check(self, workflow: Workflow) -> tuple[Analysis, bool]:
        """A checked workflow, and whether files had to be listed for it."""
        choose = cache(self.files.names)
        known = self.registry
        current = self._current(workflow)
        family_of = self.families.of if self._registry is None else None
        analysis = check(resolve(current, known.specs), known, choose, family_of)
        return analysis, choose.cache_info().misses > 0

    def infer(self, workflow: Workflow, analysis: Analysis) -> Facts:
        """What is known of the outputs of a checked workflow before anything runs: sizes, families, numbers.

        Nodes that have others in them, and those that pass on what they get, are told of too.
        """
        packs = self._registry is None
        facts = infer(analysis, self.registry, self.families.of if packs else None, self.sizes.of if packs else None)
        found = dict(facts)
        for id, outputs in passed_on(self._current(workflow), self.registry.specs).items():
            found[id] = {output: fact_at(link, facts, analysis.specs) for output, link in outputs.items()}
        return found

    def targets(
        self, analysis: Analysis, names: Iterable[str] | None = None, workflow: Workflow | None = None
    ) -> list[str]:
        """The nodes to run to: those named (ids or titles), else the output nodes, else what the interface gives.

        Args:
            workflow: As people edit it, to tell of a node there why it is none to run to.

        Raises:
            CallError: There is no node of such a name.
            CheckError: Nothing is named and the workflow has no output.
        """
        if names is not None:
            return [_target(name, analysis.workflow, workflow or analysis.workflow) for name in names]
        found = [id for id, spec in analysis.specs.items() if spec.output]
        found = found or list(dict.fromkeys(link.node for link in analysis.workflow.interface.outputs.values()))
        if not found and not analysis.problems:
            problem = Problem("no_output", "", "", "The workflow has no output node.", "Add one, such as SaveImage.")
            raise CheckError([problem])
        return found

    def accept(self, workflow: Workflow, targets: Iterable[str] | None = None) -> tuple[Analysis, list[str]]:
        """The workflow checked, and the nodes that a run would go to; nothing is run, no pack imported.

        Raises:
            CallError: There is no node of a target's name.
            CheckError: The workflow has problems where it is needed, or no output.
        """
        analysis = self._analyse(workflow)
        wanted = self.targets(analysis, targets, workflow)
        if _in_the_way(analysis, wanted):
            raise CheckError(analysis.problems)
        return analysis, wanted

    def plan(self, workflow: Workflow, targets: Iterable[str] | None = None, *, name: str = "") -> Preview:
        """What a run would do, and why; nothing is run.

        Raises:
            CheckError: The workflow has problems where it is needed.
        """
        run = self._new_run(workflow, lambda event: None)
        analysis, wanted = self._ready(workflow, targets, run)
        keys, plan = run.plan(analysis, wanted)
        now = records(analysis, keys, run.context)
        before = self.history.records(name)
        reasons = explain(analysis, plan, now, before)
        needed = ancestors(analysis.workflow.nodes, wanted)
        seconds = sum(before[id].seconds for id in reasons if id in before)
        return Preview(plan, reasons, [id for id in analysis.order if id in needed], seconds)

    def run(
        self,
        workflow: Workflow,
        targets: Iterable[str] | None = None,
        *,
        on_event: OnEvent = lambda event: None,
        on_start: Callable[[Run], None] = lambda run: None,
        name: str = "",
        texts: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run a workflow to its outputs, or to the targets.

        Args:
            targets: Node ids or titles; their values are in the outcome.
            on_event: Called for each event, in order, from any thread; must be quick.
            on_start: Gets the run before it begins, to be able to cancel it.
            name: Under which the run is remembered, for ``explain`` in a later process.
            texts: By key, for saved files to carry besides, or instead of, what this engine writes of the workflow.

        Raises:
            CheckError: The workflow has problems where it is needed.
        """
        run = self._new_run(workflow, on_event, texts or {})
        on_start(run)
        analysis, wanted = self._ready(workflow, targets, run)
        while run.round(analysis, wanted):
            analysis, wanted, unfit = self._grow(analysis, wanted, run.context)
            for key, failure in unfit.items():
                self.decisions.forget_expansion(key)
                run.fail(key, failure)
        outcome = run.end()
        whole = outcome.status == "done" and targets is None and not run.keys.needed
        old = {} if whole else self._not_reached(name, analysis, run)  # which costs, so not where there is nothing
        self._remember(name, analysis, run, old)
        return outcome

    def _not_reached(self, name: str, analysis: Analysis, run: Run) -> Mapping[str, Record]:
        """What was known before of nodes that a run did not come to."""
        made = [*run.outcome.ran, *run.outcome.cached]
        new = reached(analysis, run.keys, made) | {failure.node for failure in run.outcome.failures}
        before = self.history.records(name)
        return {id: before[id] for id in analysis.order if id not in new and id in before}

    def _remember(self, name: str, analysis: Analysis, run: Run, old: Mapping[str, Record]) -> None:
        """Keep what nodes were made of in this run, with what there is of an older one."""
        keys, context, outcome = run.keys, run.context, run.outcome
        took = {**self.history.took(name), **outcome.took}
        took = {id: took[id] for id in analysis.order if id in took}
        ended = outcome.unfinished
        ran = Ran(took, cache(lambda: {**records(analysis, keys, context, took, ended), **old}))
        self.history.keep(name, ran, len(analysis.order))

    def look(self, workflow: Workflow, node: str, output: str) -> Look | None:
        """What people are shown of the value that an output has in this workflow; None when it is not kept.

        It may be asked from another thread while a run goes on.

        Raises:
            CallError: There is no such node or output.
        """
        asked = replace(workflow, interface=Interface(outputs={"value": Link(node, output)}))
        analysis, context = self._check(asked if node in workflow.nodes else workflow)[0], self._context()
        if node not in workflow.nodes and node not in analysis.workflow.nodes:
            raise CallError(f"There is no node {node[:100]!r}.", "Give the id of a node of the workflow.")
        inner = None if node in workflow.nodes else Link(node, output)  # of a sub-workflow, by its id in a run
        link = inner or analysis.workflow.interface.outputs.get("value")
        analysis = self._grow(analysis, [link.node] if link else [], context).analysis
        link = inner or analysis.workflow.interface.outputs.get("value")
        spec = analysis.specs.get(link.node) if link else None
        if link is None or spec is None:  # muted, bypassed to nothing, or of an unknown kind
            return None
        port = spec.output_port(link.output)
        if port is None:
            raise CallError(f"'{node}' ({spec.kind}) has no output {output[:100]!r}.", "Give the name of one.")
        key = compute_keys(analysis, self.decisions, context).of.get(link.node)
        entry = self._kept(key) if key is not None else None
        if entry is None:
            return None
        return self.looks.of(port.type, entry.outputs[spec.outputs.index(port)])

    def _kept(self, key: Key) -> Entry | None:
        return self.cache.get(key) or (self.disk.read(key) if self.disk is not None else None)

    def memory(self) -> dict[str, Any]:
        """What is held in memory: ``cache`` (bytes, values, limit), and the ``models`` that are live (name, bytes).

        ``devices`` (name, bytes, free) are those that services were made for, none before a node asked for one.
        """
        cached = {"bytes": self.cache.size, "values": len(self.cache), "limit": self.cache.budget}
        holders = [service for service in list(self._services.values()) if hasattr(service, "held")]
        models = [{"name": name, "bytes": size} for holder in holders for name, size in holder.held()]
        devices = [dict(zip(("name", "bytes", "free"), holder.room(), strict=True)) for holder in holders]
        return {"cache": cached, "models": models, "devices": devices}

    def free(self, *, models: bool = False, cache: bool = False) -> None:
        """Let go of live models that nothing uses now, or of cached values."""
        if cache:
            self.cache.clear()
        if models:
            self._relieve_services()

    def saved(self, outcome: Outcome) -> list[Path]:
        """The files that a run saved, or found saved by the same work before."""
        return [self.files.path(ref) for ref in _file_refs(outcome.results.values())]

    def _new_run(
        self, workflow: Workflow, on_event: Callable[[Event], None], texts: Mapping[str, str] = MappingProxyType({})
    ) -> Run:
        self.decisions.begin()
        provenance = cache(lambda: self._provenance(workflow, texts))
        return Run(self._tools, self.decisions, self._context(), provenance, on_event)

    @cached_property
    def _tools(self) -> Tools:
        return Tools(
            threads=self._threads,
            cache=self.cache,
            disk=self.disk,
            function=self._function,
            needs=lambda spec: getattr(self._function(spec), MARK).needs,
            service=self._service,
            valid=lambda results: all(self.files.path(ref).is_file() for ref in _file_refs([results])),
            relieve=self._relieve,
            guard=self.codec if self.settings.guard else None,
        )

    def _context(self) -> Context:
        return Context(
            fingerprint=cache(self.files.fingerprint),
            mentioned=self.files.mentioned,
            numerics=self.settings.numerics,
            place=f"{self.settings.output_folder}{'' if self.settings.metadata else ' without metadata'}",
            nonce=os.urandom(16),
        )

    def _ready(self, workflow: Workflow, targets: Iterable[str] | None, run: Run) -> tuple[Analysis, list[str]]:
        """Checked, without problems where it is needed, with the expansions that are known in their places.

        Those that do not fit any more (a file they name is gone) are forgotten, so that their nodes run again.
        """
        analysis, wanted = self.accept(workflow, targets)
        analysis, wanted, unfit = self._grow(analysis, wanted, run.context)
        for key in unfit:
            self.decisions.forget_expansion(key)
        return analysis, wanted

    def _grow(self, analysis: Analysis, wanted: list[str], context: Context) -> Grown:
        """Put the expansions that are known in their places, and those that are known of the nodes in them."""
        unfit: dict[Key, Failure] = {}
        began: dict[str, Key] = {}
        start = analysis, wanted
        for level in count():
            found = {id: known for id, known in self._known(analysis, context).items() if known.key not in unfit}
            if not found:
                break
            if level % EXPANSIONS == 0:
                endless = [id for id in began if any(deep.startswith(f"{id}:") for deep in found)]
                if endless:
                    analysis, wanted = start
                    unfit |= {began[id]: _endless(id, analysis.specs[id]) for id in endless}
                    break
                began, start = {id: known.key for id, known in found.items()}, (analysis, wanted)
            specs = analysis.specs
            analysis, wanted, errors = self._expanded(analysis, wanted, {id: found[id].workflow for id in found})
            unfit |= {found[id].key: Failure(id, specs[id].kind, e.message, e.cure) for id, e in errors.items()}
        return Grown(analysis, wanted, unfit)

    def _known(self, analysis: Analysis, context: Context) -> dict[str, Known]:
        if not any(spec.expands for spec in analysis.specs.values()):
            return {}
        keys = compute_keys(analysis, self.decisions, context)
        return known_expansions(analysis.specs, keys.open, self.decisions)

    def _expanded(
        self, analysis: Analysis, wanted: list[str], found: Mapping[str, Workflow]
    ) -> tuple[Analysis, list[str], dict[str, NodeError]]:
        """With these expansions in their places; if they do not fit together, with those that do one by one."""
        try:
            grown, _ = self._check(expand(analysis.workflow, analysis.specs, found))
            targets = expanded_targets(wanted, found, grown.workflow, grown.specs)
            problems = _in_the_way(grown, targets)
            if problems:
                raise CheckError(problems)
        except (CheckError, DocumentError) as error:
            if len(found) == 1:
                return analysis, wanted, {id: why_unfit(id, error) for id in found}
        else:
            return grown, targets, {}
        errors: dict[str, NodeError] = {}
        for id, workflow in found.items():
            analysis, wanted, own = self._expanded(analysis, wanted, {id: workflow})
            errors |= own
        return analysis, wanted, errors

    def _function(self, spec: NodeSpec) -> Function:
        function = self._functions.get(spec.kind)
        if function is None:
            with self._lock:
                function = self._functions[spec.kind] = node_function(self.index.packs[spec.pack], spec)
        return function

    def _service(self, id: str) -> Any:
        with self._lock:
            if id not in self._services:
                module, _, name = id.partition(":")
                self._services[id] = getattr(importlib.import_module(module), name).create(self.settings)
            return self._services[id]

    def _relieve(self) -> None:
        """Memory ran out: let go of cached values, and ask services to let go of what they hold."""
        self.free(models=True, cache=True)

    def _relieve_services(self) -> None:
        for service in list(self._services.values()):
            relieve = getattr(service, "relieve", None)
            if relieve is not None:
                relieve()

    def _provenance(self, workflow: Workflow, texts: Mapping[str, str]) -> Provenance:
        if not self.settings.metadata:
            return Provenance()
        return Provenance({**formats.embedded_texts(workflow, self.registry.specs), **texts})


def _target(name: str, flat: Workflow, edited: Workflow) -> str:
    """The id of the node to run to.

    Raises:
        CallError: There is none of that name, it is muted or bypassed, or other nodes stand for it in a run.
    """
    try:
        return flat.find(name)
    except CallError:
        try:
            id = edited.find(name)
        except CallError:
            id = ""
        node = edited.nodes.get(id)
        if node is None or id in flat.nodes:
            raise
    if node.mode != "on":
        raise CallError(f"Node '{name}' is {node.mode}, so it does not run.", "Name another, or switch it on.")
    inner = [f"'{one}'" for one in flat.nodes if one.startswith(f"{id}:")]
    cure = f"Name a node in it: {', '.join(inner[:12])}." if inner else "It has no nodes; name another."
    raise CallError(f"Node '{name}' is a sub-workflow, which is not run as one.", cure)


def _endless(id: str, spec: NodeSpec) -> Failure:
    message = f"Nodes expand more than {EXPANSIONS} times into one another."
    return Failure(id, spec.kind, message, "Have the node that expands end at some time.")


def _in_the_way(analysis: Analysis, wanted: Sequence[str]) -> list[Problem]:
    """The problems where the targets need something."""
    if not analysis.problems or not wanted:
        return list(analysis.problems)
    needed = ancestors(analysis.workflow.nodes, wanted)
    return [problem for problem in analysis.problems if not problem.node or problem.node in needed]


def _file_refs(results: Iterable[Mapping[str, Sequence[Any]]]) -> list[FileRef]:
    return [item for kinds in results for items in kinds.values() for item in items if isinstance(item, FileRef)]
