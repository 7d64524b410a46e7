"""Models mixed: the weights of the networks that come to life, against those of the file."""

import pytest
import torch
from safetensors.torch import load_file

from graphengine.api import NodeError


@pytest.fixture
def factors(home, services):
    """``factors(part, prefix)``: what each weight of a live network is, relative to that of the file."""
    stored = load_file(home / "models/checkpoints/tiny.safetensors")

    def factors_(part, prefix):
        with services["devices"].use(part) as network:
            live = {name: value.clone() for name, value in network.state_dict().items()}
        found = {}
        for name, value in live.items():
            if prefix + name in stored and value.is_floating_point() and stored[prefix + name].abs().max() > 0:
                given = stored[prefix + name].float()
                found[name] = float((value * given).sum() / (given * given).sum())
                assert torch.allclose(value, given * found[name], atol=1e-5), name
        assert len(found) > 10
        return found

    return factors_


@pytest.fixture
def twice(call, tiny):
    return call("merging", "ModelMergeAdd", tiny.model, tiny.model)


UNET, TEXT = "model.diffusion_model.", "cond_stage_model.transformer."


def test_models_are_mixed_added_and_subtracted(call, tiny, twice, factors):
    def all_of(kind, *given):
        return set(map(lambda x: round(x, 4), factors(call("merging", kind, *given).part, UNET).values()))

    assert all_of("ModelMergeAdd", tiny.model, tiny.model) == {2.0}
    assert all_of("ModelMergeSimple", tiny.model, twice, 0.25) == {1.75}  # a quarter of one, three of its double
    assert all_of("ModelMergeSimple", tiny.model, twice, 0.0) == {2.0}
    assert all_of("ModelMergeSubtract", twice, tiny.model, 1.5) == {1.5}
    assert all_of("ModelMergeSubtract", tiny.model, twice, 1.0) == {-1.0}
    assert call("merging", "ModelMergeSimple", tiny.model, twice, 1.0).part is tiny.model.part


def test_blocks_are_mixed_each_for_itself(call, tiny, twice, factors):
    part = call("merging", "ModelMergeBlocks", tiny.model, twice, 0.9, 0.4, 0.6).part
    expected = {"middle_block": 1.6, "output_blocks": 1.4, "out": 1.4, "input_blocks": 1.1, "time_embed": 1.1}
    found = factors(part, UNET)
    assert {name.split(".")[0] for name in found} == set(expected)
    for name, factor in found.items():
        assert factor == pytest.approx(expected[name.split(".")[0]], abs=1e-4), name


def test_text_encoders_are_mixed_added_and_subtracted(call, tiny, factors):
    double = call("merging", "CLIPMergeAdd", tiny.clip, tiny.clip)
    mixed = call("merging", "CLIPMergeSimple", tiny.clip, double, 0.25)
    less = call("merging", "CLIPMergeSubtract", double, tiny.clip, 0.5)
    for clip, factor in ((double, 2.0), (mixed, 1.75), (less, 0.5)):
        assert {round(value, 4) for value in factors(clip.part, TEXT).values()} == {factor}


def test_models_that_are_not_built_alike_are_told(call, tiny, inpaint):
    with pytest.raises(NodeError, match="not built alike") as caught:
        call("merging", "ModelMergeSimple", tiny.model, inpaint.model, 0.5)
    assert caught.value.input == "model2"
