"""A checkpoint with the names of the published ones and next to no weights."""

import pytest
import torch
from safetensors.torch import save_file

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.unet import UNet, UNetConfig
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig

FACTS = {
    "denoiser.heads": "2",
    "denoiser.norm_groups": "4",
    "autoencoder.norm_groups": "2",
    "text_encoder.heads": "2",
}


def random_weights(module, prefix):
    state = module.state_dict()
    return {prefix + name: torch.randn_like(value).mul_(0.1).half() for name, value in state.items()}


@pytest.fixture(scope="session")
def tiny_weights():
    """Every tensor of a small Stable Diffusion 1 in float16, by its name in a single file."""
    torch.manual_seed(0)
    unet = UNetConfig(channels=(8, 16, 16, 16), context_width=12, heads=2, norm_groups=4)
    autoencoder = KLConfig(channels=(4, 4, 8, 8), norm_groups=2)
    text = CLIPTextConfig(vocabulary=60, width=12, mlp_width=24, layers=2, heads=2)
    clip = "cond_stage_model.transformer."
    return {
        **random_weights(UNet(unet), "model.diffusion_model."),
        **random_weights(AutoencoderKL(autoencoder), "first_stage_model."),
        **random_weights(CLIPText(text), clip),
        f"{clip}text_model.embeddings.position_ids": torch.arange(77)[None],
        "alphas_cumprod": torch.linspace(1, 0, 1000),
    }


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_weights, tmp_path_factory):
    """The same as a file that states its heads and norm groups."""
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    save_file(tiny_weights, path, FACTS)
    return path
