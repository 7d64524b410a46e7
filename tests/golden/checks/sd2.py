"""Stable Diffusion 2's other UNets: depth, upscaler, unCLIP."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from graphengine.diffusion.denoisers.layers import timestep_embedding
from harness import Case, Outputs, golden
from networks import autoencoder, unet


def per_image(values: Tensor) -> Tensor:
    return values[:, None, None, None]


@golden("sd2_depth_unet")
def sd2_depth_unet(case: Case) -> Outputs:
    given = case.inputs
    depth = F.interpolate(given["depth"], size=given["x"].shape[-2:], mode="bicubic", align_corners=False)
    low, high = depth.amin(dim=(1, 2, 3), keepdim=True), depth.amax(dim=(1, 2, 3), keepdim=True)
    concat = 2 * (depth - low) / (high - low) - 1
    yield "depth_concat", concat
    yield "depth_concat_training", 2 * (depth - low) / (high - low + 0.001) - 1
    yield "eps", unet(case)(torch.cat([given["x"], concat], dim=1), given["t"], given["context"])


@golden("x4_upscaler")
def x4_upscaler(case: Case) -> Outputs:
    network, vae, given, config = unet(case), autoencoder(case), case.inputs, case.config["model"]["params"]
    schedule = config["low_scale_config"]["params"]["noise_schedule_config"]
    alpha = per_image(alphas_cumprod(schedule["linear_start"], schedule["linear_end"])[given["noise_level"]])
    low_res = alpha.sqrt() * given["low_res"] + (1 - alpha).sqrt() * given["low_res_noise"]
    x = torch.cat([given["x"], low_res], dim=1)
    v = network(x, given["t"], given["context"], vector=given["noise_level"])
    alpha = per_image(alphas_cumprod(config["linear_start"], config["linear_end"])[given["t"]])
    yield "low_res_noised", low_res
    yield "v", v
    yield "eps_from_v", alpha.sqrt() * v + (1 - alpha).sqrt() * given["x"]
    yield "moments", vae.quant_conv(vae.encoder(given["image"]))
    yield "scaled_sample", config["scale_factor"] * vae.encode(given["image"]).sample(given["vae_noise"])
    yield "decoded_from_scaled", vae.decode(given["latent"] / config["scale_factor"])


@golden("sd21_unclip_unet")
def sd21_unclip_unet(case: Case) -> Outputs:
    network, given, level = unet(case), case.inputs, case.inputs["noise_level"]
    alpha = squared_cosine()[level][:, None]
    noised = alpha.sqrt() * given["image_embedding"] + (1 - alpha).sqrt() * given["embedding_noise"]
    level_embedding = timestep_embedding(level, noised.shape[1])
    vector = torch.cat([noised, level_embedding], dim=1)
    yield "noised_embedding", noised
    yield "noise_level_embedding", level_embedding
    yield "c_adm", vector
    yield "v", network(given["x"], given["t"], given["context"], vector=vector)
    yield "v_zero_adm", network(given["x"], given["t"], given["context"], vector=torch.zeros_like(vector))


def alphas_cumprod(first: float, last: float) -> Tensor:
    betas = torch.linspace(math.sqrt(first), math.sqrt(last), 1000, dtype=torch.float64).square()
    return (1 - betas).cumprod(0).float()


def squared_cosine() -> Tensor:
    """Nichol and Dhariwal 2021 (arXiv:2102.09672), section 3.2, each beta capped at 0.999."""
    times = torch.linspace(0, 1, 1001, dtype=torch.float64)
    levels = torch.cos((times + 0.008) / 1.008 * math.pi / 2).square()
    betas = (1 - levels[1:] / levels[:-1]).clamp(max=0.999)
    return (1 - betas).cumprod(0).float()
