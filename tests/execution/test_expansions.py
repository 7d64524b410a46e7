"""Nodes that return workflows, which take their places."""

import time
from dataclasses import replace
from typing import Annotated

import pytest

from graphengine.api import LAZY, Expansion, Exposed, Interface, Link, Node, Workflow, node
from tests.execution.kinds import engine, link


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


def deeper(kind, **inputs):
    """A workflow of one node, which gives what it gives."""
    return Expansion(Workflow({"x": Node(kind, inputs)}, Interface({}, {"float": link("x")})))


def test_a_node_that_expands_into_itself_without_end_is_an_error_and_no_hang(tmp_path):
    asked = []

    @node()
    def Again(a: float = 0.0) -> float | Expansion:
        asked.append(a)
        inner = {f"n{i}": Node("Number", {"value": i}) for i in range(200)}  # which each level would have
        inner |= {"x": Node("Other", {"a": a}), "sum": Node("Add", {"a": link("x"), "b": link("n0")})}
        return Expansion(Workflow(inner, Interface({}, {"float": link("sum")})))

    @node()
    def Other(a: float = 0.0) -> float | Expansion:
        asked.append(a)
        return deeper("Again", a=a)

    nodes = {"x": Node("Again", {"a": 0.0}), "show": Node("Show", {"value": link("x")})}
    nodes |= {"other": Node("Show", {"value": 1}), "good": Node("AddTwice", {"a": 1.0, "b": 1.0})}
    nodes["fine"] = Node("Show", {"value": link("good")})
    e = engine(tmp_path, Again, Other)
    for asking in (2, 1):
        asked.clear()
        began = time.process_time()
        outcome = e.run(Workflow(nodes))
        assert time.process_time() - began < 2
        assert [(failure.node, failure.kind) for failure in outcome.failures] == [("x", "Again")]
        assert "2 levels deep is the same Again again" in outcome.failures[0].message
        assert (outcome.blocked, outcome.results["other"]["text"]) == (["show"], ["1"])
        assert outcome.results["fine"]["text"] == ["5.0"]
        assert asked == [0.0] * asking


def test_a_node_that_expands_deeper_each_round_without_end_is_an_error_that_says_how_deep(tmp_path, monkeypatch):
    monkeypatch.setattr("graphengine.execution.grow.EXPANSIONS", 20)
    asked = []

    @node()
    def Count(to: int = 0, last: int = 10**9) -> float | Expansion:
        asked.append(to)
        return deeper("Count", to=to + 1, last=last) if to < last else float(to)

    ends = {"y": Node("Count", {"last": 20}), "end": Node("Show", {"value": link("y")})}
    nodes = {"x": Node("Count"), "show": Node("Show", {"value": link("x")}), **ends}
    e = engine(tmp_path, Count)
    for asking in (range(21), range(1)):
        asked.clear()
        events = []
        outcome = e.run(Workflow(nodes), on_event=events.append)
        assert [(failure.node, failure.kind) for failure in outcome.failures] == [("x", "Count")]
        assert "more than 20 levels deep" in outcome.failures[0].message
        assert "end at some time" in outcome.failures[0].cure
        assert (outcome.status, outcome.blocked) == ("failed", ["show"])
        assert outcome.results["end"]["text"] == ["20.0"]
        assert [event.node for event in events if event.kind == "failed"] == ["x"]
        assert sorted(set(asked)) == list(asking)


@node()
def Down(rounds: int) -> float | Expansion:
    """A loop of so many rounds."""
    return deeper("Down", rounds=rounds - 1) if rounds else 7.0


def test_a_loop_of_more_than_a_thousand_rounds_runs_and_is_known_the_next_time(tmp_path):
    nodes = {"x": Node("Down", {"rounds": 1_500}), "show": Node("Show", {"value": link("x")})}
    e = engine(tmp_path, Down)
    assert e.run(Workflow(nodes)).results["show"]["text"] == ["7.0"]
    again = e.run(Workflow(nodes))
    assert (again.ran, again.results["show"]["text"]) == ([], ["7.0"])


def test_a_cancel_is_heard_while_expansions_that_are_known_are_put_in_their_places(tmp_path):
    nodes = {"x": Node("Down", {"rounds": 5}), "show": Node("Show", {"value": link("x")})}
    e = engine(tmp_path, Down)
    e.run(Workflow(nodes))
    e.free(cache=True)
    events = []
    outcome = e.run(Workflow(nodes), on_start=lambda run: run.cancel(), on_event=events.append)
    assert (outcome.status, outcome.ran) == ("cancelled", [])
    (planned,) = [event for event in events if event.kind == "planned"]
    assert planned.data["run"] == ["x"], "nothing was put in its place"
