from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from graphengine.api import NodeError, Provenance, Results
from graphengine.diffusion.types import Latents


def latents(batch=2, height=8, width=10, channels=4, seed=0, **more):
    generator = torch.Generator().manual_seed(seed)
    return Latents(torch.randn(batch, channels, height, width, generator=generator), **more)


@pytest.fixture
def kinds(nodes):
    """All latent nodes by name."""
    found = {}
    for module in ("latent_batch", "latent_transform", "latent_mix", "latent_files"):
        found |= vars(nodes("diffusion", module))
    return found


def test_empty_latents_have_a_cell_for_eight_pixels(kinds):
    assert kinds["EmptyLatentImage"](520, 256, 3).samples.shape == (3, 4, 32, 65)
    assert kinds["EmptySD3LatentImage"]().samples.shape == (1, 16, 128, 128)


def test_a_selection_keeps_the_noise_it_would_have_had(kinds):
    mask = torch.rand(4, 16, 16)
    taken = kinds["LatentFromBatch"](latents(4, mask=mask), 1, 2)
    assert torch.equal(taken.samples, latents(4).samples[1:3]) and torch.equal(taken.mask, mask[1:3])
    assert taken.batch_index == (1, 2)
    assert kinds["LatentFromBatch"](taken, 1, 1).batch_index == (2,)
    with pytest.raises(NodeError, match="no latents 7 in a batch of 2"):
        kinds["LatentFromBatch"](latents(), 7)


def test_repetitions_get_noise_of_their_own(kinds):
    repeated = kinds["RepeatLatentBatch"](latents(2, batch_index=(3, 5)), 3)
    assert torch.equal(repeated.samples, latents().samples.repeat(3, 1, 1, 1))
    assert repeated.batch_index == (3, 5, 6, 8, 9, 11)
    assert kinds["RepeatLatentBatch"](latents(), 2).batch_index is None


def test_joined_batches_keep_their_noise(kinds):
    joined = kinds["LatentBatch"](latents(2), latents(1, 16, 20, batch_index=(4,)))
    assert joined.samples.shape == (3, 4, 8, 10) and joined.batch_index == (0, 1, 4)


def test_the_seed_of_a_batch_is_made_equal_or_different(kinds):
    behaviour = kinds["LatentBatchSeedBehavior"]
    assert behaviour(latents(3, batch_index=(2, 3, 4)), "fixed").batch_index == (2, 2, 2)
    assert behaviour(latents(3, batch_index=(2, 3, 4)), "random").batch_index is None


def test_scaling_to_a_picture_size(kinds):
    upscale = kinds["LatentUpscale"]
    assert upscale(latents(), "bilinear", 160, 128).samples.shape == (2, 4, 16, 20)
    assert upscale(latents(), "bilinear", 160, 0).samples.shape == (2, 4, 16, 20)
    expected = torch.nn.functional.interpolate(latents().samples, (12, 15), mode="bicubic")
    assert torch.equal(kinds["LatentUpscaleBy"](latents(), "bicubic", 1.5).samples, expected)
    with pytest.raises(NodeError, match="10 x 8 cells would become 0 x 0"):
        kinds["LatentUpscaleBy"](latents(), "area", 0.01)


def test_bislerp_keeps_the_length_of_latents_and_their_place(kinds):
    unit = latents(1, 6, 6).samples
    unit = unit / unit.norm(dim=1, keepdim=True)
    scaled = kinds["LatentUpscaleBy"](Latents(unit), "bislerp", 2.0).samples
    assert torch.allclose(scaled.norm(dim=1), torch.ones(1, 12, 12), atol=1e-5)
    flat = Latents(torch.ones(1, 4, 6, 6))
    assert torch.allclose(kinds["LatentUpscaleBy"](flat, "bislerp", 1.5).samples, torch.tensor(1.0))


def test_bislerp_turns_by_equal_angles_along_a_line(kinds):
    angles = torch.tensor([0.2, 1.4])
    line = torch.stack([angles.cos(), angles.sin()])[None, :, None].repeat(1, 2, 2, 1) / 2**0.5
    scaled = kinds["LatentUpscaleBy"](Latents(line), "bislerp", 2.0).samples[0, :2, 0]
    turned = torch.atan2(scaled[1], scaled[0])
    assert torch.allclose(turned, torch.tensor([0.2, 0.5, 1.1, 1.4]), atol=1e-5)


def test_turns_and_flips_are_undone_and_take_the_mask_along(kinds):
    whole = latents(mask=torch.rand(1, 64, 80))
    turn, flip = kinds["LatentRotate"], kinds["LatentFlip"]
    for back_and_forth in (
        turn(turn(whole, "90 degrees"), "270 degrees"),
        flip(flip(whole, "x-axis: vertically"), "x-axis: vertically"),
        flip(flip(whole, "y-axis: horizontally"), "y-axis: horizontally"),
    ):
        assert torch.equal(back_and_forth.samples, whole.samples) and torch.equal(back_and_forth.mask, whole.mask)
    clockwise = turn(whole, "90 degrees")
    assert np.array_equal(clockwise.samples[0, 0].numpy(), np.rot90(whole.samples[0, 0].numpy(), -1))
    assert clockwise.mask.shape == (1, 80, 64)


def test_a_crop_is_in_pixels(kinds):
    cropped = kinds["LatentCrop"](latents(1, 20, 20, mask=torch.ones(1, 5, 5)), 64, 96, 16, 8)
    assert torch.equal(cropped.samples, latents(1, 20, 20).samples[..., 1:13, 2:10])
    assert cropped.mask.shape == (1, 12, 8)
    with pytest.raises(NodeError, match=r"\(800, 0\), outside of the picture of 160 x 160"):
        kinds["LatentCrop"](latents(1, 20, 20), x=800)


def test_a_composite_fades_only_at_inner_sides(kinds):
    below, above = Latents(torch.zeros(1, 4, 10, 10)), Latents(torch.ones(1, 4, 6, 6))
    hard = kinds["LatentComposite"](below, above, 16, 0).samples
    assert hard.sum() == 4 * 36 and hard[0, 0, 0, 2] == 1
    soft = kinds["LatentComposite"](below, above, 16, 0, 16).samples[0, 0]
    assert soft[0, 2:8].tolist() == [0.5, 1, 1, 1, 1, 0.5]
    assert soft[:6, 4].tolist() == [1, 1, 1, 1, 1, 0.5]
    assert kinds["LatentComposite"](below, above, 800, 0, 16).samples.sum() == 0


def test_a_masked_composite(kinds):
    below, above = Latents(torch.zeros(2, 4, 10, 10)), Latents(torch.ones(1, 4, 4, 4))
    mask = torch.zeros(32, 32)
    mask[:, 16:] = 1
    laid = kinds["LatentCompositeMasked"](below, above, 8, 8, False, mask).samples
    assert laid.sum() == pytest.approx(2 * 4 * 8) and laid[1, 0, 1, 3] == 1 and laid[1, 0, 1, 2] == 0


def test_arithmetic_on_latents(kinds):
    one, two = latents(2), latents(1, seed=1)
    assert torch.equal(kinds["LatentAdd"](one, two).samples, one.samples + two.samples)
    assert torch.equal(kinds["LatentSubtract"](one, two).samples, one.samples - two.samples)
    assert torch.equal(kinds["LatentMultiply"](one, 2.0).samples, one.samples * 2)
    assert torch.allclose(kinds["LatentBlend"](one, two, 0.25).samples, one.samples / 4 + two.samples * 3 / 4)
    with pytest.raises(NodeError, match="'samples1' has 4 channels, 'samples2' has 16"):
        kinds["LatentAdd"](one, latents(channels=16))


def test_latents_of_another_size_and_number_are_blended_as_by_another_program(kinds):
    """The first two channels of what ComfyUI 0.8.0 computed on the sines below."""

    def sines(start, *shape):
        return Latents((torch.arange(float(np.prod(shape))) * 0.7 + start).sin().view(shape))

    expected = [
        [[[-0.46618, -0.51552, -0.01613], [0.52949, 0.80121, 0.39332]],
         [[0.13705, -0.53473, -0.85132], [-0.55762, 0.19741, 0.85946]]],
        [[[-0.68627, -0.21986, 0.52847], [0.90413, 0.68546, -0.10836]],
         [[-0.39655, -0.95068, -0.77425], [-0.09308, 0.71936, 0.96780]]],
    ]  # fmt: skip
    blended = kinds["LatentBlend"](replace(sines(0, 1, 4, 2, 3), batch_index=(7,)), sines(1, 2, 4, 4, 4), 0.3)
    assert torch.allclose(blended.samples[:, :2], torch.tensor(expected), atol=2e-5)
    assert blended.batch_index is None  # of each of the two a noise of its own


def test_interpolation_mixes_lengths_linearly(kinds):
    one, two = latents(2), latents(2, seed=1)
    mixed = kinds["LatentInterpolate"](one, two, 0.25).samples
    expected = one.samples.norm(dim=1) / 4 + two.samples.norm(dim=1) * 3 / 4
    assert torch.allclose(mixed.norm(dim=1), expected, atol=1e-5)
    assert torch.allclose(kinds["LatentInterpolate"](one, two, 1.0).samples, one.samples, atol=1e-6)


def test_a_noise_mask_is_set(kinds):
    mask = torch.rand(64, 80)
    assert torch.equal(kinds["SetLatentNoiseMask"](latents(), mask).mask, mask[None])


def test_latents_are_saved_as_comfyui_reads_them_and_loaded_again(kinds, files):
    results = Results()
    kinds["SaveLatent"](latents(), files=files, results=results, provenance=Provenance({"prompt": "{}"}))
    path = files.path(results.items["latents"][0])
    assert path.name == "ComfyUI_00001_.latent" and path.parent.name == "latents"
    assert set(load_file(path)) == {"latent_tensor", "latent_format_version_0"}
    path.rename(files.settings.input_folder / "a.latent")
    assert torch.equal(kinds["LoadLatent"]("a.latent", files=files).samples, latents().samples)


def test_a_file_that_holds_no_latents_is_refused(kinds, files):
    (files.settings.input_folder / "a.latent").write_bytes(b"nothing")
    with pytest.raises(NodeError, match=r"'a\.latent' is no file of latents"):
        kinds["LoadLatent"]("a.latent", files=files)
