import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphengine.compat.comfyui.api_format import is_api, read_api, write_api
from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.graph.workflow import Link, Node, Workflow
from tests.compat.comfyui.examples import API, load, name
from tests.compat.comfyui.kinds import SPECS

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_data = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
link_data = st.tuples(st.text(min_size=1, max_size=3), st.integers(0, 5)).map(list)
node_data = st.fixed_dictionaries(
    {
        "inputs": st.dictionaries(st.text(max_size=4), json_data | link_data, max_size=4),
        "class_type": st.text(min_size=1),
    },
    optional={"_meta": st.dictionaries(st.sampled_from(["title", "x"]), scalars), "is_changed": json_data},
)
graphs = st.dictionaries(
    st.text(max_size=4),
    st.one_of(node_data, node_data.map(lambda node: {**node, "class_type": "KSampler"})),
    min_size=1,
)


@pytest.mark.parametrize("specs", [SPECS, {}], ids=["specs", "no-specs"])
@pytest.mark.parametrize("path", API, ids=name)
def test_an_example_comes_back_exactly(path, specs):
    graph = load(path)
    workflow = read_api(graph, specs)
    assert json.dumps(write_api(workflow, specs)) == json.dumps(graph)
    assert document.load(document.save(workflow)) == workflow


@given(graphs)
def test_any_graph_comes_back_in_the_same_order(graph):
    back = write_api(read_api(graph, SPECS), SPECS)
    assert back == graph
    assert list(back) == list(graph)
    assert all(list(back[id]["inputs"]) == list(graph[id]["inputs"]) for id in graph)


@given(graphs)
def test_the_document_of_any_graph_says_the_same_graph(graph):
    workflow = document.from_json(json.loads(json.dumps(document.to_json(read_api(graph, SPECS)))))
    assert write_api(workflow, SPECS) == graph


@given(json_data)
def test_other_data_is_refused_by_a_document_error(data):
    if not is_api(data):
        with pytest.raises(DocumentError):
            read_api(data, {})


def test_links_are_named_by_the_specs_outputs():
    graph = {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a"}},
        "u": {"class_type": "Unknown", "inputs": {"clip": ["4", 1]}, "_meta": {"title": "Mine"}},
        "v": {"class_type": "VAEDecode", "inputs": {"vae": ["4", 9], "samples": ["u", 1]}},
    }
    workflow = read_api(graph, SPECS)
    assert workflow.nodes["u"] == Node("Unknown", {"clip": Link("4", "clip")}, title="Mine")
    assert workflow.nodes["v"].links == {"vae": Link("4", "9"), "samples": Link("u", "1")}


def test_a_wrapped_list_is_a_literal_even_where_it_looks_like_a_link():
    graph = {"a": {"class_type": "K", "inputs": {"x": {"__value__": ["a", 0]}, "y": ["a", True], "z": [1, 2]}}}
    workflow = read_api(graph, {})
    assert workflow.nodes["a"].inputs == {"x": ["a", 0], "y": ["a", True], "z": [1, 2]}
    assert write_api(workflow, {}) == {**graph, "a": {**graph["a"]}}


def test_a_list_set_by_us_is_written_wrapped():
    assert write_api(Workflow({"a": Node("K", {"x": [1]})}), {})["a"]["inputs"] == {"x": {"__value__": [1]}}


def test_a_link_to_an_unknown_output_is_refused_with_its_place():
    workflow = Workflow({"a": Node("K"), "b": Node("K", {"x": Link("a", "image")})})
    with pytest.raises(DocumentError, match=r"Node 'b', input 'x' is linked to 'a\.image'"):
        write_api(workflow, {})


def test_a_graph_of_too_many_nodes_is_refused(monkeypatch):
    monkeypatch.setattr("graphengine.compat.comfyui.api_format.MAX_NODES", 1)
    with pytest.raises(DocumentError, match="2 nodes; the limit is 1"):
        read_api({id: {"class_type": "VAEDecode", "inputs": {}} for id in "ab"}, SPECS)


@pytest.mark.parametrize("value", [64, "text", True, None, {"a": 1}, [1, 2], ["1", 0]])
def test_a_wrapped_value_is_the_value_and_is_written_as_it_came(value):
    graph = {"1": {"class_type": "EmptyLatentImage", "inputs": {"width": {"__value__": value}, "height": 64}}}
    workflow = read_api(graph, {})
    assert workflow.nodes["1"].inputs == {"width": value, "height": 64}
    assert document.load(document.save(workflow)) == workflow
    assert write_api(workflow, {}) == graph
