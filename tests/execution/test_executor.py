"""What runs, what it gives, what is reported."""

import asyncio
import threading
import time
from typing import Annotated, Any

import pytest

from graphengine.api import Choices, Node, PortType, Progress, Workflow, node
from graphengine.graph.errors import CheckError
from tests.execution.kinds import chain, engine, link


def test_a_chain_gives_its_value_and_reports_each_step_in_order(tmp_path):
    events = []
    outcome = engine(tmp_path).run(chain(), on_event=events.append)
    assert outcome.results["show"]["text"] == ["5.0"]
    assert [(event.kind, event.node) for event in events] == [
        ("planned", ""),
        ("started", "n"),
        ("finished", "n"),
        ("started", "add"),
        ("finished", "add"),
        ("started", "show"),
        ("finished", "show"),
        ("ended", ""),
    ]
    assert [event.number for event in events] == list(range(8))


def test_a_value_that_contains_itself_is_passed_on(tmp_path):
    @node()
    def Round() -> Annotated[Any, PortType("ROUND")]:
        value = []
        value.append(value)
        return value

    workflow = Workflow({"round": Node("Round"), "show": Node("Show", {"value": link("round", "round")})})
    outcome = engine(tmp_path, Round, cache=True).run(workflow)
    assert outcome.results["show"]["text"] == ["[[...]]"]


def test_files_that_carry_their_workflow_are_not_handed_out_for_those_that_shall_not(tmp_path):
    assert engine(tmp_path, cache=True).run(chain()).ran == ["n", "add", "show"]
    assert "show" in engine(tmp_path, cache=True, metadata=False).run(chain()).ran
    assert engine(tmp_path, cache=True).run(chain()).ran == []


def test_an_edit_runs_only_what_depends_on_it(tmp_path):
    e = engine(tmp_path)
    e.run(chain())
    assert e.run(chain()).ran == []
    assert e.run(chain(offset=1)).ran == ["add", "show"]
    assert e.run(chain()).ran == []


def test_a_target_is_run_to_and_its_value_returned(tmp_path):
    outcome = engine(tmp_path).run(chain(), targets=["add"])
    assert outcome.ran == ["n", "add"]
    assert outcome.values["add"] == (5.0,)


def test_items_are_mapped_and_gathered(tmp_path):
    workflow = Workflow(
        {
            "count": Node("Count", {"to": 4}),
            "add": Node("Add", {"a": link("count"), "b": 0.5}),
            "sum": Node("Sum", {"values": link("add")}),
            "show": Node("Show", {"value": link("sum")}),
            "none": Node("Count", {"to": 0}),
            "mapped": Node("Add", {"a": link("none")}),
            "empty": Node("Sum", {"values": link("mapped")}),
            "zero": Node("Show", {"value": link("empty")}),
        }
    )
    outcome = engine(tmp_path).run(workflow)
    assert outcome.results["show"]["text"] == [repr(sum(i + 2 * 0.5 for i in range(4)))]
    assert outcome.results["zero"]["text"] == ["0"]


def test_coroutines_overlap(tmp_path):
    nodes = {str(i): Node("Later", {"a": float(i)}) for i in range(8)}
    shows = {f"s{i}": Node("Show", {"value": link(str(i))}) for i in range(8)}
    outcome = engine(tmp_path).run(Workflow({**nodes, **shows}))
    assert [outcome.results[f"s{i}"]["text"] for i in range(8)] == [[repr(float(i))] for i in range(8)]


def test_device_work_is_never_done_twice_at_a_time_and_overlaps_with_the_rest(tmp_path):
    busy, seen, overlapped = threading.Lock(), [], threading.Event()

    @node(resource="device")
    def Device(a: float = 0.0) -> float:
        assert busy.acquire(blocking=False)
        overlapped.wait(5)
        seen.append(a)
        busy.release()
        return a

    @node(resource="io")
    def Disk(a: float = 0.0) -> float:
        overlapped.set()
        return a

    nodes = {f"d{i}": Node("Device", {"a": float(i)}) for i in range(3)} | {"io": Node("Disk", {})}
    workflow = Workflow(nodes | {f"s{id}": Node("Show", {"value": link(id)}) for id in nodes})
    outcome = engine(tmp_path, Device, Disk).run(workflow)
    assert outcome.status == "done"
    assert sorted(seen) == [0.0, 1.0, 2.0]
    assert overlapped.is_set()


def test_coroutines_on_the_device_are_one_at_a_time_too_also_those_of_one_list(tmp_path):
    now, most = [], []

    @node(resource="device")
    async def Device(a: float) -> float:
        now.append(a)
        most.append(len(now))
        await asyncio.sleep(0.01)
        now.remove(a)
        return a

    nodes = {f"d{i}": Node("Device", {"a": float(i)}) for i in range(3)}
    nodes |= {"count": Node("Count", {"to": 3}), "mapped": Node("Device", {"a": link("count")})}
    workflow = Workflow(nodes | {f"s{id}": Node("Show", {"value": link(id)}) for id in nodes})
    assert engine(tmp_path, Device).run(workflow).status == "done"
    assert most == [1] * 6


def test_what_a_node_says_is_reported_where_it_says_it(tmp_path):
    @node()
    def Talk(a: float, *, progress: Progress) -> float:
        progress.step(1, 2)
        progress.say("half")
        return a

    workflow = Workflow({"talk": Node("Talk", {"a": 1.0}), "show": Node("Show", {"value": link("talk")})})
    events = []
    engine(tmp_path, Talk).run(workflow, on_event=events.append)
    kinds = [event.kind for event in events if event.node == "talk"]
    assert kinds == ["started", "progress", "text", "finished"]
    assert [event.data for event in events if event.kind == "text"] == [{"text": "half"}]


def test_cancel_reaches_into_a_step_and_keeps_what_is_finished(tmp_path):
    steps = []

    @node()
    def Long(a: float, *, progress: Progress) -> float:
        for step in range(1000):
            steps.append(step)
            time.sleep(0.002)
            progress.step(step, 1000)
        return a

    workflow = Workflow(
        {
            "n": Node("Number", {"value": 2.0}),
            "long": Node("Long", {"a": link("n")}),
            "show": Node("Show", {"value": link("long")}),
        }
    )
    runs = []
    e = engine(tmp_path, Long)
    outcome = e.run(
        workflow,
        on_start=runs.append,
        on_event=lambda event: runs[0].cancel() if event.kind == "progress" and event.data["done"] == 5 else None,
    )
    assert outcome.status == "cancelled"
    assert outcome.ran == ["n"]
    assert len(steps) <= 8
    assert e.run(workflow, targets=["n"]).cached == ["n"]


def test_true_one_one_point_zero_and_text_one_never_share_a_key(tmp_path):
    e = engine(tmp_path)
    texts = []
    for value in (True, 1, 1.0, "1"):
        outcome = e.run(Workflow({"show": Node("Show", {"value": value})}))
        assert outcome.ran == ["show"]
        texts += outcome.results["show"]["text"]
    assert texts == ["True", "1", "1.0", "'1'"]


def test_a_workflow_with_problems_is_refused_with_all_of_them(tmp_path):
    workflow = Workflow(
        {
            "a": Node("Add", {"a": link("missing"), "b": "many"}),
            "show": Node("Show", {"value": link("a")}),
            "scale": Node("Scal", {}),
        }
    )
    with pytest.raises(CheckError) as caught:
        engine(tmp_path).run(workflow)
    assert {problem.code for problem in caught.value.problems} == {"dangling_link", "wrong_type", "unknown_kind"}


def test_a_volatile_node_always_runs(tmp_path):
    @node(volatile=True)
    def Clock() -> float:
        return time.time()

    workflow = Workflow({"clock": Node("Clock"), "show": Node("Show", {"value": link("clock")})})
    e = engine(tmp_path, Clock)
    assert e.run(workflow).ran == ["clock", "show"]
    assert e.run(workflow).ran == ["clock", "show"]


def test_tasks_that_become_ready_at_once_wake_idle_threads(tmp_path):
    meeting = threading.Barrier(2)

    @node(resource="io")
    def First(a: float = 0.0) -> float:
        time.sleep(0.05)  # long enough for a second thread to have come, found nothing more and fallen asleep
        return a

    @node(resource="io")
    def Meet(a: float, b: float = 0.0) -> float:
        meeting.wait(timeout=5)
        return a

    nodes = {f"f{i}": Node("First", {"a": float(i)}) for i in range(4)}
    nodes["last"] = Node("First", {"a": link("f3")})
    nodes |= {"m0": Node("Meet", {"a": link("last")}), "m1": Node("Meet", {"a": link("last"), "b": 1.0})}
    workflow = Workflow(nodes | {f"s{i}": Node("Show", {"value": link(f"m{i}")}) for i in range(2)})
    assert engine(tmp_path, First, Meet).run(workflow).status == "done"


def test_numbers_that_are_equal_but_of_other_types_are_not_taken_for_the_same_document(tmp_path):
    e = engine(tmp_path)
    texts = [
        e.run(Workflow({"show": Node("Show", {"value": v})})).results["show"]["text"] for v in (1, True, 1.0, 0.0, -0.0)
    ]
    assert texts == [["1"], ["True"], ["1.0"], ["0.0"], ["-0.0"]]


def test_a_bad_file_name_in_a_node_that_is_not_needed_stops_nothing(tmp_path):
    @node()
    def Read(name: Annotated[str, Choices("input")]) -> float:
        return 1.0

    workflow = Workflow({"read": Node("Read", {"name": "../../etc/passwd"}), "show": Node("Show", {"value": 1})})
    e = engine(tmp_path, Read)
    assert e.run(workflow).status == "done"
    with pytest.raises(CheckError):
        e.run(workflow, targets=["read"])


def test_the_import_of_a_pack_is_not_counted_among_what_a_node_took(tmp_path, monkeypatch):
    made, imported = engine(tmp_path), set()
    function = made._function

    def slow_at_first(spec):
        if spec.kind not in imported:
            imported.add(spec.kind)
            time.sleep(0.2)
        return function(spec)

    monkeypatch.setattr(made, "_function", slow_at_first)
    assert max(made.run(chain()).took.values()) < 0.1
