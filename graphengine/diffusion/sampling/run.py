"""Sampling from values alone: brings the networks onto the device, binds controls and draws the noise.

The maths is in ``sample``, which takes live networks; here is what has to be around it.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from torch import Tensor

from graphengine.diffusion.residency import Residency
from graphengine.diffusion.resize import fit_batch, resize
from graphengine.diffusion.sampling import sample as front
from graphengine.diffusion.sampling.channels import with_channels
from graphengine.diffusion.sampling.controls import ControlCall
from graphengine.diffusion.sampling.denoiser import OnStep, ignore_step
from graphengine.diffusion.sampling.noise import start_noise
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.types import Conditioning, Control, Guider, Latents, Model, Noise, Residuals, Sampler

ACTIVATIONS = 48  # values alive at the peak of a step, to one value of the first layer's output


@dataclass(frozen=True, eq=False)
class Sampled:
    """What came out, B x C x h x w in the autoencoder's units.

    Attributes:
        latents: The result.
        denoised: The last estimate of the clean latents; other than the result where sampling ended before 0.
    """

    latents: Tensor
    denoised: Tensor


def sample(
    guider: Guider,
    sampler: Sampler,
    sigmas: Tensor,
    latents: Latents,
    seed: int,
    devices: Residency,
    *,
    add_noise: bool = True,
    on_step: OnStep = ignore_step,
    one_pass: bool = True,
) -> Sampled:
    """Sample latents from the first noise level to the last.

    Args:
        guider: The model, and what steers it.
        sampler: A name of ``SAMPLERS`` with options.
        sigmas: Noise levels, descending; fewer than two leave the latents as they are.
        latents: What to start from.
        seed: Of the start noise, and of that which stochastic samplers add.
        devices: Where the networks come to life.
        add_noise: Otherwise the latents are noisy already.
        one_pass: Make the passes of guidance together where memory allows it; otherwise one after the other.
        on_step: Told the step, x and its clean estimate, scaled as the denoiser sees them; may raise to cancel.

    Raises:
        ValueError: Model, latents, conditioning and control networks do not belong together.
    """
    if len(sigmas) < 2:
        return Sampled(latents.samples, latents.samples)
    model = guider.model
    latents = fitting(latents, model)

    def ready(conditioning: Conditioning) -> Conditioning:
        return with_channels(_checked(conditioning, model), model, latents)

    middle = replace(guider.middle, conditioning=ready(guider.middle.conditioning)) if guider.middle else None
    estimates: list[Tensor] = []

    def watch(step: int, x: Tensor, denoised: Tensor) -> None:
        estimates[:] = [denoised]
        on_step(step, x, denoised)

    with ExitStack() as stack:
        result = front.sample(
            model,
            stack.enter_context(devices.use(model.part)),
            ready(guider.positive),
            ready(guider.negative or ()),
            latents,
            drawn(latents, seed) if add_noise else None,
            sigmas,
            SAMPLERS[sampler.name].having(**sampler.options),
            guider.scale,
            middle=middle,
            seed=seed,
            bind_control=_binder(model, len(latents.samples), devices, stack),
            on_step=watch,
            batched=_fitting_rows(model, devices) if one_pass else False,
            device=devices.device,
            dtype=devices.precision.dtype(model.part, devices.device),
        )
    denoised = front.unscaled(estimates[-1], model.latent_format).to(result.samples) if estimates else result.samples
    return Sampled(result.samples, denoised)


def _fitting_rows(model: Model, devices: Residency) -> Callable[[int, int, int], bool]:
    """Tells whether so many rows of h x w cells fit into the memory that is free."""
    width = next((stored.shape[0] for stored in model.part.weights.values() if len(stored.shape) == 4), 0)
    cell = ACTIVATIONS * width * devices.precision.dtype(model.part, devices.device).itemsize

    def fits(rows: int, height: int, width: int) -> bool:
        return rows * height * width * cell <= devices.available()

    return fits


def drawn(latents: Latents, seed: int) -> Tensor:
    """The noise that a seed stands for, B x C x h x w."""
    return start_noise(latents.samples.shape, seed, latents.batch_index)


def noised(model: Model, latents: Latents, noise: Noise, sigmas: Tensor) -> Tensor:
    """Latents with the noise that lies between the first and the last level, in the autoencoder's units."""
    if noise.seed is None or len(sigmas) == 0:
        return latents.samples
    level = (sigmas[0] - sigmas[-1]).abs() if len(sigmas) > 1 else sigmas[0]
    clean = front.scaled(latents.samples, model.latent_format)
    return front.unscaled(clean + drawn(latents, noise.seed) * level, model.latent_format)


def fitting(latents: Latents, model: Model) -> Latents:
    """Latents with the channels of the model; empty ones get them.

    Raises:
        ValueError: They are not empty, and have other channels.
    """
    batch, channels, height, width = latents.samples.shape
    wanted = model.latent_format.channels
    if channels == wanted:
        return latents
    if latents.samples.any():
        raise ValueError(
            f"latents of {channels} channels do not fit {model.part.name}, which denoises {wanted}; "
            "encode the picture with the autoencoder of this model"
        )
    return replace(latents, samples=latents.samples.new_zeros(batch, wanted, height, width))


def _checked(conditioning: Conditioning, model: Model) -> Conditioning:
    """Conditioning whose tokens the model can read, as far as shapes tell."""
    weights = model.part.weights
    width = next((weights[name].shape[1] for name in weights if name.endswith("attn2.to_k.weight")), None)
    for condition in conditioning:
        if width is not None and condition.context.shape[-1] != width:
            raise ValueError(
                f"tokens of width {condition.context.shape[-1]} do not fit {model.part.name}, which takes {width}; "
                "encode the text with the text encoder of this model"
            )
    return conditioning


def _binder(model: Model, rows: int, devices: Residency, stack: ExitStack) -> Callable[[Control], ControlCall]:
    """Binds controls to networks that stay live as long as the stack."""
    dtype = devices.precision.dtype(model.part, devices.device)

    def bind(control: Control) -> ControlCall:
        if control.model.family != model.family:
            raise ValueError(
                f"{control.model.part.name} was made for {control.model.family}, {model.part.name} is {model.family}; "
                "use a control network of the model's family"
            )
        network = stack.enter_context(devices.use(control.model.part))
        planes = fit_batch(control.hint.movedim(-1, 1), rows).to(devices.device)

        def call(x: Tensor, timestep: Tensor, context: Tensor, vector: Tensor | None) -> Residuals:
            cell = model.latent_format.downscale
            hint = resize(planes, x.shape[-1] * cell, x.shape[-2] * cell, "nearest-exact", center_crop=True)
            if control.model.prepare is not None:
                hint = control.model.prepare(hint, None)
            return network(x.to(dtype), timestep, context.to(dtype), fit_batch(hint, len(x)), vector)

        return call

    return bind
