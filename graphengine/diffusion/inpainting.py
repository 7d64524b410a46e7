"""Pictures with a hole to be filled.

B batch, C channels; H x W pixels, h x w latent cells. Masks are 1 where the picture is to change.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from graphengine.diffusion.resize import fit_batch, resize, resize_mask

GREY = 0.5  # what the training of inpainting models put into holes


def dilate(mask: Tensor, side: int) -> Tensor:
    """Grow the bright parts of a B x H x W mask by a square of ``side`` pixels; 0 leaves it."""
    if side < 2:
        return mask
    before, after = side // 2, (side - 1) // 2
    padded = F.pad(mask, (before, after, before, after))
    return F.max_pool2d(padded, side, stride=1)


def hole(mask: Tensor, pictures: Tensor) -> Tensor:
    """A mask of any size at that of pictures (B x H x W x C), as soft as it is then: B' x H x W."""
    return resize_mask(mask, pictures.shape[2], pictures.shape[1])


def hide(pictures: Tensor, hole: Tensor) -> Tensor:
    """Pictures (B x H x W x C) with grey where the hole is."""
    return (pictures - GREY) * (1 - hole[..., None]) + GREY


def inpainting_channels(mask: Tensor, masked: Tensor) -> Tensor:
    """What inpainting models take beside the noisy latents: the mask, then the picture without what is masked.

    Rombach et al. 2022 (arXiv:2112.10752), section 4.5.

    Args:
        mask: B' x H x W, of any size.
        masked: B x C x h x w, scaled as the model takes latents.

    Returns:
        B x (1 + C) x h x w.
    """
    cells = resize(mask[:, None].float(), masked.shape[-1], masked.shape[-2], "bilinear").round()
    return torch.cat([fit_batch(cells, len(masked)).to(masked), masked], dim=1)
