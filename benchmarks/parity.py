"""The same weights in diffusers and transformers, at small size in float32: do our networks compute the same?

    python benchmarks/parity.py [--json]

The weights are written as a diffusers folder and read by our loaders and by theirs. Prints nothing where the peers are
not installed.
"""

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.load import load_autoencoder, load_denoiser, load_text_encoder
from measures import Measure, report
from model_files import random_weights, write_folder

GOAL = 1e-5  # of the largest value
CHANNELS, TEXT = (32, 64, 64, 64), 48
CONFIGS = {
    "unet": {
        "_class_name": "UNet2DConditionModel",
        "sample_size": 16,
        "block_out_channels": CHANNELS,
        "cross_attention_dim": TEXT,
        "attention_head_dim": 4,
        "norm_num_groups": 8,
        "down_block_types": [*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"],
        "up_block_types": ["UpBlock2D", *["CrossAttnUpBlock2D"] * 3],
    },
    "vae": {
        "_class_name": "AutoencoderKL",
        "block_out_channels": CHANNELS,
        "layers_per_block": 2,
        "latent_channels": 4,
        "norm_num_groups": 8,
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
    },
    "text_encoder": {
        "architectures": ["CLIPTextModel"],
        "model_type": "clip_text_model",
        "vocab_size": 99,
        "hidden_size": TEXT,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "hidden_act": "quick_gelu",
        "eos_token_id": 98,
    },
}


def write_models(folder: Path) -> None:
    """A small model as a diffusers folder."""
    networks = {
        "denoiser": UNet(UNetConfig(channels=CHANNELS, context_width=TEXT, heads=4, norm_groups=8)),
        "autoencoder": AutoencoderKL(KLConfig(channels=CHANNELS, norm_groups=8)),
        "text_encoder": CLIPText(CLIPTextConfig(vocabulary=99, width=TEXT, mlp_width=96, layers=3, heads=4)),
    }
    weights = {role: random_weights(network, dtype=torch.float32) for role, network in networks.items()}
    write_folder(folder, weights, CONFIGS)


@torch.no_grad()
def measures() -> Iterator[Measure]:
    if not (importlib.util.find_spec("diffusers") and importlib.util.find_spec("transformers")):
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        write_models(folder)
        devices = Residency("cpu", precision="fp32")
        draw = torch.Generator().manual_seed(0)
        for name, ours, theirs in (*denoiser(folder, devices, draw), *autoencoder(folder, devices, draw)):
            yield Measure(f"{name}: largest error to diffusers", _error(ours, theirs), "", GOAL)
        for name, ours, theirs in text_encoder(folder, devices, draw):
            yield Measure(f"{name}: largest error to transformers", _error(ours, theirs), "", GOAL)


Outputs = Iterator[tuple[str, Tensor, Tensor]]
"""What it is, ours, theirs."""


def denoiser(folder: Path, devices: Residency, draw: torch.Generator) -> Outputs:
    """Also at a size whose levels round, and at a fractional timestep."""
    from diffusers import UNet2DConditionModel

    peer = UNet2DConditionModel.from_pretrained(folder / "unet").eval()
    with devices.use(load_denoiser(folder / "unet").part) as network:
        for height, width in ((16, 16), (13, 22)):
            x = torch.randn(2, 4, height, width, generator=draw)
            context = torch.randn(2, 77, TEXT, generator=draw)
            timestep = torch.tensor([981.0, 20.5])
            theirs = peer(x, timestep, encoder_hidden_states=context).sample
            yield f"UNet {height} x {width}", network(x, timestep, context), theirs


def autoencoder(folder: Path, devices: Residency, draw: torch.Generator) -> Outputs:
    from diffusers import AutoencoderKL as Peer

    peer = Peer.from_pretrained(folder / "vae").eval()
    with devices.use(load_autoencoder(folder / "vae").part) as network:
        picture = torch.rand(1, 3, 64, 48, generator=draw) * 2 - 1
        ours, theirs = network.encode(picture), peer.encode(picture).latent_dist
        yield "autoencoder, mean", ours.mean, theirs.mean
        yield "autoencoder, log-variance", ours.logvar, theirs.logvar
        yield "autoencoder, decoded", network.decode(ours.mean), peer.decode(ours.mean).sample


def text_encoder(folder: Path, devices: Residency, draw: torch.Generator) -> Outputs:
    from transformers import CLIPTextModel

    peer = CLIPTextModel.from_pretrained(folder / "text_encoder").eval()
    part: Part = load_text_encoder(folder / "text_encoder").part
    with devices.use(part) as network:
        tokens = torch.randint(0, 98, (2, 77), generator=draw)
        tokens[:, 40:] = 98
        ours, theirs = network(tokens), peer(tokens, output_hidden_states=True)
        yield "text encoder, last layer", network.context(ours), theirs.last_hidden_state
        yield "text encoder, layer before it", ours[-2], theirs.hidden_states[-2]
        yield "text encoder, pooled", network.pooled(ours, tokens), theirs.pooler_output


def _error(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).abs().max() / theirs.abs().max())


if __name__ == "__main__":
    report(measures)
