"""What is wrong with a graph, in the shapes that clients know."""

import time

from tests.compat.comfyui_server.scripts import play, say, work


def refused(home, body, status=400, **options):
    async def act(script):
        answer = await script.post("/prompt", body, status, **options)
        assert await script.get("/queue") == {"queue_running": [], "queue_pending": []}
        assert answer["error"].keys() == {"type", "message", "details", "extra_info"}
        return answer

    return play(home, act)


def node_error(home, node, **others):
    answer = refused(home, {"prompt": {"1": node, **others}})
    assert answer["error"]["type"] == "prompt_outputs_failed_validation"
    entry = answer["node_errors"]["1"]
    assert entry["class_type"] == node["class_type"] and entry["dependent_outputs"] == ["1"]
    (error,) = entry["errors"]
    assert answer["error"]["details"] == f"{error['message']}: {error['details']}"
    return error


def acts(kind, **inputs):
    return {"class_type": f"acts/{kind}", "inputs": inputs}


def test_graphs_that_are_none_are_refused_by_type(home):
    assert refused(home, None, data=b"{")["error"]["type"] == "invalid_json"
    assert refused(home, [])["error"]["type"] == "invalid_json"
    error = refused(home, {"client_id": "x"})["error"]
    assert (error["type"], error["message"], error["details"]) == (
        "no_prompt",
        "No prompt provided",
        "No prompt provided",
    )
    assert refused(home, {"prompt": []})["error"]["type"] == "invalid_prompt"
    assert refused(home, {"prompt": {"1": {**say(), "inputs": 5}}})["error"]["type"] == "invalid_prompt"
    error = refused(home, {"prompt": {"5": {"inputs": {}}}})["error"]
    assert error["message"] == "Cannot execute because a node is missing the class_type property."
    assert error["details"] == "Node ID '#5'"
    error = refused(home, {"prompt": {"1": say(), "6": {"class_type": "Nobody", "inputs": {}}}})["error"]
    assert error["message"] == "Cannot execute because node Nobody does not exist."
    assert error["details"] == "Node ID '#6'"


def test_graphs_without_outputs_are_refused(home):
    for body in (
        {"prompt": {}},
        {"prompt": {"1": acts("Add")}},
        {"prompt": {"1": say()}, "partial_execution_targets": []},
        {"prompt": {"1": say(), "2": acts("Add")}, "partial_execution_targets": ["2", "9"]},
    ):
        error = refused(home, body)["error"]
        assert (error["type"], error["message"], error["details"]) == ("prompt_no_outputs", "Prompt has no outputs", "")


def test_each_problem_of_a_node_has_its_type(home):
    save = {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}
    error = node_error(home, save)
    assert (error["type"], error["details"]) == ("required_input_missing", "images")
    assert error["extra_info"]["input_name"] == "images"
    error = node_error(home, acts("Work", seconds=["2"]))
    assert error["type"] == "bad_linked_input" and error["details"] == "seconds"
    assert error["message"] == "Bad linked input, must be a length-2 list of [node_id, slot_index]"
    assert error["extra_info"]["received_value"] == ["2"] and error["extra_info"]["input_config"][0] == "FLOAT"
    error = node_error(home, acts("Work", after=["77", 0]))
    assert error["type"] == "bad_linked_input" and "77" in error["details"]
    picture = {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8}}
    error = node_error(home, acts("Work", after=["2", 0]), **{"2": picture})
    assert error["type"] == "return_type_mismatch"
    assert error["details"] == "after, received_type(IMAGE) mismatch input_type(INT)"
    assert (error["extra_info"]["received_type"], error["extra_info"]["linked_node"]) == ("IMAGE", ["2", 0])
    error = node_error(home, acts("Work", after="x"))
    assert error["type"] == "invalid_input_type"
    assert error["message"] == "Failed to convert an input value to a INT value"
    assert error["details"].startswith("after, x, ") and error["extra_info"]["exception_message"]


def test_what_is_wrong_further_up_is_told_by_its_node(home):
    bad = {"class_type": "EmptyImage", "inputs": {"width": -5, "height": 10**9}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}}
    answer = refused(home, {"prompt": {"9": save, "2": bad}})
    assert answer["error"]["details"] == "" and answer["node_errors"].keys() == {"2"}
    found = answer["node_errors"]["2"]
    assert found["dependent_outputs"] == ["9"]
    assert [error["type"] for error in found["errors"]] == ["value_smaller_than_min", "value_bigger_than_max"]
    assert (
        found["errors"][0]["message"]
        == f"Value -5 smaller than min of {found['errors'][0]['extra_info']['input_config'][1]['min']}"
    )
    load = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "none.safetensors"}}
    code = {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["2", 2]}}
    empty = {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}
    answer = refused(
        home, {"prompt": {"9": {**save, "inputs": {"images": ["4", 0]}}, "4": code, "5": empty, "2": load}}
    )
    (error,) = answer["node_errors"]["2"]["errors"]
    assert error["type"] == "value_not_in_list" and error["details"].startswith(
        "ckpt_name: 'none.safetensors' not in ["
    )


def test_a_circle_is_refused(home):
    body = {"prompt": {"1": work(1, ["2", 0]), "2": acts("Add", a=["2", 0])}}
    answer = refused(home, body)
    assert answer["error"]["type"] == "prompt_outputs_failed_validation"
    ((error,),) = (entry["errors"] for entry in answer["node_errors"].values())
    assert error["details"] == "The nodes 2 -> 2 depend on each other in a circle."


def test_a_file_that_is_not_there_is_told_in_the_words_that_scripts_look_for(home):
    save = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}
    keep = {"class_type": "SaveLatent", "inputs": {"samples": ["1", 0], "filename_prefix": "x"}}
    for node, output, details in (
        ({"class_type": "LoadImage", "inputs": {"image": "gone.png"}}, save, "image - Invalid image file: gone.png"),
        (
            {"class_type": "LoadImage", "inputs": {"image": "../../etc/passwd"}}, save,
            "image - Invalid image file: ../../etc/passwd",
        ),
        (
            {"class_type": "LoadLatent", "inputs": {"latent": "gone.latent"}}, keep,
            "latent - Invalid latent file: gone.latent",
        ),
    ):  # fmt: skip
        answer = refused(home, {"prompt": {"1": node, "2": output}})
        (error,) = answer["node_errors"]["1"]["errors"]
        assert (error["type"], error["message"], error["details"]) == (
            "custom_validation_failed", "Custom validation failed for node", details,
        )  # fmt: skip


def test_outputs_that_pass_are_queued_although_others_fail(home):
    async def act(script):
        answer = await script.post("/prompt", {"prompt": {"1": say("fine"), "2": work("x")}})
        assert answer["node_errors"].keys() == {"2"}
        assert answer["node_errors"]["2"]["dependent_outputs"] == ["2"]
        item = await script.ended(answer["prompt_id"])
        assert item["outputs"].keys() == {"1"} and item["prompt"][4] == ["1"]

    play(home, act)


def test_only_the_targets_run(home):
    async def act(script):
        body = {"prompt": {"1": say("one"), "2": say("two")}, "partial_execution_targets": ["2"]}
        item = await script.ended((await script.post("/api/prompt", body))["prompt_id"])
        assert item["outputs"] == {"2": {"text": ["two"]}}

    play(home, act)


def test_json_is_taken_under_any_content_type_and_ids_are_the_callers(home):
    async def act(script):
        body = b'{"prompt": {"1": {"class_type": "acts/Say", "inputs": {}}}, "prompt_id": 77}'
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await script.post("/prompt", data=body, headers=headers)
        assert answer["prompt_id"] == "77"
        again = await script.post("/prompt", status=409, data=body, headers=headers)
        assert "77" in again["error"]["message"]

    play(home, act)


def test_secrets_are_kept_nowhere(home):
    async def act(script):
        extra = {"auth_token_comfy_org": "s3cret", "api_key_comfy_org": "s3cret", "mine": 1}
        item = await script.ended(await script.run({"1": say("secret")}, extra_data=extra))
        created = item["prompt"][3].pop("create_time")
        assert isinstance(created, int) and abs(created / 1000 - time.time()) < 60
        assert item["prompt"][3] == {"client_id": "", "mine": 1}

    play(home, act)
    assert not any(b"s3cret" in path.read_bytes() for path in (home / "server").iterdir() if path.is_file())


def test_what_cannot_be_is_refused(home):
    graph = {"1": say()}
    assert refused(home, {"prompt": graph, "number": "soon"})["error"]["type"] == "invalid_number"
    assert refused(home, {"prompt": graph, "number": "inf"})["error"]["type"] == "invalid_number"
    assert refused(home, {"prompt": graph, "prompt_id": "x" * 300})["error"]["type"] == "invalid_prompt_id"
