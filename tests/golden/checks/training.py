"""Training objectives, their gradients, and what the optimiser and the moving average make of them."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

import networks
from graphengine.diffusion.sampling.discrete import alphas_cumprod_of, make_betas
from graphengine.diffusion.training.ema import EMA
from graphengine.diffusion.training.loss import (
    LatentDiffusionLoss,
    add_noise,
    gaussian_kl,
    posterior_kl,
    prior_bits,
    target_of,
)
from graphengine.diffusion.types import Prediction
from harness import Case, Outputs, golden

UNET = "model.diffusion_model."


@golden("train_ldm")
def train_ldm(case: Case) -> Outputs:
    for index, settings in enumerate(case.config["loss_runs"]):
        yield from loss_run(case, f"run{index}", settings)
    yield from autoencoder_terms(case)
    z, noise = case.inputs["z"], case.inputs["noise"]
    alphas_cumprod = schedule(case)
    yield "normal_kl", gaussian_kl(z, noise, torch.zeros_like(z), torch.zeros_like(z))
    yield "prior_bpd", prior_bits(z, alphas_cumprod[-1].float())
    yield "q_sample", add_noise(z, noise, alphas_cumprod[case.inputs["t"]].float())


@golden("train_ldm_v")
def train_ldm_v(case: Case) -> Outputs:
    for index, settings in enumerate(case.config["loss_runs"]):
        yield from loss_run(case, f"run{index}", settings)
        yield f"run{index}.lvlb_weights", objective(case, settings).elbo_weights
    alpha = schedule(case)[case.inputs["t"]].float()
    yield "v_target", target_of(Prediction.V, case.inputs["z"], case.inputs["noise"], alpha)


def loss_run(case: Case, run: str, settings: Mapping[str, Any]) -> Outputs:
    unet = networks.unet(case).requires_grad_(True)
    loss_of = objective(case, settings)
    parts = step(case, unet, loss_of)
    yield f"{run}.loss", parts.loss
    yield f"{run}.train_loss", parts.loss
    yield f"{run}.train_loss_simple", parts.simple
    yield f"{run}.train_loss_vlb", parts.elbo
    if settings.get("learn_logvar"):
        yield f"{run}.train_loss_gamma", parts.gamma
        yield f"{run}.logvar", loss_of.logvar.mean()
        yield f"{run}.grad_logvar_at_t", gradient(loss_of.logvar)[case.inputs["t"]]
    parameters = {UNET + name: parameter for name, parameter in unet.named_parameters()}
    for name in case.config["grad_names"]:
        yield f"{run}.grad_norm.{name}", gradient(parameters[name]).norm()
    for output in case.outputs:
        if output.startswith(f"{run}.grad.model."):
            yield output, gradient(parameters[output.removeprefix(f"{run}.grad.")])
    if f"{run}.loss_after_steps" in case.outputs:
        yield from after_steps(case, run, unet, loss_of, parameters)


def after_steps(
    case: Case, run: str, unet: nn.Module, loss_of: LatentDiffusionLoss, parameters: Mapping[str, Tensor]
) -> Outputs:
    given = dict(case.config["optimizer"])
    steps, name = given.pop("steps"), given.pop("name")
    optimizer = getattr(torch.optim, name)(unet.parameters(), **given)
    ema = EMA(unet, case.config["ema"]["decay"])
    for number in range(steps):
        if number:
            optimizer.zero_grad()
            step(case, unet, loss_of)
        optimizer.step()
        ema.update(unet)
    averages = {f"diffusion_model{name.replace('.', '')}": average for name, average in ema.shadow.items()}
    for output in case.outputs:
        if output.startswith(f"{run}.after_steps."):
            yield output, parameters[output.removeprefix(f"{run}.after_steps.")]
        elif output.startswith(f"{run}.ema.diffusion_model"):
            yield output, averages[output.removeprefix(f"{run}.ema.")]
    yield f"{run}.ema.num_updates", torch.tensor(ema.updates, dtype=torch.int32)
    with torch.no_grad():
        yield f"{run}.loss_after_steps", losses(case, unet, loss_of).loss


def autoencoder_terms(case: Case) -> Outputs:
    autoencoder = networks.autoencoder(case).requires_grad_(True)
    image, noise = case.inputs["image"], case.inputs["vae_noise"]
    decoded, posterior = autoencoder(image, noise)
    halved = type(posterior).from_moments(torch.cat([posterior.mean, posterior.logvar], 1).flip(0) * 0.5)
    absolute = (image - decoded).abs().sum() / len(image)
    divergence = posterior.kl().sum() / len(image)
    total = absolute + 1e-6 * divergence
    total.backward()
    yield "vae.kl", posterior.kl()
    yield "vae.kl_loss", divergence
    yield "vae.nll_of_sample", posterior.nll(posterior.sample(noise))
    yield "vae.kl_to_other", posterior_kl(posterior, halved)
    yield "vae.l1_sum_per_image", absolute
    yield "vae.total", total
    for name, parameter in autoencoder.named_parameters():
        if f"vae.grad_norm.{name}" in case.outputs:
            yield f"vae.grad_norm.{name}", gradient(parameter).norm()


def step(case: Case, unet: nn.Module, loss_of: LatentDiffusionLoss) -> Any:
    parts = losses(case, unet, loss_of)
    parts.loss.backward()
    return parts


def losses(case: Case, unet: nn.Module, loss_of: LatentDiffusionLoss) -> Any:
    z, noise, t = (case.inputs[name] for name in ("z", "noise", "t"))
    output = unet(loss_of.noisy(z, noise, t), t, case.inputs["context"])
    return loss_of(output, loss_of.target(z, noise, t), t)


def objective(case: Case, settings: Mapping[str, Any]) -> LatentDiffusionLoss:
    return LatentDiffusionLoss(
        Prediction(settings["parameterization"]),
        schedule(case),
        norm=settings["loss_type"],
        simple_weight=settings.get("l_simple_weight", 1.0),
        elbo_weight=settings["original_elbo_weight"],
        logvar=settings.get("logvar_init", 0.0),
        learn_logvar=settings.get("learn_logvar", False),
    )


def schedule(case: Case) -> Tensor:
    given = case.config["model"]["params"]
    return alphas_cumprod_of(make_betas("linear", given["timesteps"], given["linear_start"], given["linear_end"]))


def gradient(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad
