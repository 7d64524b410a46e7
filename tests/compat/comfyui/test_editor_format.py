import json
import time

import pytest
from hypothesis import given, settings

from graphengine.compat.comfyui.api_format import read_api, write_api
from graphengine.compat.comfyui.editor_format import read_editor, write_editor
from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.graph.resolve import resolve
from graphengine.graph.spec import InputSpec, NodeSpec
from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow
from tests.compat.comfyui.examples import EDITOR, TWINS, UPLOAD_BUTTON, load, name
from tests.compat.comfyui.kinds import SPECS
from tests.compat.comfyui.wild import near_graphs, wild

BOTH = pytest.mark.parametrize("specs", [SPECS, {}], ids=["specs", "no-specs"])


def raw(id, kind, inputs=(), outputs=(), values=None, **more):
    """A node of an editor graph; slots as (name, type, link id or ids)."""
    slots = [{"name": slot, "type": type, "link": link} for slot, type, link in inputs]
    given = [{"name": slot, "type": type, "links": links} for slot, type, links in outputs]
    return {"id": id, "type": kind, "mode": 0, "inputs": slots, "outputs": given, "widgets_values": values, **more}


def graph(nodes, links, **more):
    return {"nodes": nodes, "links": [[id, *link, "*"] for id, link in links.items()], "version": 0.4, **more}


def literals(workflow, id):
    return workflow.nodes[id].literals


@pytest.mark.parametrize(("api", "editor"), TWINS, ids=name)
def test_the_editors_graph_resolves_to_the_graph_that_it_posted(api, editor):
    posted = read_api(load(api), SPECS)
    resolved = resolve(read_editor(load(editor), SPECS), SPECS)
    assert resolved.nodes.keys() == posted.nodes.keys()
    for id, node in posted.nodes.items():
        expected = {key: value for key, value in node.inputs.items() if key not in UPLOAD_BUTTON}
        assert (resolved.nodes[id].kind, resolved.nodes[id].inputs) == (node.kind, expected)


@pytest.mark.parametrize(("api", "editor"), TWINS, ids=name)
def test_links_are_the_same_without_any_spec(api, editor):
    posted = read_api(load(api), {})
    resolved = resolve(read_editor(load(editor), {}), {})
    assert {id: node.links for id, node in resolved.nodes.items()} == {id: n.links for id, n in posted.nodes.items()}


@BOTH
@pytest.mark.parametrize("path", EDITOR, ids=name)
def test_writing_and_reading_again_gives_an_equal_workflow(path, specs):
    workflow = read_editor(load(path), specs)
    again = read_editor(json.loads(json.dumps(write_editor(workflow, specs))), specs)
    if "groupNodes" in load(path).get("extra", {}):  # become subgraphs, which have an id in their layout
        assert resolve(again, specs) == resolve(workflow, specs)
    else:
        assert again == workflow
    assert document.load(document.save(workflow)) == workflow


@pytest.mark.parametrize("path", EDITOR, ids=name)
def test_nodes_of_unknown_kinds_are_written_back_unchanged(path):
    data = load(path)
    back = {node["id"]: node for node in write_editor(read_editor(data, {}), {})["nodes"]}

    def plain(node):
        slots = [{**slot, "link": None, "slot_index": None} for slot in node.get("inputs", [])]
        return {
            "values": node.get("widgets_values") or [], "slots": slots, "properties": node["properties"],
            "shown": [node.get(name) for name in ("type", "title", "mode", "color", "bgcolor")],
            "outputs": [(slot["name"], slot["type"], slot.get("shape")) for slot in node.get("outputs", [])],
        }  # fmt: skip

    for node in data["nodes"]:
        if not node["type"].startswith("workflow/"):
            assert plain(back[node["id"]]) == plain(node)


def test_values_follow_the_declaration_past_the_control_word():
    values = [7, "randomize", 12, 8, "sample_euler", "normal", 1]
    workflow = read_editor(graph([raw(3, "KSampler", values=values)], {}), SPECS)
    assert literals(workflow, "3") == {
        "seed": 7, "steps": 12, "cfg": 8, "sampler_name": "euler", "scheduler": "normal", "denoise": 1,
    }  # fmt: skip
    assert workflow.layout["nodes"]["3"]["control"] == {"seed": "randomize"}


@pytest.mark.parametrize("values", [[7, 12, 8, "euler", "normal", 1], [7, True, 12, 8, "euler", "normal", 1]])
def test_values_without_a_control_word_or_with_an_old_one_are_read_the_same(values):
    workflow = read_editor(graph([raw(3, "KSampler", values=values)], {}), SPECS)
    assert (literals(workflow, "3")["seed"], literals(workflow, "3")["steps"]) == (7, 12)


def test_a_file_that_is_older_than_the_last_inputs_of_its_kind_has_the_others():
    """As the page reads it: a control word where one belongs tells that it is the end that is missing."""
    seed, *choices = InputSpec("seed", "INT", 0), InputSpec("ratio", "COMBO", "1:1"), InputSpec("size", "COMBO", "1K")
    spec = NodeSpec("Paint", (seed, *choices))
    workflow = read_editor(graph([raw(3, "Paint", values=[7, "fixed", "3:4"])], {}), {"Paint": spec})
    assert literals(workflow, "3") == {"seed": 7, "ratio": "3:4"}


def test_a_choice_may_have_a_control_word():
    size = InputSpec("size", "COMBO", "1K", choices=("1K", "2K", "4K"), seed=True)
    specs = {"Paint": NodeSpec("Paint", (size, InputSpec("text", "STRING", "")))}
    workflow = read_editor(graph([raw(3, "Paint", values=["2K", "increment-wrap", "words"])], {}), specs)
    assert literals(workflow, "3") == {"size": "2K", "text": "words"}
    assert workflow.layout["nodes"]["3"]["control"] == {"size": "increment-wrap"}
    [written] = write_editor(workflow, specs)["nodes"]
    assert written["widgets_values"] == ["2K", "increment-wrap", "words"]


def test_a_control_word_of_a_primitive_stays_with_the_input_that_it_sets_when_that_has_no_place_for_one():
    primitive = raw(2, "PrimitiveNode", values=["heun", "increment", "heun"])
    sampler = raw(1, "KSampler", values=[7, "randomize", 12, 8, "euler", "normal", 1])
    sampler["inputs"] = [{"name": "sampler_name", "type": "COMBO", "link": 1, "widget": {"name": "sampler_name"}}]
    workflow = read_editor(graph([primitive, sampler], {1: (2, 0, 1, 0)}), SPECS)
    assert workflow.layout["nodes"]["1"]["control"] == {"seed": "randomize", "sampler_name": "increment"}
    written = write_editor(workflow, SPECS)
    assert written["nodes"][0]["widgets_values"][:2] == [7, "randomize"]
    again = read_editor(written, SPECS)
    assert again.layout["nodes"]["1"]["control"] == workflow.layout["nodes"]["1"]["control"]
    assert again.nodes == workflow.nodes


# A kind whose choice brings further inputs, as the page of ComfyUI 0.8.0 saves it, and what it posts of it.
RESIZE = {
    **{"id": 5, "type": "ResizeImageMaskNode", "outputs": [{"name": "resized", "type": "IMAGE", "links": None}]},
    "inputs": [
        {"name": "input", "type": "IMAGE,MASK", "link": 1},
        {"name": "resize_type", "type": "COMFY_DYNAMICCOMBO_V3", "widget": {"name": "resize_type"}, "link": None},
        {"name": "resize_type.width", "type": "INT", "widget": {"name": "resize_type.width"}, "link": 2},
        {"name": "resize_type.height", "type": "INT", "widget": {"name": "resize_type.height"}, "link": None},
        {"name": "resize_type.crop", "type": "COMBO", "widget": {"name": "resize_type.crop"}, "link": None},
        {"name": "scale_method", "type": "COMBO", "widget": {"name": "scale_method"}, "link": None},
    ],
    "widgets_values": ["scale dimensions", 1280, 720, "center", "lanczos"],
}
POSTED = {
    "resize_type": "scale dimensions", "resize_type.width": ["2", 0], "resize_type.height": 720,
    "resize_type.crop": "center", "scale_method": "lanczos", "input": ["1", 0],
}  # fmt: skip
LESS = NodeSpec("ResizeImageMaskNode", (InputSpec("input", "IMAGE"), InputSpec("scale_method", "COMBO", "area")))


@pytest.mark.parametrize("specs", [{}, {"ResizeImageMaskNode": LESS}], ids=["not installed", "a kind that knows less"])
def test_what_a_choice_brings_is_read_by_the_names_of_the_slots_and_written_again(specs):
    picture, number = (
        raw(1, "Picture", outputs=[("image", "IMAGE", [1])]),
        raw(2, "Number", outputs=[("int", "INT", [2])]),
    )
    workflow = read_editor(graph([picture, number, RESIZE], {1: (1, 0, 5, 0), 2: (2, 0, 5, 2)}), specs)
    assert write_api(workflow, {})["5"]["inputs"] == POSTED
    again = write_editor(workflow, specs)
    assert write_api(read_editor(again, specs), {})["5"]["inputs"] == POSTED
    if not specs:
        assert again["nodes"][-1]["widgets_values"] == RESIZE["widgets_values"]


def test_values_by_name_are_read_by_name():
    workflow = read_editor(graph([raw(1, "Combine", values={"rate": 8, "preview": {"a": 1}})], {}), {})
    assert literals(workflow, "1") == {"rate": 8, "preview": {"a": 1}}


def test_the_upload_button_is_no_input():
    workflow = read_editor(graph([raw(1, "LoadImage", values=["a.png", "image"])], {}), SPECS)
    assert literals(workflow, "1") == {"image": "a.png"}


def test_a_link_is_found_by_its_slot_not_by_the_slot_index():
    text = {"name": "text", "type": "STRING", "link": 1, "widget": {"name": "text"}}
    target = {**raw(2, "CLIPTextEncode", values=["under"]), "inputs": [text]}
    workflow = read_editor(graph([raw(1, "Say"), target], {1: (1, 0, 2, 5)}), SPECS)
    assert workflow.nodes["2"].inputs == {"text": Link("1", "0")}


def test_reroutes_become_points_and_come_back_as_reroutes():
    nodes = [
        raw(1, "VAELoader", values=["v"], pos=[0, 0]),
        raw(2, "Reroute", [("", "*", 1)], [("", "*", [2])], pos=[10, 20]),
        raw(3, "VAEDecode", [("samples", "LATENT", None), ("vae", "VAE", 2)]),
    ]
    extra = {"reroutes": [{"id": 1, "pos": [30, 40], "linkIds": [2]}], "linkExtensions": [{"id": 2, "parentId": 1}]}
    workflow = read_editor(graph(nodes, {1: (1, 0, 2, 0), 2: (2, 0, 3, 1)}, extra=extra), SPECS)
    assert workflow.nodes["3"].inputs == {"vae": Link("1", "vae")}
    assert workflow.layout["links"] == [{"node": "3", "input": "vae", "via": [[10, 20], [30, 40]]}]
    back = write_editor(workflow, SPECS)
    assert [reroute["pos"] for reroute in back["extra"]["reroutes"]] == [[10, 20], [30, 40]]
    assert read_editor(back, SPECS) == workflow


def test_reroutes_that_lead_in_circles_are_an_error():
    nodes = [
        raw(1, "Reroute", [("", "*", 2)]),
        raw(2, "Reroute", [("", "*", 1)]),
        raw(3, "VAEDecode", [("vae", "VAE", 1)]),
    ]
    with pytest.raises(DocumentError, match="circles"):
        read_editor(graph(nodes, {1: (1, 0, 2, 0), 2: (2, 0, 1, 0)}), SPECS)


def test_a_primitive_pushes_its_value_into_all_its_targets():
    def sized(id, link):
        width = {"name": "width", "type": "INT", "link": link, "widget": {"name": "width"}}
        return {**raw(id, "EmptyLatentImage", values=[1, 2, 3]), "inputs": [width]}

    nodes = [raw(1, "PrimitiveNode", values=[640, "fixed"]), sized(2, 1), sized(3, 2)]
    workflow = read_editor(graph(nodes, {1: (1, 0, 2, 0), 2: (1, 0, 3, 0)}), SPECS)
    assert list(workflow.nodes) == ["2", "3"]
    assert all(node.inputs == {"width": 640, "height": 2, "batch_size": 3} for node in workflow.nodes.values())


def test_notes_groups_and_places_are_layout():
    nodes = [raw(1, "MarkdownNote", values=["# Hi"], pos={"0": 1, "1": 2}, title="Read me", color="#432")]
    group = {"title": "G", "bounding": [0, 0, 9, 9]}
    workflow = read_editor(graph(nodes, {}, groups=[group]), SPECS)
    assert not workflow.nodes
    assert workflow.layout == {
        "notes": [{"id": "1", "text": "# Hi", "title": "Read me", "markdown": True, "color": "#432", "pos": [1, 2]}],
        "groups": [group],
    }


def slot(name, type, *links):
    return {"name": name, "type": type, "linkIds": list(links)}


def subgraph(**more):
    """Two text encoders that share a promoted text, and a passed-through model."""
    text = {"name": "text", "type": "STRING", "widget": {"name": "text"}}
    links = [(1, -10, 0, 1, 0), (2, -10, 0, 2, 0), (3, 1, 0, -20, 0), (4, -10, 1, -20, 1)]
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    return {
        "id": "uuid-1", "name": "Prompts", "version": 1,
        "inputs": [slot("text", "STRING", 1, 2), slot("m", "MODEL", 4)],
        "outputs": [slot("C", "CONDITIONING", 3), slot("m", "MODEL", 4)],
        "nodes": [
            {**raw(1, "CLIPTextEncode", outputs=[("C", "C", [3])], values=["inner"]), "inputs": [{**text, "link": 1}]},
            {**raw(2, "CLIPTextEncode", values=["inner"]), "inputs": [{**text, "link": 2}]},
        ],
        "links": [dict(zip(names, link, strict=True)) for link in links], **more,
    }  # fmt: skip


def with_instance(values, mode=0):
    nodes = [
        raw(5, "CheckpointLoaderSimple", outputs=[("MODEL", "MODEL", [1])], values=["c"]),
        raw(12, "uuid-1", [("text", "STRING", None), ("m", "MODEL", 1)], values=values, mode=mode),
        raw(20, "KSampler", [("model", "MODEL", 2), ("positive", "CONDITIONING", 3)]),
    ]
    links = {1: (5, 0, 12, 1), 2: (12, 1, 20, 0), 3: (12, 0, 20, 1)}
    return graph(nodes, links, definitions={"subgraphs": [subgraph()]})


def test_a_subgraph_becomes_a_sub_workflow_and_unfolds_with_the_instances_values():
    workflow = read_editor(with_instance(["outer"]), SPECS)
    inner = workflow.workflows["Prompts"]
    assert workflow.nodes["12"] == Node("@Prompts", {"text": "outer", "m": Link("5", "model")})
    assert inner.interface.inputs["text"] == (Exposed("1", "text"), Exposed("2", "text"))
    flat = resolve(workflow, SPECS)
    assert flat.nodes["12:1"].inputs == flat.nodes["12:2"].inputs == {"text": "outer"}
    assert flat.nodes["20"].inputs == {"model": Link("5", "model"), "positive": Link("12:1", "conditioning")}


def test_an_instance_without_values_leaves_the_inner_ones():
    flat = resolve(read_editor(with_instance([]), SPECS), SPECS)
    assert flat.nodes["12:1"].inputs == {"text": "inner"}


def test_the_values_of_a_subgraph_come_in_the_order_in_which_its_node_shows_them():
    """As in the page's own templates since its version 1.35, and as it posts them."""
    data = with_instance(["outer", 0.5])
    data["nodes"][1]["properties"] = {"proxyWidgets": [["-1", "text"], ["1", "seed"], ["-1", "share"]]}
    [definition] = data["definitions"]["subgraphs"]
    share = {"name": "share", "type": "FLOAT", "widget": {"name": "share"}, "link": 9}
    definition["inputs"].insert(0, slot("share", "FLOAT", 9))
    definition["nodes"].append({**raw(3, "Mix", values=[0.1]), "inputs": [share]})
    for link in definition["links"]:
        link["origin_slot"] += link["origin_id"] == -10
    definition["links"].append({"id": 9, "origin_id": -10, "origin_slot": 0, "target_id": 3, "target_slot": 0})
    workflow = read_editor(data, {})
    flat = resolve(workflow, {})
    assert flat.nodes["12:1"].inputs == {"text": "outer"} and flat.nodes["12:3"].inputs == {"share": 0.5}
    written = {node["id"]: node for node in write_editor(workflow, {})["nodes"]}
    assert written[12]["widgets_values"] == ["outer", 0.5]


def test_slots_of_a_subgraph_without_a_name_are_linked_all_the_same():
    data = with_instance(["outer"])
    data["definitions"]["subgraphs"][0]["inputs"][1]["name"] = data["nodes"][1]["inputs"][1]["name"] = ""
    assert resolve(read_editor(data, SPECS), SPECS).nodes["20"].inputs["model"] == Link("5", "model")


@BOTH
@pytest.mark.parametrize("values", [["outer"], []])
def test_subgraphs_are_written_back(values, specs):
    workflow = read_editor(with_instance(values), specs)
    back = write_editor(workflow, specs)
    assert back["definitions"]["subgraphs"][0]["id"] == "uuid-1"
    again = read_editor(json.loads(json.dumps(back)), specs)
    assert (again.nodes, again.interface) == (workflow.nodes, workflow.interface)
    assert again.workflows["Prompts"].nodes == workflow.workflows["Prompts"].nodes
    assert again.workflows["Prompts"].interface == workflow.workflows["Prompts"].interface


def test_what_the_editor_cannot_say_is_kept_aside():
    workflow = Workflow(
        {
            "a": Node("VAEDecode", {"samples": "odd"}, version=3, extra={"mine": 1}),
            "7": Node("VAELoader", {"vae_name": "v"}),
        },
        Interface({"x": (Exposed("a", "samples"),)}, {"out": Link("a", "image")}),
        lock={"engine": "1"},
        extra={"more": [1]},
    )  # fmt: skip
    again = read_editor(json.loads(json.dumps(write_editor(workflow, SPECS))), SPECS)
    assert (again.nodes, again.interface, again.lock, again.extra) == (
        workflow.nodes, workflow.interface, workflow.lock, workflow.extra,
    )  # fmt: skip


def test_nodes_without_a_place_get_one():
    workflow = Workflow({"a": Node("VAELoader", {"vae_name": "v"}), "b": Node("VAEDecode", {"vae": Link("a", "vae")})})
    left, right = (node["pos"] for node in write_editor(workflow, SPECS)["nodes"])
    assert left[0] < right[0]


def test_two_nodes_of_one_id_are_an_error():
    with pytest.raises(DocumentError, match="Two nodes"):
        read_editor(graph([raw(1, "A"), raw(1, "B")], {}), {})


def test_a_long_chain_of_reroutes_and_a_deep_nest_of_subgraphs_do_not_exhaust_the_stack():
    count = 20_000
    nodes = [raw(0, "VAELoader", values=["v"])]
    nodes += [raw(i, "Reroute", [("", "*", i)], pos=[i, 0]) for i in range(1, count)]
    nodes.append(raw(count, "VAEDecode", [("vae", "VAE", count)]))
    links = {i: (i - 1, 0, i, 0) for i in range(1, count + 1)}
    assert read_editor(graph(nodes, links), SPECS).nodes[str(count)].inputs == {"vae": Link("0", "vae")}

    subs = [{**subgraph(), "id": f"u{i}", "name": f"n{i}", "nodes": [raw(1, f"u{i + 1}")]} for i in range(3000)]
    deep = read_editor(graph([raw(1, "u0")], {}, definitions={"subgraphs": subs}), SPECS)
    with pytest.raises(DocumentError, match="nested deeper"):
        write_editor(deep, SPECS)
    with pytest.raises(DocumentError, match="nested deeper"):
        resolve(deep, SPECS)


@settings(max_examples=150)
@given(wild | near_graphs)
def test_whatever_is_read_raises_nothing_but_document_errors_and_survives_a_round_trip(data):
    for specs in (SPECS, {}):
        try:
            workflow = read_editor(data, specs)
            assert document.load(document.save(workflow)) == workflow
            resolve(workflow, specs)
            back = json.loads(json.dumps(write_editor(workflow, specs)))
        except DocumentError:
            continue
        read_editor(back, specs)


def test_group_nodes_that_unfold_without_measure_are_refused():
    group = {"nodes": [{"type": "u"}] * 2000, "links": []}
    nodes = [{"id": number, "type": "workflow>G"} for number in range(150)]
    with pytest.raises(DocumentError, match="unfold to more than 200,000"):
        read_editor({"nodes": nodes, "links": [], "extra": {"groupNodes": {"G": group}}}, SPECS)


def test_many_links_through_one_long_chain_of_reroutes_cost_no_more_than_its_length():
    chain = [{"id": number, "parentId": number + 1} for number in range(1, 20_000)]
    nodes = [{"id": 0, "type": "u"}]
    nodes += [{"id": n, "type": "VAEDecode", "inputs": [{"name": "vae", "link": n}]} for n in range(1, 2000)]
    links = [{"id": n, "origin_id": 0, "origin_slot": 0, "target_id": n, "parentId": 1} for n in range(1, 2000)]
    began = time.process_time()
    workflow = read_editor({"nodes": nodes, "links": links, "reroutes": chain}, SPECS)
    assert len(workflow.nodes) == 2000
    assert time.process_time() - began < 4


def test_a_graph_of_too_many_nodes_is_refused(monkeypatch):
    monkeypatch.setattr("graphengine.compat.comfyui.editor_reader.MAX_NODES", 1)
    with pytest.raises(DocumentError, match="2 nodes; the limit is 1"):
        read_editor({"nodes": [{"id": id, "type": "VAEDecode"} for id in (1, 2)], "links": []}, SPECS)
