"""A model of the trained kind, too small to draw anything."""

import pytest
import torch

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.unet import UNet, UNetConfig
from graphengine.diffusion.sampling.discrete import alphas_cumprod_of, make_betas
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.diffusion.training.text_to_image import Space, TextToImage


@pytest.fixture
def model():
    torch.manual_seed(0)
    unet = UNet(UNetConfig(channels=(8, 8, 16, 16), context_width=12, heads=2, norm_groups=4))
    return TextToImage(unet, CLIPText(CLIPTextConfig(width=12, mlp_width=24, layers=2, heads=2)))


@pytest.fixture
def autoencoder():
    torch.manual_seed(1)
    return AutoencoderKL(KLConfig(channels=(4, 4, 8, 8), norm_groups=2)).eval().requires_grad_(False)


@pytest.fixture
def space(autoencoder):
    return Space(autoencoder, 0.18215, alphas_cumprod_of(make_betas("linear")))
