"""Pictures to latents and back through an autoencoder that is not loaded yet.

B batch, Z latent channels; H x W pixels, h x w latent cells. Pictures are B x H x W x 3 in 0..1, as people's programs
hold them; the network's own are channels first in -1..1. Images pass one at a time, which costs no time and holds the
activations of one.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.autoencoders.tiling import Network, tiled
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.types import Autoencoder


@dataclass(frozen=True)
class Tiles:
    """Work in overlapping tiles: sides and overlap in pixels."""

    size: int = 512
    overlap: int = 64


def decode(latents: Tensor, vae: Autoencoder, devices: Residency, tiles: Tiles | None = None) -> Tensor:
    """Latents B x Z x h x w (not scaled) to pictures B x H x W x 3 in 0..1, on the CPU."""
    cell = vae.latent_format.downscale
    with devices.use(vae.part) as module, torch.no_grad():
        network = cast(AutoencoderKL, module)
        pictures = [
            _apply(network.decode, one.to(devices.device, torch.float32), tiles, cell) for one in latents.split(1)
        ]
    return ((torch.cat(pictures) + 1) / 2).clamp(0, 1).movedim(1, -1).contiguous()


def encode(pictures: Tensor, vae: Autoencoder, devices: Residency, tiles: Tiles | None = None) -> Tensor:
    """Pictures B x H x W x 3 to the most likely latents B x Z x h x w (not scaled), on the CPU.

    What does not fill a cell is cut off, half of it on each side.
    """
    planes = whole_cells(pictures[..., :3].movedim(-1, 1), vae.latent_format.downscale) * 2 - 1
    with devices.use(vae.part) as module, torch.no_grad():
        network = cast(AutoencoderKL, module)

        def most_likely(planes: Tensor) -> Tensor:
            return network.encode(planes).mode()

        latents = [_apply(most_likely, one.to(devices.device, torch.float32), tiles, 1) for one in planes.split(1)]
    return torch.cat(latents)


def whole_cells(planes: Tensor, cell: int) -> Tensor:
    """Cut ... x H x W to multiples of ``cell``, half of the rest off each side."""
    height, width = planes.shape[-2:]
    top, left = height % cell // 2, width % cell // 2
    return planes[..., top : top + height // cell * cell, left : left + width // cell * cell]


def _apply(network: Network, x: Tensor, tiles: Tiles | None, unit: int) -> Tensor:
    """Run the network on one image, whose sides count ``unit`` pixels each step; the result is on the CPU."""
    if tiles is None:
        return network(x).cpu()
    return tiled(network, x, tiles.size // unit, tiles.overlap // unit).cpu()
