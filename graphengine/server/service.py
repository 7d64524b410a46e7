"""What a server is besides HTTP: documents, jobs, workers and who listens, started and stopped together."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from graphengine.engine import Engine
from graphengine.graph import document
from graphengine.graph.errors import CallError, PackError
from graphengine.graph.workflow import Workflow
from graphengine.packs.find import find
from graphengine.packs.index import kept_index
from graphengine.server.documents import Documents
from graphengine.server.hub import Hub
from graphengine.server.job import FINISHED, Job, Submission
from graphengine.server.jobs import Jobs
from graphengine.server.runner import Runner
from graphengine.server.store import Store
from graphengine.settings import Settings

DATABASE = "server/server.sqlite"  # below HOME


class Service:
    """Everything that handlers call.

    Args:
        settings: Of the engines of server and workers.
        workers: How many processes run jobs.

    Attributes:
        engine: Reads and checks workflows here; it never runs one.
        hub: Tells what happens. The others are there while it is ``running``.
    """

    store: Store
    jobs: Jobs
    documents: Documents
    runner: Runner

    def __init__(self, settings: Settings, workers: int = 1) -> None:
        self.settings, self.workers = settings, workers
        self.engine = Engine(settings)
        self.hub = Hub()

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
            self.runner = Runner(self.jobs, self.hub, self.settings, self.workers)
            await self.runner.start()
            try:
                yield
            finally:
                await self.runner.stop(patience)
        finally:
            self.hub.close()
            self.store.close()

    async def submit(self, workflow: Workflow, targets: Iterable[str] | None = None, **more: Any) -> tuple[Job, bool]:
        """Accept a workflow as a job, and say whether it is a new one (see ``Submission.key``).

        Args:
            targets: Ids or titles of nodes to run to; the output nodes when None.
            more: Of ``Submission``.

        Raises:
            CheckError: It has problems where it is needed.
            CallError: There is no node of a target's name.
            Conflict: The id or the idempotency key belongs to another job.
        """
        names = None if targets is None else list(targets)
        wanted = self.engine.accept(workflow, names)[1]
        bytes = document.save(workflow)
        submission = Submission(document=bytes, targets=None if names is None else wanted, **more)
        job, new = await self.jobs.submit(submission)
        if new:
            self.runner.submitted(job)
        return job, new

    async def retry(self, id: str, more: Mapping[str, Any] | None = None) -> Job:
        """Submit a finished job again: what it had finished is found in the cache.

        Raises:
            CallError: There is no such job, or it has not ended.
        """
        job = await self.jobs.show(id)
        if job.state not in FINISHED:
            raise CallError(f"Job '{id}' is {job.state}.", "Wait until it has ended, or cancel it first.")
        again = Submission(
            document=job.document,
            targets=job.targets,
            priority=job.priority,
            client=job.client,
            extra={**job.extra, **(more or {})},
            retry_of=job.id,
            title=job.title,
        )
        submitted, _ = await self.jobs.submit(again)
        self.runner.submitted(submitted)
        return submitted


async def make_index(settings: Settings) -> None:
    """Have another process make the index of the packs if there is none: it imports them all, and torch with them.

    Raises:
        PackError: It failed.
    """
    folders = settings.pack_folders
    found = find(folders[0], folders[1:])
    if kept_index(found, settings.cache_folder / "index") is not None:
        return
    options = ["--home", str(settings.home), *(part for path in settings.packs for part in ("--packs", str(path)))]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "graphengine", "packs", *options, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait():
        raise PackError("The packs cannot be looked through.", "Run 'graphengine packs check'; it says what is wrong.")
