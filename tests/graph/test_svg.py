import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from graphengine.graph.spec import InputSpec, NodeSpec, OutputSpec
from graphengine.graph.svg import svg
from graphengine.graph.workflow import Link, Node, Workflow

SPECS = {
    "Load": NodeSpec("Load", (InputSpec("name", "STRING"),), (OutputSpec("image", "IMAGE"),), title="Load a picture"),
    "Blur": NodeSpec("Blur", (InputSpec("image", "IMAGE"),), (OutputSpec("image", "IMAGE"),)),
}
NAMESPACE = "{http://www.w3.org/2000/svg}"


def titles(picture):
    return [element.text for element in ElementTree.fromstring(picture).iter(f"{NAMESPACE}title")]


def corners(picture):
    return {
        title.text.split(" (")[0]: tuple(float(number) for number in re.findall(r"-?[\d.]+", group.attrib["transform"]))
        for group in ElementTree.fromstring(picture).iter(f"{NAMESPACE}g")
        for title in group.iter(f"{NAMESPACE}title")
    }


def chain(count):
    nodes = {"0": Node("Load", {"name": "x" * 5000})}
    nodes |= {str(i): Node("Blur", {"image": Link(str(i - 1), "image")}) for i in range(1, count)}
    return Workflow(nodes)


def test_every_node_is_titled_by_its_own_title_its_kinds_or_the_kind():
    workflow = Workflow({"a": Node("Load"), "b": Node("Blur", title="Soft & <sweet>"), "c": Node("@sub")})
    assert titles(svg(workflow, SPECS)) == ["Load a picture (Load)", "Soft & <sweet> (Blur)", "sub (@sub)"]


def test_nodes_stand_in_columns_from_left_to_right():
    nodes = {"c": Node("Blur", {"image": Link("b", "image")}, "c"), "a": Node("Load", {}, "a")}
    nodes["b"] = Node("Blur", {"image": Link("a", "image")}, "b")
    at = corners(svg(Workflow(nodes), SPECS))
    assert at["a"] < at["b"] < at["c"]


def test_a_layout_is_kept_with_its_groups_and_notes():
    layout = {
        "nodes": {"a": {"pos": [500, 300], "size": [240, 90]}},
        "groups": [{"title": "All of <it>", "bounding": [400, 200, 500, 400], "color": "#3f789e"}],
        "notes": [{"id": "1", "text": "remember & enjoy", "pos": [0, 0], "size": [200, 80]}],
    }
    picture = svg(Workflow({"a": Node("Load", title="a")}, layout=layout), SPECS)
    assert corners(picture)["a"][0] == 500
    texts = [element.text for element in ElementTree.fromstring(picture).iter(f"{NAMESPACE}text")]
    assert {"All of <it>", "remember & enjoy"} <= set(texts)


def test_links_have_the_colour_of_their_type_and_only_colours_are_taken():
    workflow = chain(2)
    assert 'stroke="#64b5f6"' in svg(workflow, SPECS, {"IMAGE": "#64b5f6"})
    assert "javascript" not in svg(workflow, SPECS, {"IMAGE": '"><script>javascript'})


def test_a_picture_grows_with_the_workflow_and_not_with_its_values():
    small, large = len(svg(chain(100), SPECS)), len(svg(chain(1000), SPECS))
    assert large < 11 * small
    assert small < 100 * 1500


def test_a_circle_of_nodes_is_drawn_too():
    nodes = {"a": Node("Blur", {"image": Link("b", "image")}), "b": Node("Blur", {"image": Link("a", "image")})}
    assert len(titles(svg(Workflow(nodes), SPECS))) == 2


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
nodes = st.builds(
    Node,
    st.sampled_from(["Load", "Blur", "@x"]) | st.text(min_size=1),
    st.dictionaries(st.text(), values | st.builds(Link, st.sampled_from(["a", "b"]), st.text())),
    st.text(),
    st.sampled_from(["on", "muted", "bypassed"]),
)
parts = st.lists(st.dictionaries(st.sampled_from(["title", "text", "pos", "size", "bounding", "color"]), values))
layouts = st.fixed_dictionaries({}, optional={"groups": parts | values, "notes": parts | values, "nodes": values})


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), nodes), layouts)
def test_any_workflow_gives_well_formed_xml_with_every_node(drawn, layout):
    assert len(titles(svg(Workflow(drawn, layout=layout), SPECS))) == len(drawn)
