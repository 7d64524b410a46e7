"""Documents: canonical bytes, what survives, and what hostile files get."""

import contextlib
import gc
import json
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphengine.api import Exposed, Interface, Link, Node, Workflow
from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.graph.workflow import MODES

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
LINKS = st.builds(Link, NAMES, NAMES)
EXTRA = st.dictionaries(NAMES.map(lambda name: f"x-{name}"), JSON, max_size=2)
NODES = st.builds(
    Node, NAMES, st.dictionaries(NAMES, JSON | LINKS, max_size=3), NAMES | st.just(""), st.sampled_from(MODES),
    st.integers(0, 9), EXTRA,
)  # fmt: skip
INTERFACES = st.builds(
    Interface,
    st.dictionaries(NAMES, st.lists(st.builds(Exposed, NAMES, NAMES), max_size=2).map(tuple), max_size=2),
    st.dictionaries(NAMES, LINKS, max_size=2),
)


def workflows(inner):
    return st.builds(
        Workflow, st.dictionaries(NAMES, NODES, max_size=3), INTERFACES, st.dictionaries(NAMES, inner, max_size=1),
        st.dictionaries(NAMES, JSON, max_size=2), st.dictionaries(NAMES, JSON, max_size=2), EXTRA,
    )  # fmt: skip


@settings(max_examples=150)
@given(workflows(workflows(st.nothing())))
def test_save_of_load_of_save_is_save_byte_for_byte(workflow):
    saved = document.save(workflow)
    loaded = document.load(saved)
    assert loaded == workflow
    assert document.save(loaded) == saved


def text(**fields):
    return json.dumps({"graphengine": 1, **fields})


def test_unknown_fields_and_kinds_survive():
    data = {
        "graphengine": 1,
        "nodes": {
            "a": {"kind": "Nobody/Knows", "inputs": {"x": {"value": {"link": 1}}}, "ports": {"inputs": []}},
            "b": {"kind": "K", "inputs": {"x": {"link": {"node": "a", "output": "o", "bend": [1, 2]}}}},
        },
        "interface": {
            "inputs": {"x": [{"node": "b", "input": "y", "as": "slider"}]},
            "outputs": {"z": {"node": "b", "output": "o", "icon": "z"}},
        },
        "workflows": {"s": {"nodes": {}, "later": [1]}},
        "future": {"b": 1, "a": [2.5]},
    }
    assert json.loads(document.save(document.load(json.dumps(data)))) == data


def test_half_of_a_surrogate_pair_survives():
    saved = document.save(
        document.load('{"graphengine": 1, "nodes": {"a": {"kind": "K", "inputs": {"x": "\\ud800"}}}}')
    )
    assert rb'"\ud800"' in saved
    assert document.save(document.load(saved)) == saved


def test_moving_a_node_changes_only_the_layout_section():
    workflow = Workflow({"a": Node("K", {"x": 1})}, layout={"nodes": {"a": {"x": 1, "y": 2}}})
    moved = replace(workflow, layout={"nodes": {"a": {"x": 5, "y": 2}}})
    one, other = json.loads(document.save(workflow)), json.loads(document.save(moved))
    assert one.pop("layout") != other.pop("layout")
    assert one == other
    lines = zip(document.save(workflow).splitlines(), document.save(moved).splitlines(), strict=True)
    assert [pair for pair in lines if pair[0] != pair[1]] == [(b'    "x": 1,', b'    "x": 5,')]


def test_a_document_of_a_newer_version_is_refused_with_the_cure():
    with pytest.raises(DocumentError, match=r"version 2; this program reads up to 1\. Update graphengine"):
        document.load('{"graphengine": 2}')


def test_older_documents_are_migrated_step_by_step(monkeypatch):
    monkeypatch.setattr(document, "FORMAT", 3)
    monkeypatch.setattr(document, "MIGRATIONS", {
        1: lambda data: {**data, "nodes": {"a": {"kind": data["kind"]}}},
        2: lambda data: {**data, "nodes": {"a": {"kind": data["nodes"]["a"]["kind"] + "!"}}},
    })  # fmt: skip
    assert document.load('{"graphengine": 1, "kind": "K"}').nodes["a"].kind == "K!"
    assert document.load('{"graphengine": 2, "nodes": {"a": {"kind": "K"}}}').nodes["a"].kind == "K!"
    assert document.load('{"graphengine": 3, "nodes": {"a": {"kind": "K"}}}').nodes["a"].kind == "K"


HOSTILE = {
    "empty": b"",
    "not JSON": b"hello",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "invalid UTF-8": b'{"graphengine": 1, "x": "\xff"}',
    "cut": b'{"graphengine": 1, "nodes": {',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "somewhat deep": b'{"graphengine": 1, "x": ' + b"[" * 64 + b"]" * 64 + b"}",
    "deep after closing": b"]" * 1000 + b"[" * 1000,
    "huge integer": text(x=0).replace("0", "9" * 10_000).encode(),
    "1e999": b'{"graphengine": 1, "x": 1e999}',
    "-1e999": b'{"graphengine": 1, "x": -1e999}',
    "NaN": b'{"graphengine": 1, "x": NaN}',
    "Infinity": b'{"graphengine": 1, "x": -Infinity}',
    "duplicate names": b'{"graphengine": 1, "nodes": {"a": {"kind": "K"}, "a": {"kind": "L"}}}',
    "a list": b"[]",
    "null": b"null",
    "no version": b"{}",
    "version true": b'{"graphengine": true}',
    "version text": b'{"graphengine": "1"}',
    "version 0": b'{"graphengine": 0}',
    "nodes a list": text(nodes=[]).encode(),
    "node a number": text(nodes={"a": 1}).encode(),
    "no kind": text(nodes={"a": {}}).encode(),
    "kind a number": text(nodes={"a": {"kind": 1}}).encode(),
    "bad mode": text(nodes={"a": {"kind": "K", "mode": ["on"]}}).encode(),
    "bad title": text(nodes={"a": {"kind": "K", "title": None}}).encode(),
    "bad version": text(nodes={"a": {"kind": "K", "version": True}}).encode(),
    "inputs a list": text(nodes={"a": {"kind": "K", "inputs": []}}).encode(),
    "object neither link nor value": text(nodes={"a": {"kind": "K", "inputs": {"x": {}}}}).encode(),
    "link by position": text(nodes={"a": {"kind": "K", "inputs": {"x": {"link": ["b", 0]}}}}).encode(),
    "link to 1": text(nodes={"a": {"kind": "K", "inputs": {"x": {"link": {"node": 1, "output": "o"}}}}}).encode(),
    "interface a list": text(interface=[]).encode(),
    "interface input a text": text(interface={"inputs": {"a": "b"}}).encode(),
    "interface input odd": text(interface={"inputs": {"a": [{"node": "b"}]}}).encode(),
    "interface output odd": text(interface={"outputs": {"a": {"node": "b", "output": 0}}}).encode(),
    "layout a number": text(layout=1).encode(),
    "sub-workflow a text": text(workflows={"a": ""}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_document_gets_an_error_quickly(case):
    began = time.process_time()
    with pytest.raises(DocumentError):
        document.load(HOSTILE[case])
    assert time.process_time() - began < 0.5


@settings(max_examples=300)
@given(JSON)
def test_any_json_gives_a_workflow_or_a_document_error(data):
    for candidate in (
        data,
        {"graphengine": 1, "nodes": data},
        {"graphengine": 1, "nodes": {"a": data}, "interface": data},
    ):
        with contextlib.suppress(DocumentError):
            assert isinstance(document.load(json.dumps(candidate)), Workflow)


def test_nesting_up_to_the_limit_is_read():
    inside = document.MAX_DEPTH - 1
    assert document.load('{"graphengine": 1, "x": ' + "[" * inside + "]" * inside + "}").extra["x"] is not None


def test_brackets_in_texts_are_no_nesting():
    assert document.load(text(x="[{" * 1000)).extra["x"] == "[{" * 1000


def test_too_many_bytes_or_nodes_are_refused(monkeypatch):
    monkeypatch.setattr(document, "MAX_NODES", 1)
    with pytest.raises(DocumentError, match="2 nodes; the limit is 1"):
        document.load(text(nodes={"a": {"kind": "K"}, "b": {"kind": "K"}}))
    monkeypatch.setattr(document, "MAX_BYTES", 10)
    with pytest.raises(DocumentError, match="the limit is 10"):
        document.load(text())


def test_five_megabytes_are_parsed_at_once():
    """In four times what the standard library takes for it, which knows neither names that come twice nor depth.

    Without the collector, whose time is that of all that other tests have left; the service collects seldom, too.
    """
    node = {"kind": "Add", "inputs": {"a": {"link": {"node": "n1", "output": "float"}}, "b": 1.5, "text": "[" * 20}}
    data = text(nodes={f"n{i}": node for i in range(45_000)}).encode()
    assert len(data) > 5_000_000

    def seconds(parse):
        began = time.process_time()
        parse(data)
        return time.process_time() - began

    gc.disable()
    try:
        pairs = [(seconds(document.parse), seconds(json.loads)) for _ in range(3)]
    finally:
        gc.enable()
    assert min(ours / theirs for ours, theirs in pairs) < 4


def test_a_name_that_comes_twice_among_many_is_found_at_once():
    names = ", ".join(f'"{number}": 1' for number in range(40_000))
    began = time.process_time()
    with pytest.raises(DocumentError, match="'39999' twice"):
        document.parse(f'{{{names}, "39999": 1}}')
    assert time.process_time() - began < 10
