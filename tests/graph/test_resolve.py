import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphengine.graph.errors import DocumentError
from graphengine.graph.resolve import passed_on, passing_input, resolve
from graphengine.graph.signature import Signature
from graphengine.graph.spec import InputSpec, NodeSpec, OutputSpec
from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow

SPECS = {
    "Say": NodeSpec("Say", (InputSpec("text", "STRING"),), (OutputSpec("text", "STRING"),)),
    "Blur": NodeSpec("Blur", (InputSpec("image", "IMAGE"), InputSpec("r", "INT")), (OutputSpec("image", "IMAGE"),)),
    "Mix": NodeSpec(
        "Mix",
        (InputSpec("mask", "MASK"), InputSpec("a", "IMAGE"), InputSpec("b", "IMAGE")),
        (OutputSpec("image", "IMAGE"), OutputSpec("mask", "MASK")),
    ),
    "Load": NodeSpec("Load", (), (OutputSpec("image", "IMAGE"), OutputSpec("mask", "MASK"))),
    "Show": NodeSpec("Show", (InputSpec("image", "IMAGE"), InputSpec("any", "*"))),
}
ECHO = Workflow(
    {"in": Node("Say", {"text": "inner"}), "out": Node("Say", {"text": Link("in", "text")})},
    Interface({"text": (Exposed("in", "text"),)}, {"said": Link("out", "text")}),
)


def inputs(workflow, id):
    return dict(resolve(workflow, SPECS).nodes[id].inputs)


def test_a_flat_workflow_is_returned_itself():
    workflow = Workflow({"a": Node("Load"), "b": Node("Blur", {"image": Link("a", "image")})})
    assert resolve(workflow, SPECS) is workflow


def test_outputs_of_nodes_that_are_not_in_the_flat_workflow_lead_to_those_that_are():
    inner = Workflow(
        {"echo": Node("@echo"), "blur": Node("Blur", mode="bypassed")},
        Interface(
            {"image": (Exposed("blur", "image"),)}, {"text": Link("echo", "said"), "image": Link("blur", "image")}
        ),
        {"echo": ECHO},
    )
    nodes = {
        "load": Node("Load"),
        "all": Node("@inner", {"image": Link("load", "image")}),
        "again": Node("@inner"),
        "passed": Node("Blur", {"image": Link("all", "image")}, mode="bypassed"),
        "a": Node("Blur", {"image": Link("b", "image")}, mode="bypassed"),
        "b": Node("Blur", {"image": Link("a", "image")}, mode="bypassed"),
        "gone": Node("@inner", mode="muted"),
        "plain": Node("Load"),
    }
    loaded = Link("load", "image")
    assert passed_on(Workflow(nodes, workflows={"inner": inner}), SPECS) == {
        "all": {"text": Link("all:echo:out", "text"), "image": loaded},
        "all:echo": {"said": Link("all:echo:out", "text")},
        "all:blur": {"image": loaded},
        "again": {"text": Link("again:echo:out", "text")},
        "again:echo": {"said": Link("again:echo:out", "text")},
        "again:blur": {},
        "passed": {"image": loaded},
        "a": {},
        "b": {},
    }
    assert passed_on(Workflow({"load": Node("Load")}), SPECS) == {}


def test_a_muted_node_goes_and_links_to_it_disappear():
    workflow = Workflow({"a": Node("Load", mode="muted"), "b": Node("Blur", {"image": Link("a", "image"), "r": 3})})
    assert resolve(workflow, SPECS).nodes == {"b": Node("Blur", {"r": 3})}


def test_a_link_through_bypassed_nodes_continues_at_the_input_of_its_type():
    workflow = Workflow({
        "a": Node("Load"),
        "m": Node("Mix", {"mask": Link("a", "mask"), "a": Link("a", "image")}, mode="bypassed"),
        "n": Node("Blur", {"image": Link("m", "image"), "r": 2}, mode="bypassed"),
        "b": Node("Blur", {"image": Link("n", "image")}),
    })  # fmt: skip
    assert inputs(workflow, "b") == {"image": Link("a", "image")}


def test_a_bypassed_node_whose_input_is_not_connected_gives_nothing():
    workflow = Workflow(
        {"n": Node("Blur", {"r": 2}, mode="bypassed"), "b": Node("Blur", {"image": Link("n", "image")})}
    )
    assert inputs(workflow, "b") == {}


@pytest.mark.parametrize(
    ("signature", "output", "wanted", "expected"),
    [
        (Signature({"a": "IMAGE", "b": "MASK"}, {"x": "IMAGE", "y": "MASK"}), "y", "*", "b"),
        (Signature({"a": "IMAGE"}, {"x": "IMAGE", "y": "MASK"}), "y", "*", "a"),
        (Signature({"a": "IMAGE", "b": "MASK"}, {"x": "IMAGE", "y": "MASK"}), "y", "MASK", "b"),
        (Signature({"a": "MASK", "b": "INT,IMAGE", "c": "IMAGE"}, {"x": "IMAGE"}), "x", "IMAGE", "c"),
        (Signature({"a": "MASK", "b": "INT,IMAGE"}, {"x": "IMAGE"}), "x", "IMAGE", "b"),
        (Signature({"a": "MASK"}, {"x": "IMAGE"}), "x", "IMAGE", None),
        (Signature({"a": "INT"}, {"x": "FLOAT"}), "x", "FLOAT", None),
        (Signature({}, {"x": "IMAGE"}), "x", "*", None),
        (Signature({"a": "LATENT", "b": "~T"}, {"x": "~T"}), "x", "IMAGE", "b"),
        (Signature({"a": "MASK", "b": "IMAGE"}, {"p": "MASK", "q": "IMAGE"}), "1", "IMAGE", "b"),
    ],
)
def test_the_input_that_a_bypass_continues_at(signature, output, wanted, expected):
    assert passing_input(signature, output, wanted) == expected


def test_a_sub_workflow_unfolds_in_place_and_the_instance_overrides_its_inputs():
    workflow = Workflow(
        {
            "a": Node("Say", {"text": "hi"}),
            "x": Node("@echo", {"text": Link("a", "text")}),
            "y": Node("@echo", {"text": "literal"}),
            "z": Node("@echo"),
            "end": Node("Say", {"text": Link("x", "said")}),
        },
        workflows={"echo": ECHO},
    )
    flat = resolve(workflow, SPECS)
    assert list(flat.nodes) == ["a", "x:in", "x:out", "y:in", "y:out", "z:in", "z:out", "end"]
    assert [flat.nodes[f"{id}:in"].inputs["text"] for id in "xyz"] == [Link("a", "text"), "literal", "inner"]
    assert flat.nodes["x:out"].inputs == {"text": Link("x:in", "text")}
    assert flat.nodes["end"].inputs == {"text": Link("x:out", "text")}
    assert not flat.workflows


def test_nested_sub_workflows_take_the_outermost_value_and_definitions_are_found_from_the_inside_out():
    local = Workflow({"in": Node("Load")}, Interface({}, {"said": Link("in", "image")}))
    outer = Workflow(
        {"e": Node("@echo"), "l": Node("@local")},
        Interface({"text": (Exposed("e", "text"),)}, {"said": Link("e", "said"), "image": Link("l", "said")}),
        workflows={"local": local},
    )
    workflow = Workflow(
        {"o": Node("@outer", {"text": "deep"}), "end": Node("Say", {"text": Link("o", "said")})},
        Interface({"t": (Exposed("o", "text"),)}, {"image": Link("o", "image")}),
        {"echo": ECHO, "outer": outer},
    )
    flat = resolve(workflow, SPECS)
    assert flat.nodes["o:e:in"].inputs == {"text": "deep"}
    assert flat.nodes["end"].inputs == {"text": Link("o:e:out", "text")}
    assert flat.interface == Interface({"t": (Exposed("o:e:in", "text"),)}, {"image": Link("o:l:in", "image")})


def test_a_link_of_the_instance_that_leads_nowhere_leaves_the_inner_input_absent():
    workflow = Workflow(
        {"a": Node("Say", mode="muted"), "x": Node("@echo", {"text": Link("a", "text")})}, workflows={"echo": ECHO}
    )
    assert inputs(workflow, "x:in") == {}


def test_a_bypassed_instance_passes_through_and_a_muted_one_is_gone():
    def with_mode(mode):
        nodes = {
            "a": Node("Say", {"text": "hi"}),
            "x": Node("@echo", {"text": Link("a", "text")}, mode=mode),
            "b": Node("Say", {"text": Link("x", "said")}),
        }
        return resolve(Workflow(nodes, workflows={"echo": ECHO}), SPECS).nodes

    assert with_mode("bypassed") == {"a": Node("Say", {"text": "hi"}), "b": Node("Say", {"text": Link("a", "text")})}
    assert with_mode("muted") == {"a": Node("Say", {"text": "hi"}), "b": Node("Say")}


def test_unknown_links_kinds_and_sub_workflows_stay_for_check():
    nodes = {
        "a": Node("@gone"),
        "b": Node("New", {"x": Link("a", "y"), "z": Link("nobody", "o")}),
        "c": Node("Say", mode="muted"),
    }
    flat = resolve(Workflow(nodes), SPECS)
    assert flat.nodes == {"a": nodes["a"], "b": nodes["b"]}


def test_a_sub_workflow_that_contains_itself_is_named_with_its_path():
    a, b = Workflow({"1": Node("@b")}), Workflow({"2": Node("@a")})
    with pytest.raises(DocumentError, match="@a > @b > @a"):
        resolve(Workflow({"x": Node("@a")}, workflows={"a": a, "b": b}), SPECS)


def test_a_nest_that_unfolds_to_too_many_nodes_is_refused_quickly():
    bombs = {"l0": Workflow()}
    for level in range(1, 12):
        bombs[f"l{level}"] = Workflow({str(i): Node(f"@l{level - 1}") for i in range(10)})
    with pytest.raises(DocumentError, match="unfolds to more than"):
        resolve(Workflow({"x": Node("@l11")}, workflows=bombs), SPECS)


@pytest.mark.parametrize("mode", ["on", "bypassed"])
def test_a_nest_that_is_too_deep_is_refused(mode):
    nest = {
        f"l{i}": Workflow({"x": Node(f"@l{i + 1}")}, Interface({}, {"y": Link("x", "y")})) for i in range(5000)
    }  # fmt: skip
    nodes = {"x": Node("@l0", mode=mode), "e": Node("Say", {"text": Link("x", "y")})}
    with pytest.raises(DocumentError, match="nested deeper"):
        resolve(Workflow(nodes, workflows=nest), SPECS)


def test_a_circle_of_bypassed_nodes_is_an_error_that_names_it():
    nodes = {
        "a": Node("Blur", {"image": Link("b", "image")}, mode="bypassed"),
        "b": Node("Blur", {"image": Link("a", "image")}, mode="bypassed"),
        "c": Node("Blur", {"image": Link("a", "image")}),
    }
    with pytest.raises(DocumentError, match="circles through bypassed nodes: a > b"):
        resolve(Workflow(nodes), SPECS)


@pytest.mark.parametrize("bypassed", [False, True])
def test_a_chain_of_a_hundred_thousand_nodes_takes_linear_time(bypassed):
    mode = "bypassed" if bypassed else "on"
    nodes = {"0": Node("Load"), "m": Node("Load", mode="muted")}
    for i in range(1, 100_000):
        nodes[str(i)] = Node("Blur", {"image": Link(str(i - 1), "image")}, mode=mode)
    for i in range(0, 100_000, 10):
        nodes[f"s{i}"] = Node("Show", {"image": Link(str(i), "image")})
    started = time.process_time()
    flat = resolve(Workflow(nodes), SPECS)
    assert time.process_time() - started < 10
    assert flat.nodes["s90000"].inputs == {"image": Link("0" if bypassed else "90000", "image")}


@given(st.data())
def test_what_is_resolved_is_flat_and_links_only_to_what_is_there(data):
    count = data.draw(st.integers(1, 12))
    nodes = {}
    for i in range(count):
        kind = data.draw(st.sampled_from(["Say", "Blur", "Mix", "Load", "Show", "@echo"]))
        names = [port.name for port in SPECS[kind].inputs] if kind in SPECS else ["text"]
        sources = st.builds(Link, st.integers(0, i - 1).map(str), st.sampled_from(["image", "mask", "text", "said"]))
        values = {name: data.draw(sources if i and data.draw(st.booleans()) else st.integers()) for name in names}
        nodes[str(i)] = Node(kind, values, mode=data.draw(st.sampled_from(["on", "on", "muted", "bypassed"])))
    flat = resolve(Workflow(nodes, workflows={"echo": ECHO}), SPECS)
    assert all(node.mode == "on" and not node.kind.startswith("@") for node in flat.nodes.values())
    assert {link.node for node in flat.nodes.values() for link in node.links.values()} <= flat.nodes.keys()
    assert resolve(flat, SPECS) is flat


def test_two_nodes_that_come_to_have_one_id_are_an_error_that_says_where_they_are():
    sub = Workflow({"b": Node("Say", {"text": "inner"})})
    nest = Workflow({"deep": Node("@sub")}, workflows={"sub": sub})
    cases = [
        ({"a": Node("@sub"), "a:b": Node("Say")}, "node 'b' in the sub-workflow at 'a', and node 'a:b'"),
        ({"a:b": Node("Say"), "a": Node("@sub")}, "node 'a:b', and node 'b' in the sub-workflow at 'a'"),
        (
            {"a": Node("@nest"), "a:deep": Node("@sub")},
            "node 'b' in the sub-workflow at 'a:deep', and node 'b' in the sub-workflow at 'a:deep'",
        ),
    ]
    for nodes, words in cases:
        workflow = Workflow(nodes, workflows={"sub": sub, "nest": nest})
        with pytest.raises(DocumentError, match=words) as caught:
            resolve(workflow, SPECS)
        assert caught.value.cure == "Give one of them another id."
    apart = Workflow({"a": Node("@sub", mode="muted"), "a:b": Node("Say"), "c": Node("@sub")}, workflows={"sub": sub})
    assert set(resolve(apart, SPECS).nodes) == {"a:b", "c:b"}
