"""A Stable Diffusion 1 with the names of the published checkpoints and next to no weights, where the engine looks."""

import inspect

import pytest
import torch
from safetensors.torch import save_file

from graphengine.api import Files, Memory, Progress
from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.controlnet import ControlNet, ControlNetConfig
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.settings import Settings

FACTS = {
    "denoiser.heads": "2",
    "denoiser.norm_groups": "4",
    "controlnet.heads": "2",
    "controlnet.norm_groups": "4",
    "autoencoder.norm_groups": "2",
    "text_encoder.heads": "2",
}


def weights(module, prefix):
    return {prefix + name: torch.randn_like(value).mul_(0.1) for name, value in module.state_dict().items()}


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A folder with the models ``tiny``, ``inpaint`` and the control network ``control``."""
    home = tmp_path_factory.mktemp("home")
    for folder in ("input", "models/checkpoints", "models/controlnet", "models/embeddings"):
        (home / folder).mkdir(parents=True)
    torch.manual_seed(0)
    unet = UNetConfig(channels=(8, 16, 16, 16), context_width=12, heads=2, norm_groups=4)
    inpaint = UNetConfig(in_channels=9, channels=(8, 16, 16, 16), context_width=12, heads=2, norm_groups=4)
    others = {
        **weights(AutoencoderKL(KLConfig(channels=(4, 4, 8, 8), norm_groups=2)), "first_stage_model."),
        **weights(CLIPText(CLIPTextConfig(width=12, mlp_width=24, layers=2, heads=2)), "cond_stage_model.transformer."),
    }
    for name, config in (("tiny", unet), ("inpaint", inpaint)):
        tensors = {**weights(UNet(config), "model.diffusion_model."), **others}
        save_file(tensors, home / f"models/checkpoints/{name}.safetensors", FACTS)
    control = ControlNetConfig(unet, (3, 4, 4, 4, 4, 4, 4, 4, 8))
    save_file(weights(ControlNet(control), "control_model."), home / "models/controlnet/control.safetensors", FACTS)
    save_file({"emb_params": torch.randn(2, 12)}, home / "models/embeddings/blue.safetensors")
    return home


@pytest.fixture(scope="session")
def services(home):
    """What nodes ask for, by the names they ask with."""
    settings = Settings(home=home, device="cpu", precision="fp32")
    return {
        "files": Files(settings),
        "devices": Residency(device="cpu", precision="fp32"),
        "memory": Memory(),
        "progress": Progress(),
    }


@pytest.fixture(scope="session")
def call(nodes, services):
    """``call(module, kind, ...)`` calls a node of the pack with the services it asks for."""

    def call_(module, kind, *inputs, **named):
        function = getattr(nodes("diffusion", module), kind)
        parameters = inspect.signature(function).parameters.values()
        asked = {one.name: services[one.name] for one in parameters if one.kind is one.KEYWORD_ONLY}
        return function(*inputs, **{**asked, **named})

    return call_


@pytest.fixture(scope="session")
def tiny(call):
    return call("loaders", "CheckpointLoaderSimple", "tiny.safetensors")


@pytest.fixture(scope="session")
def inpaint(call):
    return call("loaders", "CheckpointLoaderSimple", "inpaint.safetensors")
