"""A workflow that grows in a run: what nodes returned is put in their places as it becomes known."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count

from graphengine.execution.expand import Known, expand, expanded_targets, known_expansions, why_unfit
from graphengine.execution.keys import Context, Decisions, Key, compute_keys
from graphengine.execution.outcome import Failure
from graphengine.execution.targets import in_the_way
from graphengine.graph.check import Analysis
from graphengine.graph.errors import CheckError, DocumentError
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Workflow

EXPANSIONS = 1_000  # levels of nodes that expand into nodes that expand, known before they run


class Growth:
    """A workflow with the expansions that are known in their places.

    Args:
        check: Finds every problem of what it has become.

    Attributes:
        analysis: The workflow as it is now, checked.
        wanted: The targets in it.
    """

    def __init__(
        self,
        analysis: Analysis,
        wanted: Sequence[str],
        check: Callable[[Workflow], Analysis],
        decisions: Decisions,
        context: Context,
    ) -> None:
        self.analysis, self.wanted = analysis, wanted
        self._check, self._decisions, self._context = check, decisions, context

    def grow(self) -> dict[Key, Failure]:
        """Put the expansions that are known in their places, and those that are known of the nodes in them.

        Returns:
            Key of a node -> why what it returned cannot take its place.
        """
        unfit: dict[Key, Failure] = {}
        began: dict[str, Key] = {}
        start = self.analysis, self.wanted
        for level in count():
            found = {id: known for id, known in self._known().items() if known.key not in unfit}
            if not found:
                break
            if level % EXPANSIONS == 0:
                endless = [id for id in began if any(deep.startswith(f"{id}:") for deep in found)]
                if endless:
                    self.analysis, self.wanted = start
                    unfit |= {began[id]: _endless(id, self.analysis.specs[id]) for id in endless}
                    break
                began, start = {id: known.key for id, known in found.items()}, (self.analysis, self.wanted)
            unfit |= self._put(found)
        return unfit

    def _known(self) -> dict[str, Known]:
        specs = self.analysis.specs
        if not any(spec.expands for spec in specs.values()):
            return {}
        keys = compute_keys(self.analysis, self._decisions, self._context)
        return known_expansions(specs, keys.open, self._decisions)

    def _put(self, found: Mapping[str, Known]) -> dict[Key, Failure]:
        """Put expansions in their places; if they do not fit together, those that do one by one."""
        kinds = {id: self.analysis.specs[id].kind for id in found}
        try:
            self._replace({id: known.workflow for id, known in found.items()})
        except (CheckError, DocumentError) as error:
            if len(found) == 1:
                errors = {id: why_unfit(id, error) for id in found}
                return {found[id].key: Failure(id, kinds[id], why.message, why.cure) for id, why in errors.items()}
            alone = [self._put({id: known}) for id, known in found.items()]
            return {key: failure for unfit in alone for key, failure in unfit.items()}
        return {}

    def _replace(self, found: Mapping[str, Workflow]) -> None:
        """Have workflows in the places of nodes.

        Raises:
            CheckError, DocumentError: They do not fit; nothing is replaced.
        """
        grown = self._check(expand(self.analysis.workflow, self.analysis.specs, found))
        wanted = expanded_targets(self.wanted, found, grown.workflow, grown.specs)
        problems = in_the_way(grown, wanted)
        if problems:
            raise CheckError(problems)
        self.analysis, self.wanted = grown, wanted


def _endless(id: str, spec: NodeSpec) -> Failure:
    message = f"Nodes expand more than {EXPANSIONS} times into one another."
    return Failure(id, spec.kind, message, "Have the node that expands end at some time.")
