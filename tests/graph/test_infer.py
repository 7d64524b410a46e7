"""What is known before a run: sizes, families and numbers along links."""

from graphengine.graph.check import check
from graphengine.graph.facts import Fact
from graphengine.graph.infer import infer
from graphengine.graph.registry import registry_of
from graphengine.graph.spec import InputSpec, NodeSpec, OutputSpec
from graphengine.graph.types import PortType
from graphengine.graph.workflow import Link, Node, Workflow


def spec(kind, inputs, *outputs):
    return NodeSpec(kind, tuple(InputSpec(name, type, **more) for name, type, more in inputs), outputs)


def file(name, source):
    return (name, "COMBO", {"source": source, "file": True})


PICTURE = ("image", "IMAGE", {})
SIDES = [("w", "INT", {"default": 64}), ("h", "INT", {"default": 32})]
MODEL, VAE = OutputSpec("model", "MODEL"), OutputSpec("vae", "VAE")
SPECS = [
    spec("Make", SIDES, OutputSpec("image", "IMAGE", size=("w", "h"))),
    spec("Double", [PICTURE], OutputSpec("image", "IMAGE", size=("image.width * 2", "image.height * 2"))),
    spec("Blur", [PICTURE], OutputSpec("image", "IMAGE")),
    spec("Number", [("value", "INT", {})], OutputSpec("int", "INT", same="value")),
    spec("Measure", [PICTURE], *(OutputSpec(side[0], "INT", same=f"image.{side}") for side in ("width", "height"))),
    spec("Pass", [("value", "~T", {})], OutputSpec("value", "~T", same="value")),
    spec("Load", [file("file", "input")], OutputSpec("image", "IMAGE", size=("file.width", "file.height"))),
    spec("Checkpoint", [file("name", "checkpoints")], MODEL, VAE, OutputSpec("name", "STRING")),
    spec("LoadVae", [file("name", "vae")], VAE),
    spec("Patch", [("model", "MODEL", {}), ("vae", "VAE", {}), file("lora", "loras")], MODEL, VAE),
]
REGISTRY = registry_of(SPECS, [PortType("MODEL", family=True), PortType("VAE", mixes=True)])


def facts(**nodes):
    asked = []

    def family_of(source, name):
        asked.append(source)
        return {"a": "sd1", "b": "sdxl", "c": "kl4"}.get(name)

    def size_of(source, name):
        return {"cat.png": [300, 200]}.get(name)

    found = infer(check(Workflow(nodes), REGISTRY), REGISTRY, family_of, size_of)
    assert "input" not in asked  # a picture is no file of weights
    return found


def sizes(**nodes):
    return {id: fact.size for id, outputs in facts(**nodes).items() for fact in outputs.values()}


def test_sizes_go_along_links_through_formulas():
    assert sizes(
        a=Node("Make", {"w": 10}), b=Node("Double", {"image": Link("a", "image")}),
        c=Node("Double", {"image": Link("b", "0")}),
    ) == {"a": (10, 32), "b": (20, 64), "c": (40, 128)}  # fmt: skip


def test_what_nobody_tells_is_not_known_and_neither_is_what_comes_after():
    blurred = {"a": Node("Make"), "b": Node("Blur", {"image": Link("a", "image")})}
    assert sizes(**blurred, c=Node("Double", {"image": Link("b", "image")})) == {"a": (64, 32)}
    assert sizes(c=Node("Double")) == {}
    assert sizes(c=Node("Double", {"image": Link("nobody", "image")})) == {}
    assert sizes(a=Node("Unheard"), c=Node("Double", {"image": Link("a", "image")})) == {}


def test_a_bad_value_is_not_known_and_not_the_default():
    assert sizes(a=Node("Make", {"w": "wide"})) == {}
    assert sizes(a=Node("Make", {"w": 0}), b=Node("Make", {"w": 2**20 + 1})) == {}


def test_numbers_are_known_over_links_where_they_are_passed_on():
    number = {"n": Node("Number", {"value": 48})}
    assert facts(**number, a=Node("Make", {"w": Link("n", "int")}))["a"]["image"].size == (48, 32)
    measured = {"a": Node("Make", {"w": 10}), "m": Node("Measure", {"image": Link("a", "image")})}
    turned = Node("Make", {"w": Link("m", "h"), "h": Link("m", "w")})
    assert facts(**measured, t=turned)["t"]["image"].size == (32, 10)


def test_all_that_is_known_passes_through_a_node_that_passes_it_on():
    found = facts(
        c=Node("Checkpoint", {"name": "a"}), p=Node("Pass", {"value": Link("c", "model")}), a=Node("Make"),
        q=Node("Pass", {"value": Link("a", "image")}),
    )  # fmt: skip
    assert found["p"]["value"] == Fact(family="sd1")
    assert found["q"]["value"] == Fact(size=(64, 32))


def test_a_file_has_a_size_of_its_own():
    assert sizes(a=Node("Load", {"file": "cat.png"}), b=Node("Double", {"image": Link("a", "image")})) == {
        "a": (300, 200), "b": (600, 400),
    }  # fmt: skip
    assert sizes(a=Node("Load", {"file": "gone.png"}), b=Node("Load")) == {}


def test_families_are_of_models_and_of_what_may_mix_each_its_own():
    found = facts(
        c=Node("Checkpoint", {"name": "a"}), v=Node("LoadVae", {"name": "c"}),
        p=Node("Patch", {"model": Link("c", "model"), "vae": Link("v", "vae"), "lora": "b"}),
        q=Node("Patch", {"model": Link("c", "model"), "lora": "b"}),
    )  # fmt: skip
    assert found["c"] == {"model": Fact(family="sd1"), "vae": Fact(family="sd1")}
    assert found["v"] == {"vae": Fact(family="kl4")}
    assert found["p"] == {"model": Fact(family="sd1"), "vae": Fact(family="kl4")}
    assert found["q"]["model"] == Fact(family="sd1")


def test_circles_are_left_out():
    ring = {"a": Node("Double", {"image": Link("b", "image")}), "b": Node("Double", {"image": Link("a", "image")})}
    assert sizes(**ring, m=Node("Make")) == {"m": (64, 32)}
