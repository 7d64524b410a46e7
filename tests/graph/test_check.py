"""Every problem at once, each with its code, place and cure."""

import itertools
import time
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

import pytest

from graphengine.api import LINK_ONLY, Choices, Exposed, Interface, Link, Node, Range, Workflow, node
from graphengine.graph.check import check
from graphengine.graph.node import derive
from graphengine.graph.registry import Registry, registry_of
from graphengine.graph.types import PortType

Picture = Annotated[bytes, PortType("IMAGE")]
Latent = Annotated[bytes, PortType("LATENT")]
MODEL = PortType("MODEL", family=True)
Model = Annotated[bytes, MODEL]
T = TypeVar("T")


@node()
def Load(file: Annotated[str, Choices("pictures")]) -> Picture: ...
@node()
def Blur(
    image: Picture, radius: Annotated[int, Range(1, 31)] = 1, mode: Literal["box", "gauss"] = "box"
) -> Picture: ...
@node()
def Encode(pixels: Picture) -> Latent: ...
@node()
def Sample(latents: Latent, model: Model | None = None) -> Latent: ...
@node()
def Same(a: T, b: T) -> T: ...
@node()
def Linked(a: Annotated[int, LINK_ONLY] = 0) -> int: ...
@node()
def Number(value: float = 0.0) -> float: ...
@node()
def LoadModel(name: Annotated[str, Choices("models")]) -> Model: ...
@node()
def Merge(a: Model, b: Model) -> Model: ...
@node()
def Show(value: Any = None) -> None: ...


KINDS = (Load, Blur, Encode, Sample, Same, Linked, Number, LoadModel, Merge, Show)
REGISTRY = registry_of([replace(derive(kind), title=f"{kind.__name__} it") for kind in KINDS], [MODEL])
IMAGE = Link("load", "image")
LOAD = Node("Load", {"file": "cat.png"})


def problems(interface=Interface(), **nodes):  # noqa: B008
    found = check(Workflow(nodes, interface), REGISTRY, lambda source: ["cat.png"]).problems
    return [(problem.code, problem.node, problem.input) for problem in found]


def only(**nodes):
    found = check(Workflow({"load": LOAD, **nodes}), REGISTRY, lambda source: ["cat.png"]).problems
    assert len(found) == 1
    return found[0]


def test_a_sound_workflow_has_no_problems_and_its_values_converted():
    workflow = Workflow({"blur": Node("Blur", {"image": IMAGE, "radius": "3"}), "load": LOAD})
    analysis = check(workflow, REGISTRY, lambda source: ["cat.png"])
    assert list(analysis.problems) == []
    assert analysis.order == ["load", "blur"]
    assert analysis.values["blur"] == {"radius": 3}


CASES = {
    "unknown_kind": {"x": Node("Blr")},
    "missing_input": {"x": Node("Encode")},
    "unknown_input": {"x": Node("Number", {"valeu": IMAGE})},
    "wrong_type": {"x": Node("Number", {"value": "many"})},
    "needs_link": {"x": Node("Linked", {"a": 1})},
    "out_of_range": {"x": Node("Blur", {"image": IMAGE, "radius": 32})},
    "bad_choice": {"x": Node("Blur", {"image": IMAGE, "mode": "bx"})},
    "dangling_link": {"x": Node("Encode", {"pixels": Link("nobody", "image")})},
}


@pytest.mark.parametrize("code", CASES)
def test_a_problem_has_its_code_and_place_and_says_what_to_do(code):
    problem = only(**CASES[code])
    assert (problem.code, problem.node) == (code, "x")
    assert problem.message.startswith("node 'x'")
    assert problem.message.endswith(".")
    assert problem.cure.endswith((".", "?"))
    assert str(problem) == f"{problem.message}\n  {problem.cure}"


def test_all_problems_are_found_at_once():
    everything = {f"{code}{id}": node for code, nodes in CASES.items() for id, node in nodes.items()}
    ring = {
        "r1": Node("Encode", {"pixels": Link("r2", "latent")}),
        "r2": Node("Sample", {"latents": Link("r1", "latent")}),
    }
    found = problems(load=Node("Load", {"file": "dog.png"}), **everything, **ring)
    assert {code for code, _, _ in found} == {*CASES, "cycle"}
    assert ("bad_choice", "load", "file") in found
    assert ("wrong_type", "r1", "pixels") in found


def test_near_kinds_are_suggested_by_name_and_by_title():
    assert only(x=Node("blurr")).data["near"] == ["Blur"]
    assert only(x=Node("other_pack/Blur")).data["near"][0] == "Blur"
    assert only(x=Node("Sample  it")).data["near"][0] == "Sample"
    assert only(x=Node("Zzzzzz")).cure == "Install the pack that has it, or remove the node."


def test_a_converter_is_suggested_between_types_and_else_another_source():
    problem = only(x=Node("Sample", {"latents": IMAGE}))
    assert problem.message == "node 'x' (Sample): input 'latents' takes LATENT, but is linked to 'load.image', a IMAGE."
    assert problem.cure == "Put Encode between them."
    problem = only(n=Node("Number"), x=Node("Encode", {"pixels": Link("n", "float")}))
    assert problem.cure == "Link it to an output of type IMAGE, such as 'load.image'."


def test_a_link_to_an_output_that_is_not_there_names_those_that_are():
    problem = only(x=Node("Encode", {"pixels": Link("load", "picture")}))
    assert (problem.code, problem.cure) == ("dangling_link", "It has: image.")
    assert problems(load=LOAD, x=Node("Encode", {"pixels": Link("load", "0")})) == []


def test_a_cycle_is_told_with_its_path_in_the_direction_of_the_links():
    ring = {str(i): Node("Sample", {"latents": Link(str((i - 1) % 4), "latent")}) for i in range(4)}
    problem = only(**ring, behind=Node("Sample", {"latents": Link("2", "latent")}))
    path = problem.data["path"]
    assert path[0] == path[-1]
    assert all((int(a) + 1) % 4 == int(b) for a, b in itertools.pairwise(path))
    assert " -> ".join(path) in problem.message
    assert only(me=Node("Sample", {"latents": Link("me", "latent")})).data["path"] == ["me", "me"]


def test_cycles_without_a_common_node_are_all_told():
    def ring(*ids):
        links = itertools.pairwise([*ids, ids[0]])
        return {id: Node("Sample", {"latents": Link(source, "latent")}) for id, source in links}

    behind = Node("Sample", {"latents": Link("a", "latent")})
    nodes = {**ring("a", "b"), **ring("c", "d", "e"), "behind": behind, **ring("f")}
    found = check(Workflow(nodes), REGISTRY).problems
    assert [problem.code for problem in found] == ["cycle"] * 3
    assert [set(problem.data["path"]) for problem in found] == [{"a", "b"}, {"c", "d", "e"}, {"f"}]


def test_thousands_of_cycles_are_all_told_in_linear_time_also_behind_long_chains():
    def seconds(count):
        tail = {f"t{i}": Node("Merge", {"a": Link(f"t{i + 1}", "model")}) for i in range(count)}
        pairs = {f"{i}": Node("Merge", {"a": Link(f"{i ^ 1}", "model")}) for i in range(2 * count)}
        knot = Node("Merge", {f"p{i}": Link(f"{2 * i}", "model") for i in range(count)})  # links to every cycle
        workflow = Workflow({**tail, f"t{count}": knot, **pairs})
        began = time.process_time()
        problems = check(workflow, REGISTRY).problems
        spent = time.process_time() - began
        found = [sorted(set(problem.data["path"]), key=int) for problem in problems if problem.code == "cycle"]
        assert found == [[f"{2 * i}", f"{2 * i + 1}"] for i in range(count)]
        return spent

    small = min(seconds(1_000) for _ in range(2))
    assert seconds(10_000) < 30 * small  # ten times the nodes; a square would be a hundred


def test_a_generic_stands_for_one_type():
    encode = Node("Encode", {"pixels": IMAGE})
    sources = {"load": LOAD, "encode": encode}
    agree = {"same": Node("Same", {"a": IMAGE, "b": IMAGE}), "use": Node("Encode", {"pixels": Link("same", "value")})}
    assert problems(**sources, **agree) == []
    disagree = {"same": Node("Same", {"a": IMAGE, "b": Link("encode", "latent")})}
    assert problems(**sources, **disagree) == [("wrong_type", "same", "b")]
    misuse = {**agree, "use": Node("Sample", {"latents": Link("same", "value")})}
    assert problems(**sources, **misuse) == [("wrong_type", "use", "latents")]


def test_models_of_different_families_do_not_meet():
    def family_of(source, name):
        return {"a": "sd1", "b": "sdxl"}.get(name)

    def found(one, other):
        nodes = {"a": Node("LoadModel", {"name": one}), "b": Node("LoadModel", {"name": other})}
        via = Node("Merge", {"a": Link("a", "model"), "b": Link("a", "model")})
        nodes |= {"via": via, "m": Node("Merge", {"a": Link("via", "model"), "b": Link("b", "model")})}
        return check(Workflow(nodes), REGISTRY, None, family_of).problems

    assert [(problem.code, problem.node) for problem in found("a", "b")] == [("family", "m")]
    assert found("a", "b")[0].data == {"families": {"a": "sd1", "b": "sdxl"}}
    assert found("a", "a") == []
    assert found("a", "unheard of") == []


def test_an_interface_must_lead_to_what_is_there():
    interface = Interface(
        {"a": (Exposed("nobody", "x"), Exposed("load", "file")), "b": (Exposed("load", "fiel"),)},
        {"c": Link("nobody", "image"), "d": Link("load", "imaeg"), "e": IMAGE},
    )
    assert problems(interface, load=LOAD) == [
        ("bad_interface", "nobody", "x"), ("bad_interface", "load", "fiel"),
        ("bad_interface", "nobody", ""), ("bad_interface", "load", ""),
    ]  # fmt: skip


def test_a_node_of_a_newer_version_than_its_kind_is_a_problem():
    newer = replace(Node("Blur", {"image": IMAGE}), version=9)
    assert problems(load=LOAD, x=newer) == [("newer_version", "x", "")]


def test_a_literal_for_an_input_that_is_not_there_stays_and_does_nothing():
    assert problems(x=Node("Number", {"control_after_generate": "fixed"})) == []


def test_a_chain_of_a_hundred_thousand_nodes_is_checked_in_linear_time_without_recursion():
    def seconds(length):
        nodes = {str(i): Node("Sample", {"latents": Link(str(i - 1), "latent")}) for i in range(1, length)}
        workflow = Workflow({**dict(reversed(nodes.items())), "0": Node("Encode", {"pixels": IMAGE}), "load": LOAD})
        began = time.process_time()
        assert list(check(workflow, REGISTRY).problems) == []
        return time.process_time() - began

    small = min(seconds(10_000) for _ in range(2))
    assert seconds(100_000) < 30 * small  # ten times the nodes; a square would be a hundred


def test_a_ring_of_a_hundred_thousand_nodes_is_one_short_problem():
    nodes = {str(i): Node("Sample", {"latents": Link(str((i - 1) % 100_000), "latent")}) for i in range(100_000)}
    problem = only(**nodes)
    assert problem.code == "cycle"
    assert len(problem.message) < 300


def test_a_document_of_thousands_of_unknown_kinds_gets_its_answer_soon(monkeypatch):
    asked = []
    monkeypatch.setattr(Registry, "near", lambda _, kind: asked.append(kind) or ["Like"])
    found = check(Workflow({str(i): Node(f"Kind{i // 2}") for i in range(4000)}), Registry({})).problems
    assert len(found) == 4000 and len(asked) == 50
    assert found[1].cure.startswith("Did you mean Like") and "Install the pack" in found[-1].cure
