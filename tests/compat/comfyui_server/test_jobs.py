"""Jobs as newer pages read them. What is expected is what ComfyUI 0.8.0 answered, with times as 0."""

import asyncio
import io
import logging
import re
from urllib.parse import quote

import pytest
from PIL import Image
from yarl import URL

from graphengine.server.keys import SERVICE
from tests.compat.comfyui_server.scripts import play, say, work

TIMES = ("timestamp", "create_time", "execution_start_time", "execution_end_time")
FAIL = {"class_type": "acts/Fail", "inputs": {}}


def timeless(data):
    if isinstance(data, dict):
        return {name: 0 if name in TIMES and value > 10**12 else timeless(value) for name, value in data.items()}
    if isinstance(data, list):
        return [timeless(value) for value in data]
    return re.sub("ComfyUI_temp_[a-z]{5}_", "ComfyUI_temp_", data) if isinstance(data, str) else data


def succeeded(id):
    told = [
        ["execution_start", {"prompt_id": id, "timestamp": 0}],
        ["execution_cached", {"nodes": [], "prompt_id": id, "timestamp": 0}],
        ["execution_success", {"prompt_id": id, "timestamp": 0}],
    ]
    return {"status_str": "success", "completed": True, "messages": told}


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


EMPTY = {"width": 16, "height": 16, "batch_size": 1, "color": 255}
PAGE = {"extra_pnginfo": {"workflow": {"id": "wf-1", "nodes": []}}}
COMPLETED = {"status": "completed", "create_time": 0, "execution_start_time": 0, "execution_end_time": 0}
SUCCEEDED = [
    (
        {
            "prompt_id": "pictures",
            "client_id": "me",
            "extra_data": PAGE,
            "prompt": {
                "1": node("EmptyImage", **EMPTY | {"batch_size": 2}),
                "2": node("SaveImage", images=["1", 0], filename_prefix="jobs_a"),
            },
        },
        {
            "outputs_count": 2,
            "preview_output": {
                "filename": "jobs_a_00001_.png",
                "subfolder": "",
                "type": "output",
                "nodeId": "2",
                "mediaType": "images",
            },
            "workflow_id": "wf-1",
        },
        {
            "2": {
                "images": [
                    {"filename": "jobs_a_00001_.png", "subfolder": "", "type": "output"},
                    {"filename": "jobs_a_00002_.png", "subfolder": "", "type": "output"},
                ]
            }
        },
        {**PAGE, "client_id": "me", "create_time": 0},
    ),
    (
        {
            "prompt_id": "both",
            "number": 1.0,
            "prompt": {
                "0": node("PreviewAny", source=["9", 0]),
                "9": node("PrimitiveString", value="hello"),
                "1": node("EmptyImage", **EMPTY | {"width": 24}),
                "2": node("PreviewImage", images=["1", 0]),
                "3": node("SaveImage", images=["1", 0], filename_prefix="x/jobs_y"),
            },
        },
        {
            "priority": 1,
            "outputs_count": 2,
            "preview_output": {
                "filename": "jobs_y_00001_.png",
                "subfolder": "x",
                "type": "output",
                "nodeId": "3",
                "mediaType": "images",
            },
        },
        {
            "3": {"images": [{"filename": "jobs_y_00001_.png", "subfolder": "x", "type": "output"}]},
            "2": {"images": [{"filename": "ComfyUI_temp_00001_.png", "subfolder": "", "type": "temp"}]},
            "0": {"text": ["hello"]},
        },
        {"create_time": 0},
    ),
    (
        {
            "prompt_id": "text",
            "number": 7.5,
            "prompt": {
                "1": node("PrimitiveString", value="hello2"),
                "2": node("PreviewAny", source=["1", 0]),
            },
        },
        {"priority": 7.5, "outputs_count": 0},
        {"2": {"text": ["hello2"]}},
        {"create_time": 0},
    ),
    (
        {
            "prompt_id": "latent/of mine",
            "number": 3,
            "prompt": {
                "1": node("EmptyLatentImage", width=64, height=64, batch_size=1),
                "2": node("SaveLatent", samples=["1", 0], filename_prefix="jobs_lat"),
            },
        },
        {"priority": 3.0, "outputs_count": 1},
        {"2": {"latents": [{"filename": "jobs_lat_00001_.latent", "subfolder": "", "type": "output"}]}},
        {"create_time": 0},
    ),
]


def test_jobs_that_succeeded_are_shown_as_comfyui_shows_them(home):
    async def act(script):
        for posted, listed, outputs, extra in SUCCEEDED:
            number = (await script.post("/prompt", posted))["number"]
            found = timeless(await state(script, posted["prompt_id"], "completed"))
            every = timeless(await script.get("/api/jobs?limit=1000"))
            (in_list,) = [job for job in every["jobs"] if job["id"] == posted["prompt_id"]]
            assert in_list == {"id": posted["prompt_id"], "priority": number, **COMPLETED, **listed}
            workflow = {"prompt": posted["prompt"], "extra_data": extra}
            told = succeeded(posted["prompt_id"])
            assert found == in_list | {"outputs": outputs, "execution_status": told, "workflow": workflow}

    play(home, act)


async def read(script, folder, id, status=200):
    """What is at the address of an id with whatever characters."""
    address = URL(f"{script.base}{folder}{quote(id, safe='')}", encoded=True)
    async with script.session.get(address) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def change(script, statement):
    await script.app[SERVICE].store.write(lambda connection: connection.execute(statement).rowcount)


async def state(script, id, status):
    while (found := await read(script, "/api/jobs/", id))["status"] != status:
        await asyncio.sleep(0.01)
    return timeless(found)


def test_a_job_is_shown_while_it_waits_and_runs_and_when_it_was_stopped_or_failed(home):
    async def act(script):
        page = {"extra_pnginfo": {"workflow": {"id": "wf-run"}}}
        await script.post("/prompt", {"prompt": {"1": work(30.3)}, "prompt_id": "run", "number": 1, "extra_data": page})
        waits = {
            "prompt": {"1": say()},
            "number": 7.5,
            "extra_data": {"extra_pnginfo": {"workflow": {"id": "wf-wait"}}},
        }
        await script.post("/prompt", {**waits, "prompt_id": "wait"})
        shown = {"id": "run", "status": "in_progress", "priority": 1, "create_time": 0, "outputs_count": 0,
                 "workflow_id": "wf-run"}  # fmt: skip
        assert await state(script, "run", "in_progress") == shown
        waiting = {"id": "wait", "status": "pending", "priority": 7.5, "create_time": 0, "outputs_count": 0,
                   "workflow_id": "wf-wait"}  # fmt: skip
        assert await state(script, "wait", "pending") == waiting
        live = timeless(await script.get("/api/jobs?status=pending,in_progress"))
        assert live == {
            "jobs": [waiting, shown],
            "pagination": {"offset": 0, "limit": None, "total": 2, "has_more": False},
        }
        await script.post("/queue", {"delete": ["wait"]})
        assert await script.get("/api/jobs/wait", 404) == {"error": "Job not found"}
        await script.post("/interrupt")
        stopped = await state(script, "run", "failed")
        ran = {**shown, "status": "failed", "execution_start_time": 0, "execution_end_time": 0}
        status = stopped.pop("execution_status")
        assert stopped == ran | {
            "outputs": {},
            "workflow": {"prompt": {"1": work(30.3)}, "extra_data": {**page, "create_time": 0}},
        }
        assert (status["status_str"], status["completed"], status["messages"][-1][0]) == (
            "error", False, "execution_interrupted",
        )  # fmt: skip
        await script.post("/prompt", {"prompt": {"7": FAIL}, "prompt_id": "fails", "number": 0})
        failed = await state(script, "fails", "failed")
        error = failed["execution_error"]
        assert (error["prompt_id"], error["node_id"], error["node_type"]) == ("fails", "7", "acts/Fail")
        assert error.keys() == {
            "prompt_id", "node_id", "node_type", "executed", "exception_message", "exception_type", "traceback",
            "current_inputs", "current_outputs", "timestamp",
        }  # fmt: skip
        assert failed["execution_status"]["messages"][-1] == ["execution_error", error]
        gone = timeless(await script.get("/api/jobs?status=failed&limit=2"))["jobs"]
        assert gone == [
            {"id": "fails", "status": "failed", "priority": 0, "create_time": 0, "execution_start_time": 0,
             "execution_end_time": 0, "execution_error": error, "outputs_count": 0},
            ran,
        ]  # fmt: skip

    play(home, act)


def page(offset, limit, total, more):
    return {"offset": offset, "limit": limit, "total": total, "has_more": more}


QUERIES = [
    ("", "f e d c b a", page(0, None, 6, False)),
    ("sort_by=created_at&sort_order=asc", "a b c d e f", page(0, None, 6, False)),
    ("sort_order=ASC", "a b c d e f", page(0, None, 6, False)),
    ("sort_by=execution_duration", "c a b d e f", page(0, None, 6, False)),
    ("sort_by=Execution_Duration&sort_order=desc", "c a b d e f", page(0, None, 6, False)),
    ("sort_by=execution_duration&sort_order=asc", "d e f b a c", page(0, None, 6, False)),
    ("status=pending", "f e", page(0, None, 2, False)),
    ("status=in_progress", "d", page(0, None, 1, False)),
    ("status=completed", "c a", page(0, None, 2, False)),
    ("status=failed", "b", page(0, None, 1, False)),
    ("status=PENDING", "f e", page(0, None, 2, False)),
    ("status=", "f e d c b a", page(0, None, 6, False)),
    ("status=,", "", page(0, None, 0, False)),
    ("status=pending,", "f e", page(0, None, 2, False)),
    ("status=pending,%20completed", "f e c a", page(0, None, 4, False)),
    ("status=pending,pending", "f e", page(0, None, 2, False)),
    ("limit=2", "f e", page(0, 2, 6, True)),
    ("limit=2&offset=2", "d c", page(2, 2, 6, True)),
    ("limit=2&offset=4", "b a", page(4, 2, 6, False)),
    ("limit=+2", "f e", page(0, 2, 6, True)),
    ("limit=1001", "f e d c b a", page(0, 1001, 6, False)),
    ("offset=1", "e d c b a", page(1, None, 6, False)),
    ("offset=-1", "f e d c b a", page(0, None, 6, False)),
    ("offset=100", "", page(100, None, 6, False)),
    ("workflow_id=W1", "d c a", page(0, None, 3, False)),
    ("workflow_id=W1&sort_by=execution_duration", "c a d", page(0, None, 3, False)),
    ("workflow_id=W1&limit=1", "d", page(0, 1, 3, True)),
    ("workflow_id=", "f e d c b a", page(0, None, 6, False)),
    ("workflow_id=w1", "", page(0, None, 0, False)),
    ("workflow_id=W1,W2", "", page(0, None, 0, False)),
    ("nonsense=1", "f e d c b a", page(0, None, 6, False)),
]
STATUS = "Valid values: pending, in_progress, completed, failed"
REFUSED = [
    ("sort_by=nope", "sort_by must be 'created_at' or 'execution_duration'"),
    ("sort_by=", "sort_by must be 'created_at' or 'execution_duration'"),
    ("sort_order=up", "sort_order must be 'asc' or 'desc'"),
    ("sort_order=", "sort_order must be 'asc' or 'desc'"),
    ("status=cancelled", f"Invalid status value(s): cancelled. {STATUS}"),
    ("status=pending,bad,worse", f"Invalid status value(s): bad, worse. {STATUS}"),
    ("limit=0", "limit must be a positive integer"),
    ("limit=-1", "limit must be a positive integer"),
    ("limit=abc", "limit must be an integer"),
    ("limit=", "limit must be an integer"),
    ("limit=1.5", "limit must be an integer"),
    ("offset=abc", "offset must be an integer"),
    ("offset=1.0", "offset must be an integer"),
    ("limit=x&sort_by=nope", "sort_by must be 'created_at' or 'execution_duration'"),
    ("status=no&limit=x", f"Invalid status value(s): no. {STATUS}"),
    ("limit=x&offset=y", "limit must be an integer"),
]


def test_every_query_gets_the_jobs_that_comfyui_lists_and_every_wrong_one_its_answer(home):
    async def post(script, id, node, workflow=None):
        extra = {} if workflow is None else {"extra_data": {"extra_pnginfo": {"workflow": {"id": workflow}}}}
        await script.post("/prompt", {"prompt": {"1": node}, "prompt_id": id, **extra})

    async def act(script):
        await script.post("/history", {"clear": True})
        for id, node, workflow, seconds in (("a", say(), "W1", 0.3), ("b", FAIL, "W2", 0.1), ("c", say(), "W1", 0.7)):
            await post(script, id, node, workflow)
            await script.ended(id)
            await change(script, f"UPDATE jobs SET started = ended - {seconds} WHERE id = '{id}'")
        await post(script, "d", work(30.4), "W1")
        await state(script, "d", "in_progress")
        await post(script, "e", say())
        await post(script, "f", say())
        found = {query: await script.get(f"/api/jobs?{query}") for query, _, _ in QUERIES}
        said = [(query, await script.get(f"/api/jobs?{query}", 400)) for query, _ in REFUSED]
        largest = await script.get(f"/api/jobs?limit={10**20}&offset={10**20}")
        await script.post("/queue", {"clear": True})
        await script.post("/interrupt")
        return found, said, largest

    found, said, largest = play(home, act)
    names = {query: " ".join(job["id"] for job in answer["jobs"]) for query, answer in found.items()}
    assert [(query, names[query], found[query]["pagination"]) for query in found] == QUERIES
    assert said == [(query, {"error": text}) for query, text in REFUSED]
    assert (largest["jobs"], largest["pagination"]["total"]) == ([], 6)


def test_one_job_that_cannot_be_read_is_left_out_of_the_history_and_logged(home, caplog):
    async def act(script):
        async with script.listening("me") as ear:
            for id in ("before", "broken", "after"):
                await script.post("/prompt", {"prompt": {"1": FAIL}, "prompt_id": id, "client_id": "me"})
                await ear.end_of(id)  # not asked for in the history, which would be kept
        await change(script, "UPDATE jobs SET extra = '{\"extra_data\": 5}' WHERE id = 'broken'")
        with caplog.at_level(logging.ERROR, "graphengine.server"):
            history = await script.get("/history", max_items=3)
        assert list(history) == ["before", "after"]
        assert [record.getMessage() for record in caplog.records] == ["job broken cannot be shown in lists"]
        listed = (await script.get("/api/jobs?limit=3"))["jobs"]
        assert [(job["id"], "execution_error" in job) for job in listed] == [
            ("after", True), ("broken", False), ("before", True),
        ]  # fmt: skip
        await script.get("/history/broken", 500)  # for a script that waits, an empty answer would be no end

    play(home, act)


def test_one_job_that_cannot_be_read_is_left_out_of_the_queue_and_logged(home, caplog):
    async def act(script):
        await script.post("/prompt", {"prompt": {"1": work(30.5)}, "prompt_id": "runs"})
        await state(script, "runs", "in_progress")
        for id in ("waits", "odd", "waits too"):
            await script.post("/prompt", {"prompt": {"1": say()}, "prompt_id": id})
        await change(script, "UPDATE jobs SET extra = '{\"extra_data\": 5}' WHERE id = 'odd'")
        with caplog.at_level(logging.ERROR, "graphengine.server"):
            queue = await script.get("/queue")
        assert [item[1] for item in queue["queue_pending"]] == ["waits", "waits too"]
        assert [record.getMessage() for record in caplog.records] == ["job odd cannot be shown in lists"]
        await script.post("/queue", {"clear": True})
        await script.post("/interrupt")

    play(home, act)


def test_an_id_with_a_slash_is_readable_and_one_that_no_address_can_have_is_refused(home):
    async def act(script):
        await script.post("/prompt", {"prompt": {"1": say()}, "prompt_id": "my/own id"})
        while not (found := await read(script, "/history/", "my/own id")):
            await asyncio.sleep(0.01)
        assert list(found) == ["my/own id"]
        await script.get("/history/my/own id", 404)
        for id in (".", ".."):
            answer = await script.post("/prompt", {"prompt": {"1": say()}, "prompt_id": id}, 400)
            assert answer["error"]["type"] == "invalid_prompt_id"

    play(home, act)


def test_a_preview_of_the_colours_alone_has_no_alpha(home):
    (home / "output").mkdir(exist_ok=True)
    Image.new("RGBA", (4, 4), (200, 100, 50, 80)).save(home / "output" / "clear.png")

    async def act(script):
        for preview in ("webp", "webp;90", "png"):
            data = await script.get("/view", filename="clear.png", preview=preview, channel="rgb")
            picture = Image.open(io.BytesIO(data))
            assert (picture.format, picture.mode) == ("WEBP", "RGB")
            assert picture.getpixel((2, 2)) == pytest.approx((195, 101, 53), abs=8)

    play(home, act)
