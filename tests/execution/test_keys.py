"""Keys: what enters, and what never does."""

from dataclasses import replace
from typing import Annotated

import pytest

from graphengine.api import Choices, Link, Many, Node, Workflow, node
from graphengine.execution.keys import Context, Decisions, compute_keys
from graphengine.graph.check import check
from graphengine.graph.node import derive
from graphengine.graph.registry import registry_of
from tests.execution.kinds import KINDS, link


@node()
def Open(one: Annotated[str, Choices("input")] = "x", two: Annotated[str, Choices("input")] = "x") -> float: ...
@node()
def OpenUsual(one: Annotated[str, Choices("input")] = "usual") -> float: ...
@node()
def OpenMany(names: Many[Annotated[str, Choices("input")]]) -> float: ...
@node(volatile=True)
def Clock() -> float: ...


SPECS = [derive(kind) for kind in (*KINDS, Open, OpenUsual, OpenMany, Clock)]


def keys(nodes, context=Context(), specs=SPECS, **fields):  # noqa: B008
    analysis = check(Workflow(nodes, **fields), registry_of(specs))
    assert not analysis.problems
    return compute_keys(analysis, Decisions(), context).of


BASE = {"n": Node("Number", {"value": 1.0}), "add": Node("Add", {"a": link("n"), "b": 2.0, "offset": 3})}
KEY = keys(BASE)["add"]

SAME_WORK = {
    "other ids": {"m": BASE["n"], "add": Node("Add", {"a": link("m"), "b": 2.0, "offset": 3})},
    "other order of nodes": dict(reversed(BASE.items())),
    "other order of inputs": {**BASE, "add": Node("Add", {"offset": 3, "b": 2.0, "a": link("n")})},
    "title": {**BASE, "add": replace(BASE["add"], title="Sum")},
    "extra fields": {**BASE, "add": replace(BASE["add"], extra={"note": 1})},
    "values that convert to the same": {**BASE, "add": BASE["add"].with_input("b", "2").with_input("offset", 3.0)},
    "more nodes": {**BASE, "x": Node("Show", {"value": link("add")})},
    "input without effect": {**BASE, "add": BASE["add"].with_input("control_after_generate", "fixed")},
}
OTHER_WORK = {
    "literal": {**BASE, "add": BASE["add"].with_input("offset", 4)},
    "literal upstream": {**BASE, "n": Node("Number", {"value": 1.5})},
    "literal instead of a link": {**BASE, "add": BASE["add"].with_input("a", 1.0)},
    "inputs exchanged": {**BASE, "add": Node("Add", {"b": link("n"), "a": 2.0, "offset": 3})},
    "default not given": {**BASE, "add": Node("Add", {"a": link("n"), "b": 2.0})},
    "other kind": {**BASE, "add": Node("Scale", {"a": link("n"), "by": 2.0})},
    "minus zero": {**BASE, "add": BASE["add"].with_input("b", -0.0)},
}


@pytest.mark.parametrize("case", SAME_WORK)
def test_the_same_work_has_the_same_key(case):
    assert keys(SAME_WORK[case])["add"] == KEY


def test_layouts_never_enter():
    assert keys(BASE, layout={"nodes": {"n": {"x": 1}}}, lock={"a": 1}, extra={"b": 2})["add"] == KEY


def test_other_work_has_other_keys():
    found = [keys(nodes)["add"] for nodes in OTHER_WORK.values()]
    assert len({KEY, *found}) == len(OTHER_WORK) + 1


def test_code_enters_the_keys_of_its_nodes_and_of_all_below():
    changed = keys(BASE, specs=[replace(spec, code="v2" if spec.kind == "Number" else "") for spec in SPECS])
    assert changed["n"] != keys(BASE)["n"]
    assert changed["add"] != KEY


def test_numerics_enter_only_device_work_and_places_only_outputs():
    nodes = {**BASE, "scale": Node("Scale", {"a": link("n")}), "show": Node("Show", {"value": link("n")})}
    plain = keys(nodes)
    assert {id for id, key in keys(nodes, Context(numerics="bf16")).items() if key != plain[id]} == {"scale"}
    assert {id for id, key in keys(nodes, Context(place="/tmp")).items() if key != plain[id]} == {"show"}


def test_a_volatile_node_differs_from_run_to_run_and_from_its_twin():
    nodes = {"c1": Node("Clock"), "c2": Node("Clock"), "add": Node("Add", {"a": link("c1")})}
    one, other = keys(nodes, Context(nonce=b"1")), keys(nodes, Context(nonce=b"2"))
    assert len({one["c1"], one["c2"], other["c1"], other["c2"]}) == 4
    assert one["add"] != other["add"]


def test_fingerprints_of_named_files_enter_each_at_its_input():
    def key(inputs, **prints):
        context = Context(fingerprint=lambda source, name: prints.get(name, ""))
        return keys({"o": Node("Open", inputs)}, context)["o"]

    inputs, turned = {"one": "a", "two": "b"}, {"two": "b", "one": "a"}
    assert key(inputs, a="1", b="2") == key(turned, a="1", b="2")
    assert key(inputs, a="1", b="2") not in (key(turned, a="2", b="1"), key(inputs, a="2", b="1"), key(inputs, a="1"))


def test_a_file_that_a_default_names_enters_until_another_one_is_named():
    def key(inputs, **prints):
        context = Context(fingerprint=lambda source, name: prints.get(name, ""))
        return keys({"o": Node("OpenUsual", inputs)}, context)["o"]

    assert key({}, usual="1") != key({}, usual="2")
    assert key({"one": "a"}, usual="1") == key({"one": "a"}, usual="2")


def test_every_file_of_a_list_enters():
    def key(**prints):
        context = Context(fingerprint=lambda source, name: prints.get(name, ""))
        return keys({"o": Node("OpenMany", {"names": ["a", "b"]})}, context)["o"]

    assert len({key(), key(a="1"), key(b="1"), key(a="1", b="1")}) == 4


def test_outputs_of_one_node_are_told_apart():
    number = next(spec for spec in SPECS if spec.kind == "Number")
    outputs = (*number.outputs, replace(number.outputs[0], name="other"))
    two = [*(spec for spec in SPECS if spec is not number), replace(number, outputs=outputs)]
    nodes = {**BASE, "x": Node("Add", {"a": Link("n", "other"), "b": 2.0, "offset": 3})}
    found = keys(nodes, specs=two)
    assert found["x"] != found["add"]


class Notes:
    def __init__(self):
        self.held = {}

    def read_note(self, name):
        return self.held.get(name)

    def write_note(self, name, data):
        self.held[name] = data


def test_decisions_are_found_by_another_process_and_bad_notes_are_as_good_as_none():
    notes = Notes()
    inner = Workflow({"a": Node("Number", {"value": 1.0})})
    Decisions(notes).needed(b"1", ["a"])
    Decisions(notes).expanded(b"1", inner)
    assert Decisions(notes).needs(b"1") == ("a",)
    assert Decisions(notes).expansion(b"1") == inner
    assert Decisions(notes).needs(b"2") is None
    for bad in (5, {}, {"graphengine": 99}, []):
        notes.held["expansion-31"] = bad
        assert Decisions(notes).expansion(b"1") is None


def test_decisions_of_earlier_runs_are_bounded_but_a_run_never_loses_its_own(monkeypatch):
    monkeypatch.setattr("graphengine.execution.keys.REMEMBERED", 10)
    decisions = Decisions()
    for number in range(100):
        decisions.needed(b"%d" % number, ["a"])
    assert all(decisions.needs(b"%d" % number) == ("a",) for number in range(100))
    decisions.begin()
    assert decisions.needs(b"1") is None
