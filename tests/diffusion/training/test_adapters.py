"""Training what goes on top of a finished denoiser: a control network and a LoRA."""

import random
from dataclasses import replace

import torch

from graphengine.diffusion.training.control import ControlTask, ControlTraining, control_copy, train_controlnet
from graphengine.diffusion.training.loop import RESULT, Budget, Run, Settings
from graphengine.diffusion.training.lora import LoraTraining, add_low_rank, outline_share, train_lora
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.world.dataset import World
from graphengine.diffusion.training.world.render import render
from graphengine.diffusion.training.world.scene import numbered_scene
from graphengine.diffusion.weights.read import open_weights

CONTROL = ControlTraining(hint_channels=(4, 4, 4, 4, 4, 4, 8), size=64, pictures=6, batch=2)


def frozen(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


@torch.no_grad()
def test_a_fresh_control_network_adds_nothing(model):
    control = control_copy(CONTROL, model.unet)
    residuals = control(torch.randn(1, 4, 8, 8), torch.tensor([3]), model.context([""]), torch.rand(1, 3, 64, 64))
    assert all(float(residual.abs().max()) == 0 for residual in [*residuals.skips, residuals.middle])


def test_training_a_control_network_moves_it_and_leaves_the_model_alone(model, space, tmp_path):
    torch.nn.init.normal_(model.unet.out[2].weight, std=0.1)
    before = frozen(model)
    task = ControlTask(CONTROL, control_copy(CONTROL, model.unet), model, space, World(300, vague=0.5), Peers())
    run = Run(task, tmp_path, Settings(warm_up=1))
    for _ in range(2):
        run.advance(0.0)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert float(task.control.middle_block_out[0].weight.detach().abs().max()) > 0
    assert float(task.loss(random.Random(1)).detach()) > 0


def test_training_goes_on_with_a_control_network_that_is_given(model, space, tmp_path):
    begin = control_copy(CONTROL, model.unet)
    torch.nn.init.normal_(begin.middle_block_out[0].weight, std=0.5)
    before = begin.middle_block_out[0].weight.detach().clone()
    config = replace(CONTROL, settings=Settings(warm_up=1, learning_rate=1e-6))
    train_controlnet(config, model, space, World(300), tmp_path, budget=Budget(steps=1), begin=begin)
    trained = open_weights(tmp_path / RESULT).tensors
    (after,) = (tensor.read() for name, tensor in trained.items() if name.endswith("middle_block_out.0.weight"))
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_training_a_lora_moves_only_the_low_rank_changes(model, space, tmp_path):
    torch.nn.init.normal_(model.unet.out[2].weight, std=0.1)
    before = frozen(model)
    config = LoraTraining(rank=2, size=64, pictures=6, batch=2, settings=Settings(warm_up=1))
    train_lora(config, model, space, World(400, outlined=1.0), tmp_path, budget=Budget(steps=3))
    after = {name.replace(".parametrizations.weight.original", ".weight"): t for name, t in model.state_dict().items()}
    assert all(torch.equal(before[name], after[name]) for name in before)
    trained = open_weights(tmp_path / RESULT).tensors
    assert any(float(tensor.read().abs().max()) > 0 for name, tensor in trained.items() if "lora_up" in name)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert all("lora_" in name for name in state["module"])  # what stands still is not saved at every checkpoint


@torch.no_grad()
def test_a_strength_of_zero_is_the_model_as_it_was(model):
    x, t, context = torch.randn(1, 4, 8, 8), torch.tensor([9]), model.context(["a star"])
    torch.nn.init.normal_(model.unet.out[2].weight, std=0.1)
    plain = model.unet(x, t, context)
    layers = add_low_rank(model.unet, 2)
    for layer in layers.values():
        torch.nn.init.normal_(layer.lora_up)
    assert not torch.allclose(model.unet(x, t, context), plain)
    for layer in layers.values():
        layer.strength = 0.0
    assert torch.equal(model.unet(x, t, context), plain)


def test_outlined_pictures_have_ink_along_their_rims_and_plain_ones_have_none():
    scenes = [
        scene
        for scene in (numbered_scene(2, number) for number in range(20))
        if not {"black", "white"} & {scene.background, *(thing.colour for thing in scene.things)}
    ]
    plain, outlined = (render([replace(scene, outlined=way) for scene in scenes], 128) for way in (False, True))
    for picture, mask in zip(plain.image, plain.mask, strict=True):
        assert outline_share(picture, mask[0] > 0.9) < 0.25
    for picture, mask in zip(outlined.image, outlined.mask, strict=True):
        assert outline_share(picture, mask[0] > 0.9) > 0.8
