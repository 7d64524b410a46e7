"""The front of sampling: from latents and conditions to new latents."""

import math
from dataclasses import replace

import torch
from torch import Tensor

from graphengine.diffusion.sampling.conditioning import Batched, Conditioned, MakeVector, pooled_vector
from graphengine.diffusion.sampling.controls import BindControl
from graphengine.diffusion.sampling.denoiser import Denoise, DenoiseBoth, OnStep, Predictor, ignore_step
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.guidance import Guided, classifier_free
from graphengine.diffusion.sampling.inpaint import keep_outside, part_left
from graphengine.diffusion.sampling.noise import gaussian_noise, noise_source
from graphengine.diffusion.sampling.pairing import paired
from graphengine.diffusion.sampling.samplers import Sampler
from graphengine.diffusion.types import Conditioning, LatentFormat, Latents, Middle, Model, Network


@torch.no_grad()
def sample(
    model: Model,
    network: Network,
    positive: Conditioning,
    negative: Conditioning,
    latents: Latents,
    noise: Tensor | None,
    sigmas: Tensor,
    sampler: Sampler,
    guidance: float,
    *,
    middle: Middle | None = None,
    seed: int = 0,
    bind_control: BindControl | None = None,
    on_step: OnStep = ignore_step,
    batched: Batched = True,
    make_vector: MakeVector = pooled_vector,
    quantize: bool = True,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Latents:
    """Add noise up to the first of ``sigmas``, then denoise down to the last.

    Args:
        model: How the network is sampled.
        network: It, live.
        positive, negative: What the picture is to show, and what not; an empty ``negative`` switches guidance off.
        latents: B x C x h x w in units of the autoencoder; zeros for text to image. Its mask says what may change.
        noise: Of unit variance, like the latents (``start_noise``); None adds none, to go on with a noisy picture.
        sigmas: Noise levels, descending; with fewer than two the latents are returned as they are. Where the last
            is not 0, noise of that level remains in the result.
        sampler: One of ``SAMPLERS``.
        guidance: Classifier-free guidance scale; 1 is off and halves the cost.
        middle: Conditions between the two.
        seed: Of the noise that stochastic samplers add on their way.
        bind_control: Makes the conditions' controls callable.
        on_step: Told the step, x and its clean estimate, both as the network scales them; may raise to cancel.
        batched: Whether the passes may be made together.
        make_vector: What the family makes of pooled text.
        quantize: Ask the network at whole training steps, as ComfyUI does; else between them, as k-diffusion does.
        device: Where the network is; None is where the latents are.
        dtype: What the network computes in; None is float32, as the sampling itself.

    Returns:
        ``latents`` with new samples, on the device they were on.
    """
    if len(sigmas) < 2:
        return latents
    sigmas = sigmas.detach().float().cpu()
    discrete = DiscreteSchedule(model.alphas_cumprod)
    clean = scaled(latents.samples.to(device).float(), model.latent_format)
    noise = torch.zeros_like(clean) if noise is None else noise.to(clean)
    conditioned = Conditioned(
        Predictor(network, model.prediction, discrete, quantize, dtype, model.stride),
        clean,
        bind=bind_control,
        hooks=model.hooks,
        batched=batched,
        make_vector=make_vector,
    )
    positive, negative = paired(positive, negative, *clean.shape[-2:])
    guided = Guided(
        conditioned,
        conditioned.prepare(positive),
        conditioned.prepare(negative),
        guidance,
        guider=model.guiders[-1] if model.guiders else classifier_free,
        middle=middle,
        always_negative=sampler.both,
        before=[make() for make in model.before_guidance],
        after=model.after_guidance,
    )
    denoise: Denoise = guided
    for wrap in model.wrappers:
        denoise = wrap(denoise)
    if latents.mask is not None:
        kept_noise = gaussian_noise(clean, seed)(*sigmas[:2]) if sampler.fresh_inpaint_noise else noise
        left = part_left(discrete, sigmas)
        denoise = keep_outside(denoise, latents.mask, clean, kept_noise, model.mask_rule, left)
    x = sampler.run(
        with_negative(denoise, guided) if sampler.both else denoise,
        noised(clean, noise, sigmas[0], discrete),
        sigmas,
        noise=noise_source(sampler.noise, clean, sigmas, seed),
        on_step=on_step,
        **{**sampler.of_model(discrete), **sampler.options},
    )
    return replace(latents, samples=unscaled(x, model.latent_format).to(latents.samples.device))


def scaled(samples: Tensor, form: LatentFormat) -> Tensor:
    """From the autoencoder's units to the denoiser's; all zeros stand for an empty picture and stay zero."""
    return (samples - form.shift) * form.scale if bool(samples.any()) else samples


def unscaled(x: Tensor, form: LatentFormat) -> Tensor:
    """From the denoiser's units to the autoencoder's."""
    return x / form.scale + form.shift


def noised(clean: Tensor, noise: Tensor, sigma: Tensor, discrete: DiscreteSchedule) -> Tensor:
    """``clean`` at noise level ``sigma``.

    At the top of the schedule the noise is a little stronger, ``sqrt(1 + sigma^2)``: what the network is shown then
    has unit variance, as if there were no signal left. ComfyUI does so.
    """
    level = float(sigma)
    full = level > discrete.sigma_max or math.isclose(level, discrete.sigma_max, rel_tol=1e-5)
    return clean + noise * (math.sqrt(1 + level**2) if full else level)


def with_negative(denoise: Denoise, guided: Guided) -> DenoiseBoth:
    """``denoise``, which calls ``guided`` inside, with what the negative pass alone estimated."""

    def both(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        denoised = denoise(x, sigma)
        return denoised, guided.negative_estimate

    return both
