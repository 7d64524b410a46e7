"""Nodes that fail: what is told of them, and what goes on without them."""

import asyncio
import sys
import weakref
from typing import Any

import pytest

from graphengine.api import FileRef, Link, Memory, Node, NodeError, Results, Workflow, node
from tests.execution.kinds import chain, engine, link


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


GONE = {
    "never written": (FileRef("x_00001_.png", "a"), "a/x_00001_.png [output]"),
    "a path": (FileRef("/tmp/x.png"), "/tmp/x.png [output]"),
    "out of its folder": (FileRef("x.png", "../.."), "../../x.png [output]"),
    "of no type": (FileRef("there.png", type="outputs"), "there.png [outputs]"),
    "a folder": (FileRef("folder"), "folder [output]"),
    "no name": (FileRef(""), " [output]"),
}


@pytest.mark.parametrize("case", GONE)
@pytest.mark.parametrize("shown_by_an_output", [True, False])
def test_a_node_that_shows_a_file_which_is_not_there_fails_by_name_and_later_runs_do_too(
    tmp_path, case, shown_by_an_output
):
    ref, told = GONE[case]

    @node(output=shown_by_an_output)
    def Shower(value: float = 0.0, *, results: Results) -> float:
        results.add("images", FileRef("there.png"), ref)
        return value

    (tmp_path / "output" / "folder").mkdir(parents=True)
    (tmp_path / "output" / "there.png").write_bytes(b"x")
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "there.png").write_bytes(b"x")  # where a type that is none must not lead
    nodes = {"x": Node("Shower"), "after": Node("Show", {"value": link("x")}), "fine": Node("Show", {"value": 1})}
    for _ in range(2):
        e = engine(tmp_path, Shower, cache=True)
        outcome = e.run(Workflow(nodes))
        (failure,) = outcome.failures
        assert (failure.node, failure.kind, failure.trace) == ("x", "Shower", "")
        assert f"the file '{told}'" in failure.message and "write the file" in failure.cure
        assert (outcome.blocked, outcome.results["fine"]["text"]) == (["after"], ["1"])
        assert [task.id for task in e.plan(Workflow(nodes)).plan.tasks] == ["x", "after"]
