import asyncio
import signal

from .serving import LONG, SAY, play, workflow


def test_the_queue_is_paused_reordered_cleared_and_resumed(home):
    async def act(api):
        await api.post("/queue/pause", 204)
        for id in "abc":
            await api.submit(SAY, id=id)
        queue = await api.get("/queue")
        assert queue["paused"] and queue["running"] == []
        assert [job["id"] for job in queue["waiting"]] == ["a", "b", "c"]
        assert queue["counts"]["queued"] == 3 and queue["event"] == api.service.hub.newest
        await api.post("/jobs/c/move", 204, json={"to": "front"})
        await api.post("/jobs/a/move", 204, json={"to": "back"})
        await api.post("/jobs/b/move", 204, json={"before": "c"})
        assert [job["id"] for job in (await api.get("/queue?limit=2"))["waiting"]] == ["b", "c"]
        assert sorted((await api.post("/queue/clear"))["cancelled"]) == ["a", "b", "c"]
        await api.submit(SAY, id="last")
        await api.post("/queue/resume", 204)
        assert (await api.ended("last"))["state"] == "done"
        queue = await api.get("/queue")
        assert not queue["paused"] and queue["counts"]["cancelled"] == 3 and queue["counts"]["done"] == 1

    play(home, act)


def test_only_waiting_jobs_are_moved_and_to_one_place(home):
    async def act(api):
        await api.submit(LONG, id="runs")
        await api.working("runs")
        assert [job["id"] for job in (await api.get("/queue"))["running"]] == ["runs"]
        await api.submit(SAY, id="waits")
        assert "running" in (await api.post("/jobs/runs/move", 409, json={"to": "front"}))["error"]["message"]
        await api.post("/jobs/waits/move", 409, json={"before": "runs"})
        await api.post("/jobs/waits/move", 404, json={"before": "none"})
        for nowhere in ({}, {"to": "front", "before": "runs"}, {"to": "up"}):
            await api.post("/jobs/waits/move", 400, json=nowhere)
        await api.post("/jobs/runs/cancel")
        await api.ended("waits")

    play(home, act)


def test_a_worker_that_dies_without_a_job_is_started_again(home):
    async def act(api):
        await api.ended((await api.submit(SAY))["id"])
        place = api.service.runner.places[0]
        first = place.worker.pid
        place.worker.process.send_signal(signal.SIGKILL)
        async with asyncio.timeout(20):
            while place.worker.pid == first or not (await api.get("/health"))["ready"]:
                await asyncio.sleep(0.02)
        assert (await api.get("/memory"))["workers"][0]["cache"]["values"] == 0
        assert b"graphengine_worker_restarts_total 1\n" in await api.get("/metrics")

    play(home, act)


def test_health_says_whether_a_worker_is_ready_and_how_many_jobs_wait(home):
    async def act(api):
        await api.ended((await api.submit(SAY))["id"])
        workers = [{"device": "auto", "ready": True}]
        assert await api.get("/health") == {"status": "ok", "ready": True, "waiting": 0, "workers": workers}
        await api.post("/queue/pause", 204)
        await api.submit(SAY)
        assert (await api.get("/health"))["waiting"] == 1

    play(home, act)


def test_figures_tell_what_happened_in_the_text_format_of_prometheus(home):
    async def act(api):
        await api.ended((await api.submit(SAY))["id"])
        await api.ended((await api.submit(workflow(no=("Refuse", {}))))["id"])
        async with api.client.get("/api/v1/metrics") as answer:
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            lines = (await answer.text()).splitlines()
        told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        named = {line.split()[2] for line in lines if line.startswith("# TYPE")}
        bases = {name.partition("{")[0] for name in told}
        assert all(
            any(base in (name, *(name + end for end in ("_bucket", "_sum", "_count"))) for name in named)
            for base in bases
        )
        assert told['graphengine_jobs{state="done"}'] == told['graphengine_jobs{state="failed"}'] == "1"
        assert told["graphengine_queue_length"] == "0"
        assert told['graphengine_worker_alive{worker="0",device="auto"}'] == "1"
        buckets = [int(value) for name, value in told.items() if "_bucket" in name]
        assert buckets == sorted(buckets) and buckets[-1] == int(told["graphengine_job_seconds_count"]) == 2
        assert 0 < float(told["graphengine_job_seconds_sum"]) < 20
        assert int(told['graphengine_resident_memory_bytes{process="server"}']) > 10**7
        assert int(told['graphengine_resident_memory_bytes{process="worker0"}']) > 10**7
        assert int(told["graphengine_event_number"]) == api.service.hub.newest

    play(home, act)


def test_memory_is_told_and_let_go_of(home):
    async def act(api):
        sum = workflow(work=("Work", {"seconds": 0.05}))
        await api.ended((await api.submit(sum))["id"])
        held = await api.get("/memory")
        assert held["server"] > 10**7 and held["workers"][0]["cache"]["values"] == 1
        kept = await api.post("/memory/free", json={"models": True})
        assert kept["workers"][0]["cache"]["values"] == 1
        freed = await api.post("/memory/free", json={"cache": True})
        assert freed["workers"][0]["cache"]["values"] == 0
        await api.post("/memory/free", 400, json={"all": True})

    play(home, act)
