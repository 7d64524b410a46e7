"""Latent consistency models: Luo et al. 2023 (arXiv:2310.04378)."""

from dataclasses import replace

from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, per_image
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.types import Model, Prediction

STEPS = 50  # of the solver that they were distilled from
DEVIATION = 0.5  # of clean latents, in the paper's c_skip and c_out
TIMESTEP_SCALE = 10.0


def distilled(model: Model) -> Model:
    """A model as a consistency model: it knows every 20th training step and answers with the consistency function."""
    stride = len(model.alphas_cumprod) // STEPS
    schedule = model.alphas_cumprod[stride - 1 :: stride]
    discrete = DiscreteSchedule(schedule)

    def consistent(denoise: Denoise) -> Denoise:
        def with_boundary(x: Tensor, sigma: Tensor) -> Tensor:
            timestep = (discrete.sigma_to_t(sigma, quantize=True) + 1) * stride - 1
            return boundary(denoise(x, sigma), x, per_image(timestep, x).to(x.dtype))

        return with_boundary

    return replace(
        model,
        prediction=Prediction.EPS,
        alphas_cumprod=schedule,
        stride=stride,
        wrappers=(*model.wrappers, consistent),
    )


def boundary(denoised: Tensor, x: Tensor, timestep: Tensor) -> Tensor:
    """The consistency function of section 3, which is ``x`` itself at timestep 0.

    Guidance may come before it or after: it mixes the estimate with the same ``x`` in both passes.

    Args:
        denoised: The estimate of the clean latents at ``x``.
        x: Noisy latents.
        timestep: Training steps that broadcast against ``x``.
    """
    scaled = timestep * TIMESTEP_SCALE
    length = scaled**2 + DEVIATION**2
    return denoised * (scaled / length.sqrt()) + x * (DEVIATION**2 / length)
