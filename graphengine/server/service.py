"""What a server is besides HTTP: documents, jobs, workers and who listens, started and stopped together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

from graphengine.engine import Engine
from graphengine.graph import document
from graphengine.graph.errors import CallError, CheckError, DocumentError
from graphengine.graph.workflow import Workflow
from graphengine.server.catalogue import Catalogue
from graphengine.server.checking import Checked, checked, fact_views
from graphengine.server.config import Serving
from graphengine.server.documents import Documents, plain_name
from graphengine.server.errors import Busy, Conflict, NotFound
from graphengine.server.hub import Hub
from graphengine.server.indexing import make_index
from graphengine.server.job import FINISHED, Job, JobState, Submission
from graphengine.server.jobs import PRUNED, Jobs
from graphengine.server.outward import Outward
from graphengine.server.runner import Runner
from graphengine.server.security import allowed_hosts
from graphengine.server.store import Store
from graphengine.server.views import Health, JobDetail, QueueView, WorkerView, job_detail, job_view
from graphengine.settings import Settings
from graphengine.worker.supervisor import WorkerDied

T = TypeVar("T")
PATIENCE = 10.0  # seconds that a worker has to answer
GLANCE = 1.0  # seconds that it has where people wait to see something
RESULTS = 10_000  # of one job that are shown with it
DATABASE = "server/server.sqlite"  # below HOME


class Service:
    """Everything that handlers call.

    Args:
        settings: Of the engines of server and workers.
        serving: How many workers run jobs, and on what.

    Attributes:
        outward: Sends what webhooks are told.
        engine: Reads and checks workflows here; it never runs one.
        hub: Tells what happens. The others are there while it is ``running``.
    """

    store: Store
    jobs: Jobs
    documents: Documents
    runner: Runner

    def __init__(self, settings: Settings, serving: Serving | None = None) -> None:
        self.settings, self.serving = settings, serving or Serving()
        self.engine = Engine(settings)
        self.hub = Hub()
        # the last one submitted: what is posted to /prompt again is the same value
        self._saved = Workflow(), b""
        self.outward = Outward(
            allowed_hosts(self.serving.webhook_hosts), self.serving.webhook or "", self.serving.offline
        )
        if self.serving.webhook is not None:
            self.outward.check(self.serving.webhook)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The kinds of nodes."""
        return Catalogue(self.engine.registry)

    @contextlib.asynccontextmanager
    async def running(self, patience: float) -> AsyncIterator[None]:
        """Open what lasts and start the workers; at the end, let jobs end for ``patience`` seconds.

        Raises:
            StoreError: The database cannot be opened.
            PackError: The packs cannot be looked through.
        """
        path = self.settings.home / DATABASE
        path.parent.mkdir(parents=True, exist_ok=True)
        self.store = await asyncio.to_thread(Store, path)
        try:
            self.jobs, self.documents = await Jobs.open(self.store), Documents(self.store)
            await make_index(self.settings)
            serving = self.serving
            self.runner = Runner(self.jobs, self.hub, self.settings, serving.workers, devices=serving.devices)
            await self.runner.start()
            try:
                yield
            finally:
                await self.runner.stop(patience)
        finally:
            self.hub.close()
            self.store.close()

    def read(self, data: Any, values: Mapping[str, Any] | None = None) -> Workflow:
        """A workflow from parsed JSON of any format, with some values set (see ``Workflow.set``).

        Raises:
            DocumentError: It is none that is understood.
            CallError: A value's name names nothing.
        """
        workflow = self.engine.from_json(data)
        for name, value in (values or {}).items():
            self._refuse_unknown(workflow, name)
            workflow = workflow.set(name, value)
        return workflow

    def _refuse_unknown(self, workflow: Workflow, name: str) -> None:
        """A value of an input that a node does not have would be of no effect."""
        for target in workflow.named(name):
            spec = self.engine.registry.specs.get(workflow.nodes[target.node].kind)
            if spec is not None and spec.input_port(target.input) is None:
                inputs = ", ".join(spec.inputs_by_name) or "none"
                raise CallError(f"'{target.node}' ({spec.kind}) has no input '{target.input}'.", f"It has: {inputs}.")

    def check(self, workflow: Workflow, targets: Iterable[str] | None = None) -> Checked:
        """Every problem of a workflow, which of the nodes to run to it reaches, and what is known before a run.

        Raises:
            CallError: There is no node of a target's name.
        """
        analysis = self.engine.check(workflow)
        facts = self.engine.infer(workflow, analysis)
        try:
            return checked(analysis, self.engine.targets(analysis, targets, workflow), facts)
        except CheckError as error:  # there is nothing to run to
            return Checked([*analysis.problems, *error.problems], [], fact_views(facts))

    async def plan(self, workflow: Workflow, targets: Sequence[str] | None = None, title: str = "") -> dict[str, Any]:
        """What running a workflow would do: ``run`` (node -> reasons), ``cached``, ``order``, ``seconds``.

        Args:
            title: Of the job that it would be; reasons are told against the last one of that title.

        Raises:
            CheckError: It has problems where it is needed.
            CallError: There is no node of a target's name.
            Busy: No worker answers in time.
        """
        self.engine.accept(workflow, targets)
        names = None if targets is None else list(targets)
        return await in_time(self.runner.ask("plan", document.save(workflow, indent=None), names, title))

    async def memory(self) -> list[Any]:
        """Who holds how much in each worker (``Engine.memory``). Raises ``Busy``."""
        return await in_time(self.runner.ask_all("memory"))

    async def devices(self) -> list[tuple[str, int, int]]:
        """Name, bytes and free bytes of each device that nodes have used; none while workers cannot tell at once."""
        if not all(place.worker.is_ready for place in self.runner.places):
            return []
        try:
            held = await in_time(self.runner.ask_all("memory"), GLANCE)
        except (Busy, WorkerDied):
            return []
        used = [device for worker in held for device in worker["devices"]]
        return list({one["name"]: (one["name"], one["bytes"], one["free"]) for one in used}.values())

    async def free(self, models: bool, cache: bool) -> list[Any]:
        """Have the workers let go of what nothing uses now; what they hold then. Raises ``Busy``."""
        named = [name for name, wanted in (("models", models), ("cache", cache)) if wanted]
        return await in_time(self.runner.ask_all("free", named))

    async def value(self, document: bytes, node: str, output: str) -> dict[str, Any]:
        """What people are shown of the value that an output of a workflow has, and whether a worker keeps it.

        Raises:
            CallError: There is no such node or output.
            Busy: No worker answers at once.
        """
        found = await in_time(self.runner.ask_all("value", [node, output], document), GLANCE)
        return next((one for one in found if one["kept"]), found[0])

    async def submit(self, workflow: Workflow, targets: Iterable[str] | None = None, **more: Any) -> tuple[Job, bool]:
        """Accept a workflow as a job, and say whether it is a new one (see ``Submission.key``).

        Args:
            targets: Ids or titles of nodes to run to; the output nodes when None.
            more: Of ``Submission``.

        Raises:
            CheckError: It has problems where it is needed.
            CallError: There is no node of a target's name, or nothing may be sent to the webhook.
            Conflict: The id or the idempotency key belongs to another job.
        """
        webhook = self.serving.webhook if more.get("webhook") is None else more["webhook"]
        if webhook is not None:
            self.outward.check(webhook)
        names = None if targets is None else list(targets)
        wanted = self.engine.accept(workflow, names)[1]
        if self._saved[0] is not workflow:
            self._saved = workflow, document.save(workflow, indent=None)
        more["webhook"] = webhook
        submission = Submission(document=self._saved[1], targets=None if names is None else wanted, **more)
        job, new = await self.jobs.submit(submission)
        if new:
            self.runner.submitted(job)
        return job, new

    async def retry(self, id: str, more: Mapping[str, Any] | None = None) -> Job:
        """Submit a finished job again: what it had finished is found in the cache.

        Raises:
            NotFound: There is no such job.
            Conflict: It has not ended.
        """
        job = await self.jobs.show(id)
        if job.state not in FINISHED:
            raise Conflict(f"Job '{id}' is {job.state}.", "Wait until it has ended, or cancel it first.")
        again = Submission(
            document=job.document,
            targets=job.targets,
            priority=job.priority,
            client=job.client,
            extra={**job.extra, **(more or {})},
            retry_of=job.id,
            title=job.title,
            webhook=job.webhook,
            labels=job.labels,
        )
        submitted, _ = await self.jobs.submit(again)
        self.runner.submitted(submitted)
        return submitted

    async def show(self, id: str) -> JobDetail:
        """A job with all that became of it. Raises ``NotFound``."""
        event = self.hub.newest  # before looking: what happens meanwhile is heard again, not missed
        job = await self.jobs.show(id)
        transitions, results = await self.jobs.transitions(id), await self.jobs.results(id, limit=RESULTS, after=0)
        return job_detail(job, event, transitions, results, self.runner.progress(id))

    async def cancel(self, id: str) -> Job:
        """Cancel a job that waits or runs. One that runs still does for a moment.

        Raises:
            NotFound: There is no such job.
            Conflict: It has ended.
        """
        while not await self.runner.cancel(id):
            job = await self.jobs.show(id)
            if job.state in FINISHED:
                raise Conflict(f"Job '{id}' is {job.state}.", "There is nothing to cancel any more.")
            await asyncio.sleep(0.005)  # it was just taken, and is about to be handed to a worker
        return await self.jobs.show(id)

    async def move(self, id: str, before: str | None, to: Literal["front", "back"] | None) -> None:
        """Give a waiting job another place in the queue: before another job, or at one of the ends.

        Raises:
            NotFound: There is no such job.
            Conflict: One of them does not wait.
            CallError: Both places are given, or none.
        """
        if (before is None) == (to is None):
            raise CallError("A job is moved to one place.", "Give either 'before', a job's id, or 'to'.")
        if before is not None:
            await self.jobs.move_before(id, before)
        else:
            await (self.jobs.move_to_front(id) if to == "front" else self.jobs.move_to_back(id))
        self.hub.publish("queue", {"moved": id})

    async def delete(self, id: str) -> None:
        """Forget a job that has ended, and its results; their files stay.

        Raises:
            NotFound: There is no such job.
            Conflict: It has not ended.
        """
        if not await self.forget([id]):
            job = await self.jobs.show(id)
            raise Conflict(f"Job '{id}' is {job.state}.", "Wait until it has ended, or cancel it first.")

    async def forget(self, ids: Iterable[str]) -> list[str]:
        """Forget those of some jobs that have ended, a few at a time; the ids of those."""
        wanted, gone = [*ids], list[str]()
        for begin in range(0, len(wanted), PRUNED):
            gone += await self.jobs.delete(wanted[begin : begin + PRUNED])
        for id in gone:
            self.hub.publish("deleted", {}, job=id)
        return gone

    async def pause(self) -> None:
        """Let no job be taken until ``resume``, also after a restart."""
        await self.jobs.pause()
        self.hub.publish("queue", {"paused": True})

    async def resume(self) -> None:
        """Let jobs be taken again."""
        await self.jobs.resume()
        self.hub.publish("queue", {"paused": False})

    async def queue(self, limit: int = 100) -> QueueView:
        """What runs, and what waits."""
        event = self.hub.newest
        waiting, counts, paused = await self.jobs.waiting(limit), await self.jobs.counts(), await self.jobs.paused()
        running = [job_view(job) for job in self.runner.running]
        return QueueView(event, paused, running, [job_view(job) for job in waiting], counts)

    async def health(self) -> Health:
        """Whether a worker is ready, and how many jobs wait."""
        workers = [WorkerView(place.worker.settings.device, place.worker.is_ready) for place in self.runner.places]
        waiting = (await self.jobs.counts())[JobState.QUEUED]
        return Health(ready=any(worker.ready for worker in workers), waiting=waiting, workers=workers)

    async def save(self, name: str, data: bytes, based_on: int | None, was: str | None = None) -> int:
        """Save a document (see ``Documents.save``) that is a workflow.

        Raises:
            DocumentError: It is none that is understood.
        """
        self.read(document.parse(data))
        return self._tell_saved(name, await self.documents.save(name, data, based_on, was))

    async def restore(self, name: str, version: int) -> int:
        """Save an old version of a document again (see ``Documents.restore``)."""
        return self._tell_saved(name, await self.documents.restore(name, version))

    async def undelete_document(self, name: str) -> int:
        """Bring a document back (see ``Documents.undelete``)."""
        return self._tell_saved(name, await self.documents.undelete(name))

    async def rename_document(self, name: str, new: str) -> None:
        """Give a document another name (see ``Documents.rename``)."""
        await self.documents.rename(name, new)
        self.hub.publish("renamed", {"name": plain_name(name), "new": plain_name(new)})

    async def name_version(self, name: str, version: int, called: str) -> None:
        """Say what people call a version (see ``Documents.name_version``)."""
        called = await self.documents.name_version(name, version, called)
        self.hub.publish("named", {"name": plain_name(name), "version": version, "called": called})

    async def delete_document(self, name: str) -> None:
        """Remove a document (see ``Documents.delete``)."""
        await self.documents.delete(name)
        self.hub.publish("removed", {"name": plain_name(name)})

    def _tell_saved(self, name: str, version: int) -> int:
        self.hub.publish("saved", {"name": plain_name(name), "version": version})
        return version

    async def keep_draft(self, name: str, data: bytes, based_on: int | None, known: Collection[str] | None) -> str:
        """Keep what is unsaved of a document (see ``Documents.draft``); its tag."""
        tag = await self.documents.draft(name, data, based_on, known)
        self.hub.publish("draft", {"name": plain_name(name), "tag": tag})
        return tag

    async def names(self, source: str) -> list[str]:
        """What a source of choices offers now.

        Raises:
            NotFound: There is no such source.
        """
        try:
            return await asyncio.to_thread(self.engine.files.names, source)
        except CallError as error:
            raise NotFound(error.message, error.cure) from error

    async def carried(self, path: Path) -> Workflow:
        """The workflow that a file carries.

        Raises:
            NotFound: It is not there, or carries none.
        """
        if not path.is_file():
            raise NotFound(f"There is no file '{path.name}'.", "It may have been moved or deleted.")
        try:
            return await asyncio.to_thread(self.engine.read, path)
        except DocumentError as error:
            raise NotFound(error.message, error.cure) from error


async def in_time(answer: Awaitable[T], patience: float = PATIENCE) -> T:
    """What a worker answers.

    Raises:
        Busy: It does not within ``patience`` seconds.
    """
    try:
        return await asyncio.wait_for(answer, patience)
    except TimeoutError:
        raise Busy(f"No worker answered within {patience:g} s.", "Ask again when a job has ended.") from None
