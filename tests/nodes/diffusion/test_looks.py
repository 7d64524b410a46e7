"""What people are shown of the values of diffusion, against numbers that are known."""

import time

import pytest
import torch

from graphengine.diffusion.types import Area, Condition, Latents


@pytest.fixture
def looks(nodes):
    return nodes("diffusion", "looks")


def test_a_picture_is_shown_small_with_its_range_and_mean(looks):
    ramp = torch.linspace(0, 1, 256).view(1, 1, 256, 1).expand(2, 128, 256, 3)
    look = looks.image(ramp)
    assert look.facts["pictures"] == 2 and look.facts["size"] == "256 × 128"
    assert look.facts["range"] == "0 … 1" and look.facts["mean"] == 0.5
    assert look.facts["deviation"] == pytest.approx(1 / 12**0.5, abs=2e-3)
    assert look.picture.shape == (128, 256, 3) and look.picture[0, :, 0].tolist() == list(range(256))
    assert len(look.bars) == 32 and min(look.bars) == max(look.bars)


def test_latents_and_masks_tell_their_shapes_and_what_they_cover(looks):
    mask = torch.zeros(1, 8, 8)
    mask[:, :, :2] = 1
    look = looks.latents(Latents(torch.randn(3, 4, 16, 24, generator=torch.Generator().manual_seed(0)), mask))
    assert look.facts["shape"] == "3 × 4 × 16 × 24" and look.facts["mask"] == "1 × 8 × 8"
    assert look.picture.shape == (16, 24, 3) and look.facts["mean"] == pytest.approx(0, abs=0.05)
    assert looks.mask(mask).facts["covered"] == "25.0%"


@pytest.mark.alone
def test_a_value_of_many_gigabytes_is_looked_at_in_part_within_a_moment(looks):
    huge = torch.full((1, 1, 1, 1), 0.25).expand(64, 8192, 8192, 3)  # 51 GB, were it written out
    began = time.monotonic()
    look = looks.image(huge)
    assert time.monotonic() - began < 2
    assert look.facts["mean"] == 0.25 and look.facts["looked at"] == "0.01%"
    assert max(look.picture.shape) <= 1024 and (look.picture == 64).all()


ODD = [torch.zeros(0, 4, 4, 3), torch.full((1, 4, 4, 3), torch.nan), torch.ones(1, 4, 4, 1)]


@pytest.mark.parametrize("value", ODD)
def test_an_empty_picture_one_without_numbers_and_one_without_colours_are_no_faults(looks, value):
    look = looks.image(value)
    assert look.facts["shape"] == " × ".join(map(str, value.shape))
    assert ("not finite" in look.facts) == bool(value.isnan().any())


def test_conditioning_tells_tokens_area_and_time_of_each_text(looks):
    here = Area(8, 16, 0, 4)
    first = Condition(torch.ones(1, 77, 768), torch.ones(1, 1280), strength=0.5, area=here, start=0.25)
    look = looks.conditioning((first, Condition(torch.ones(1, 154, 768))))
    assert look.facts["texts"] == 2 and look.facts["tokens"] == 77 and look.facts["strength"] == 0.5
    assert look.facts["area"] == "16 × 8 at 4, 0 cells" and look.facts["holds"] == "25% … 100%"
    assert look.facts["whole text"] == "1 × 1280" and look.text == "2: tokens 154, strength 1.0"
    assert looks.conditioning(()).facts == {"texts": 0}


def test_conditioning_tells_the_tokens_of_its_texts_with_their_weights(looks):
    first = Condition(torch.ones(1, 154, 8), tokens=((("a ", 1.0), ("red ", 1.25)), (("un", 1.0), ("told ", 1.0))))
    second = Condition(torch.ones(1, 77, 8), tokens=((("cat ", 1.0),),))
    assert looks.conditioning((first, second)).text.splitlines() == [
        "a (red:1.25)", "un·told", "2: tokens 77, strength 1.0", "cat",
    ]  # fmt: skip


def test_every_function_that_the_manifest_names_is_there(looks):
    from graphengine import builtin
    from graphengine.packs.load import named_function
    from graphengine.packs.manifest import read_manifest

    manifest = read_manifest(builtin.NODES / "diffusion", builtin=True)
    assert len(manifest.looks) > 10
    assert all(callable(named_function(manifest, name)) for name in manifest.looks.values())
