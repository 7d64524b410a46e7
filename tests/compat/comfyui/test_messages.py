import json
import struct

from graphengine.compat.comfyui.messages import (
    Narrator,
    last_message,
    picture_frame,
    picture_frame_with_metadata,
    text_frame,
)

KINDS = {"1": "Load", "2": "KSampler", "3": "SaveImage"}
IMAGES = {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}


def told(*events, together=1):
    """What is told of events that come so many together."""
    narrator = Narrator("job", KINDS)
    messages = []
    for number, (kind, node, data) in enumerate(events, 1):
        messages += narrator.tell({"kind": kind, "node": node, "data": data}, 0.5 + number)
        messages += [] if number % together else narrator.states()
    return narrator, messages


def test_a_run_is_told_in_the_order_that_clients_know():
    narrator, messages = told(
        ("planned", "", {"run": ["2", "3"], "cached": ["1"], "waiting": []}),
        ("started", "2", {}),
        ("progress", "2", {"done": 1, "total": 4}),
        ("finished", "2", {"seconds": 1.0, "bytes": 5, "results": {}}),
        ("planned", "", {"run": ["3"], "cached": [], "waiting": []}),
        ("started", "3", {}),
        ("finished", "3", {"seconds": 1.0, "bytes": 5, "results": IMAGES}),
        ("ended", "", {"status": "done", "seconds": 2.0}),
    )
    assert [type for type, _ in messages] == [
        "execution_start", "execution_cached",
        "executing", "progress_state", "progress", "progress_state", "progress_state",
        "executing", "progress_state", "executed", "progress_state",
        "execution_success",
    ]  # fmt: skip
    assert messages[0][1] == {"prompt_id": "job", "timestamp": 1500}
    assert messages[1][1]["nodes"] == ["1"]
    assert messages[2][1] == {"node": "2", "display_node": "2", "prompt_id": "job"}
    assert messages[4][1] == {"value": 1, "max": 4, "prompt_id": "job", "node": "2"}
    assert messages[5][1]["nodes"]["2"] == {
        "value": 1, "max": 4, "state": "running", "node_id": "2", "prompt_id": "job", "display_node_id": "2",
        "parent_node_id": None, "real_node_id": "2",
    }  # fmt: skip
    assert messages[6][1]["nodes"]["2"]["state"] == "finished"
    assert messages[9][1] == {"node": "3", "display_node": "3", "output": IMAGES, "prompt_id": "job"}
    assert [type for type, _ in narrator.said] == ["execution_start", "execution_cached", "execution_success"]
    assert last_message("job") == ("executing", {"node": None, "prompt_id": "job"})


def test_states_of_nodes_are_told_once_for_all_events_that_came_together():
    events = [("started", "1", {}), ("finished", "1", {"results": {}}), ("started", "2", {}), ("started", "3", {})]
    _, messages = told(*events, ("progress", "3", {"done": 1, "total": 4}), together=5)
    assert [type for type, _ in messages] == ["executing", "executing", "executing", "progress", "progress_state"]
    nodes = messages[-1][1]["nodes"]
    assert {id: node["state"] for id, node in nodes.items()} == {"1": "finished", "2": "running", "3": "running"}
    assert (nodes["3"]["value"], nodes["3"]["max"]) == (1, 4)


def test_what_was_cached_is_shown_without_having_run():
    _, messages = told(("planned", "", {"run": [], "cached": ["1", "2", "3"]}), ("cached", "3", {"results": IMAGES}))
    assert [type for type, _ in messages] == ["execution_start", "execution_cached", "executed"]


def test_a_failure_names_the_node_and_says_what_to_do():
    failure = {"node_kind": "KSampler", "input": "steps", "message": "It is too many.", "cure": "Take 5.", "trace": ""}
    _, messages = told(
        ("planned", "", {"run": ["2"], "cached": []}),
        ("started", "2", {}),
        ("failed", "2", failure),
        ("blocked", "3", {"by": "2"}),
        ("ended", "", {"status": "failed", "seconds": 1.0}),
    )
    type, error = messages[-1]
    assert type == "execution_error"
    assert (error["node_id"], error["node_type"], error["prompt_id"]) == ("2", "KSampler", "job")
    assert error["exception_message"] == "It is too many.\nTake 5." and error["traceback"] == []
    assert messages[-2][1]["nodes"]["2"]["state"] == "error"


def test_a_failure_tells_the_values_of_its_node_as_scalars_or_texts():
    values = {"2": {"steps": 20, "on": True, "text": "a", "none": None, "points": [[1, 2]]}}
    narrator = Narrator("job", KINDS, {}, values)
    failure = {"kind": "failed", "node": "2:inner", "data": {"message": "It is too many.", "trace": ""}}
    list(narrator.tell(failure, 1.0))
    ((_, error),) = narrator.tell({"kind": "ended", "node": "", "data": {"status": "failed"}}, 2.0)
    assert error["current_inputs"] == {
        "steps": [20], "on": [True], "text": ["a"], "none": [None], "points": ["[[1, 2]]"],
    }  # fmt: skip


def test_a_fault_in_a_node_has_its_type_and_trace():
    failure = {"message": "ValueError: no", "cure": "", "trace": "Traceback\n  here\n", "input": "", "node_kind": "X"}
    _, messages = told(("failed", "2", failure), ("ended", "", {"status": "failed", "seconds": 1.0}))
    assert messages[-1][1]["exception_type"] == "ValueError"
    assert messages[-1][1]["traceback"] == ["Traceback\n", "  here\n"]


def test_a_cancelled_run_says_where_it_stopped():
    _, messages = told(
        ("planned", "", {"run": ["1", "2"], "cached": []}),
        ("started", "1", {}),
        ("finished", "1", {"results": {}}),
        ("started", "2", {}),
        ("ended", "", {"status": "cancelled", "seconds": 1.0}),
    )
    type, data = messages[-1]
    assert (type, data["node_id"], data["node_type"]) == ("execution_interrupted", "2", "KSampler")
    assert data["executed"] == ["1"]


def test_a_run_that_is_cancelled_between_two_nodes_names_the_one_that_ran_last():
    _, messages = told(
        ("planned", "", {"run": ["1", "2"], "cached": []}),
        ("started", "1", {}),
        ("finished", "1", {"results": {}}),
        ("ended", "", {"status": "cancelled", "seconds": 1.0}),
    )
    data = messages[-1][1]
    assert (data["node_id"], data["node_type"], data["executed"]) == ("1", "Load", ["1"])


def test_the_text_of_a_long_chain_grows_with_its_length_and_not_with_its_square():
    def length(count):
        events = [("planned", "", {"run": [], "cached": []})]
        for i in range(count):
            events += [("started", str(i), {}), ("finished", str(i), {"results": {}})]
        return sum(len(json.dumps(data)) for _, data in told(*events)[1])

    assert length(400) < 2.2 * length(200)


def test_previews_have_both_layouts():
    assert picture_frame(b"xyz", "image/jpeg") == b"\0\0\0\1\0\0\0\1xyz"
    frame = picture_frame_with_metadata("job", "2", b"xyz", "image/jpeg")
    kind, length = struct.unpack(">II", frame[:8])
    assert kind == 4 and frame[8 + length :] == b"xyz"
    metadata = json.loads(frame[8 : 8 + length])
    assert metadata["node_id"] == "2" and metadata["prompt_id"] == "job" and metadata["image_type"] == "image/jpeg"


def test_a_text_frame_is_the_node_with_its_length_and_the_text():
    assert text_frame("né", "läuft") == b"\0\0\0\3\0\0\0\3n\xc3\xa9l\xc3\xa4uft"


def test_all_that_a_cached_node_stands_on_is_told_as_cached_but_what_runs():
    sources = {"save": ["decode"], "decode": ["sample", "load"], "sample": ["load"], "load": [], "other": ["load"]}
    narrator = Narrator("job", {}, sources)
    planned = {"kind": "planned", "node": "", "data": {"run": ["sample"], "cached": ["save"]}}
    _, (_, cached) = narrator.tell(planned, 1.0)
    assert sorted(cached["nodes"]) == ["decode", "load", "save"]


def test_nodes_that_others_grew_are_told_as_theirs():
    _, messages = told(
        ("planned", "", {"run": ["2"], "cached": [], "waiting": []}),
        ("started", "2:a:b", {}),
        ("progress", "2:a:b", {"done": 1, "total": 4}),
        ("finished", "2:a:b", {"seconds": 1.0, "bytes": 5, "results": IMAGES}),
        ("started", "9:x", {}),
        ("failed", "2:c", {"message": "no", "cure": "", "trace": ""}),
        ("ended", "", {"status": "failed", "seconds": 2.0}),
    )
    of = {type: data for type, data in messages if data.get("node") != "9:x"}
    assert (of["executing"]["node"], of["executing"]["display_node"]) == ("2:a:b", "2")
    assert (of["executed"]["node"], of["executed"]["display_node"]) == ("2:a:b", "2")
    assert of["progress"]["node"] == "2"
    assert (of["execution_error"]["node_id"], of["execution_error"]["node_type"]) == ("2", "KSampler")
    states = {id: one for type, data in messages if type == "progress_state" for id, one in data["nodes"].items()}
    grown, unknown = states["2:a:b"], states["9:x"]
    assert [grown[key] for key in ("node_id", "display_node_id", "parent_node_id", "real_node_id")] == [
        "2:a:b",
        "2",
        "2",
        "2",
    ]
    assert [unknown[key] for key in ("display_node_id", "parent_node_id", "real_node_id")] == ["9:x", None, "9:x"]
