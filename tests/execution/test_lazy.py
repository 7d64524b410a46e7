"""Nodes that say which of their inputs they need."""

from typing import Annotated, Any

import pytest

from graphengine.api import LAZY, Many, Node, Workflow, node
from tests.execution.kinds import engine, link


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
