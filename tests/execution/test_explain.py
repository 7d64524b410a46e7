"""Why nodes run, in every way that they can come to."""

from pathlib import Path
from typing import Annotated

import pytest

from graphengine.api import Choices, Node, Workflow, node
from graphengine.execution import history
from graphengine.execution.disk import DiskCache
from tests.execution.kinds import engine, link


@node()
def Read(name: Annotated[str, Choices("input")]) -> float:
    return 1.0


@node(volatile=True)
def Clock() -> float:
    return 1.0


@node()
def Broken(value: float = 1.0) -> float:
    if value == 1.0:
        raise ValueError("one")
    return value


def workflow():
    return Workflow(
        {
            "file": Node("Read", {"name": "x.png"}),
            "n": Node("Number", {"value": 1.0}),
            "other": Node("Number", {"value": 2.0}),
            "add": Node("Add", {"a": link("n"), "b": link("file")}),
            "scale": Node("Scale", {"a": link("add")}),
            "show": Node("Show", {"value": link("scale")}),
        }
    )


def put_picture(home: Path, data=b"x"):
    path = home / "input" / "x.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def after_a_run(tmp_path, **settings):
    put_picture(tmp_path)
    e = engine(tmp_path, Read, Clock, **settings)
    e.run(workflow())
    return e


BELOW = {"scale": ["'add' runs"], "show": ["'scale' runs"]}
EDITS = {
    "nothing": (lambda w: w, {}),
    "a literal": (
        lambda w: w.set("n.value", 5), {"n": ["'value' changed from 1.0 to 5.0"], "add": ["'n' runs"], **BELOW},
    ),
    "a literal more": (lambda w: w.set("add.offset", 3), {"add": ["'offset' changed from nothing to 3"], **BELOW}),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_told_where_it_was_made_and_below(tmp_path, case):
    edit, wanted = EDITS[case]
    e = after_a_run(tmp_path)
    assert e.plan(edit(workflow())).reasons == wanted


def test_a_changed_link_is_told(tmp_path):
    reasons = after_a_run(tmp_path).plan(workflow().set("add.a", link("other"))).reasons
    assert reasons["other"] == ["it has not run before"]  # no output needed it
    assert reasons["add"][0].startswith("'a' is linked to ")
    assert "other.float" in reasons["add"][0]
    assert "n.float" in reasons["add"][0]


def test_a_literal_in_the_place_of_a_link_is_told_as_both(tmp_path):
    reasons = after_a_run(tmp_path).plan(workflow().set("add.a", 4.0)).reasons
    assert reasons["add"][0] == "'a' changed from nothing to 4.0"
    assert "n.float" in reasons["add"][1]


def test_a_number_of_another_type_is_a_change(tmp_path):
    e = engine(tmp_path)
    show = Workflow({"show": Node("Show", {"value": 1})})
    e.run(show)
    assert e.plan(show.set("show.value", True)).reasons == {"show": ["'value' changed from 1 to True"]}


def test_a_changed_kind_a_new_node_and_one_that_always_runs_are_told(tmp_path):
    e = after_a_run(tmp_path)
    kind = workflow().with_node("other", Node("Count", {"to": 1}))
    assert e.plan(kind, targets=["other"]).reasons == {"other": ["its kind changed from Number to Count"]}
    new = workflow().with_node("new", Node("Number")).set("add.a", link("new"))
    assert e.plan(new).reasons["new"] == ["it has not run before"]
    reasons = e.plan(workflow().with_node("n", Node("Clock"))).reasons
    assert (reasons["n"], reasons["add"]) == (["it always runs"], ["'n' runs"])


def test_a_changed_file_is_told_even_when_reasons_are_asked_for_late(tmp_path):
    e = after_a_run(tmp_path)
    put_picture(tmp_path, b"another")
    assert e.plan(workflow()).reasons == {"file": ["the file of 'name' changed"], "add": ["'file' runs"], **BELOW}


def test_changed_code_and_changed_precision_are_told_in_a_later_process(tmp_path):
    put_picture(tmp_path)
    engine(tmp_path, Read, cache=True).run(workflow(), name="w")
    later = engine(tmp_path, Read, cache=True, code={"Number": "v2"})
    assert later.plan(workflow(), name="w").reasons["n"] == ["its code changed"]
    later = engine(tmp_path, Read, cache=True, precision="bf16")
    assert later.plan(workflow(), name="w").reasons == {
        "scale": ["the device or precision changed from auto/auto to auto/bf16"], "show": ["'scale' runs"],
    }  # fmt: skip


def test_a_result_that_is_no_longer_kept_is_told(tmp_path):
    e = after_a_run(tmp_path)
    e.cache.clear()
    assert e.plan(workflow()).reasons["n"] == ["its result is no longer kept"]


@pytest.mark.parametrize("later", [False, True])
def test_a_node_that_failed_is_told_and_what_waits_for_it(tmp_path, later):
    put_picture(tmp_path)
    e = engine(tmp_path, Read, Broken, cache=True)
    broken = workflow().with_node("n", Node("Broken", {"value": 1.0}))
    assert e.run(broken, name="w").failures
    if later:
        e = engine(tmp_path, Read, Broken, cache=True)
    assert e.plan(broken, name="w").reasons == {"n": ["it failed the last time"], "add": ["'n' runs"], **BELOW}
    mended = broken.set("n.value", 3)
    assert e.plan(mended, name="w").reasons["n"] == ["'value' changed from 1.0 to 3.0"]
    assert not e.run(mended, name="w").failures
    assert e.plan(mended, name="w").reasons == {}


def test_what_a_run_did_not_come_to_is_told_by_the_run_before_it(tmp_path):
    put_picture(tmp_path)
    e = engine(tmp_path, Read, Clock)
    two = Workflow(
        {
            "a": Node("Number", {"value": 1.0}),
            "b": Node("Number", {"value": 2.0}),
            "showa": Node("Show", {"value": link("a")}),
            "showb": Node("Show", {"value": link("b")}),
        }
    )
    e.run(two)
    edited = two.set("a.value", 5.0).set("b.value", 7.0)
    e.run(edited, ["showa"])
    changed = {"b": ["'value' changed from 2.0 to 7.0"], "showb": ["'b' runs"]}
    assert e.plan(edited).reasons == changed
    assert e.run(edited, on_start=lambda run: run.cancel()).status == "cancelled"
    assert e.plan(edited).reasons == changed
    e.run(edited)
    back = edited.set("b.value", 2.0)
    assert e.run(back).cached == ["showa", "showb"]  # and b, of which the value is in what was served
    assert e.plan(back.set("b.value", 9.0)).reasons["b"] == ["'value' changed from 2.0 to 9.0"]


@pytest.mark.parametrize("targets", [None, ["show"]])
def test_what_nodes_were_made_of_is_worked_out_when_somebody_asks(tmp_path, monkeypatch, targets):
    e = after_a_run(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(history, "records", lambda *given: pytest.fail("nobody has asked"))
        edited = workflow().set("n.value", 5)
        assert e.run(edited, targets).status == "done"
    assert e.plan(edited.set("n.value", 6)).reasons == {
        "n": ["'value' changed from 5.0 to 6.0"], "add": ["'n' runs"], **BELOW,
    }  # fmt: skip


def test_a_lazy_input_that_was_not_needed_is_told_by_the_last_run_that_needed_it(tmp_path):
    e = engine(tmp_path)
    nodes = {"a": Node("Number", {"value": 1.0}), "b": Node("Number", {"value": 2.0})}
    nodes["switch"] = Node("Switch", {"on": 0.0, "a": link("a"), "b": link("b")})
    workflow = Workflow(nodes | {"show": Node("Show", {"value": link("switch")})})
    e.run(workflow)
    other = workflow.set("switch.on", 1.0).set("b.value", 5.0)
    e.run(other)
    assert e.plan(other.set("switch.on", 0.0)).reasons["b"] == ["'value' changed from 2.0 to 5.0"]


@pytest.mark.parametrize("later", [False, True])
def test_what_a_cancelled_run_did_not_come_to_is_told(tmp_path, later):
    put_picture(tmp_path)
    e = engine(tmp_path, Read, Clock, cache=True)
    assert e.run(workflow(), name="w", on_start=lambda run: run.cancel()).status == "cancelled"
    if later:
        e = engine(tmp_path, Read, Clock, cache=True)
    first = ["it was not reached the last time"]
    assert e.plan(workflow(), name="w").reasons == {
        "file": first,
        "n": first,
        "add": ["'n' runs", "'file' runs"],
        **BELOW,
    }


def test_a_workflow_of_another_name_has_not_run_before(tmp_path):
    put_picture(tmp_path)
    engine(tmp_path, Read, cache=True).run(workflow(), name="w")
    later = engine(tmp_path, Read, cache=True, code={"Number": "v2"})
    assert later.plan(workflow(), name="v").reasons["n"] == ["it has not run before"]


def test_a_record_of_another_version_is_as_good_as_none(tmp_path, monkeypatch):
    put_picture(tmp_path)
    monkeypatch.setattr(DiskCache, "read_note", lambda self, name: {"n": {"colour": 1}})
    assert engine(tmp_path, Read, cache=True).plan(workflow(), name="w").reasons["n"] == ["it has not run before"]


def test_planning_runs_nothing(tmp_path):
    put_picture(tmp_path)
    e = engine(tmp_path, Read)
    preview = e.plan(workflow())
    assert [task.id for task in preview.plan.tasks] == ["n", "file", "add", "scale", "show"]
    assert set(preview.order) == {"n", "file", "add", "scale", "show"}
    assert e.plan(workflow()).plan.tasks == preview.plan.tasks
