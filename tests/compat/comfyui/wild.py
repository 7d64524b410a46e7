"""Hypothesis strategies of what may come as an editor graph: any JSON, and graphs that are nearly right."""

from hypothesis import strategies as st

KEYS = [
    *("nodes", "links", "id", "type", "inputs", "outputs", "widgets_values", "widgets_values_named", "link", "mode"),
    *("name", "widget", "properties", "graphengine", "extra", "groupNodes", "reroutes", "definitions", "subgraphs"),
    *("linkIds", "pos", "parentId", "external", "last_node_id", "flags", "groups", "control_after_generate"),
]
KINDS = ["Reroute", "PrimitiveNode", "Note", "KSampler", "LoadImage", "VAEDecode", "CLIPTextEncode", "workflow>G", "u"]

numbers = st.integers(-21, 5) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.sampled_from([*KINDS, "G", "randomize", "*"])
wild = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=25,
)


def record(required=None, **optional):
    return st.fixed_dictionaries(required or {}, optional=optional)


ids = st.integers(0, 3) | st.sampled_from(["u", "a"])
names = st.sampled_from(["vae", "text", "seed", ""])
slots = st.lists(record({"name": names}, link=ids | wild, type=wild, widget=wild, linkIds=wild)) | wild
raw_nodes = record(
    {"id": ids, "type": st.sampled_from(KINDS)},
    inputs=slots,
    outputs=slots,
    widgets_values=wild,
    properties=wild,
    mode=wild,
    flags=wild,
)
distinct_nodes = st.lists(raw_nodes, max_size=5, unique_by=lambda node: str(node["id"]))
rows = st.lists(st.tuples(ids, ids, st.integers(0, 3), ids, st.integers(0, 3)).map(list) | wild, max_size=6)
group_nodes = record({"nodes": st.lists(raw_nodes, max_size=3), "links": rows}, external=wild)
subgraphs = record({"id": ids}, nodes=distinct_nodes, links=rows, inputs=slots, outputs=slots)
near_graphs = record(
    {"nodes": distinct_nodes, "links": rows},
    extra=record(groupNodes=record({"G": group_nodes}), reroutes=wild, graphengine=wild),
    definitions=record({"subgraphs": st.lists(subgraphs, max_size=2)}),
    groups=wild,
)
