"""Long random sequences of what can be done with jobs, beside a model of plain lists, with restarts in between."""

import asyncio
import random

import pytest

from graphengine.server import job_queue
from graphengine.server.errors import Conflict
from graphengine.server.job import FINISHED, JobState, Submission
from graphengine.server.jobs import Jobs
from graphengine.server.store import Store


class Model:
    """A queue as a list of ids in order; everything else as dictionaries."""

    def __init__(self):
        self.queue, self.states, self.priorities, self.places, self.paused = [], {}, {}, {}, False

    def submit(self, id, priority):
        self.states[id], self.priorities[id] = "queued", priority
        behind = [place for place, other in enumerate(self.queue) if self.priorities[other] > priority]
        self.queue.insert(behind[0] if behind else len(self.queue), id)

    def take(self):
        if self.paused or not self.queue:
            return None
        id = self.queue.pop(0)
        self.states[id] = "running"
        return id

    def leave(self, id, state):
        self.queue.remove(id)
        self.states[id] = state

    def move(self, id, other):
        if id != other:
            self.queue.remove(id)
            self.queue.insert(len(self.queue) if other is None else self.queue.index(other), id)
            beside = self.queue[-2] if other is None and len(self.queue) > 1 else other
            if other is None:
                self.priorities[id] = max(self.priorities[known] for known in self.queue)
            elif beside:
                self.priorities[id] = self.priorities[beside]


class Walk:
    """A life of a server that does one random thing after another, and the same to the model."""

    def __init__(self, path, seed):
        self.path, self.random, self.model, self.made = path, random.Random(seed), Model(), 0

    async def start(self):
        self.store = Store(self.path)
        self.jobs = await Jobs.open(self.store)

    def any(self, *states):
        found = [id for id, state in self.model.states.items() if state in states]
        return self.random.choice(found) if found else None

    async def submit(self):
        self.made += 1
        id, priority = f"j{self.made}", self.random.choice([-1, 0, 0, 0, 0.5])
        await self.jobs.submit(Submission(document=b"%d" % (self.made % 5), id=id, priority=priority))
        self.model.submit(id, priority)

    async def take(self):
        job = await self.jobs.take()
        assert (job.id if job else None) == self.model.take()

    async def finish(self):
        state = self.random.choice(sorted(FINISHED))
        if id := self.any("running"):
            await self.jobs.finish(id, state)
            self.model.states[id] = state

    async def move(self):
        id, other = self.any("queued"), self.any("queued")
        if id:
            how = self.random.choice(["before", "front", "back"])
            if how == "before":
                await self.jobs.move_before(id, other)
            elif how == "front":
                await self.jobs.move_to_front(id)
                other = self.model.queue[0]
            else:
                await self.jobs.move_to_back(id)
                other = None
            self.model.move(id, other)

    async def cancel(self):
        some = {self.any(*JobState) for _ in range(3)} - {None}
        cancelled = await self.jobs.cancel_queued(some)
        assert set(cancelled) == {id for id in some if self.model.states[id] == "queued"}
        for id in cancelled:
            self.model.leave(id, "cancelled")

    async def delete(self):
        some = {self.any(*JobState) for _ in range(2)} - {None}
        deleted = await self.jobs.delete(some)
        assert set(deleted) == {id for id in some if self.model.states[id] in FINISHED}
        for id in deleted:
            del self.model.states[id]

    async def pause_or_resume(self):
        self.model.paused = not self.model.paused
        await (self.jobs.pause() if self.model.paused else self.jobs.resume())

    async def clear(self):
        assert set(await self.jobs.clear()) == set(self.model.queue)
        for id in [*self.model.queue]:
            self.model.leave(id, "cancelled")

    async def wrong_transition(self):
        if id := self.any(*(set(JobState) - {"running"})):
            with pytest.raises(Conflict):
                await self.jobs.finish(id, JobState.DONE)
            with pytest.raises(Conflict):
                await self.jobs.requeue(id)

    async def restart(self):
        self.store.close()
        await self.start()
        for id, state in self.model.states.items():
            if state == "running":
                self.model.states[id] = "lost"

    async def compare(self):
        assert [job.id for job in await self.jobs.waiting(1000)] == self.model.queue
        assert {job.id: job.state for job in await self.jobs.page(limit=1000)} == self.model.states
        expected = {state: [*self.model.states.values()].count(state) for state in JobState}
        assert await self.jobs.counts() == expected
        assert await self.jobs.paused() == self.model.paused


@pytest.mark.parametrize("seed", range(6))
def test_a_random_life_is_as_the_model_says(path, seed, monkeypatch):
    monkeypatch.setattr(job_queue, "STEP", 8)  # so that gaps are used up
    chances = {"submit": 12, "take": 6, "finish": 5, "move": 10, "cancel": 2, "delete": 2, "pause_or_resume": 1}
    chances |= {"wrong_transition": 1, "restart": 0.5, "clear": 0.1}

    async def live():
        walk = Walk(path, seed)
        await walk.start()
        for step in walk.random.choices([*chances], [*chances.values()], k=300):
            await getattr(walk, step)()
            await walk.compare()
        walk.store.close()

    asyncio.run(live())
