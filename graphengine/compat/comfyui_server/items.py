"""Jobs as ComfyUI's clients see them in the queue and in the history, encoded once.

    in the queue      [number, id, graph, extra data, ids of the outputs to run to]
    in the history    {"prompt": the same, "outputs": node -> kind -> items, "status": ..., "meta": ...}

Everything comes from the table of jobs, so both outlive the process. Numbers in the history rise in the order in
which jobs ended, since the page takes over only what is above the newest that it knows.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from graphengine.compat.comfyui.api_format import write_api
from graphengine.compat.comfyui.messages import Narrator, posted
from graphengine.compat.comfyui_server.outline import outline
from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.server.encoding import to_json
from graphengine.server.errors import NotFound
from graphengine.server.job import Job, JobState, Result
from graphengine.server.service import Service

log = logging.getLogger("graphengine.server")

KEPT_BYTES = 64 * 2**20
MOST = 100_000  # results of one job that are listed

# names in a job's ``extra``: the number that the client chose, what else it sent, and what saved files carry
NUMBER, EXTRA, EMBED = "number", "extra_data", "embed"
CREATED = "create_time"  # in milliseconds: the page sorts by it


class Items:
    """Encodes jobs, and keeps what was encoded while there is room.

    Args:
        service: Whose jobs they are.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: OrderedDict[tuple[str, str], msgspec.Raw] = OrderedDict()
        self._bytes = 0

    async def queued(self, job: Job) -> msgspec.Raw:
        """A job as an item of the queue; its document need not be there.

        Raises:
            CallError: It was deleted meanwhile.
        """
        rest = self._known("queue", job.id)
        if rest is None:
            whole = job if job.document else await self._service.jobs.show(job.id)
            rest = self._keep("queue", job.id, self._rest(whole))
        return _numbered(number_of(job), rest)

    async def past(self, id: str) -> msgspec.Raw:
        """A job that has ended as an item of the history.

        Raises:
            CallError: There is no such job.
        """
        known = self._known("history", id)
        if known is None:
            jobs = self._service.jobs
            job, results = await jobs.show(id), await jobs.results(id, after=0, limit=MOST)
            prompt = _numbered(await jobs.place(id), self._rest(job))
            rest = to_json(_past(job, results))
            known = self._keep("history", id, b'{"prompt":%b,%b' % (bytes(prompt), rest[1:]))
        return known

    def _rest(self, job: Job) -> bytes:
        """An item of the queue after its number."""
        specs = self._service.engine.registry.specs
        workflow = document.load(job.document)
        try:
            graph = write_api(workflow, specs)
        except DocumentError:  # its pack is gone
            graph = {}
        outputs = job.targets
        if outputs is None:
            outputs = [id for id, node in workflow.nodes.items() if node.kind in specs and specs[node.kind].output]
        extra = {**(job.extra.get(EXTRA) or {}), CREATED: round(job.created * 1000)}
        if EMBED in job.extra:
            extra["extra_pnginfo"] = job.extra[EMBED]
        return to_json([job.id, graph, extra, outputs])[1:-1]

    def _known(self, kind: str, id: str) -> Any:
        found = self._kept.get((kind, id))
        if found is not None:
            self._kept.move_to_end((kind, id))
        return found

    def forget(self, id: str) -> None:
        """Keep nothing of a job."""
        for kind in ("queue", "history"):
            self._drop(kind, id)

    def _keep(self, kind: str, id: str, data: bytes) -> msgspec.Raw:
        self._drop(kind, id)  # two may have asked at a time
        raw = self._kept[kind, id] = msgspec.Raw(data)
        self._bytes += len(data)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._drop(*next(iter(self._kept)))
        return raw

    def _drop(self, kind: str, id: str) -> None:
        raw = self._kept.pop((kind, id), None)
        if raw is not None:
            self._bytes -= len(memoryview(raw))


async def readable(id: str, item: Awaitable[msgspec.Raw]) -> msgspec.Raw | None:
    """A job's item for a list; None if the job was deleted meanwhile, or cannot be encoded, which is logged."""
    try:
        return await item
    except NotFound:
        return None
    except Exception:  # a list of many is answered without the one that cannot be read
        log.exception("job %s cannot be shown in lists", id)
        return None


def number_of(job: Job) -> float:
    """What clients see as a job's number: the one that they chose, or how many-th it is."""
    chosen = job.extra.get(NUMBER)
    return job.number if chosen is None else float(chosen)


def _numbered(number: float, rest: Any) -> msgspec.Raw:
    return msgspec.Raw(b"[%b,%b]" % (to_json(number), bytes(rest)))


def _past(job: Job, results: Sequence[Result]) -> dict[str, Any]:
    """An item of the history without its prompt."""
    outputs: dict[str, dict[str, list[Any]]] = {}
    for result in results:
        outputs.setdefault(result.node, {}).setdefault(result.kind, []).append(result.item)
    done = job.state is JobState.DONE
    status = {"status_str": "success" if done else "error", "completed": done, "messages": told(job)}
    return {"outputs": outputs, "status": status, "meta": _meta(job, outputs)}


def _meta(job: Job, nodes: Iterable[str]) -> dict[str, dict[str, Any]]:
    kinds = outline(job.document).kinds
    known = {node: posted(node, kinds) for node in nodes}
    return {
        node: {"node_id": node, "display_node": own, "parent_node": None if own == node else own, "real_node_id": own}
        for node, own in known.items()
    }


def told(job: Job) -> list[list[Any]]:
    """What was told of a job that has ended, of the messages that have a time."""
    outcome: Mapping[str, Any] = job.outcome
    known, failures = outline(job.document), outcome.get("failures", ())
    kinds = {**known.kinds, **{failure["node"]: failure["kind"] for failure in failures}}
    narrator = Narrator(job.id, kinds, known.sources, known.values)
    narrator.executed = list(outcome.get("ran", ()))
    begin, end = job.started or job.created, job.ended or job.created
    events = [("planned", "", {"cached": outcome.get("cached", ()), "run": narrator.executed}, begin)]
    events += [("failed", failure["node"], failure, end) for failure in failures]
    for kind, node, data, time in [*events, ("ended", "", ending(job.state, job.reason), end)]:
        list(narrator.tell({"kind": kind, "node": node, "data": data}, time))
    return narrator.said


def ending(state: JobState, reason: str) -> dict[str, Any]:
    """How a job ended, for ``Narrator``: to clients a lost job is one that failed."""
    return {"status": "failed" if state is JobState.LOST else state.value, "message": reason}
