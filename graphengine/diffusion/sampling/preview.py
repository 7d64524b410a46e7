"""A rough picture of latents without an autoencoder, to watch a sampling."""

from collections.abc import Mapping

import torch
from torch import Tensor

# Red, green and blue of each scaled latent channel, by least squares against decoded pictures, for the autoencoder of
# Stable Diffusion 1 and 2: "Decoding latents to RGB without upscaling", discuss.huggingface.co, 2022.
COLORS: Mapping[int, Tensor] = {
    4: torch.tensor([[0.298, 0.207, 0.208], [0.187, 0.286, 0.173], [-0.158, 0.189, 0.264], [-0.184, -0.271, -0.473]])
}


def preview(latents: Tensor) -> Tensor | None:
    """The first image of scaled latents B x C x h x w as h x w x 3 bytes; None for latents of another kind."""
    colors = COLORS.get(latents.shape[1])
    if colors is None:
        return None
    picture = latents[0].float().cpu().movedim(0, -1) @ colors
    return ((picture.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
