"""The set of nodes that run is exactly the dirty set, by an oracle that knows nothing of caches."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphengine.api import Link, Node, Workflow
from tests.execution.kinds import engine

CODE = st.dictionaries(st.sampled_from(["Number", "Add", "Scale"]), st.sampled_from(["", "v2"]))


def meaning(workflow, code, id):
    """What a node computes, written out: the oracle. Two nodes of one meaning are one piece of work."""
    node = workflow.nodes[id]
    inputs = {
        name: meaning(workflow, code, value.node) if isinstance(value, Link) else repr(value)
        for name, value in node.inputs.items()
    }
    return f"{node.kind}{code.get(node.kind, '')}({sorted(inputs.items())})"


def value(workflow, id):
    """The value of a node, computed from nothing."""
    node = workflow.nodes[id]
    given = {n: value(workflow, v.node) if isinstance(v, Link) else v for n, v in node.inputs.items()}
    if node.kind == "Number":
        return given["value"]
    if node.kind == "Scale":
        return given["a"] * given["by"]
    return given["a"] + 2 * given["b"] + given["offset"]


def random_workflow(rng, size):
    nodes = {}
    for i in range(size):
        earlier = list(nodes)
        if not earlier or rng.random() < 0.2:
            nodes[str(i)] = Node("Number", {"value": float(rng.randrange(4))})
        elif rng.random() < 0.5:
            nodes[str(i)] = Node("Scale", {"a": Link(rng.choice(earlier), "float"), "by": float(rng.randrange(3))})
        else:
            a, b = (Link(rng.choice(earlier), "float") for _ in range(2))
            nodes[str(i)] = Node("Add", {"a": a, "b": b, "offset": rng.randrange(3)})
    return Workflow(nodes)


def edited(rng, workflow):
    """One random edit: a value, a link, ids renamed, nodes moved in the document."""
    nodes = dict(workflow.nodes)
    kind = rng.choice(["value", "link", "rename", "move"])
    id = rng.choice(list(nodes))
    node = nodes[id]
    if kind == "value":
        name = {"Number": "value", "Scale": "by", "Add": "offset"}[node.kind]
        nodes[id] = node.with_input(name, rng.randrange(4) if name == "offset" else float(rng.randrange(4)))
    elif kind == "link" and node.links:
        earlier = list(nodes)[: list(nodes).index(id)]
        if earlier:
            nodes[id] = node.with_input(rng.choice(list(node.links)), Link(rng.choice(earlier), "float"))
    elif kind == "rename":
        new = {old: f"{old}'" for old in nodes}
        renamed = {
            new[old]: replace(
                n, inputs={k: Link(new[v.node], v.output) if isinstance(v, Link) else v for k, v in n.inputs.items()}
            )
            for old, n in nodes.items()
        }
        return replace(workflow, nodes=renamed, layout={"moved": rng.random()})
    return replace(workflow, nodes=nodes, layout={"moved": rng.random()})


def needed(workflow, targets):
    found, pending = set(), list(targets)
    while pending:
        id = pending.pop()
        if id not in found:
            found.add(id)
            pending += [link.node for link in workflow.nodes[id].links.values()]
    return found


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 14), edits=st.integers(1, 6), codes=st.lists(CODE, max_size=6))
@pytest.mark.filterwarnings("ignore")
def test_exactly_the_dirty_set_runs_and_results_equal_a_run_from_nothing(tmp_path_factory, seed, size, edits, codes):
    rng = random.Random(seed)
    folder = tmp_path_factory.mktemp("home")
    workflow, done = random_workflow(rng, size), set()
    for step in range(edits):
        code = codes[step] if step < len(codes) else {}
        e = engine(folder, code=code, cache=True)  # another process would see no more than this
        targets = rng.sample(list(workflow.nodes), k=min(2, len(workflow.nodes)))
        outcome = e.run(workflow, targets=targets)
        wanted = {meaning(workflow, code, id) for id in dirty_set(workflow, code, targets, done)}
        assert {meaning(workflow, code, id) for id in outcome.ran} == wanted
        assert len(outcome.ran) == len(wanted)
        assert {id: outcome.values[id][0] for id in targets} == {id: value(workflow, id) for id in targets}
        done |= wanted
        workflow = edited(rng, workflow)


def dirty_set(workflow, code, targets, done):
    """From the targets back, stopping at work that was done before."""
    found, pending = set(), list(targets)
    while pending:
        id = pending.pop()
        if id not in found and meaning(workflow, code, id) not in done:
            found.add(id)
            pending += [link.node for link in workflow.nodes[id].links.values()]
    return found
