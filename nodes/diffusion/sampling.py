"""Sampling: latents from noise."""

from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

from torch import Tensor

from graphengine.api import Memory, NodeError, Progress, Range, Seed, Size, node
from graphengine.diffusion import types
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.preview import preview
from graphengine.diffusion.sampling.run import Sampled, sample
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.sampling.schedules import SCHEDULES
from graphengine.diffusion.sampling.timeline import between_steps, sigmas_for, without_repeats
from graphengine.ports import Conditioning, Guider, Latents, Model, Noise, Sampler, Sigmas

from .samplers import Name
from .schedules import Schedule
from .values import filled, some_sigmas

Steps = Annotated[int, Range(1, 10000)]
StepNumber = Annotated[int, Range(0, 10000)]
Guidance = Annotated[float, Range(0.0, 100.0, 0.1)]
Switch = Literal["enable", "disable"]
Result = Annotated[Latents, Size("latent_image")]


@node(category="sampling", resource="device")
def KSampler(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latents,
    seed: Seed = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: Name = "euler",
    scheduler: Schedule = "simple",
    denoise: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0,
    *,
    devices: Residency,
    progress: Progress,
    memory: Memory,
) -> Result:
    """Add noise to latents and take it away again, as conditioning says.

    Args:
        model: The denoiser.
        positive: What the picture is to show.
        negative: What it is to keep away from.
        latent_image: Empty for a new picture; an encoded picture to change it.
        seed: Of the noise: the same one gives the same picture on every machine.
        steps: More take longer and are more exact.
        cfg: How strongly to follow the text (classifier-free guidance); 1 leaves the negative out.
        sampler_name: The integration method.
        scheduler: How the steps are spaced.
        denoise: How much of the picture is new; below 1 the latents show through.
    """
    sigmas = without_repeats(_levels(model, scheduler, steps, denoise, sampler_name))
    guider = types.Guider(model, positive, negative, cfg)
    done = _sample(guider, types.Sampler(sampler_name), sigmas, latent_image, seed, True, devices, progress, memory)
    return replace(latent_image, samples=done.latents)


@node(category="sampling", title="KSampler (Advanced)", resource="device")
def KSamplerAdvanced(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latents,
    add_noise: Switch = "enable",
    noise_seed: Seed = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: Name = "euler",
    scheduler: Schedule = "simple",
    start_at_step: StepNumber = 0,
    end_at_step: StepNumber = 10000,
    return_with_leftover_noise: Literal["disable", "enable"] = "disable",
    *,
    devices: Residency,
    progress: Progress,
    memory: Memory,
) -> Result:
    """Sample a part of the steps, so that several samplers can share the work.

    Args:
        model: The denoiser.
        positive: What the picture is to show.
        negative: What it is to keep away from.
        latent_image: Empty, an encoded picture, or noisy latents of another sampler.
        add_noise: Disable it for latents that are noisy already.
        noise_seed: Of the noise.
        steps: Of the whole schedule.
        cfg: How strongly to follow the text; 1 leaves the negative out.
        sampler_name: The integration method.
        scheduler: How the steps are spaced.
        start_at_step: The first step that is done.
        end_at_step: The step before which it ends.
        return_with_leftover_noise: Stop there as it is, for another sampler to go on; otherwise the last step goes to
            a clean picture.
    """
    levels = _levels(model, scheduler, steps, 1.0, sampler_name)
    part = between_steps(levels, start_at_step, end_at_step, finish=return_with_leftover_noise == "disable")
    sigmas = without_repeats(part)
    guider = types.Guider(model, positive, negative, cfg)
    sampler, fresh = types.Sampler(sampler_name), add_noise == "enable"
    done = _sample(guider, sampler, sigmas, latent_image, noise_seed, fresh, devices, progress, memory)
    return replace(latent_image, samples=done.latents)


class Outputs(NamedTuple):
    output: Result
    denoised_output: Result


@node(category="sampling/custom_sampling", resource="device")
def SamplerCustom(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    sampler: Sampler,
    sigmas: Sigmas,
    latent_image: Latents,
    add_noise: bool = True,
    noise_seed: Seed = 0,
    cfg: Guidance = 8.0,
    *,
    devices: Residency,
    progress: Progress,
    memory: Memory,
) -> Outputs:
    """Sample with a sampler and noise levels of your choice.

    The second output is the last estimate of the clean latents, which differs where sampling ends before 0.

    Args:
        model: The denoiser.
        positive: What the picture is to show.
        negative: What it is to keep away from.
        sampler: The integration method.
        sigmas: Noise levels, descending.
        latent_image: Empty, an encoded picture, or noisy latents.
        add_noise: Switch it off for latents that are noisy already.
        noise_seed: Of the noise.
        cfg: How strongly to follow the text; 1 leaves the negative out.
    """
    guider = types.Guider(model, positive, negative, cfg)
    levels = some_sigmas(sigmas)
    done = _sample(guider, sampler, levels, latent_image, noise_seed, add_noise, devices, progress, memory)
    return Outputs(replace(latent_image, samples=done.latents), replace(latent_image, samples=done.denoised))


@node(category="sampling/custom_sampling", resource="device")
def SamplerCustomAdvanced(
    noise: Noise,
    guider: Guider,
    sampler: Sampler,
    sigmas: Sigmas,
    latent_image: Latents,
    *,
    devices: Residency,
    progress: Progress,
    memory: Memory,
) -> Outputs:
    """Sample with noise, guidance, sampler and noise levels of your choice.

    The second output is the last estimate of the clean latents, which differs where sampling ends before 0.

    Args:
        noise: What sampling starts from.
        guider: A model with what steers it.
        sampler: The integration method.
        sigmas: Noise levels, descending.
        latent_image: Empty, an encoded picture, or noisy latents.
    """
    fresh, seed = noise.seed is not None, noise.seed or 0
    done = _sample(guider, sampler, some_sigmas(sigmas), latent_image, seed, fresh, devices, progress, memory)
    return Outputs(replace(latent_image, samples=done.latents), replace(latent_image, samples=done.denoised))


def _levels(model: Model, schedule: Schedule, steps: int, denoise: float, sampler: Name) -> Tensor:
    return sigmas_for(DiscreteSchedule(model.alphas_cumprod), SCHEDULES[schedule], steps, denoise, SAMPLERS[sampler])


def _sample(
    guider: Guider,
    sampler: Sampler,
    sigmas: Sigmas,
    latents: Latents,
    seed: int,
    add_noise: bool,
    devices: Residency,
    progress: Progress,
    memory: Memory,
) -> Sampled:
    total = len(sigmas) - 1

    def on_step(step: int, x: Tensor, denoised: Tensor) -> None:
        progress.step(step + 1, max(total, step + 1), preview(denoised))

    filled(latents, "latent_image")
    progress.check()
    try:
        done = sample(
            guider, sampler, sigmas, latents, seed, devices,
            add_noise=add_noise, on_step=on_step, one_pass=not memory.tight,
        )  # fmt: skip
    except ValueError as error:
        raise NodeError(f"Sampling is not possible: {error}.", input="latent_image") from error
    if not done.latents.isfinite().all():
        raise NodeError(
            "Sampling came to values that are no numbers, which would be a black picture.",
            "Use another sampler or schedule, a lower guidance, or a more exact precision (--precision fp32).",
        )
    return done
