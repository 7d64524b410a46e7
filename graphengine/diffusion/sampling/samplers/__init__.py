"""Samplers: integrate a denoiser from the first noise level to the last.

Each has one shape, ``(denoise, x, sigmas, *, noise, on_step, **options) -> x``:

    denoise  (x, sigma per image) -> the model's estimate of the clean latents
    x        latents, B x C x h x w, already noised to ``sigmas[0]``
    sigmas   noise levels on the CPU, descending; a final 0 ends on clean latents
    noise    (sigma, sigma_next) -> unit noise like x; only stochastic samplers ask for it
    on_step  told the step, x and its clean estimate; may raise to end the sampling

Guidance, conditioning and prediction type are the denoiser's business, not a sampler's. The CFG++ forms take a
denoiser that also returns the estimate of the negative pass.
"""

from graphengine.diffusion.sampling.samplers.registry import SAMPLERS, Sampler

__all__ = ["SAMPLERS", "Sampler"]
