"""Plans: from the targets back to what the cache holds."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graphengine.api import Link, Node, Workflow
from graphengine.execution.keys import Context, Decisions, compute_keys
from graphengine.execution.plan import Task, make_plan
from graphengine.graph.check import check
from graphengine.graph.node import derive
from graphengine.graph.registry import registry_of
from tests.execution.kinds import KINDS, link

REGISTRY = registry_of(map(derive, KINDS))


def planned(nodes, targets, cached=(), decisions=None, failed=()):
    analysis = check(Workflow(nodes), REGISTRY)
    assert not analysis.problems
    keys = compute_keys(analysis, decisions or Decisions(), Context())
    stopped = {keys.of[id]: id for id in failed}
    return make_plan(analysis, keys, targets, lambda id, key: id in cached, stopped), keys


CHAIN = {
    "unused": Node("Number", {"value": 9.0}),
    "n": Node("Number", {"value": 1.0}),
    "add": Node("Add", {"a": link("n"), "b": link("n")}),
    "scale": Node("Scale", {"a": link("add")}),
}


def test_only_what_the_targets_need_is_planned_sources_first():
    plan, keys = planned(CHAIN, ["scale"])
    assert plan.tasks == [
        Task("n", keys.of["n"], False, ()),
        Task("add", keys.of["add"], False, ("n", "n")),
        Task("scale", keys.of["scale"], False, ("add",)),
    ]
    assert (plan.cached, plan.same, plan.waiting) == ([], {}, [])


def test_the_plan_stops_at_what_the_cache_holds():
    plan, keys = planned(CHAIN, ["scale", "unused"], cached={"add"})
    assert plan.tasks == [Task("scale", keys.of["scale"], False, ()), Task("unused", keys.of["unused"], False, ())]
    assert plan.cached == ["add"]


def test_what_failed_and_what_depends_on_it_is_left_out():
    nodes = CHAIN | {"same": Node("Number", {"value": 1.0}), "reads": Node("Add", {"a": link("same")})}
    plan, _keys = planned(nodes, ["reads", "scale", "unused"], failed=["n"])
    assert [task.id for task in plan.tasks] == ["unused"]
    assert plan.blocked == {"same": "n", "reads": "n", "add": "n", "scale": "n"}


def test_nodes_of_one_key_are_one_task_and_readers_wait_for_it():
    nodes = {
        "n1": Node("Number", {"value": 1.0}),
        "n2": Node("Number", {"value": 1.0}),
        "add": Node("Add", {"a": link("n1"), "b": link("n2")}),
    }
    plan, _keys = planned(nodes, ["add"])
    assert [task.id for task in plan.tasks] == ["n1", "add"]
    assert plan.tasks[1].after == ("n1", "n1")
    assert plan.same == {"n2": "n1"}


def test_a_lazy_node_decides_first_and_what_depends_on_it_waits():
    nodes = {
        "on": Node("Number", {"value": 1.0}),
        "yes": Node("Number", {"value": 2.0}),
        "no": Node("Number", {"value": 3.0}),
        "switch": Node("Switch", {"on": link("on"), "a": link("yes"), "b": link("no")}),
        "after": Node("Scale", {"a": link("switch")}),
    }
    decisions = Decisions()
    plan, keys = planned(nodes, ["after"], decisions=decisions)
    assert plan.tasks == [Task("on", keys.of["on"], False, ()), Task("switch", keys.open["switch"], True, ("on",))]
    assert plan.waiting == ["after"]
    decisions.needed(keys.open["switch"], ["a"])
    plan, keys = planned(nodes, ["after"], cached={"on"}, decisions=decisions)
    assert [(task.id, task.decide) for task in plan.tasks] == [("yes", False), ("switch", True)]
    decisions.needed(keys.open["switch"], [])
    plan, keys = planned(nodes, ["after"], cached={"on", "yes"}, decisions=decisions)
    assert [(task.id, task.decide, task.after) for task in plan.tasks] == [
        ("switch", False, ()), ("after", False, ("switch",)),
    ]  # fmt: skip


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=10), st.sets(st.integers(0, 9))
)
def test_the_tasks_are_the_ancestors_not_cut_off_by_the_cache_in_topological_order(sources, cached):
    nodes = {}
    for i, linked in enumerate(sources):
        links = {name: link(str(s)) for name, s in zip("ab", linked, strict=True) if s < i}
        nodes[str(i)] = Node("Add", {"offset": i, **links})
    graph = nx.DiGraph(
        [(v.node, id) for id, node in nodes.items() for v in node.inputs.values() if isinstance(v, Link)]
    )
    graph.add_nodes_from(nodes)
    target, held = str(len(nodes) - 1), set(map(str, cached))
    plan, _ = planned(nodes, [target], cached=held)
    open_ = graph.subgraph(graph.nodes - held)
    wanted = nx.ancestors(open_, target) | {target} if target in open_ else set()
    ids = [task.id for task in plan.tasks]
    assert sorted(ids) == sorted(wanted)
    assert all(ids.index(source) < ids.index(t.id) for t in plan.tasks for source in t.after)
    assert all(set(task.after) == set(graph.predecessors(task.id)) - held for task in plan.tasks)


def test_a_long_chain_is_planned_without_recursion():
    nodes = {"0": Node("Number", {"value": 1.0})}
    nodes |= {str(i): Node("Scale", {"a": link(str(i - 1))}) for i in range(1, 20_000)}
    plan, _ = planned(nodes, ["19999"])
    assert [task.id for task in plan.tasks] == [str(i) for i in range(20_000)]
