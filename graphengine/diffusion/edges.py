"""Canny's edge detector (Canny 1986, "A computational approach to edge detection")."""

import torch
from torch import Tensor
from torch.nn import functional as F

from graphengine.diffusion.images import filter_image, gaussian_kernel, luminance

SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))

# direction of the gradient in eighths of a turn (modulo a half turn) -> the neighbour that way: (down, right)
NEIGHBOURS = ((0, 1), (1, 1), (1, 0), (1, -1))


def canny(images: Tensor, low: float, high: float) -> Tensor:
    """Edges as thin white lines.

    Args:
        images: B x 3 x H x W in 0..1.
        low: Gradients above it belong to an edge if they hang together with one above ``high``.
        high: Gradients above it are edges. The gradient is Sobel's, unscaled: a step from black to white gives about 2.

    Returns:
        B x 1 x H x W of 0 and 1.
    """
    smooth = filter_image(luminance(images), gaussian_kernel(2, 1.0, images))
    across, down = _gradient(smooth)
    size = torch.hypot(across, down)
    thin = torch.where(_is_peak(size, torch.atan2(down, across)), size, 0.0)
    return _hysteresis(thin > low, thin > high).to(images.dtype)


def _gradient(x: Tensor) -> tuple[Tensor, Tensor]:
    kernel = x.new_tensor(SOBEL)
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    return F.conv2d(padded, kernel[None, None]), F.conv2d(padded, kernel.mT[None, None])


def _is_peak(size: Tensor, angle: Tensor) -> Tensor:
    """Whether a gradient is greater than both its neighbours along its direction."""
    direction = (angle / (torch.pi / 4)).round().long() % 4
    padded = F.pad(size, (1, 1, 1, 1))
    height, width = size.shape[-2:]

    def shifted(down: int, right: int) -> Tensor:
        return padded[..., 1 + down : 1 + down + height, 1 + right : 1 + right + width]

    peak = torch.zeros_like(size, dtype=torch.bool)
    for index, (down, right) in enumerate(NEIGHBOURS):
        greatest = torch.maximum(shifted(down, right), shifted(-down, -right))
        peak |= (direction == index) & (size > greatest)
    return peak


def _hysteresis(weak: Tensor, strong: Tensor) -> Tensor:
    """The strong pixels, and the weak ones that are connected to them (eight neighbours)."""
    while True:
        near = F.max_pool2d(strong.float(), 3, stride=1, padding=1) > 0
        grown = strong | (near & weak)
        if torch.equal(grown, strong):
            return strong
        strong = grown
