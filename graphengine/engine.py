"""Engine: the library's front door, and the one place where objects are built and joined.

from graphengine import Engine

engine = Engine()
workflow = engine.read("workflows/text_to_image.json").set("prompt", "a red circle on a blue background")
outcome = engine.run(workflow)
print(engine.saved(outcome))
"""

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from graphengine import formats
from graphengine.execution.cache import Cache
from graphengine.execution.call import Function
from graphengine.execution.codec import Codec
from graphengine.execution.disk import DiskCache
from graphengine.execution.events import OnEvent
from graphengine.execution.executor import Run
from graphengine.execution.grow import Growth
from graphengine.execution.history import History
from graphengine.execution.keys import Context, Decisions, Key, compute_keys
from graphengine.execution.looks import Look, Looks
from graphengine.execution.outcome import Outcome
from graphengine.execution.perform import Tools
from graphengine.execution.preview import Preview, preview
from graphengine.execution.services import Provenance
from graphengine.execution.shared_services import SharedServices
from graphengine.execution.targets import all_targets, in_the_way, targets_of
from graphengine.execution.threads import Threads
from graphengine.execution.values import Entry
from graphengine.file_facts import FileFacts
from graphengine.files import Files, file_refs
from graphengine.graph import document
from graphengine.graph.check import Analysis
from graphengine.graph.checker import Checker
from graphengine.graph.errors import CallError, CheckError
from graphengine.graph.infer import Facts, fact_at, infer
from graphengine.graph.node import MARK
from graphengine.graph.registry import Registry
from graphengine.graph.resolve import passed_on
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Interface, Link, Workflow
from graphengine.packs.find import find
from graphengine.packs.index import Index, index
from graphengine.packs.load import node_function
from graphengine.settings import Settings


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
        self._services = SharedServices(self.settings, {"graphengine.files:Files": self.files})
        self._lock = threading.RLock()
        self._threads = Threads()

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

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.registry, self.files.names, self.families.of if self._registry is None else None)

    def read(self, source: str | os.PathLike[str] | bytes) -> Workflow:
        """A workflow from a file or bytes of any format that is understood, pictures included.

        Raises:
            DocumentError: It is none of them.
        """
        data = source if isinstance(source, bytes) else Path(source)
        return self.registry.current(formats.read(data, self.registry.specs))

    def from_json(self, data: Any) -> Workflow:
        """A workflow from parsed JSON of any format that is understood.

        Raises:
            DocumentError: It is none of them, or nested too deep.
        """
        document.check_depth(data)
        return self.registry.current(formats.from_json(data, self.registry.specs))

    def check(self, workflow: Workflow) -> Analysis:
        """Every problem of a workflow at once, choices of files included."""
        return self._checker.check(workflow)

    def infer(self, workflow: Workflow, analysis: Analysis) -> Facts:
        """What is known of the outputs of a checked workflow before anything runs: sizes, families, numbers.

        Nodes that have others in them, and those that pass on what they get, are told of too.
        """
        packs = self._registry is None
        facts = infer(analysis, self.registry, self.families.of if packs else None, self.sizes.of if packs else None)
        found = dict(facts)
        for id, outputs in passed_on(self.registry.current(workflow), self.registry.specs).items():
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
        return targets_of(analysis, names, workflow or analysis.workflow)

    def accept(self, workflow: Workflow, targets: Iterable[str] | None = None) -> tuple[Analysis, list[str]]:
        """The workflow checked, and the nodes that a run would go to; nothing is run, no pack imported.

        Raises:
            CallError: There is no node of a target's name.
            CheckError: The workflow has problems where it is needed, or no output.
        """
        analysis = self._checker.check(workflow)
        wanted = self.targets(analysis, targets, workflow)
        if in_the_way(analysis, wanted):
            raise CheckError(analysis.problems)
        return analysis, wanted

    def plan(self, workflow: Workflow, targets: Iterable[str] | None = None, *, name: str = "") -> Preview:
        """What a run would do, and why; nothing is run.

        Raises:
            CheckError: The workflow has problems where it is needed.
        """
        run = self._new_run(workflow, lambda event: None)
        growth = self._ready(workflow, targets, run)
        analysis, wanted = growth.analysis, growth.wanted
        keys, plan = run.plan(analysis, wanted)
        return preview(plan, analysis, wanted, keys, run.context, self.history.records(name))

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
        growth = self._ready(workflow, targets, run)
        while run.round(growth.analysis, growth.wanted):
            for key, failure in growth.grow(run.is_cancelled).items():
                self.decisions.forget_expansion(key)
                run.fail(key, failure)
        outcome = run.end()
        everything = all_targets(growth.analysis)
        reached = bool(everything) and set(everything) <= set(growth.wanted)
        whole = outcome.status == "done" and reached and not run.keys.needed
        self.history.keep(name, growth.analysis, run, whole=whole)
        return outcome

    def look(self, workflow: Workflow, node: str, output: str) -> Look | None:
        """What people are shown of the value that an output has in this workflow; None when it is not kept.

        It may be asked from another thread while a run goes on.

        Raises:
            CallError: There is no such node or output.
        """
        asked = replace(workflow, interface=Interface(outputs={"value": Link(node, output)}))
        analysis = self._checker.check_anew(asked if node in workflow.nodes else workflow)
        if node not in workflow.nodes and node not in analysis.workflow.nodes:
            raise CallError(f"There is no node {node[:100]!r}.", "Give the id of a node of the workflow.")
        inner = None if node in workflow.nodes else Link(node, output)  # of a sub-workflow, by its id in a run
        link = inner or analysis.workflow.interface.outputs.get("value")
        context = self._context()
        growth = self._growth(analysis, [link.node] if link else [], context)
        growth.grow()
        analysis = growth.analysis
        link = inner or analysis.workflow.interface.outputs.get("value")
        spec = analysis.specs.get(link.node) if link else None
        if link is None or spec is None:  # muted, bypassed to nothing, or of an unknown kind
            return None
        port = spec.output_port(link.output)
        if port is None:
            raise CallError(f"'{node}' ({spec.kind}) has no output {output[:100]!r}.", "Give the name of one.")
        key = compute_keys(analysis, self.decisions, context).of.get(link.node)
        entry = self._kept(key) if key is not None else None
        return None if entry is None else self.looks.of(port.type, entry.outputs[spec.outputs.index(port)])

    def _kept(self, key: Key) -> Entry | None:
        return self.cache.get(key) or (self.disk.read(key) if self.disk is not None else None)

    def memory(self) -> dict[str, Any]:
        """What is held in memory: ``cache`` (bytes, values, limit), and the ``models`` that are live (name, bytes).

        ``devices`` (name, bytes, free) are those that services were made for, none before a node asked for one.
        """
        cached = {"bytes": self.cache.size, "values": len(self.cache), "limit": self.cache.budget}
        return {"cache": cached, **self._services.memory()}

    def free(self, *, models: bool = False, cache: bool = False) -> None:
        """Let go of live models that nothing uses now, or of cached values."""
        if cache:
            self.cache.clear()
        if models:
            self._services.relieve()

    def saved(self, outcome: Outcome) -> list[Path]:
        """The files that a run saved, or found saved by the same work before."""
        return [self.files.path(ref) for results in outcome.results.values() for ref in file_refs(results)]

    def _new_run(self, workflow: Workflow, on_event: OnEvent, texts: Mapping[str, str] = MappingProxyType({})) -> Run:
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
            service=self._services.get,
            lost=self.files.lost,
            relieve=lambda: self.free(models=True, cache=True),
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

    def _ready(self, workflow: Workflow, targets: Iterable[str] | None, run: Run) -> Growth:
        """Checked, without problems where it is needed, with the expansions that are known in their places.

        Those that do not fit any more (a file they name is gone) are forgotten, so that their nodes run again.
        """
        growth = self._growth(*self.accept(workflow, targets), run.context)
        for key in growth.grow(run.is_cancelled):
            self.decisions.forget_expansion(key)
        return growth

    def _growth(self, analysis: Analysis, wanted: Sequence[str], context: Context) -> Growth:
        return Growth(analysis, wanted, self._checker.check_anew, self.decisions, context)

    def _function(self, spec: NodeSpec) -> Function:
        function = self._functions.get(spec.kind)
        if function is None:
            with self._lock:
                function = self._functions[spec.kind] = node_function(self.index.packs[spec.pack], spec)
        return function

    def _provenance(self, workflow: Workflow, texts: Mapping[str, str]) -> Provenance:
        if not self.settings.metadata:
            return Provenance()
        return Provenance({**formats.embedded_texts(workflow, self.registry.specs), **texts})
