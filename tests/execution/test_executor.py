"""What runs, what it gives, what is reported."""

import asyncio
import sys
import threading
import time
import weakref
from dataclasses import replace
from typing import Annotated, Any

import pytest

from graphengine.api import (
    LAZY,
    Choices,
    Expansion,
    Exposed,
    Interface,
    Link,
    Many,
    Memory,
    Node,
    NodeError,
    PortType,
    Progress,
    Workflow,
    node,
)
from graphengine.graph.errors import CheckError
from tests.execution.kinds import engine, link


def chain(**inputs):
    return Workflow(
        {
            "n": Node("Number", {"value": 3.0}),
            "add": Node("Add", {"a": link("n"), "b": 1.0, **inputs}),
            "show": Node("Show", {"value": link("add")}),
        }
    )


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


class Bare(NodeError):
    def __init__(self):
        pass  # and not what ours does


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


ODD = {
    "SystemExit": lambda: sys.exit(0), "Bare": lambda: throw(Bare()), "Mute": lambda: throw(Mute()),
    "CancelledError": lambda: throw(asyncio.CancelledError()),
}  # fmt: skip


def throw(error):
    raise error


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("late", [False, True])
def test_whatever_a_node_raises_is_its_failure_and_nothing_else_stops(tmp_path, name, late):
    def Odd() -> float:
        return ODD[name]()

    async def LateOdd() -> float:
        return ODD[name]()

    kind = node("Odd")(LateOdd if late else Odd)
    workflow = Workflow({**chain().nodes, "odd": Node("Odd"), "after": Node("Show", {"value": link("odd")})})
    outcome = engine(tmp_path, kind).run(workflow)
    (failure,) = outcome.failures
    assert (failure.node, failure.kind, outcome.blocked) == ("odd", "Odd", ["after"])
    assert failure.message.startswith(name) and failure.trace
    assert outcome.results["show"]["text"] == ["5.0"]


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


def test_a_failure_stops_only_what_depends_on_it(tmp_path):
    workflow = Workflow(
        {
            "bad": Node("Fail", {"a": 7.0}),
            "after": Node("Show", {"value": link("bad")}),
            "n": Node("Number", {"value": 1.0}),
            "fine": Node("Show", {"value": link("n")}),
        }
    )
    outcome = engine(tmp_path).run(workflow)
    assert outcome.status == "failed"
    assert outcome.results["fine"]["text"] == ["1.0"]
    assert outcome.blocked == ["after"]
    assert str(outcome.failures[0]) == (
        "node 'bad' (Fail): input 'a': It cannot work with 7.0.\n  Give it something else."
    )


def test_a_failure_does_not_stop_what_a_later_round_plans(tmp_path):
    tried = []

    @node()
    def Bad(a: float = 0.0) -> float:
        tried.append(a)
        raise ValueError("no")

    workflow = Workflow(
        {
            "bad": Node("Bad"),
            "again": Node("Bad"),  # of the same key
            "after": Node("Add", {"a": link("bad"), "b": link("switch")}),
            "n": Node("Number", {"value": 3.0}),
            "switch": Node("Switch", {"on": 1.0, "a": link("n")}),
            "twice": Node("AddTwice", {"a": link("switch"), "b": 1.0}),
            "undecided": Node("Switch", {"on": link("again"), "a": link("n")}),
            "late": Node("Add", {"a": link("undecided")}),
            "show": Node("Show", {"value": link("twice")}),
            "lost": Node("Show", {"value": link("after")}),
            "gone": Node("Show", {"value": link("late")}),
        }
    )
    events = []
    outcome = engine(tmp_path, Bad).run(workflow, on_event=events.append)
    assert outcome.status == "failed"
    assert [failure.node for failure in outcome.failures] == ["bad"]
    assert tried == [0.0]
    assert outcome.results["show"]["text"] == ["7.0"]
    assert sorted(outcome.blocked) == ["after", "gone", "late", "lost", "undecided"]
    told = [(event.node, event.data["by"]) for event in events if event.kind == "blocked"]
    assert sorted(told) == [(id, "bad") for id in sorted(outcome.blocked)]
    assert [event.kind for event in events].count("ended") == 1


def test_only_the_lazy_input_that_is_needed_is_evaluated(tmp_path):
    workflow = Workflow(
        {
            "on": Node("Number", {"value": 1.0}),
            "yes": Node("Number", {"value": 10.0}),
            "no": Node("Fail", {}),
            "switch": Node("Switch", {"on": link("on"), "a": link("yes"), "b": link("no")}),
            "show": Node("Show", {"value": link("switch")}),
        }
    )
    e = engine(tmp_path)
    outcome = e.run(workflow)
    assert outcome.results["show"]["text"] == ["10.0"]
    assert "no" not in outcome.ran
    assert e.run(workflow.set("no.a", 5.0)).ran == []  # an edit where nothing is needed dirties nothing
    assert set(e.run(workflow.set("yes.value", 11.0)).ran) == {"yes", "switch", "show"}


def test_a_lazy_node_that_is_mapped_over_a_list_gets_what_any_of_the_items_needs(tmp_path):
    @node()
    def Conditions() -> Many[float]:
        return [1.0, 0.0]

    workflow = Workflow(
        {
            "on": Node("Conditions"),
            "yes": Node("Number", {"value": 10.0}),
            "no": Node("Number", {"value": 20.0}),
            "switch": Node("Switch", {"on": link("on"), "a": link("yes"), "b": link("no")}),
            "sum": Node("Sum", {"values": link("switch")}),
        }
    )
    outcome = engine(tmp_path, Conditions).run(workflow, targets=["switch", "sum"])
    assert outcome.values["switch"] == ((10.0, 20.0),)
    assert outcome.values["sum"] == (30.0,)
    empty = workflow.with_node("on", Node("Count", {"to": 0}))
    assert engine(tmp_path).run(empty, targets=["switch"]).values["switch"] == ((),)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("ab", "returned 'ab', which is no list of names"),
        (None, "returned None, which is no list of names"),
        (["on"], "named 'on', which is none of its lazy inputs"),
        (["a", ["b"]], "named ['b'], which is none of its lazy inputs"),
    ],
)
def test_a_lazy_node_that_names_no_lazy_inputs_of_its_own_fails_by_name(tmp_path, named, words):
    @node(needs=lambda on, a, b: named)
    def Choose(on: float, a: Annotated[float, LAZY] = 0.0, b: Annotated[float, LAZY] = 0.0) -> float:
        return a

    nodes = {"n": Node("Number"), "choose": Node("Choose", {"on": 1.0, "a": link("n"), "b": link("n")})}
    failure = engine(tmp_path, Choose).run(Workflow(nodes), targets=["choose"]).failures[0]
    assert (failure.node, failure.trace) == ("choose", "")
    assert words in failure.message
    assert failure.cure == "Have it return a list of some of a, b." or failure.cure == "Have it name some of a, b."


def test_a_lazy_input_that_is_not_needed_is_none_also_where_it_takes_a_list(tmp_path):
    asked = []

    @node(needs=lambda all, values: asked.append(values) or (["values"] if all else []))
    def Choose(all: bool, values: Annotated[Many[float], LAZY] = ()) -> Any:
        return values

    workflow = Workflow(
        {
            "n": Node("Count", {"to": 2}),
            "choose": Node("Choose", {"all": False, "values": link("n")}),
        }
    )
    e = engine(tmp_path, Choose)
    assert e.run(workflow, targets=["choose"]).values["choose"] == (None,)
    assert e.run(workflow.set("choose.all", True), targets=["choose"]).values["choose"] == ([0.0, 1.0],)
    assert asked == [None, None, [0.0, 1.0]]


def test_a_lazy_node_is_asked_with_its_defaults(tmp_path):
    asked = []

    @node(needs=lambda **given: asked.append(given) or (["a"] if given["on"] else []))
    def Choose(on: bool = True, a: Annotated[float, LAZY] = 0.0, extra: int | None = None) -> float:
        return a

    nodes = {"n": Node("Number", {"value": 4.0}), "choose": Node("Choose", {"a": link("n")})}
    outcome = engine(tmp_path, Choose).run(Workflow(nodes), targets=["choose"])
    assert outcome.values["choose"] == (4.0,)
    assert asked == [{"on": True, "a": None, "extra": None}, {"on": True, "a": 4.0, "extra": None}]


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


def test_a_workflow_that_a_node_returns_takes_its_place(tmp_path):
    workflow = Workflow(
        {
            "n": Node("Number", {"value": 3.0}),
            "twice": Node("AddTwice", {"a": link("n"), "b": 1.0}),
            "show": Node("Show", {"value": link("twice")}),
        }
    )
    e = engine(tmp_path)
    outcome = e.run(workflow)
    assert outcome.results["show"]["text"] == ["7.0"]
    assert {"twice:first", "twice:second"} <= set(outcome.ran)
    assert e.run(workflow).ran == []
    changed = e.run(workflow.set("twice.b", 2.0))
    assert changed.results["show"]["text"] == ["11.0"]
    assert "n" not in changed.ran
    assert e.run(workflow, targets=["twice"]).values["twice:second"] == (7.0,)


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


def test_running_out_of_memory_is_tried_once_more_with_less(tmp_path):
    tries, made = [], []

    class Large:
        pass

    @node()
    def Hungry(a: float = 0.0, *, memory: Memory) -> float:
        tries.append((memory.tight, [large() for large in made]))
        if not memory.tight:
            large = Large()
            made.append(weakref.ref(large))
            raise MemoryError("no room")
        return a

    events = []
    workflow = Workflow({"h": Node("Hungry", {"a": 4.0}), "show": Node("Show", {"value": link("h")})})
    outcome = engine(tmp_path, Hungry).run(workflow, on_event=events.append)
    assert outcome.results["show"]["text"] == ["4.0"]
    assert tries == [(False, []), (True, [None])], "what it had made the first time is still held"
    assert any(event.kind == "retried" and event.data["reason"] == "no room" for event in events)


def test_the_guard_names_the_node_and_the_input_it_changed_in_place(tmp_path):
    @node()
    def Spoil(values: Any) -> float:
        values.append(1)
        return 0.0

    @node()
    def Make() -> Any:
        return [1, 2]

    workflow = Workflow(
        {
            "make": Node("Make"),
            "spoil": Node("Spoil", {"values": Link("make", "value")}),
            "show": Node("Show", {"value": link("spoil")}),
        }
    )
    outcome = engine(tmp_path, Spoil, Make, guard=True).run(workflow)
    failure = outcome.failures[0]
    assert (failure.node, failure.input) == ("spoil", "values")
    assert "in place" in failure.message


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


def test_what_a_decision_was_made_of_is_not_made_again_in_the_same_run(tmp_path):
    ran = []

    @node(volatile=True)
    def Clock() -> float:
        ran.append("clock")
        return 1.0

    workflow = Workflow(
        {
            "clock": Node("Clock"),
            "yes": Node("Number", {"value": 10.0}),
            "switch": Node("Switch", {"on": link("clock"), "a": link("yes")}),
        }
    )
    for kept in (0, 10**9):
        ran.clear()
        outcome = engine(tmp_path, Clock, cache_memory=kept).run(workflow, targets=["switch"])
        assert outcome.values["switch"] == (10.0,)
        assert ran == ["clock"]
        assert sorted(outcome.ran) == ["clock", "switch", "yes"]


def test_expansions_with_sub_workflows_of_one_name_do_not_mix(tmp_path):
    @node()
    def Nested(value: float) -> float | Expansion:
        inner = Workflow({"n": Node("Number", {"value": value})}, Interface({}, {"float": link("n")}))
        outer = Workflow({"i": Node("@inner")}, Interface({}, {"float": link("i")}), {"inner": inner})
        return Expansion(outer)

    nodes = {f"x{i}": Node("Nested", {"value": float(i)}) for i in range(3)}
    shows = {f"s{i}": Node("Show", {"value": link(f"x{i}")}) for i in range(3)}
    outcome = engine(tmp_path, Nested).run(Workflow({**nodes, **shows}))
    assert [outcome.results[f"s{i}"]["text"] for i in range(3)] == [["0.0"], ["1.0"], ["2.0"]]


def inner(node, output="float", **inputs):
    exposed = {key: (Exposed("a", key),) for key in inputs.pop("exposed", ())}
    return Workflow({"a": Node(node, inputs)}, Interface(exposed, {"float": Link("a", output)}))


LOOP = Workflow({"i": Node("@loop")}, Interface({}, {"float": link("i")}))
UNFIT = {
    "no workflow": (lambda: {"nodes": {}}, "It returned an expansion of dict."),
    "no output": (lambda: Workflow({"a": Node("Number")}), "whose interface has no output 'float'"),
    "a live value": (lambda: inner("Add", a=object()), "no plain data: Object of type object is not JSON"),
    "no number": (lambda: inner("Add", a=float("nan")), "no plain data: Out of range float values"),
    "no nodes": (lambda: Workflow({"a": 5}), "no plain data"),
    "a bad value": (lambda: inner("Add", a="many"), "node 'x:a' (Add): input 'a' takes a number, not 'many'"),
    "an unknown kind": (lambda: inner("Ad"), "node 'x:a': there is no kind 'Ad'"),
    "another type": (lambda: inner("Words", output="string"), "takes FLOAT, but is linked to 'x:a.string', a STRING"),
    "a circle": (lambda: replace(LOOP, workflows={"loop": LOOP}), "'@loop' contains itself"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_a_workflow_that_cannot_take_a_nodes_place_is_the_failure_of_that_node(tmp_path, case):
    returned, words = UNFIT[case]
    asked = []

    @node()
    def Words() -> str:
        return "words"

    @node()
    def Odd(a: float = 0.0) -> float | Expansion:
        asked.append(a)
        return Expansion(returned())

    nodes = {"x": Node("Odd"), "add": Node("Add", {"a": link("x")}), "show": Node("Show", {"value": link("add")})}
    nodes |= {"good": Node("AddTwice", {"a": 1.0, "b": 1.0}), "fine": Node("Show", {"value": link("good")})}
    for kept in (False, True, True):  # the last two find what the ones before them kept on the disk
        events = []
        outcome = engine(tmp_path, Words, Odd, cache=kept).run(Workflow(nodes), on_event=events.append)
        assert [(failure.node, failure.kind, failure.trace) for failure in outcome.failures] == [("x", "Odd", "")]
        assert words in outcome.failures[0].message
        assert (outcome.status, sorted(outcome.blocked)) == ("failed", ["add", "show"])
        assert outcome.results["fine"]["text"] == ["5.0"]
        assert [event.node for event in events if event.kind == "failed"] == ["x"]
        assert events[-1].kind == "ended"
    assert asked == [0.0] * 3


def test_a_node_that_expands_is_linked_by_position_too(tmp_path):
    nodes = {"x": Node("AddTwice", {"a": 3.0, "b": 1.0}), "show": Node("Show", {"value": link("x", "0")})}
    outcome = engine(tmp_path).run(Workflow(nodes, Interface({}, {"all": link("x", "0")})))
    assert outcome.results["show"]["text"] == ["7.0"]
    assert outcome.failures == []


def test_a_workflow_that_takes_a_nodes_place_gets_its_defaults(tmp_path):
    @node()
    def Outer(a: float = 2.0, b: float | None = None, offset: int = 3) -> float | Expansion:
        return Expansion(inner("Add", a=100.0, b=0.5, offset=100, exposed=("a", "b", "offset")))

    nodes = {"x": Node("Outer", {"a": 1.0}), "show": Node("Show", {"value": link("x")})}
    outcome = engine(tmp_path, Outer).run(Workflow(nodes))
    assert outcome.results["show"]["text"] == [repr(1.0 + 2 * 0.5 + 3)]


def test_a_lazy_node_may_expand_too(tmp_path):
    asked = []

    @node(needs=lambda on, a, b, **_: asked.append((a, b)) or (["a"] if on else ["b"]))
    def Choose(
        on: float, a: Annotated[float, LAZY] = 0.0, b: Annotated[float, LAZY] = 0.0, expands: bool = True
    ) -> float | Expansion:
        given = a if on else b
        return Expansion(inner("Add", a=given, b=1.0)) if expands else given

    nodes = {"n": Node("Number", {"value": 3.0}), "never": Node("Fail")}
    nodes |= {"x": Node("Choose", {"on": 1.0, "a": link("n"), "b": link("never")})}
    workflow = Workflow(nodes | {"show": Node("Show", {"value": link("x")})})
    e = engine(tmp_path, Choose)
    assert e.run(workflow).results["show"]["text"] == ["5.0"]
    assert asked == [(None, None), (3.0, None)]
    assert e.run(workflow).ran == []
    assert e.run(workflow.set("x.expands", False)).results["show"]["text"] == ["3.0"]
    assert e.run(workflow.set("x.expands", False)).ran == []


def test_an_expansion_that_no_longer_fits_is_asked_for_again(tmp_path):
    (tmp_path / "input").mkdir()
    files = [tmp_path / "input" / "a.png", tmp_path / "input" / "b.png"]
    files[0].write_text("4")

    @node()
    def Newest(a: float = 0.0) -> float | Expansion:
        return Expansion(inner("Read", name=max(path.name for path in files if path.exists())))

    workflow = Workflow({"x": Node("Newest"), "show": Node("Show", {"value": link("x")})})
    e = engine(tmp_path, Newest)
    assert e.run(workflow).results["show"]["text"] == ["4.0"]
    files[0].rename(files[1])
    assert e.run(workflow).results["show"]["text"] == ["4.0"]


def test_a_node_that_expands_into_itself_without_end_is_an_error_and_no_hang(tmp_path, monkeypatch):
    monkeypatch.setattr("graphengine.execution.grow.EXPANSIONS", 20)

    @node()
    def Again(a: float = 0.0) -> float | Expansion:
        return Expansion(Workflow({"x": Node("Again", {"a": a})}, Interface({}, {"float": link("x")})))

    nodes = {"x": Node("Again", {"a": 0.0}), "show": Node("Show", {"value": link("x")})}
    nodes["other"] = Node("Show", {"value": 1})
    e = engine(tmp_path, Again)
    for _ in range(2):
        outcome = e.run(Workflow(nodes))
        assert [(failure.node, failure.kind) for failure in outcome.failures] == [("x", "Again")]
        assert "expand more than 20 times" in outcome.failures[0].message
        assert (outcome.blocked, outcome.results["other"]["text"]) == (["show"], ["1"])


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
