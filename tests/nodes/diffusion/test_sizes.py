"""Sizes that nodes declare, against the tensors that they give."""

import random

import pytest
import torch

from graphengine import builtin
from graphengine.api import NodeError
from graphengine.diffusion.types import Latents, Noise, Sampler
from graphengine.graph.check import check
from graphengine.graph.infer import infer
from graphengine.graph.registry import registry_of
from graphengine.graph.spec import InputSpec, NodeSpec, OutputSpec
from graphengine.graph.workflow import Link, Node, Workflow
from graphengine.packs.load import load_pack
from graphengine.packs.manifest import read_manifest

PACKS = ("image", "diffusion", "primitives", "training")
SPECS = [spec for pack in PACKS for spec in load_pack(read_manifest(builtin.NODES / pack, builtin=True)).specs]
TOLD = {spec.kind: spec for spec in SPECS if any(port.size for port in spec.outputs)}
PICTURES = ("IMAGE", "MASK", "LATENT")
FROM_FILES = ("LoadImage", "LoadImageMask", "LoadImageOutput")  # tests/test_file_facts.py
ALIKE = ("ImageYUVToRGB", "LatentConcat")  # these take pictures of one size
CELL = 8
SOURCES = {  # something that gives pictures of a size
    type: NodeSpec(
        f"Some{type}",
        (InputSpec("w", "INT"), InputSpec("h", "INT")),
        (OutputSpec("given", type, size=("w", "h")),),
    )
    for type in PICTURES
}
REGISTRY = registry_of([*SPECS, *SOURCES.values()])


def value_of(port, chance, size, models):
    """A random value that an input takes."""
    width, height = size
    if port.type == "IMAGE":
        return torch.rand(chance.randint(1, 2), height, width, 3)
    if port.type == "MASK":
        return torch.rand(1, height, width)
    if port.type == "LATENT":
        return Latents(torch.rand(chance.randint(1, 2), 4, height // CELL, width // CELL))
    if port.type in models:
        return models[port.type]
    if port.type == "BOOLEAN":
        return chance.random() < 0.5
    if port.type == "INT":
        high = {"steps": 1, "batch_size": 2, "amount": 3, "count": 2}.get(port.name, 100)
        return chance.choice([int(port.low or 0), chance.randint(int(port.low or 0), max(high, int(port.low or 0)))])
    if port.type == "FLOAT":
        return chance.uniform(max(port.low, 0.05), {"megapixels": 0.2}.get(port.name, min(port.high, 3.0)))
    return chance.choice(port.choices)


def inferred(spec, values, sizes):
    """What is inferred for a node of these values, fed by pictures of these sizes."""
    nodes, inputs = {}, {}
    for name, value in values.items():
        port = spec.input_port(name)
        if name in sizes:
            width, height = sizes[name]
            nodes[name] = Node(f"Some{port.type}", {"w": width, "h": height})
            inputs[name] = Link(name, "given")
        elif port.type in ("INT", "FLOAT", "BOOLEAN", "COMBO"):
            inputs[name] = value
    analysis = check(Workflow({**nodes, "node": Node(spec.kind, inputs)}), REGISTRY)
    return infer(analysis, REGISTRY)["node"]


def size_in(value, type):
    """Width and height of a tensor of this port type, or of the first of a list, in pixels."""
    value = value[0] if isinstance(value, list) else value
    if type == "LATENT":
        height, width = value.samples.shape[-2:]
        return (CELL * width, CELL * height)
    return (value.shape[2], value.shape[1])


@pytest.fixture(scope="module")
def models(call, tiny):
    """Something of each type of model."""
    text = call("text", "CLIPTextEncode", clip=tiny.clip, text="a")
    return {
        "MODEL": tiny.model, "VAE": tiny.vae, "CONDITIONING": text, "NOISE": Noise(1), "SAMPLER": Sampler("euler"),
        "SIGMAS": torch.tensor([5.0, 0.0]), "GUIDER": call("noise", "BasicGuider", tiny.model, text),
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(TOLD.keys() - set(FROM_FILES)))
def test_a_node_gives_pictures_of_the_size_that_it_declares(kind, nodes, services, models):
    spec, chance = TOLD[kind], random.Random(kind)
    function = getattr(nodes(spec.pack, spec.module), spec.function)
    named = {name: services[name] for name in spec.services}
    slow = spec.resource == "device"
    agreed = 0
    for _ in range(3 if slow else 40):
        values, sizes = {}, {}
        one = [chance.randint(2, 9) * CELL for _ in range(2)]
        for port in spec.inputs:
            if port.optional and chance.random() < 0.5:
                continue
            whole = port.type == "LATENT" or slow
            size = [chance.randint(2, 9) * CELL if whole else chance.randint(1, 90) for _ in range(2)]
            if slow and port.type == "IMAGE":
                size = [length + chance.randint(0, 7) for length in size]
            if kind in ALIKE:
                size = one
            value = value_of(port, chance, size, models)
            values[port.name] = [value] if port.many else value
            if port.type in PICTURES:
                sizes[port.name] = tuple(size)
        try:
            given = function(**values, **named)
        except NodeError:
            continue
        found = inferred(spec, values, sizes)
        for port, value in zip(spec.outputs, given if len(spec.outputs) > 1 else [given], strict=True):
            if port.size:
                assert found[port.name].size == size_in(value, port.type), (values, sizes)
                agreed += 1
    assert agreed >= (2 if slow else 10)


def test_whatever_gives_pictures_declares_their_size_or_is_known_not_to():
    silent = {spec.kind for spec in SPECS for port in spec.outputs if port.type in PICTURES and not port.size}
    by_what_is_linked_or_nearest = {"ImageStitch", "FluxKontextImageScale"}
    assert silent == {"LoadLatent", "LossCurve", "ContactSheet"} | by_what_is_linked_or_nearest
