from dataclasses import replace

import torch

from graphengine.diffusion.denoisers.controlnet import ControlNet, ControlNetConfig
from graphengine.diffusion.denoisers.unet import UNet, UNetConfig

ENCODER = UNetConfig(
    channels=(8, 12), depths=(1, 0), res_blocks=1, context_width=6, heads=2, norm_groups=4, out_channels=0
)
CONFIG = ControlNetConfig(ENCODER, hint_channels=(3, 4, 4, 5, 5, 6, 6, 7, 8))


def inputs():
    torch.manual_seed(1)
    return torch.randn(2, 4, 4, 6), torch.tensor([3.0, 700.5]), torch.randn(2, 5, 6)


def randomized(module):
    torch.manual_seed(0)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return module.requires_grad_(False)


def test_every_size_is_read_back_from_the_shapes():
    for config in (CONFIG, ControlNetConfig(ENCODER, ()), ControlNetConfig(replace(ENCODER, vector_width=9))):
        with torch.device("meta"):
            module = ControlNet(config)
        shapes = {name: tuple(value.shape) for name, value in module.state_dict().items()}
        read = ControlNetConfig.from_shapes(shapes, {}, heads=2, norm_groups=4)
        assert read == config


def test_stable_diffusion_1s_control_network_has_its_number_of_tensors_and_parameters():
    with torch.device("meta"):
        module = ControlNet(ControlNetConfig())
    assert len(module.state_dict()) == 340
    assert sum(parameter.numel() for parameter in module.parameters()) == 361_279_120


def test_a_fresh_control_network_adds_nothing_to_the_picture():
    x, timestep, context = inputs()
    unet = randomized(UNet(replace(ENCODER, out_channels=4)))
    control = ControlNet(CONFIG).requires_grad_(False)(x, timestep, context, torch.rand(2, 3, 32, 48))
    assert len(control.skips) == len(unet.input_blocks)
    assert torch.equal(unet(x, timestep, context, residuals=control), unet(x, timestep, context))


def test_the_hint_steers_every_residual():
    x, timestep, context = inputs()
    module = randomized(ControlNet(CONFIG))
    first, second = (module(x, timestep, context, hint) for hint in torch.rand(2, 2, 3, 32, 48))
    for one, other in zip([*first.skips, first.middle], [*second.skips, second.middle], strict=True):
        assert one.shape == other.shape
        assert not torch.allclose(one, other)


def test_without_hint_convolutions_the_encoded_hint_takes_the_place_of_the_latents():
    x, timestep, context = inputs()
    module = randomized(ControlNet(ControlNetConfig(ENCODER, ())))
    hint = torch.randn_like(x)
    first, second = module(x, timestep, context, hint), module(2 * x, timestep, context, hint)
    assert torch.equal(first.middle, second.middle)
    assert not torch.allclose(first.middle, module(x, timestep, context, 2 * hint).middle)
