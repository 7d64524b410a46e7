"""Values of the pack's nodes go through the disk cache."""

import torch

from graphengine import builtin
from graphengine.diffusion.types import Area, Condition, Latents
from graphengine.execution.codec import Codec
from graphengine.packs.manifest import read_manifest


def test_latents_and_conditioning_survive_the_disk():
    manifest = read_manifest(builtin.NODES / "diffusion", builtin=True)
    codec = Codec(manifest.store, manifest.arrays)
    latents = Latents(torch.randn(2, 4, 8, 8), torch.rand(1, 64, 64), (0, 3))
    again = codec.decode(codec.encode(latents))
    assert torch.equal(again.samples, latents.samples) and torch.equal(again.mask, latents.mask)
    assert again.batch_index == (0, 3)
    [condition] = codec.decode(codec.encode((Condition(torch.randn(1, 77, 12), area=Area(8, 8, 0, 1)),)))
    assert condition.area == Area(8, 8, 0, 1) and condition.context.shape == (1, 77, 12)
