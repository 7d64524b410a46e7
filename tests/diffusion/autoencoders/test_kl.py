import pytest
import torch
from torch import distributions

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig, Posterior

SMALL = KLConfig(latent_channels=3, channels=(8, 12, 16), res_blocks=1, norm_groups=4)


def shapes_of(module):
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


@pytest.mark.parametrize("config", [SMALL, KLConfig(channels=(8, 8), res_blocks=3, quantized=False, norm_groups=8)])
def test_every_size_is_read_back_from_the_shapes(config):
    with torch.device("meta"):
        shapes = shapes_of(AutoencoderKL(config))
    assert KLConfig.from_shapes(shapes, {}, norm_groups=config.norm_groups) == config
    assert KLConfig.from_shapes(shapes, {"norm_groups": str(config.norm_groups)}) == config


def test_stable_diffusion_1_has_its_names_and_number_of_parameters():
    with torch.device("meta"):
        module = AutoencoderKL(KLConfig())
    assert sum(parameter.numel() for parameter in module.parameters()) == 83_653_863
    names = module.state_dict().keys()
    assert len(names) == 248
    assert {"decoder.up.3.upsample.conv.weight", "encoder.down.2.downsample.conv.bias"} <= names
    assert {"encoder.mid.attn_1.proj_out.weight", "decoder.up.1.block.0.nin_shortcut.weight"} <= names


def test_sides_shrink_and_grow_by_the_same_factor():
    torch.manual_seed(0)
    module = AutoencoderKL(SMALL).requires_grad_(False)
    image = torch.rand(2, 3, 12, 20) * 2 - 1
    posterior = module.encode(image)
    assert SMALL.downscale == 4
    assert posterior.mode().shape == (2, 3, 3, 5)
    assert module.decode(posterior.mode()).shape == image.shape


def test_encoding_sees_no_padding_at_the_top_and_on_the_left():
    torch.manual_seed(0)
    downsample = AutoencoderKL(SMALL).encoder.down[0].downsample.requires_grad_(False)
    x = torch.randn(1, 8, 6, 6)
    full = torch.nn.functional.conv2d(x, downsample.conv.weight, downsample.conv.bias, stride=2)
    torch.testing.assert_close(downsample(x)[..., :2, :2], full)


def gaussian():
    torch.manual_seed(0)
    posterior = Posterior.from_moments(torch.randn(2, 6, 3, 5, dtype=torch.float64))
    return posterior, distributions.Normal(posterior.mean, posterior.std)


def test_kl_and_nll_are_those_of_torchs_normal_distribution():
    posterior, normal = gaussian()
    standard = distributions.Normal(torch.zeros_like(posterior.mean), torch.ones_like(posterior.mean))
    sample = torch.randn_like(posterior.mean)
    torch.testing.assert_close(posterior.kl(), distributions.kl_divergence(normal, standard).sum((1, 2, 3)))
    torch.testing.assert_close(posterior.nll(sample), -normal.log_prob(sample).sum((1, 2, 3)))


def test_a_sample_is_the_mean_plus_noise_times_the_standard_deviation():
    posterior, normal = gaussian()
    noise = torch.randn_like(posterior.mean)
    quantile = distributions.Normal(0.0, 1.0).cdf(noise)
    torch.testing.assert_close(posterior.sample(noise), normal.icdf(quantile))
    assert torch.equal(posterior.sample(torch.zeros_like(noise)), posterior.mode())


def test_extreme_log_variances_are_clamped():
    logvar = Posterior.from_moments(torch.tensor([0.0, -1000.0]).view(1, 2, 1, 1)).logvar
    assert logvar.item() == -30
    logvar = Posterior.from_moments(torch.tensor([0.0, 1000.0]).view(1, 2, 1, 1)).logvar
    assert logvar.item() == 20


def test_training_reaches_every_parameter():
    torch.manual_seed(0)
    module = AutoencoderKL(SMALL)
    reconstruction, posterior = module(torch.rand(1, 3, 8, 8), torch.randn(1, 3, 2, 2))
    (reconstruction.square().mean() + posterior.kl().mean()).backward()
    assert all(parameter.grad is not None for parameter in module.parameters())
