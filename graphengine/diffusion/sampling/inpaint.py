"""Keep a part of the picture while the rest is sampled."""

from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, per_image
from graphengine.diffusion.sampling.regions import fit_batch, fit_dims, fit_mask


def keep_outside(denoise: Denoise, mask: Tensor, clean: Tensor, noise: Tensor) -> Denoise:
    """A denoiser that sees, and answers with, the original where ``mask`` is 0.

    Before the network the kept part is the original at the same noise level, after it the original itself; between 0
    and 1 both are mixed.

    Args:
        denoise: The denoiser inside.
        mask: B or 1 x H x W at any size, 1 where the picture is to change.
        clean: The original, scaled as ``denoise`` expects it, B x C x h x w.
        noise: Like ``clean``, of unit variance.
    """
    change = fit_batch(fit_dims(fit_mask(mask, *clean.shape[-2:]), clean), len(clean)).to(clean)
    keep = 1 - change

    def masked(x: Tensor, sigma: Tensor) -> Tensor:
        original = clean + noise * per_image(sigma, x).to(x.dtype)
        return denoise(x * change + original * keep, sigma) * change + clean * keep

    return masked
