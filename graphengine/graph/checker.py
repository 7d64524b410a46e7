"""Check workflows as people edit them: one version after another, most of it as it was."""

from functools import cache

from graphengine.graph.check import Analysis, FamilyOf, check
from graphengine.graph.literals import Choose
from graphengine.graph.registry import Registry
from graphengine.graph.resolve import resolve
from graphengine.graph.workflow import Workflow

KEPT = 8  # workflows whose analyses are known


class Checker:
    """Checks workflows with sub-workflows and nodes of older versions, and knows those it checked last.

    Args:
        choose: Tells what a named source offers now.
        family_of: Tells the model family of a file; None leaves families unchecked.
    """

    def __init__(self, registry: Registry, choose: Choose, family_of: FamilyOf | None = None) -> None:
        self._registry, self._choose, self._family_of = registry, choose, family_of
        self._known: list[tuple[Workflow, Analysis]] = []
        self._asked = self._last = Workflow()  # as it was asked about, and sharing nodes with those before

    def check(self, workflow: Workflow) -> Analysis:
        """Checked before: the same value again, unless it names files, which may have come or gone."""
        if workflow is not self._asked:
            self._asked, self._last = workflow, workflow.sharing(self._last)
        workflow = self._last
        for known, analysis in self._known:
            if known is workflow:
                return analysis
        analysis, named_files = self._check(workflow)
        if not named_files:
            self._known = [(workflow, analysis), *self._known[: KEPT - 1]]
        return analysis

    def check_anew(self, workflow: Workflow) -> Analysis:
        """Without a look at those before or a trace for those after; safe from any thread."""
        return self._check(workflow)[0]

    def _check(self, workflow: Workflow) -> tuple[Analysis, bool]:
        """A checked workflow, and whether files had to be listed for it."""
        choose = cache(self._choose)
        flat = resolve(self._registry.current(workflow), self._registry.specs)
        analysis = check(flat, self._registry, choose, self._family_of)
        return analysis, choose.cache_info().misses > 0
