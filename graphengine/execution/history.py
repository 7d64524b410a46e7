"""Runs by name, as far as the next one is explained by them: what each node was made of, and how long it took."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graphengine.execution.explain import Record
from graphengine.execution.keys import Notes

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

    def keep(self, name: str, ran: Ran, count: int) -> None:
        """Keep a run of so many nodes in the place of the one before it."""
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
