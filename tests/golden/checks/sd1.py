"""Stable Diffusion 1 and 2: UNet, autoencoder, text encoder."""

from collections.abc import Mapping
from typing import Any

import torch
from harness import Case, Outputs, golden
from torch import Tensor

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig, Posterior
from graphengine.diffusion.denoisers.layers import timestep_embedding
from graphengine.diffusion.denoisers.unet import UNet, UNetConfig
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig


def part(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The weights under a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in weights.items()}


def unet_params(case: Case) -> dict[str, Any]:
    config = case.config["model"]["params"] if "model" in case.config else case.config
    return config["unet_config"]["params"]


def unet(case: Case) -> UNet:
    weights, params = part(case.weights(), "model.diffusion_model."), unet_params(case)
    heads = None if "num_head_channels" in params else params["num_heads"]
    config = UNetConfig.from_shapes(shapes(weights), {}, heads=heads, head_width=params.get("num_head_channels"))
    return complete(UNet, config, weights)


def autoencoder(case: Case) -> AutoencoderKL:
    weights = part(case.weights(), "first_stage_model.")
    return complete(AutoencoderKL, KLConfig.from_shapes(shapes(weights), {}), weights)


def text_encoder(case: Case) -> CLIPText:
    weights = part(case.weights(), "cond_stage_model.transformer.")
    weights.pop("text_model.embeddings.position_ids", None)
    heads = case.config["clip_text_config"]["num_attention_heads"]
    return complete(CLIPText, CLIPTextConfig.from_shapes(shapes(weights), {}, heads=heads), weights)


def complete(network: Any, config: Any, weights: Mapping[str, Tensor]) -> Any:
    """Build on the meta device and give it its weights, as loading does."""
    with torch.device("meta"):
        module = network(config)
    module.load_state_dict(dict(weights), assign=True)
    return module.eval().requires_grad_(False)


def batch(timestep: Tensor, x: Tensor) -> Tensor:
    return timestep.expand(len(x))


@golden("sd1_unet")
def sd1_unet(case: Case) -> Outputs:
    network, given = unet(case), case.inputs
    for timestep in given["t_list"]:
        yield f"eps_t{timestep}", network(given["x"], batch(timestep, given["x"]), given["context"])
    yield "eps_mixed", network(given["x"], given["t_mixed"], given["context77"])
    yield "eps_fraction", network(given["x"], given["t_fraction"], given["context77"])
    yield "timestep_embedding", timestep_embedding(given["t_fraction"], case.outputs["timestep_embedding"].shape[1])
    odd = case.outputs["timestep_embedding_odd_width"].shape[1]
    yield "timestep_embedding_odd_width", timestep_embedding(given["t_mixed"], odd)


@golden("sd1_inpaint_unet")
def sd1_inpaint_unet(case: Case) -> Outputs:
    given = case.inputs
    x = torch.cat([given["x"], given["mask"], given["masked_image_latent"]], dim=1)
    yield "eps", unet(case)(x, given["t"], given["context"])


@golden("sd2_unet")
def sd2_unet(case: Case) -> Outputs:
    network, given = unet(case), case.inputs
    x = given["x"]
    for timestep in given["t_list"]:
        yield f"v_t{timestep}", network(x, batch(timestep, x), given["context"])
    v = network(x, given["t_mixed"], given["context"])
    alpha = case.weights()["alphas_cumprod"][given["t_mixed"]][:, None, None, None]
    signal, noise = alpha.sqrt(), (1 - alpha).sqrt()
    yield "v_mixed", v
    yield "eps_from_v", signal * v + noise * x
    yield "x0_from_v", signal * x - noise * v
    yield "v_target", signal * v - noise * x


@golden("sd1_vae")
def sd1_vae(case: Case) -> Outputs:
    network, given = autoencoder(case), case.inputs
    scale = case.config["model"]["params"]["scale_factor"]
    for suffix in ("", "_b"):
        posterior = network.encode(given[f"image{suffix}"])
        yield f"moments{suffix}", network.quant_conv(network.encoder(given[f"image{suffix}"]))
        yield f"mean{suffix}", posterior.mode()
        yield f"logvar{suffix}", posterior.logvar
        yield f"std{suffix}", posterior.std
        yield f"sample{suffix}", posterior.sample(given[f"noise{suffix}"])
        yield f"scaled_sample{suffix}", scale * posterior.sample(given[f"noise{suffix}"])
        yield f"decoded{suffix}", network.decode(given[f"latent{suffix}"])
        yield f"decoded_from_scaled{suffix}", network.decode(given[f"latent{suffix}"] / scale)
        yield f"kl{suffix}", posterior.kl()
    extreme = Posterior.from_moments(given["moments_extreme"])
    yield "extreme_logvar", extreme.logvar
    yield "extreme_std", extreme.std
    yield "extreme_kl", extreme.kl()
    yield "extreme_sample", extreme.sample(given["noise_extreme"])


@golden("sd1_clip")
def sd1_clip(case: Case) -> Outputs:
    network, tokens = text_encoder(case), case.inputs["tokens"]
    states = network(tokens)
    yield "context", network.context(states)
    yield "context_short", network.context(network(case.inputs["tokens_short"]))
    for index, state in enumerate(states):
        yield f"hidden_state_{index}", state
    for output in case.outputs:
        if output.startswith("clip_skip_"):
            yield output, network.context(states, int(output.removeprefix("clip_skip_")))
    yield "pooled", network.pooled(states, tokens)
