"""What happens in a run as ComfyUI's clients hear it on their websocket.

``execution_start``, ``execution_cached``, then for each node ``executing``, its progress, ``executed`` if it shows
something; then how it ended, and last ``executing`` of no node. ``progress_state``, which clients put in the place of
the last one, is told once for all events that came together: the nodes whose state has changed, and those that run.
"""

import struct
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

Message = tuple[str, dict[str, Any]]

NOTHING: Mapping[str, Any] = {"value": 0, "max": 1}  # the state of a node that was not heard of
# of binary frames, and of the pictures in them
PREVIEW, TEXT, PREVIEW_WITH_METADATA = 1, 3, 4
FORMATS = {"image/jpeg": 1, "image/png": 2}
ENDINGS = {"done": "execution_success", "cancelled": "execution_interrupted", "failed": "execution_error"}


@dataclass
class Narrator:
    """Tells the events of one job.

    Attributes:
        job: Its id, which clients call ``prompt_id``.
        kinds: Node -> kind.
        sources: Node -> the nodes that it is linked to.
        values: Node -> its own values by input.
        current: The node that was last said to run.
        said: What has a time among what was told, as it is kept in the history.
    """

    job: str
    kinds: Mapping[str, str]
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    current: str = ""
    said: list[list[Any]] = field(default_factory=list)
    running: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    failure: dict[str, Any] | None = None

    def tell(self, event: Mapping[str, Any], time: float) -> Iterator[Message]:
        """The messages of an event (kind, node, data) that happened at ``time`` (unix seconds)."""
        teller = TELLERS.get(event["kind"])
        if teller is not None:
            yield from teller(self, event["node"], event["data"], round(time * 1000))

    def states(self) -> Iterator[Message]:
        """The states of nodes, if they have changed since they were told."""
        if self.changed:
            yield "progress_state", {"prompt_id": self.job, "nodes": {**self.running, **self.changed}}
            self.changed = {}

    def executing(self, node: str) -> Message:
        """That a node runs: pictures without metadata are taken for its from now on."""
        self.current = node
        return "executing", {"node": node, "display_node": self.posted(node), "prompt_id": self.job}

    def posted(self, node: str) -> str:
        """The node that a client knows: itself, or the one that it was made from (``outer`` of ``outer:inner``)."""
        return posted(node, self.kinds)

    def _timed(self, type: str, data: dict[str, Any], time: int) -> Message:
        data = {"prompt_id": self.job, **data, "timestamp": time}
        self.said.append([type, data])
        return type, data

    def _planned(self, node: str, data: Mapping[str, Any], time: int) -> Iterator[Message]:
        if self.said:  # a lazy node has chosen, and the rest was planned
            return
        yield self._timed("execution_start", {}, time)
        run = frozenset(data["run"])
        found = [id for id in self._with_sources(data["cached"]) if id not in run]
        yield self._timed("execution_cached", {"nodes": found}, time)

    def _with_sources(self, nodes: Iterable[str]) -> list[str]:
        """Nodes and all before them: a plan names only those of them that were looked up, clients count all."""
        found, pending = dict.fromkeys(nodes), list(nodes)
        while pending:
            fresh = [id for id in self.sources.get(pending.pop(), ()) if id not in found]
            found.update(dict.fromkeys(fresh))
            pending += fresh
        return list(found)

    def _started(self, node: str, data: Mapping[str, Any], time: int) -> Iterator[Message]:
        self._runs(node, 0, 1)
        yield self.executing(node)

    def _progress(self, node: str, data: Mapping[str, Any], time: int) -> Iterator[Message]:
        self._runs(node, data["done"], data["total"])
        known = self.posted(node)
        yield "progress", {"value": data["done"], "max": data["total"], "prompt_id": self.job, "node": known}

    def _finished(self, node: str, data: Mapping[str, Any], time: int) -> Iterator[Message]:
        self.executed.append(node)
        last = self.running.pop(node, NOTHING)
        self.changed[node] = self._state(node, last["max"], last["max"], "finished")
        if data["results"]:
            yield self._shown(node, data["results"])

    def _cached(self, node: str, data: Mapping[str, Any], time: int) -> Iterator[Message]:
        if data["results"]:
            yield self._shown(node, data["results"])

    def _failed(self, node: str, data: Mapping[str, Any], time: int) -> Iterator[Message]:
        last = self.running.pop(node, NOTHING)
        self.changed[node] = self._state(node, last["value"], last["max"], "error")
        self.failure = self.failure or self._error(node, data)
        yield from self.states()

    def _ended(self, node: str, data: Mapping[str, Any], time: int) -> Iterator[Message]:
        yield from self.states()
        ending = ENDINGS[data["status"]]
        told: dict[str, Any] = {}
        if ending == "execution_error":
            told = self.failure or self._error("", data)
        elif ending == "execution_interrupted":
            stopped = next(iter(self.running), self.current)  # between two nodes: the one that ran last
            known = self.posted(stopped)
            told = {"node_id": known, "node_type": self.kinds.get(known, ""), "executed": self.executed}
        yield self._timed(ending, told, time)

    def _error(self, node: str, data: Mapping[str, Any]) -> dict[str, Any]:
        message = "\n".join(filter(None, [data.get("message"), data.get("cure")]))
        trace = data.get("trace") or ""
        kind = message.partition(":")[0] if trace else "graphengine.NodeError"
        known = self.posted(node)
        return {
            "node_id": known,
            "node_type": self.kinds.get(known, ""),
            "executed": list(self.executed),
            "exception_message": message,
            "exception_type": kind,
            "traceback": trace.splitlines(keepends=True),
            "current_inputs": {name: [_scalar(value)] for name, value in self.values.get(known, {}).items()},
            "current_outputs": list(self.executed),
        }

    def _shown(self, node: str, results: Mapping[str, Any]) -> Message:
        return "executed", {"node": node, "display_node": self.posted(node), "output": results, "prompt_id": self.job}

    def _runs(self, node: str, value: float, total: float) -> None:
        self.running[node] = self.changed[node] = self._state(node, value, total, "running")

    def _state(self, node: str, value: float, total: float, state: str) -> dict[str, Any]:
        known = self.posted(node)
        parent = None if known == node else known
        ids = {"node_id": node, "display_node_id": known, "parent_node_id": parent, "real_node_id": known}
        return {"value": value, "max": total, "state": state, "prompt_id": self.job, **ids}


TELLERS = {
    "planned": Narrator._planned,
    "started": Narrator._started,
    "progress": Narrator._progress,
    "finished": Narrator._finished,
    "cached": Narrator._cached,
    "failed": Narrator._failed,
    "ended": Narrator._ended,
}


def _scalar(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def posted(node: str, known: Container[str]) -> str:
    """The node of a posted graph that a node is, or was made from."""
    name = node
    while name not in known and ":" in name:
        name = name.rpartition(":")[0]
    return name if name in known else node


def last_message(job: str) -> Message:
    """The last message of every job, however it ended."""
    return "executing", {"node": None, "prompt_id": job}


def text_frame(node: str, text: str) -> bytes:
    """A text to be shown under a node."""
    id = node.encode(errors="replace")
    return struct.pack(">II", TEXT, len(id)) + id + text.encode(errors="replace")


def picture_frame(picture: bytes, type: str) -> bytes:
    """A picture, a JPEG or PNG, for clients that know no metadata."""
    return struct.pack(">II", PREVIEW, FORMATS[type]) + picture


def picture_frame_with_metadata(job: str, node: str, picture: bytes, type: str) -> bytes:
    """A picture for clients that do."""
    ids = {"node_id": node, "display_node_id": node, "parent_node_id": None, "real_node_id": node}
    metadata = msgspec.json.encode({**ids, "prompt_id": job, "image_type": type})
    return struct.pack(">II", PREVIEW_WITH_METADATA, len(metadata)) + metadata + picture
