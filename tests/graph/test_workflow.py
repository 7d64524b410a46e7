"""Values set by name, nodes found by name, and which nodes are the same."""

import pytest

from graphengine.api import Exposed, Interface, Link, Node, Workflow
from graphengine.graph.errors import CallError
from graphengine.graph.workflow import same

WORKFLOW = Workflow(
    {
        "a": Node("Number", {"value": 1.0}, title="First"),
        "b": Node("Number", {"value": 2.0}, title="Twin"),
        "c.d": Node("Number", {"value": 3.0}, title="twin"),
    },
    Interface({"both": (Exposed("a", "value"), Exposed("b", "value")), "lost": (Exposed("z", "value"),)}),
)


def values(workflow):
    return [node.inputs["value"] for node in workflow.nodes.values()]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.value", [9, 2.0, 3.0]),
        ("First.value", [9, 2.0, 3.0]),
        ("fIRST.value", [9, 2.0, 3.0]),
        ("c.d.value", [1.0, 2.0, 9]),
        ("both", [9, 9, 3.0]),
    ],
)
def test_a_value_is_set_by_id_title_or_the_interface_in_a_new_workflow(name, wanted):
    changed = WORKFLOW.set(name, 9)
    assert values(changed) == wanted
    assert values(WORKFLOW) == [1.0, 2.0, 3.0]
    assert all(
        changed.nodes[id] is node for id, node in WORKFLOW.nodes.items() if 9 not in changed.nodes[id].inputs.values()
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nobody.value", r"no node 'nobody'. The workflow has: a \(First\)"),
        ("Twin.value", "Several nodes are called 'Twin': b, c.d"),
        (".value", "no node ''"),
        ("neither", r"no input of the workflow's interface \(it has: both, lost\)"),
        ("lost", "sets node 'z', which does not exist"),
    ],
)
def test_a_name_that_is_not_there_or_not_one_is_a_call_error(name, message):
    with pytest.raises(CallError, match=message):
        WORKFLOW.set(name, 9)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (1, True), (0, False), (0.0, -0.0), ([1], [1.0]), ({"x": [1]}, {"x": [True]}), ("1", 1), ([], {})],
)
def test_values_that_a_document_writes_differently_are_not_the_same(one, other):
    assert not same(Node("K", {"x": one}), Node("K", {"x": other}))
    assert same(Node("K", {"x": one}), Node("K", {"x": one}))


def test_nodes_of_other_links_kinds_or_titles_are_not_the_same():
    node = Node("K", {"x": Link("a", "float")})
    others = [
        Node("L", node.inputs),
        Node("K", {"x": Link("b", "float")}),
        Node("K", node.inputs, title="T"),
        Node("K"),
    ]
    assert not any(same(node, other) for other in others)


def test_an_equal_workflow_is_replaced_by_the_one_known_and_an_edited_one_shares_its_nodes():
    again = Workflow(
        {id: Node(n.kind, dict(n.inputs), n.title) for id, n in WORKFLOW.nodes.items()}, WORKFLOW.interface
    )
    assert again.sharing(WORKFLOW) is WORKFLOW
    edited = again.set("a.value", 1).sharing(WORKFLOW)
    assert edited.nodes["b"] is WORKFLOW.nodes["b"]
    assert repr(edited.nodes["a"].inputs["value"]) == "1"
    inner = Workflow(workflows={"s": again})
    assert inner.sharing(Workflow(workflows={"s": WORKFLOW})).workflows["s"] is WORKFLOW
    assert Workflow(workflows={"s": again.set("a.value", True)}).sharing(inner) is not inner
    assert Workflow(again.nodes, layout={"x": 1}).sharing(WORKFLOW) is not WORKFLOW
