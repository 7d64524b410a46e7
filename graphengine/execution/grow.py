"""A workflow that grows in a run: what nodes returned is put in their places as it becomes known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from graphengine.execution.expand import Known, expand, expanded_targets, known_expansions, why_unfit
from graphengine.execution.keys import Context, Decisions, Key, compute_keys
from graphengine.execution.outcome import Failure
from graphengine.execution.targets import in_the_way
from graphengine.graph.check import Analysis
from graphengine.graph.errors import CheckError, DocumentError
from graphengine.graph.workflow import Workflow

EXPANSIONS = 10_000  # levels of nodes that expand into nodes that expand: a loop has one for each time it goes round
CURE = "Have it end at some time, by a number that it counts."


class _Origin(NamedTuple):
    """The expansion that a node came with.

    Attributes:
        key: Of the node that expanded.
        level: 1 if that was a node of the workflow as it was at first.
        outermost: The node of that workflow which all came of.
        outer: What the node that expanded came with.
    """

    key: Key
    level: int
    outermost: str
    outer: "_Origin | None"

    def outwards(self) -> Iterator["_Origin"]:
        """This one and those around it."""
        here: _Origin | None = self
        while here is not None:
            yield here
            here = here.outer


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
        self._seed = analysis, wanted
        self._origins: dict[str, _Origin] = {}  # of nodes that may expand
        self._put_once: set[Key] = set()

    def grow(self, stopped: Callable[[], bool] = lambda: False) -> dict[Key, Failure]:
        """Put the expansions that are known in their places, and those that are known of the nodes in them.

        Returns:
            Key of a node -> why what it returned cannot take its place.
        """
        unfit: dict[Key, Failure] = {}
        while not stopped():
            found = {id: known for id, known in self._known().items() if known.key not in unfit}
            if not found:
                break
            endless = [failure for id, known in found.items() if (failure := self._without_end(id, known.key))]
            if endless:
                self.analysis, self.wanted = self._seed
                self._origins.clear()
                unfit |= endless
            else:
                unfit |= self._put(found)
        return unfit

    def _without_end(self, id: str, key: Key) -> tuple[Key, Failure] | None:
        """Why the outermost node that a node came of would never end: it comes to the same again, or too deep."""
        origin = self._origins.get(id)
        if origin is None:
            return None
        deep, kind = origin.level, self.analysis.specs[id].kind
        if deep >= EXPANSIONS:
            message = f"It expands into nodes that expand, more than {EXPANSIONS:,} levels deep; the last is a {kind}."
        elif key in self._put_once and any(one.key == key for one in origin.outwards()):
            message = f"It expands without end: {deep} levels deep is the same {kind} again, with the same inputs."
        else:
            return None
        *_, first = origin.outwards()
        return first.key, Failure(first.outermost, self._seed[0].specs[first.outermost].kind, message, CURE)

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
            self._replace(found)
        except (CheckError, DocumentError) as error:
            if len(found) == 1:
                errors = {id: why_unfit(id, error) for id in found}
                return {found[id].key: Failure(id, kinds[id], why.message, why.cure) for id, why in errors.items()}
            alone = [self._put({id: known}) for id, known in found.items()]
            return {key: failure for unfit in alone for key, failure in unfit.items()}
        return {}

    def _replace(self, found: Mapping[str, Known]) -> None:
        """Have workflows in the places of nodes.

        Raises:
            CheckError, DocumentError: They do not fit; nothing is replaced.
        """
        before, workflows = self.analysis, {id: known.workflow for id, known in found.items()}
        grown = self._check(expand(before.workflow, before.specs, workflows))
        wanted = expanded_targets(self.wanted, workflows, grown.workflow, grown.specs)
        problems = in_the_way(grown, wanted)
        if problems:
            raise CheckError(problems)
        self.analysis, self.wanted = grown, wanted
        origins = {id: self._origin(id, known.key) for id, known in found.items()}
        self._put_once |= {known.key for known in found.values()}
        for id, spec in grown.specs.items():
            if spec.expands and id not in before.specs:
                self._origins[id] = next(origins[outer] for outer in _around(id) if outer in origins)

    def _origin(self, id: str, key: Key) -> _Origin:
        """Of the nodes that come with the expansion of this one."""
        outer = self._origins.pop(id, None)
        return _Origin(key, 1, id, None) if outer is None else _Origin(key, outer.level + 1, outer.outermost, outer)


def _around(id: str) -> Iterator[str]:
    """The ids of the nodes that one of this id may have come of, innermost first."""
    while ":" in id:
        id = id.rpartition(":")[0]
        yield id
