"""Stable Diffusion 1 and 2: UNet, autoencoder, text encoder."""

import torch
from torch import Tensor

from graphengine.diffusion.autoencoders.kl import Posterior
from graphengine.diffusion.denoisers.layers import timestep_embedding
from harness import Case, Outputs, golden
from networks import autoencoder, text_encoder, unet


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
