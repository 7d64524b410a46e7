import asyncio
import json
import os
import signal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from graphengine.graph import document
from graphengine.server.origins import Host
from graphengine.server.outward import Outward

from .serving import LONG, SAY, play, workflow

ROOT = Path(__file__).parents[3]
API_GRAPH = {"1": {"class_type": "acts/Say", "inputs": {"text": "from the API format"}}}


def test_a_workflow_becomes_a_job_that_is_run_and_shown_whole(home):
    async def act(api):
        job = await api.submit(SAY, title="first", client="me", priority=2.5, id="my-own")
        assert (job["id"], job["state"], job["title"], job["client"], job["priority"]) == (
            "my-own", "queued", "first", "me", 2.5,
        )  # fmt: skip
        done = await api.ended("my-own")
        assert (done["state"], done["outcome"]["ran"], done["progress"]) == ("done", ["say"], None)
        assert [one["state"] for one in done["transitions"]] == ["queued", "running", "done"]
        (result,) = done["results"]
        assert (result["node"], result["kind"], result["item"], result["file"]) == ("say", "text", "hello", None)
        assert done["created"] <= done["started"] <= done["ended"]

    play(home, act)


def test_a_job_keeps_its_workflow_to_the_byte_with_the_values_that_were_set(home):
    async def act(api):
        given = workflow(say=("Say", {"text": "old"}), other=("Add", {"a": 1}))
        given["interface"] = {"inputs": {"greeting": [{"node": "say", "input": "text"}]}}
        job = await api.submit(given, set={"greeting": "new", "other.b": 5}, targets=["say"])
        kept = await api.ask("GET", f"/jobs/{job['id']}/workflow")
        assert kept["nodes"]["say"]["inputs"] == {"text": "new"}
        assert kept["nodes"]["other"]["inputs"] == {"a": 1, "b": 5}
        async with api.client.get(f"/api/v1/jobs/{job['id']}/workflow") as answer:
            data = await answer.read()
        assert document.save(document.load(data), indent=None) == data
        done = await api.ended(job["id"])
        assert done["targets"] == ["say"] and done["results"][0]["item"] == "new"

    play(home, act)


def test_a_workflow_of_another_format_is_taken_as_it_is_and_inside_a_wrapper(home):
    async def act(api):
        for given in (API_GRAPH, {"prompt": API_GRAPH}):
            job = await api.submit(given)
            assert (await api.ended(job["id"]))["results"][0]["item"] == "from the API format"

    play(home, act)


def test_asking_again_with_a_key_gives_the_same_job_and_another_workflow_under_it_is_refused(home):
    async def act(api):
        await api.post("/queue/pause", 204)
        first = await api.post("/jobs", 201, json={"workflow": SAY, "key": "k"})
        again = await api.post("/jobs", 200, json={"workflow": SAY, "key": "k"})
        header = await api.post("/jobs", 200, json={"workflow": SAY}, headers={"Idempotency-Key": "k"})
        assert first["id"] == again["id"] == header["id"]
        other = await api.post("/jobs", 409, json={"workflow": LONG, "key": "k"})
        assert other["error"]["code"] == "conflict" and first["id"] in other["error"]["message"]
        two = await api.post("/jobs", 400, json={"workflow": SAY, "key": "a"}, headers={"Idempotency-Key": "b"})
        assert two["error"]["code"] == "two_keys"
        assert (await api.get("/queue"))["counts"]["queued"] == 1

    play(home, act)


def test_a_workflow_that_cannot_run_is_refused_with_all_its_problems(home):
    async def act(api):
        broken = workflow(say=("Say", {"text": ["gone.text"]}), what=("Sey", {}), add=("Add", {"a": "x"}))
        broken["nodes"]["say2"] = {"kind": "acts/Say", "inputs": {"text": {"link": {"node": "what", "output": "x"}}}}
        refused = await api.post("/jobs", 422, json={"workflow": broken})
        problems = refused["error"]["problems"]
        assert {(one["code"], one["node"]) for one in problems} >= {
            ("dangling_link", "say"), ("unknown_kind", "what"), ("wrong_type", "add"),
        }  # fmt: skip
        assert all(one["message"] and one["cure"] for one in problems)
        checked = await api.post("/check", json={"workflow": broken})
        assert checked["problems"] == problems
        assert (await api.get("/queue"))["counts"]["queued"] == 0

    play(home, act)


def test_problems_name_no_place_of_this_machine(home):
    async def act(api):
        graph = {
            "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "gone.safetensors"}},
            "2": {"class_type": "LoadImage", "inputs": {"image": "gone.png"}},
            "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        }
        checked = await api.post("/check", json={"workflow": graph})
        assert {one["code"] for one in checked["problems"]} == {"bad_choice"}
        refused = await api.post("/jobs", 422, json={"workflow": graph})
        assert str(home) not in json.dumps([checked, refused])

    play(home, act)


def test_checking_says_which_outputs_are_affected_and_runs_nothing(home):
    async def act(api):
        given = workflow(good=("Say", {}), bad=("Say", {"text": ["gone.text"]}))
        checked = await api.post("/check", json={"workflow": given})
        outputs = {one["node"]: one for one in checked["outputs"]}
        assert outputs["good"] == {"node": "good", "runs": True, "problems": []}
        assert not outputs["bad"]["runs"]
        assert [checked["problems"][place]["node"] for place in outputs["bad"]["problems"]] == ["bad"]
        assert (await api.post("/check", json={"workflow": SAY, "targets": ["say"]}))["problems"] == []
        none = await api.post("/check", json={"workflow": workflow(add=("Add", {}))})
        assert [one["code"] for one in none["problems"]] == ["no_output"] and none["outputs"] == []
        assert (await api.get("/jobs"))["jobs"] == []

    play(home, act)


def test_checking_says_how_large_pictures_are_and_of_which_family_models(home):
    def make_picture():
        picture = Image.new("RGB", (300, 200))
        turned = picture.getexif()
        turned[0x0112] = 6
        (home / "input").mkdir(exist_ok=True)
        picture.save(home / "input" / "cat.jpg", exif=turned)

    nodes = {
        "load": {"kind": "LoadImage", "inputs": {"image": "cat.jpg"}},
        "twice": {"kind": "@twice", "inputs": {"image": {"link": {"node": "load", "output": "image"}}}},
        "model": {"kind": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny_world.safetensors"}},
    }
    scale = {"kind": "ImageScaleBy", "inputs": {"scale_by": 2}}
    twice = {
        "nodes": {"scale": scale},
        "interface": {
            "inputs": {"image": [{"node": "scale", "input": "image"}]},
            "outputs": {"result": {"node": "scale", "output": "image"}},
        },
    }

    async def act(api):
        given = {"graphengine": 1, "nodes": nodes, "workflows": {"twice": twice}}
        facts = (await api.post("/check", json={"workflow": given}))["facts"]
        assert facts["load"] == {"image": {"size": [200, 300]}, "mask": {"size": [200, 300]}}
        assert facts["twice:scale"] == {"image": {"size": [400, 600]}}
        assert facts["twice"] == {"result": {"size": [400, 600]}}
        assert facts["model"] == {name: {"family": "sd1"} for name in ("model", "clip", "vae")}

    make_picture()
    play(home, act)


def test_a_plan_says_what_would_run_and_why_and_then_what_is_cached(home):
    async def act(api):
        sum = workflow(add=("Add", {"a": 1, "b": 2}), work=("Work", {"seconds": 0.05, "after": ["add.int"]}))
        before = await api.post("/plan", json={"workflow": sum, "title": "t"})
        assert (set(before["run"]), before["cached"], before["order"]) == ({"add", "work"}, [], ["add", "work"])
        await api.ended((await api.submit(sum, title="t"))["id"])
        after = await api.post("/plan", json={"workflow": sum, "title": "t"})
        assert after["run"] == {} and "work" in after["cached"]
        edited = await api.post("/plan", json={"workflow": sum, "title": "t", "set": {"work.seconds": 0.06}})
        assert set(edited["run"]) == {"work"} and "seconds" in edited["run"]["work"][0]
        assert edited["seconds"] > 0.02
        await api.post("/plan", 422, json={"workflow": workflow(say=("Sey", {}))})

    play(home, act)


def test_a_plan_is_not_waited_for_while_a_long_job_runs(home, monkeypatch):
    monkeypatch.setattr("graphengine.server.service.PATIENCE", 0.2)

    async def act(api):
        job = await api.submit(LONG)
        await api.working(job["id"])
        busy = await api.post("/plan", 503, json={"workflow": SAY})
        assert busy["error"]["code"] == "busy"
        await api.post(f"/jobs/{job['id']}/cancel")
        await api.ended(job["id"])

    play(home, act)


def test_how_far_a_running_job_is_can_be_read_at_any_time(home):
    async def act(api):
        job = await api.submit(workflow(say=("Say", {}), work=("Work", {"seconds": 60.0})))
        shown = await api.until(job["id"], lambda one: _settled(one["progress"]))
        progress = shown["progress"]
        assert progress["say"]["state"] == "done" and progress["say"]["seconds"] >= 0
        assert progress["work"]["total"] == 6000 and 0 < progress["work"]["done"] < 6000
        assert shown["event"] >= api.service.hub.newest - 200
        await api.post(f"/jobs/{job['id']}/cancel")
        ended = await api.ended(job["id"])
        assert ended["state"] == "cancelled" and ended["progress"] is None

    def _settled(progress):
        states = {id: node["state"] for id, node in (progress or {}).items()}
        return states.get("say") == "done" and "done" in progress.get("work", {})

    play(home, act)


def test_jobs_are_listed_by_state_and_page(home):
    async def act(api):
        await api.post("/queue/pause", 204)
        ids = [(await api.submit(SAY, id=f"j{number}"))["id"] for number in range(5)]
        await api.post("/jobs/j4/cancel")
        newest = await api.get("/jobs?limit=2")
        assert [job["id"] for job in newest["jobs"]] == ["j4", "j3"]
        older = await api.get(f"/jobs?before={newest['jobs'][-1]['number']}")
        assert [job["id"] for job in older["jobs"]] == ["j2", "j1", "j0"]
        rising = await api.get(f"/jobs?after={older['jobs'][1]['number']}")
        assert [job["id"] for job in rising["jobs"]] == ["j2", "j3", "j4"]
        assert [job["id"] for job in (await api.get("/jobs?state=cancelled"))["jobs"]] == ["j4"]
        both = await api.get("/jobs?state=cancelled&state=queued")
        assert [job["id"] for job in both["jobs"]] == ids[::-1]

    play(home, act)


def test_labels_are_given_back_found_by_name_and_kept_when_a_job_is_done_again(home):
    async def act(api):
        labels = {"sweep": "a", "it's $.odd": "\u00fc"}
        marked = await api.submit(SAY, id="marked", labels=labels)
        assert marked["labels"] == labels and (await api.submit(SAY, id="plain"))["labels"] == {}
        await api.ended("marked")
        again = await api.post("/jobs/marked/retry", status=201)
        assert again["labels"] == labels
        for name, ids in {"sweep": [again["id"], "marked"], "it's $.odd": [again["id"], "marked"], "swee": []}.items():
            found = await api.ask("GET", "/jobs?" + urlencode({"label": name}))
            assert [job["id"] for job in found["jobs"]] == ids
        found = await api.ask("GET", "/jobs?label=sweep&limit=1")
        assert [job["id"] for job in found["jobs"]] == [again["id"]]

    play(home, act)


def test_jobs_are_found_by_their_title_and_state_a_page_at_a_time(home):
    async def act(api):
        ids = [(await api.submit(SAY, id=f"mine{number}", title="folder/it's mine"))["id"] for number in range(3)]
        await api.submit(SAY, id="other", title="folder/it")
        for id in [*ids, "other"]:
            await api.ended(id)
        title = urlencode({"title": "folder/it's mine"})
        found = (await api.ask("GET", f"/jobs?{title}"))["jobs"]
        assert [job["id"] for job in found] == ids[::-1]
        older = await api.ask("GET", f"/jobs?{title}&state=done&state=failed&limit=1&before={found[0]['number']}")
        assert [job["id"] for job in older["jobs"]] == [ids[1]]
        assert (await api.ask("GET", f"/jobs?{title}&state=failed"))["jobs"] == []

    play(home, act)


def test_jobs_are_cancelled_done_again_and_deleted_and_only_when_that_can_be(home):
    async def act(api):
        running = await api.submit(LONG, id="long", title="mine", client="me")
        await api.working("long")
        for refused in (await api.post("/jobs/long/retry", 409), await api.ask("DELETE", "/jobs/long", 409)):
            assert "'long' is running" in refused["error"]["message"] and refused["error"]["cure"]
        await api.post("/jobs/long/cancel")
        assert (await api.ended("long"))["state"] == "cancelled"
        assert "cancelled" in (await api.post("/jobs/long/cancel", 409))["error"]["message"]
        again = await api.post("/jobs/long/retry", 201)
        assert (again["retry_of"], again["title"], again["client"]) == ("long", "mine", "me")
        assert again["id"] != running["id"]
        await api.post(f"/jobs/{again['id']}/cancel")
        await api.ended(again["id"])
        await api.ask("DELETE", "/jobs/long", 204)
        await api.get("/jobs/long", 404)

    play(home, act)


def test_a_failed_job_says_where_and_what_to_do(home):
    async def act(api):
        job = await api.submit(workflow(no=("Refuse", {})))
        failed = await api.ended(job["id"])
        (failure,) = failed["outcome"]["failures"]
        assert failed["state"] == "failed" and "It is refused." in failed["reason"]
        assert (failure["node"], failure["input"], failure["cure"]) == ("no", "after", "Ask for something else.")

    play(home, act)


@pytest.mark.parametrize(
    "id", ["none", "a%2Fb", "%00", "%ff", "%ED%A0%80", "..%2f..", "'; DROP TABLE jobs; --", "x" * 5000]
)
def test_a_job_that_is_not_there_is_not_found_whatever_it_is_called(home, id):
    async def act(api):
        for method, path in (
            ("GET", ""), ("GET", "/workflow"), ("POST", "/cancel"), ("POST", "/retry"), ("DELETE", ""),
        ):  # fmt: skip
            answer = await api.ask(method, f"/jobs/{id}{path}", 404)
            assert answer["error"]["code"] in ("not_found", "not_found")
        await api.post(f"/jobs/{id}/move", 404, json={"to": "front"})

    play(home, act)


def test_bodies_that_do_not_fit_are_refused_with_the_place(home):
    async def act(api):
        assert (await api.post("/jobs", 400, data=b'{"workflow": '))["error"]["code"] == "bad_json"
        assert (await api.post("/jobs", 400, data=b"\xff\xfe"))["error"]["code"] == "bad_json"
        deep = b'{"workflow": ' + b"[" * 5000 + b"]" * 5000 + b"}"
        assert (await api.post("/jobs", 400, data=deep))["error"]["code"] == "too_deep"
        nested = b'{"workflow": {"graphengine": 1, "nodes": {}, "extra": ' + b"[" * 80 + b"]" * 80 + b"}}"
        assert "64 levels" in (await api.post("/jobs", 400, data=nested))["error"]["message"]
        for body, place in (
            ({}, "workflow"),
            ({"workflow": SAY, "targts": []}, "targts"),
            ({"workflow": SAY, "targets": "say"}, "$.targets"),
            ({"workflow": SAY, "priority": "high"}, "$.priority"),
            ({"workflow": SAY, "title": "x" * 201}, "$.title"),
            ({"workflow": SAY, "labels": {"name": "x" * 1001}}, "$.labels"),
            ({"workflow": SAY, "labels": {str(number): "" for number in range(17)}}, "$.labels"),
            ({"workflow": SAY, "labels": {"name": 1}}, "$.labels"),
            ({"workflow": SAY, "id": "../x"}, "$.id"),
        ):
            answer = await api.post("/jobs", 400, json=body)
            assert answer["error"]["code"] == "bad_body" and place in answer["error"]["message"]
        nothing = await api.post("/jobs", 400, json={"workflow": {"what": 1}})
        assert nothing["error"]["code"] == "document"
        unnamed = await api.post("/jobs", 400, json={"workflow": SAY, "set": {"gone.x": 1}})
        assert "no node 'gone'" in unnamed["error"]["message"]
        typo = await api.post("/jobs", 400, json={"workflow": SAY, "set": {"say.txt": "x"}})
        assert "no input 'txt'" in typo["error"]["message"] and "text" in typo["error"]["cure"]
        await api.post("/jobs", 400, json={"workflow": SAY, "targets": ["gone"]})
        async with api.client.post("/api/v1/jobs", data="{}") as answer:
            assert answer.status == 415
        taken = await api.submit(SAY, id="one")
        await api.post("/jobs", 409, json={"workflow": SAY, "id": taken["id"]})

    play(home, act)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "before=-1", "after=99999999999999999999999", "state=odd", "what=1"]
)
def test_queries_that_do_not_fit_are_refused(home, query):
    async def act(api):
        assert (await api.get(f"/jobs?{query}", 400))["error"]["code"] == "bad_query"
        await api.get("/jobs?limit=1000")

    play(home, act)


def test_what_was_done_is_found_again_after_a_restart(home):
    async def first(api):
        await api.ended((await api.submit(SAY, id="old"))["id"])
        await api.post("/queue/pause", 204)
        await api.submit(SAY, id="waits")

    async def second(api):
        assert (await api.get("/jobs/old"))["results"][0]["item"] == "hello"
        assert [job["id"] for job in (await api.get("/queue"))["waiting"]] == ["waits"]
        await api.post("/queue/resume", 204)
        assert (await api.ended("waits"))["state"] == "done"

    play(home, first)
    play(home, second)


def test_what_ends_or_begins_while_the_server_stops_is_neither_lost_nor_refused(home):
    def stopped_after(delay):
        async def act(api):
            for number in range(4):
                await api.submit(SAY, set={"say.text": f"{delay} {number}"})
            await asyncio.sleep(delay)

        return act

    async def after(api):
        async with asyncio.timeout(30):
            while (await api.get("/queue"))["counts"]["done"] < 4 * len(delays):
                await asyncio.sleep(0.02)
        for job in (await api.get("/jobs?limit=100"))["jobs"]:
            shown = await api.get(f"/jobs/{job['id']}")
            assert [one["state"] for one in shown["transitions"]].count("done") == 1
            assert len(shown["results"]) == 1 and job["state"] == "done"

    delays = [0, 0.001, 0.003, 0.01, 0.2, 0.21, 0.22, 0.23]
    for delay in delays:
        play(home, stopped_after(delay))
    play(home, after)


def test_a_cancel_right_after_a_job_was_taken_reaches_it(home):
    async def act(api):
        jobs = api.service.jobs
        take = jobs.take

        async def slow():
            job = await take()
            await asyncio.sleep(0.2)  # it runs by now, and no worker has it
            return job

        jobs.take = slow
        await api.submit(SAY, id="wakes")
        await api.ended("wakes")
        await api.submit(LONG, id="long")
        await api.until("long", lambda job: job["state"] == "running")
        assert api.service.runner.progress("long") is None
        await api.post("/jobs/long/cancel")
        assert (await api.ended("long"))["state"] == "cancelled"

    play(home, act)


def test_a_worker_killed_within_a_samplers_step_loses_its_job_at_once_and_doing_it_again_goes_on(home):
    drawing = json.loads((ROOT / "workflows/text_to_image.json").read_text())
    drawing["nodes"]["say"] = SAY["nodes"]["say"]

    def draws(job):
        progress = job["progress"] or {}
        return progress.get("sampler", {}).get("done", 0) > 0 and progress["say"]["state"] == "done"

    async def act(api):
        await api.submit(drawing, id="draws", set={"steps": 20, "width": 64, "height": 64})
        await api.until("draws", draws)
        clock = asyncio.get_running_loop().time
        began = clock()
        os.kill(api.service.runner.places[0].worker.pid, signal.SIGKILL)
        lost = await api.ended("draws")
        assert clock() - began < 3
        assert lost["state"] == "lost" and "SIGKILL" in lost["reason"]
        await api.submit(workflow(say=("Say", {"text": "next"})), id="next")
        assert (await api.ended("next"))["state"] == "done"
        again = await api.ended((await api.post("/jobs/draws/retry", status=201))["id"])
        assert again["state"] == "done" and {"sampler", "decode", "save"} <= set(again["outcome"]["ran"])
        assert "say" in again["outcome"]["cached"]

    play(home, act)


def test_a_webhook_is_looked_at_before_a_job_is_accepted_and_told_when_it_has_ended(home):
    heard = asyncio.Queue()

    async def receive(request):
        await heard.put((request.path, request.content_type, await request.json()))
        return web.Response()

    async def act(api):
        for wrong in ("http://169.254.169.254/latest", "file:///etc/passwd", ""):
            refused = await api.post("/jobs", 400, json={"workflow": SAY, "webhook": wrong})
            assert "webhook-host" in refused["error"]["cure"]
        app = web.Application()
        app.router.add_post("/told", receive)
        async with TestServer(app) as receiver:
            api.service.outward = Outward({Host("127.0.0.1", receiver.port)})
            job = await api.submit(SAY, webhook=f"http://127.0.0.1:{receiver.port}/told")
            path, type, event = await heard.get()
            assert (path, type, event["type"]) == ("/told", "application/json", "job.done")
            assert event["data"]["id"] == job["id"] and event["data"]["results"][0]["item"] == "hello"
            again = await api.post(f"/jobs/{job['id']}/retry", 201)
            assert (await heard.get())[2]["data"]["id"] == again["id"]

    play(home, act)


def test_an_error_has_the_status_200_where_that_is_preferred_and_its_own_in_a_header(home):
    async def act(api):
        for path, status, code in (("/jobs/none", 404, "not_found"), ("/nowhere", 404, "not_found")):
            async with api.client.get(f"/api/v1{path}", headers={"Prefer": "error-status=200"}) as quiet:
                assert (quiet.status, quiet.headers["Error-Status"]) == (200, str(status))
                assert quiet.headers["Preference-Applied"] == "error-status=200"
                assert (await quiet.json())["error"]["code"] == code
            for other in ({}, {"Prefer": "return=minimal"}):
                async with api.client.get(f"/api/v1{path}", headers=other) as loud:
                    assert loud.status == status and "Error-Status" not in loud.headers
        async with api.client.get("/api/v1/health", headers={"Prefer": "error-status=200"}) as well:
            assert well.status == 200 and "Error-Status" not in well.headers

    play(home, act)
