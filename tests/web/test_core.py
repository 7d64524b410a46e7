"""The editor's core: its own tests in Node, and what it answers against the server's own code."""

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphengine import builtin
from graphengine.engine import Engine
from graphengine.graph import document, order
from graphengine.graph.errors import DocumentError
from graphengine.graph.resolve import passing_input, resolve
from graphengine.graph.signature import Signatures, declared
from graphengine.graph.types import fits
from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow
from graphengine.server.catalogue import Catalogue
from graphengine.settings import Settings
from tests.graph.test_document import JSON, workflows

HERE = Path(__file__).parent
NODE = shutil.which("node")
TIMEOUT = 240  # seconds for one process

pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node")
Ask = Callable[[Sequence[Sequence[Any]]], list[Any]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(Settings(home=tmp_path_factory.mktemp("home"), device="cpu"))


@pytest.fixture(scope="module")
def ask(engine: Engine) -> Ask:
    """Put tasks to the core, which knows the kinds that the server knows."""
    kinds = Catalogue(engine.registry).encoded.decode()

    def answers(tasks: Sequence[Sequence[Any]]) -> list[Any]:
        said = json.dumps({"kinds": kinds, "tasks": tasks})
        command = [str(NODE), str(HERE / "core" / "answer.mjs")]
        done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert done.returncode == 0, done.stderr
        found: list[Any] = json.loads(done.stdout)
        assert len(found) == len(tasks)
        return found

    return answers


@pytest.fixture(scope="module")
def texts(engine: Engine) -> list[str]:
    """Documents that ship, and ComfyUI's as the server reads them: with layouts, notes, placeholders, subgraphs."""
    paths = [*sorted(builtin.WORKFLOWS.rglob("*.json")), *sorted((HERE.parent / "data" / "workflows").glob("*.json"))]
    return [*(document.save(engine.read(path)).decode() for path in paths), NESTED]


NESTED = document.save(
    Workflow(
        {
            "load": Node("LoadImage", {"image": "a.png"}),
            "outer": Node("@outer", {"picture": Link("load", "image"), "any": Link("load", "mask")}),
            "alone": Node("@outer"),
            "lost": Node("@gone", {"x": 1}),
            "save": Node("SaveImage", {"images": Link("outer", "image")}),
        },
        workflows={
            "outer": Workflow(
                {
                    "inner": Node("@inner", {"count": 3}),
                    "scale": Node("ImageScaleBy", {"image": Link("inner", "image")}),
                },
                Interface(
                    {
                        "picture": (Exposed("gone", "x"), Exposed("inner", "picture")),
                        "any": (Exposed("reroute", "value"), Exposed("inner", "mask")),
                        "by": (Exposed("scale", "scale_by"),),
                    },
                    {"image": Link("scale", "image"), "mask": Link("inner", "mask"), "none": Link("gone", "x")},
                ),
                {
                    "inner": Workflow(
                        {"batch": Node("RepeatImageBatch", {"amount": 1}), "invert": Node("InvertMask")},
                        Interface(
                            {
                                "picture": (Exposed("batch", "image"),),
                                "count": (Exposed("batch", "amount"),),
                                "mask": (Exposed("invert", "mask"),),
                            },
                            {"image": Link("batch", "0"), "mask": Link("invert", "mask")},
                        ),
                    )
                },
            )
        },
    )
).decode()


def test_the_tests_in_node_pass() -> None:
    command = [str(NODE), "--test", *map(str, sorted((HERE / "core").glob("*.test.mjs")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stdout[-6000:]


def test_shipped_and_read_documents_keep_their_bytes(ask: Ask, texts: list[str]) -> None:
    assert ask([["save", text] for text in texts]) == texts
    assert ask([["rewrite", text] for text in texts]) == texts


@settings(max_examples=45)
@given(given_workflows=st.lists(workflows(workflows(st.nothing())), min_size=1, max_size=3))  # more is too much for one
def test_any_document_keeps_its_bytes(ask: Ask, given_workflows: list[Workflow]) -> None:
    saved = [document.save(workflow).decode() for workflow in given_workflows]
    assert ask([["save", text] for text in saved]) == saved


@settings(max_examples=15)
@given(values=st.lists(JSON, min_size=1, max_size=30))
def test_any_json_gets_the_canonical_bytes(ask: Ask, values: list[Any]) -> None:
    canonical = [json.dumps(value, indent=1, ensure_ascii=False) + "\n" for value in values]
    assert ask([["rewrite", json.dumps(value)] for value in values]) == canonical


def broken(text: str, chance: random.Random) -> str:
    """A document with a few characters of it changed."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(['"', *"{],1.e-\\\n", "null", ""]) + text[at + 1 :]
    return text


def test_what_is_no_document_is_refused_here_as_there(ask: Ask, texts: list[str]) -> None:
    chance = random.Random(5)
    data = [broken(text, chance) for text in sorted(texts, key=len)[:6] for _ in range(250)]
    data += ["", "null", "[]", '{"graphengine": 2}', '{"graphengine": true}', '{"graphengine": 1.0}', "\ufeff{}"]
    data += ['{"graphengine": 1, "nodes": null}', '{"graphengine": 1, "interface": null}', "[" * 70 + "]" * 70]
    data += ['{"graphengine": 1, "a": 1e999}', '{"graphengine": 1, "a": NaN}', '{"graphengine": 1, "a": 1, "a": 1}']
    data += [f'{{"graphengine": 1, "nodes": {{"n": {{"kind": "K", "inputs": {{"a": {value}}}}}}}}}' for value in INPUTS]
    for text, found in zip(data, ask([["save", text] for text in data]), strict=True):
        try:
            wanted = document.save(document.load(text)).decode()
        except DocumentError:
            assert "refused" in found, text
        else:
            assert found == wanted


INPUTS = (
    '{"value": {"link": 1}}', '{"value": 5}', '{"value": {}}', "{}", '{"link": 1}', '{"link": {"node": "a"}}',
    '{"link": {"node": "a", "output": "b", "c": 1}}', '{"link": {"output": "b", "node": "a"}}', '{"other": 1}',
    '{"link": {"node": "a", "output": "b"}, "value": 1}', "-0", "-0.0", "1E5", "1e-7", "1e16", "1e22", "0.1e1",
    "123456789012345678901234567890", "1.0000000000000000001", '"\\ud800"', '"\\u00e9\\/"', "[]", "5e-324",
)  # fmt: skip


def port_types(engine: Engine) -> list[str]:
    types = {port for spec in engine.registry.specs.values() for port in spec.port_types}
    return sorted({*types, *engine.registry.types, "INT,FLOAT", "IMAGE,MASK", "STRING,COMBO", "*", "~T", "~U"})


def test_types_fit_here_as_there(ask: Ask, engine: Engine) -> None:
    pairs = [(given, wanted) for given in port_types(engine) for wanted in port_types(engine)]
    assert ask([["fits", *pair] for pair in pairs]) == [fits(*pair) for pair in pairs]


def test_converters_are_those_that_the_server_names(ask: Ask, engine: Engine) -> None:
    pairs = [(given, wanted) for given in port_types(engine) for wanted in port_types(engine)]
    wanted = [engine.registry.converters(*pair) for pair in pairs]
    assert any(wanted)
    assert ask([["converters", *pair] for pair in pairs]) == wanted


def test_ports_are_those_of_the_server(ask: Ask, engine: Engine, texts: list[str]) -> None:
    answers = ask([["ports", text] for text in texts])
    for text, answer in zip(texts, answers, strict=True):
        workflow = document.load(text)
        for id, inputs, outputs in answer:
            node = workflow.nodes[id]
            signature = Signatures(engine.registry.specs).of(node, (workflow.workflows,))
            assert [tuple(port) for port in outputs] == list(signature.outputs.items())
            spec = engine.registry.specs.get(node.kind)
            open_ = {port.name for port in spec.inputs if port.variadic} if spec else set()
            shown = [tuple(port) for port in inputs if port[0].rstrip("0123456789") not in open_]
            wanted = [port for port in signature.inputs.items() if port[0] not in open_]
            assert shown[: len(wanted)] == wanted
            assert {name for name, _ in shown[len(wanted) :]} <= node.inputs.keys()


def test_bypassed_links_go_on_where_the_server_lets_them(ask: Ask, engine: Engine) -> None:
    specs = [spec for spec in engine.registry.specs.values() if not any(port.variadic for port in spec.inputs)]
    outputs = [(spec, output) for spec in specs for output in [*(port.name for port in spec.outputs), "0", "1", "?"]]
    cases = [(spec, output, type) for spec, output in outputs for type in ("IMAGE", "MODEL", "INT", "INT,FLOAT", "*")]
    wanted = [passing_input(declared(spec), output, type) for spec, output, type in cases]
    assert ask([["passing", spec.kind, output, type] for spec, output, type in cases]) == wanted


def random_graph(chance: random.Random) -> Workflow:
    """Any graph, with circles and with links to nodes that are not there."""
    ids = [chance.choice(["n", "7", "node "]) + str(number) for number in range(chance.randint(1, 12))]
    nodes = {}
    for id in ids:
        links = [Link(chance.choice([*ids, "gone"]), "out") for _ in range(chance.choice([0, 1, 1, 2]))]
        nodes[id] = Node("Kind", {f"in{number}": link for number, link in enumerate(links)})
    return Workflow(nodes)


def test_order_and_ancestors_are_those_of_the_server(ask: Ask) -> None:
    chance = random.Random(7)
    graphs = [random_graph(chance) for _ in range(400)]
    saved = [document.save(graph).decode() for graph in graphs]
    picks = [chance.sample(sorted(graph.nodes), 1) for graph in graphs]
    orders = ask([["order", text] for text in saved])
    behind = ask([["ancestors", text, ids] for text, ids in zip(saved, picks, strict=True)])
    for graph, ids, found, others in zip(graphs, picks, orders, behind, strict=True):
        sorted_ = order.topological(graph.nodes)
        assert found == [*sorted_, *(id for id in graph.nodes if id not in sorted_)]
        assert set(others) - {"gone"} == order.ancestors(graph.nodes, ids)


def expression(chance: random.Random, depth: int) -> str:
    """An expression as Python writes it."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(["0", "2", "7", "0.5", ".25", "12.", "1e3", "2.5e-1", "10"])
    inner = [expression(chance, depth - 1) for _ in range(2)]
    space = chance.choice(["", " "])
    form = chance.choice(["{0}+{1}", "{0}-{1}", "{0}*{1}", "{0}/{1}", "{0}%{1}", "({0})**2", "-{0}", "+{0}", "({0})"])
    return form.replace("+{1}", f"{space}+{space}{{1}}").format(*inner)


def test_expressions_are_worth_what_python_says(ask: Ask) -> None:
    chance = random.Random(11)
    written = [expression(chance, 4) for _ in range(2000)]
    asked = [text.replace("**", chance.choice(["^", "**"])).replace(".", chance.choice([".", ","])) for text in written]
    for text, found in zip(written, ask([["evaluate", text] for text in asked]), strict=True):
        try:
            wanted = float(eval(compile(text, "expression", "eval"), {"__builtins__": {}}))
        except (ZeroDivisionError, OverflowError):
            assert found == {"refused": "not_finite"}, text
        else:
            assert float(found) == pytest.approx(wanted, rel=1e-9, abs=1e-12), text


def test_what_is_no_expression_is_refused(ask: Ask) -> None:
    wrong = ["", " ", "1 2", "1..2", "2*", "(1", "1)", "a", "1+x", "alert(1)", "1,2,3", "--", "^2", "2^", "1e", "0x10"]
    wrong += ["(" * 500 + "1" + ")" * 500, "[].constructor"]
    assert ask([["evaluate", text] for text in wrong]) == [{"refused": "no_number"}] * len(wrong)
    assert ask([["evaluate", "2^3^2"], ["evaluate", "-2^2"], ["evaluate", "2^-1"]]) == ["512", "-4", "0.5"]


def test_documents_after_any_edits_are_read_and_written_alike_by_the_server(
    ask: Ask, engine: Engine, texts: list[str]
) -> None:
    tasks = [["edited", text, seed, 60] for text in texts for seed in range(3)]
    for found in ask(tasks):
        workflow = document.load(found)
        assert document.save(workflow).decode() == found
        engine.check(workflow)  # must not raise


def flat(engine: Engine, text: str, prefix: str = "") -> tuple[dict[str, Any], Any]:
    """Nodes and interface without sub-workflows, ids without a prefix."""
    workflow = resolve(document.load(text), engine.registry.specs)
    data = document.to_json(workflow)
    renamed = json.loads(json.dumps(data).replace(json.dumps(prefix)[:-1], '"') if prefix else json.dumps(data))
    return renamed["nodes"], renamed.get("interface")


def stands_between(workflow: Workflow, ids: set[str]) -> bool:
    """Whether some other node reads one of these and is read by one of them, over any number of others."""
    outside = {id: node for id, node in workflow.nodes.items() if id not in ids}
    feeding = {link.node for id in ids for link in workflow.nodes[id].links.values()} & outside.keys()
    behind = order.ancestors(outside, feeding)
    return any(link.node in ids for id in behind for link in outside[id].links.values())


def test_folded_nodes_mean_the_same_to_the_server_and_unfolded_ones_too(
    ask: Ask, engine: Engine, texts: list[str]
) -> None:
    chance = random.Random(13)
    whole = [text for text in texts if document.load(text).nodes]
    picked = [(text, id_set(document.load(text), chance)) for text in whole for _ in range(8)]
    folded = ask([["fold", text, sorted(ids), "part"] for text, ids in picked])
    assert sum("text" in found for found in folded) > 40
    unfolded = iter(ask([["unfold", found["text"], found["id"]] for found in folded if "text" in found]))
    for (text, ids), found in zip(picked, folded, strict=True):
        if stands_between(document.load(text), ids):
            assert found == {"refused": "fold_circle"}
            continue
        assert document.load(found["text"]).nodes[found["id"]].kind == "@part"
        assert flat(engine, found["text"], found["id"] + ":") == flat(engine, text)
        again = document.load(next(unfolded))
        assert len(again.nodes) == len(document.load(text).nodes)
        assert {node.kind for node in again.nodes.values()} == {
            node.kind for node in document.load(text).nodes.values()
        }
        assert sorted(map(repr, shape(again))) == sorted(map(repr, shape(document.load(text))))


def id_set(workflow: Workflow, chance: random.Random) -> set[str]:
    return set(chance.sample(sorted(workflow.nodes), chance.randint(1, len(workflow.nodes))))


def shape(workflow: Workflow) -> list[tuple[Any, ...]]:
    """The nodes without their ids: kind, values, and of which kind's output every link is."""
    nodes = workflow.nodes
    return [
        (
            node.kind,
            sorted((name, repr(value)) for name, value in node.literals.items()),
            sorted((name, nodes[link.node].kind, link.output) for name, link in node.links.items()),
        )
        for node in nodes.values()
    ]


def test_an_automatic_layout_changes_the_layout_only(ask: Ask, texts: list[str]) -> None:
    bare = [document.to_json(document.load(text)) for text in texts]
    for data in bare:
        data.pop("layout", None)
    answers = ask([["laidOut", json.dumps(data)] for data in bare])
    for data, found in zip(bare, answers, strict=True):
        laid = json.loads(found)
        layout = laid.pop("layout")
        assert laid == data
        assert layout["nodes"].keys() == data["nodes"].keys()
