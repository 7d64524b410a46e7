"""Runs by name, as far as the next one is explained by them: what each node was made of, and how long it took."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from graphengine.execution.executor import Run
from graphengine.execution.explain import Record, reached, records
from graphengine.execution.keys import Notes
from graphengine.graph.check import Analysis

HELD = 8  # runs in memory; what others did is read from the disk when it is asked for
RECORDED = 5_000  # nodes; larger workflows are not explained across processes

Records = Mapping[str, Record]


@dataclass(frozen=True)
class Ran:
    """A run: seconds that each node took, and what each was (worked out when asked for)."""

    took: Mapping[str, float]
    records: Callable[[], Records]


class History:
    """The last run of each name.

    Args:
        notes: Where other processes find it; nowhere when None.
    """

    def __init__(self, notes: Notes | None) -> None:
        self._notes = notes
        self._held: OrderedDict[str, Ran] = OrderedDict()

    def keep(self, name: str, analysis: Analysis, run: Run, *, whole: bool) -> None:
        """Keep what nodes were made of in a run that ended, in the place of the one before it.

        Args:
            whole: It came to all nodes; of those that it did not, what is known of them stays.
        """
        keys, context, ended = run.keys, run.context, run.outcome.unfinished
        old = {} if whole else self._not_reached(name, analysis, run)  # which costs, so not where there is nothing
        took = {**self.took(name), **run.outcome.took}
        took = {id: took[id] for id in analysis.order if id in took}
        ran = Ran(took, cache(lambda: {**records(analysis, keys, context, took, ended), **old}))
        self._keep(name, ran, len(analysis.order))

    def _not_reached(self, name: str, analysis: Analysis, run: Run) -> Records:
        """What was known before of nodes that a run did not come to."""
        made = [*run.outcome.ran, *run.outcome.cached]
        new = reached(analysis, run.keys, made) | {failure.node for failure in run.outcome.failures}
        before = self.records(name)
        return {id: before[id] for id in analysis.order if id not in new and id in before}

    def _keep(self, name: str, ran: Ran, count: int) -> None:
        self._held[name] = ran
        self._held.move_to_end(name)
        if len(self._held) > HELD:
            self._held.popitem(last=False)
        if self._notes is not None and name and count <= RECORDED:
            self._notes.write_note(note_name(name), {id: one.to_json() for id, one in ran.records().items()})

    def took(self, name: str) -> Mapping[str, float]:
        """Seconds that each node took when it last ran."""
        if name in self._held:
            return self._held[name].took
        return {id: record.seconds for id, record in self.records(name).items()}

    def records(self, name: str) -> Records:
        """What each node was made of; empty when that is not known."""
        if name in self._held:
            return self._held[name].records()
        found = self._notes.read_note(note_name(name)) if self._notes is not None and name else None
        try:
            return {id: Record(**data) for id, data in found.items()} if isinstance(found, dict) else {}
        except TypeError:  # of another version
            return {}


def note_name(name: str) -> str:
    """What the note of a name, which may be any text, is called."""
    return f"note-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:24]}"
