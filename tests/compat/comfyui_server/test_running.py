import asyncio
import io
import json
import logging
import struct
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from graphengine.engine import Engine
from graphengine.formats import write
from graphengine.server.logs import RECENT
from graphengine.settings import Settings
from tests.compat.comfyui_server.scripts import play, say, work
from tests.server.pictures import png

WORKFLOWS = Path(__file__).parents[3] / "workflows"


def messages(heard, id):
    return [m for m in heard if isinstance(m, dict) and m["data"].get("prompt_id") == id]


def test_a_script_gets_its_picture_and_the_picture_opens_in_the_page_again(home):
    engine = Engine(Settings(home=home))
    workflow = engine.read(WORKFLOWS / "text_to_image.json").set("steps", 2).set("width", 64).set("height", 64)
    graph = json.loads(write(workflow, "api", engine.registry.specs))

    async def act(script):
        async with script.listening("me", {"supports_preview_metadata": True}) as ear:
            page = {"nodes": [], "links": [], "version": 0.4, "extra": {"mine": "ä"}}
            id = await script.run(graph, "me", extra_data={"extra_pnginfo": {"workflow": page}})
            heard = await ear.end_of(id)
            history = (await script.get(f"/history/{id}"))[id]
        (image,) = history["outputs"]["save"]["images"]
        shown = [m["data"] for m in heard if isinstance(m, dict) and m["type"] == "executed"]
        assert shown == [{"node": "save", "display_node": "save", "output": {"images": [image]}, "prompt_id": id}]
        picture = Image.open(io.BytesIO(await script.get("/view", **image)))
        assert picture.size == (64, 64)
        assert json.loads(picture.text["workflow"]) == page
        assert json.loads(picture.text["prompt"])["sampler"]["inputs"]["steps"] == 2
        assert history["prompt"][2]["sampler"]["inputs"]["model"] == ["checkpoint", 0]
        created = history["prompt"][3].pop("create_time")
        assert created <= history["status"]["messages"][0][1]["timestamp"]
        assert history["prompt"][3] == {"client_id": "me", "extra_pnginfo": {"workflow": page}}
        assert history["prompt"][4] == ["save"] and history["meta"]["save"]["display_node"] == "save"
        small = Image.open(io.BytesIO(await script.get("/view", **image, preview="webp;50")))
        assert small.format == "WEBP"
        again = await script.run(graph, "me")
        assert (await script.ended(again))["outputs"] == history["outputs"]

    play(home, act)


def test_messages_come_in_the_order_that_clients_know(home):
    graph = {"1": {"class_type": "acts/Add", "inputs": {"a": 1, "b": 2}}, "2": work(0.25, ["1", 0])}

    async def act(script):
        async with script.listening("me") as ear:
            first = await ear.next()
            assert first["type"] == "status" and first["data"]["sid"] == "me"
            assert first["data"]["status"]["exec_info"]["queue_remaining"] == 0
            id = await script.run(graph, "me")
            await ear.end_of(id)
        types = ear.types()
        own = [m["type"] for m in messages(ear.heard, id)]
        assert types[1:5] == ["status", "status", "execution_start", "execution_cached"]
        assert own[:3] == ["execution_start", "execution_cached", "executing"]
        assert own[-4:] == ["executed", "progress_state", "execution_success", "executing"]
        assert "progress_state" in own[3:-4] and own.count("executing") == 3
        assert types[-3:] == ["execution_success", "status", "executing"]
        assert {"progress", "preview"} <= set(types)
        remaining = [m["data"]["status"]["exec_info"]["queue_remaining"] for m in ear.heard
                     if isinstance(m, dict) and m["type"] == "status"]  # fmt: skip
        assert remaining == [0, 1, 1, 0]
        preview = next(m for m in ear.heard if isinstance(m, bytes))
        assert struct.unpack(">II", preview[:8]) == (1, 1) and preview[8:10] == b"\xff\xd8"
        told = (await script.ended(id))["status"]
        assert (told["status_str"], told["completed"]) == ("success", True)
        assert [type for type, _ in told["messages"]] == ["execution_start", "execution_cached", "execution_success"]

    play(home, act)


def test_previews_come_with_metadata_to_those_who_know_it(home):
    async def act(script):
        async with script.listening("new", {"supports_preview_metadata": True}) as ear:
            flags = await ear.until(lambda m: isinstance(m, dict) and m["type"] == "feature_flags")
            assert flags["data"] == await script.get("/features")
            id = await script.run({"w": work(0.31)}, "new")
            frame = await ear.until(lambda m: isinstance(m, bytes))
            kind, length = struct.unpack(">II", frame[:8])
            facts = json.loads(frame[8 : 8 + length])
            assert (kind, facts["node_id"], facts["prompt_id"]) == (4, "w", id)
            assert facts["image_type"] == "image/jpeg" and frame[8 + length :][:2] == b"\xff\xd8"
            await ear.end_of(id)

    play(home, act)


def test_a_second_run_is_found_in_the_cache_and_still_lists_what_it_shows(home):
    graph = {"1": say("kept")}

    async def act(script):
        await script.ended(await script.run(graph))
        async with script.listening("me") as ear:
            id = await script.run(graph, "me")
            await ear.end_of(id)
        own = messages(ear.heard, id)
        assert [m["type"] for m in own] == [
            "execution_start", "execution_cached", "executed", "execution_success", "executing",
        ]  # fmt: skip
        assert own[1]["data"]["nodes"] == ["1"] and own[2]["data"]["output"] == {"text": ["kept"]}
        assert (await script.ended(id))["outputs"] == {"1": {"text": ["kept"]}}

    play(home, act)


def test_the_messages_of_a_job_go_to_its_owner_alone(home):
    async def act(script):
        async with script.listening("a") as a, script.listening("b") as b:
            ida, idb = await script.run({"1": work(0.21)}, "a"), await script.run({"1": work(0.22)}, "b")
            unowned = await script.run({"1": work(0.23)})
            await a.end_of(ida)
            await b.end_of(idb)
            await script.ended(unowned)
            await a.for_a_moment()
            await b.for_a_moment()
        for ear, id in ((a, ida), (b, idb)):
            told = {m["data"]["prompt_id"] for m in ear.heard if isinstance(m, dict) and "prompt_id" in m["data"]}
            assert told == {id}
            assert ear.types().count("status") >= 7

    play(home, act)


def test_an_interrupt_stops_what_runs_and_only_the_job_that_is_meant(home):
    async def act(script):
        async with script.listening("me") as ear:
            id = await script.run({"1": work(30.0)}, "me")
            waits = await script.run({"1": work(30.1)}, "me")
            await ear.until(lambda m: isinstance(m, dict) and m["type"] == "progress")
            await script.post("/interrupt", {"prompt_id": "another"})
            await script.post("/queue", {"delete": [waits]})
            await asyncio.sleep(0.1)
            queue = await script.get("/queue")
            assert [item[1] for item in queue["queue_running"]] == [id] and queue["queue_pending"] == []
            await script.post("/api/interrupt", data=b"")
            await ear.end_of(id)
            unnamed = await script.run({"1": work(30.2)}, "me")
            await ear.until(lambda m: isinstance(m, dict) and m["type"] == "executing" and m["data"]["node"])
            await script.post("/interrupt", {"prompt_id": ""})
            await ear.end_of(unnamed)
        assert messages(ear.heard, unnamed)[-2]["type"] == "execution_interrupted"
        assert messages(ear.heard, waits) == []  # a page takes it for the end of what runs
        stopped = messages(ear.heard, id)[-2]
        assert stopped["type"] == "execution_interrupted"
        assert (stopped["data"]["node_id"], stopped["data"]["node_type"]) == ("1", "acts/Work")
        status = (await script.ended(id))["status"]
        assert (status["status_str"], status["completed"]) == ("error", False)
        assert status["messages"][-1][0] == "execution_interrupted"
        assert await script.get(f"/history/{waits}") == {}
        await script.post("/interrupt")

    play(home, act)


def test_a_failure_is_told_with_its_node_and_kept(home):
    async def act(script):
        async with script.listening("me") as ear:
            id = await script.run({"7": {"class_type": "acts/Fail", "inputs": {"after": 3}}}, "me")
            await ear.end_of(id)
        error = messages(ear.heard, id)[-2]
        assert error["type"] == "execution_error" and error["data"]["node_type"] == "acts/Fail"
        assert error["data"]["exception_type"] == "ZeroDivisionError" and error["data"]["traceback"]
        (kept,) = [m for m in (await script.ended(id))["status"]["messages"] if m[0] == "execution_error"]
        assert kept[1]["node_id"] == "7" and kept[1]["node_type"] == "acts/Fail"
        assert kept[1]["exception_message"] == error["data"]["exception_message"]
        assert kept[1]["current_inputs"] == error["data"]["current_inputs"] == {"after": [3]}

    play(home, act)


def test_half_an_emoji_comes_through_a_run_as_a_question_mark(home):
    async def act(script):
        body = json.dumps({"prompt": {"1": say("half \ud83d")}}).encode()
        item = await script.ended((await script.post("/prompt", data=body))["prompt_id"])
        assert (item["status"]["status_str"], item["outputs"]) == ("success", {"1": {"text": ["half ?"]}})

    play(home, act)


def test_a_failure_that_names_half_an_emoji_is_kept(home):
    async def act(script):
        empty = {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8}}
        save = {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "half?\ud83d"}}
        body = json.dumps({"prompt": {"6": empty, "7": save}}).encode()
        item = await script.ended((await script.post("/prompt", data=body))["prompt_id"])
        assert item["status"]["status_str"] == "error"
        kind, told = item["status"]["messages"][-1]
        assert (kind, told["current_inputs"]) == ("execution_error", {"filename_prefix": ["half??"]})

    play(home, act)


def test_a_job_whose_worker_dies_ends_with_an_error(home):
    async def act(script):
        async with script.listening("me") as ear:
            id = await script.run({"1": {"class_type": "acts/Fall", "inputs": {}}}, "me")
            await ear.end_of(id)
        own = [m["type"] for m in messages(ear.heard, id)]
        assert own[-2:] == ["execution_error", "executing"] and own[:2] == ["execution_start", "execution_cached"]
        assert "SIGKILL" in messages(ear.heard, id)[-2]["data"]["exception_message"]
        assert (await script.ended(id))["status"]["messages"][-1][0] == "execution_error"

    play(home, act)


def test_who_comes_back_hears_where_its_job_is_and_the_old_socket_takes_nothing_away(home):
    async def act(script):
        async with script.listening("me") as old:
            id = await script.run({"1": work(1.5)}, "me")
            await old.until(lambda m: isinstance(m, dict) and m["type"] == "progress")
            async with script.listening("me") as new:
                assert (await new.next())["data"]["sid"] == "me"
                assert await new.next() == {"type": "executing", "data": {"node": "1"}}
                await old.socket.close()
                await new.end_of(id)
                assert "executed" in new.types()

    play(home, act)


def test_who_comes_back_while_a_node_that_another_grew_runs_hears_of_the_one_that_it_posted(home):
    async def act(script):
        async with script.listening("me") as old:
            id = await script.run({"5": {"class_type": "acts/Grow", "inputs": {"seconds": 1.5}}}, "me")
            await old.until(lambda m: isinstance(m, dict) and m["type"] == "progress")
            async with script.listening("me") as new:
                await new.next()
                assert await new.next() == {"type": "executing", "data": {"node": "5"}}
                await new.end_of(id)

    play(home, act)


def test_a_client_is_known_by_what_it_says_beside_or_in_its_extra_data(home):
    async def act(script):
        async with script.listening("me") as ear:
            body = {"prompt": {"1": say("who")}, "extra_data": {"client_id": "me"}}
            id = (await script.post("/prompt", body))["prompt_id"]
            await ear.end_of(id)
            other = (await script.post("/prompt", {**body, "client_id": "other"}))["prompt_id"]
            assert (await script.ended(other))["prompt"][3]["client_id"] == "other"
            await ear.for_a_moment()
        assert messages(ear.heard, other) == []

    play(home, act)


def test_a_client_without_an_id_is_given_one(home):
    async def act(script):
        async with script.session.ws_connect("/api/ws") as socket:
            sid = (await socket.receive_json())["data"]["sid"]
            assert len(sid) == 32 and int(sid, 16) >= 0
            await socket.send_str("nonsense")
            await socket.send_str('{"type": "feature_flags"}')
            await socket.send_bytes(b"\0")
            await script.ended(await script.run({"1": say("sid")}, sid))
            assert (await socket.receive_json())["type"] == "status"

    play(home, act)


def test_the_queue_keeps_order_and_the_history_rises_in_the_order_of_ends(home):
    async def act(script):
        first = await script.run({"1": work(0.5)})
        async with asyncio.timeout(10):
            while not (await script.get("/queue"))["queue_running"]:
                await asyncio.sleep(0.01)
        answers = [
            await script.post("/prompt", {"prompt": {"1": say(name)}, **more})
            for name, more in (
                ("b", {}),
                ("c", {}),
                ("d", {"front": True}),
                ("e", {"number": -7.5}),
                ("f", {"number": 9e9}),
            )
        ]
        ids = [answer["prompt_id"] for answer in answers]
        assert answers[3]["number"] == -7.5
        assert answers[0]["number"] < answers[1]["number"] < answers[2]["number"]
        queue = await script.get("/queue")
        order = [ids[3], ids[2], ids[0], ids[1], ids[4]]
        assert [item[1] for item in queue["queue_pending"]] == order
        assert queue["queue_pending"][0][0] == -7.5 and len(queue["queue_pending"][0]) == 5
        assert queue["queue_pending"][0][4] == ["1"]
        assert (await script.get("/prompt"))["exec_info"]["queue_remaining"] == 6
        await script.ended(ids[4])
        history = await script.get("/history", max_items=6)
        assert list(history) == [first, *order]
        numbers = [item["prompt"][0] for item in history.values()]
        assert numbers == sorted(set(numbers))
        assert list(await script.get("/history", max_items=2)) == order[-2:]
        everything = list(await script.get("/history"))
        assert list(await script.get("/history", max_items=2, offset=1)) == everything[1:3]
        assert await script.get("/history", offset=10**6) == {}
        await script.get("/history", 400, max_items="many")
        await script.post("/history", {"delete": [ids[0]]})
        assert await script.get(f"/history/{ids[0]}") == {}

    play(home, act)


def test_the_history_outlives_the_server(home):
    async def act(script):
        id = await script.run({"1": say("lasting")})
        return id, await script.ended(id)

    async def again(script):
        return await script.get(f"/history/{id}")

    id, item = play(home, act)
    assert play(home, again) == {id: item}


def test_memory_is_freed_without_waiting(home):
    async def act(script):
        await script.post("/free", {"unload_models": True, "free_memory": True})
        await script.post("/free", data=b"")
        id = await script.run({"1": say("after free")})
        await script.ended(id)

    play(home, act)


@pytest.mark.parametrize("body", [b"[", b"[1]", b'{"delete": 5}'])
def test_commands_that_are_none_are_refused(home, body):
    async def act(script):
        await script.post("/queue", status=400, data=body)

    play(home, act)


def test_nodes_that_a_node_grew_are_told_under_its_id(home):
    async def act(script):
        async with script.listening("me", {"supports_preview_metadata": True}) as ear:
            id = await script.run({"5": {"class_type": "acts/Grow", "inputs": {"seconds": 0.3}}}, "me")
            heard = await ear.end_of(id)
        told = [m for m in heard if isinstance(m, dict)]
        grown = [m["data"] for m in told if m["type"] == "executing" and m["data"]["node"] not in (None, "5")]
        assert grown and all(data["display_node"] == "5" for data in grown)
        assert all(m["data"]["display_node"] == "5" for m in told if m["type"] == "executed")
        states = [one for m in told if m["type"] == "progress_state" for one in m["data"]["nodes"].values()]
        assert {one["display_node_id"] for one in states} == {"5"}
        previews = [m for m in heard if isinstance(m, bytes)]
        assert previews and all(b'"display_node_id":"5"' in preview for preview in previews)
        meta = (await script.ended(id))["meta"]
        assert meta and all(one["display_node"] == "5" for one in meta.values())

    play(home, act)


def test_the_log_is_read_and_heard_without_paths_and_requests(home):
    async def act(script):
        async with script.listening("me") as ear:
            await subscribe(script, "me", True)
            logging.getLogger("graphengine.server").warning("something at %s/input", home)
            entry = (await ear.until(lambda m: isinstance(m, dict) and m["type"] == "logs"))["data"]["entries"][0]
            assert entry["m"].endswith("something at HOME/input\n") and entry["t"].startswith("20")
            await subscribe(script, "me", False)
            logging.getLogger("graphengine.server").warning("and more\nwith a second line")
            assert "logs" not in [
                m["type"] for m in (await ear.for_a_moment())[1:] if m["data"].get("entries") != [entry]
            ]
        lines = [one["m"] for one in (await script.get("/internal/logs/raw"))["entries"]]
        assert lines[-2].endswith("something at HOME/input\n") and lines[-1].endswith("and more\n")
        assert "".join(lines) == await script.get("/internal/logs")

    with recent_log():
        play(home, act)


def test_what_a_node_prints_is_heard_as_a_line_of_the_log(home, caplog):
    async def act(script):
        async with script.listening("me") as ear:
            await subscribe(script, "me", True)
            await script.run({"1": {"class_type": "acts/Say", "inputs": {"text": "x"}}})
            await ear.until(lambda m: isinstance(m, dict) and "printed by a node" in str(m["data"].get("entries")))

    caplog.set_level(logging.INFO, "graphengine.nodes")
    with recent_log():
        play(home, act)


@contextmanager
def recent_log():
    logging.getLogger().addHandler(RECENT)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(RECENT)


async def subscribe(script, client, enabled):
    body = {"clientId": client, "enabled": enabled}
    async with script.session.patch("/internal/logs/subscribe", json=body) as answer:
        assert answer.status == 200


def test_a_picture_that_a_run_saved_is_loaded_by_its_annotated_name(home):
    (home / "output" / "clip").mkdir(parents=True)
    (home / "output" / "clip" / "x.png").write_bytes(png())

    async def act(script):
        def graph(name):
            return {
                "1": {"class_type": "LoadImage", "inputs": {"image": name}},
                "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
            }

        done = await script.ended(await script.run(graph("clip/x.png [output]")))
        assert done["status"]["status_str"] == "success"
        refused = await script.post("/prompt", {"prompt": graph("clip/y.png [output]")}, 400)
        (error,) = refused["node_errors"]["1"]["errors"]
        assert error["type"] == "custom_validation_failed"
        assert error["details"] == "image - Invalid image file: clip/y.png [output]"

    play(home, act)
