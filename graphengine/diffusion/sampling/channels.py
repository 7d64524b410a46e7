"""The channels that some denoisers take beside the noisy latents: inpainting models, depth models, ...

B batch, C latent channels, h x w latent cells.
"""

from dataclasses import replace

import torch
from torch import Tensor

from graphengine.diffusion.inpainting import inpainting_channels
from graphengine.diffusion.sampling.sample import scaled
from graphengine.diffusion.types import Conditioning, Latents, Model

FIRST_WEIGHT = "input_blocks.0.0.weight"
GREY = (0.8223, -0.6876, 0.6364, 0.1380)  # mid-grey in the scaled latents of Stable Diffusion 1: nothing to keep


def extra_channels(model: Model) -> int:
    """How many channels the denoiser takes beside the latents'."""
    first = model.part.weights.get(FIRST_WEIGHT)
    return 0 if first is None else first.shape[1] - model.latent_format.channels


def with_channels(conditioning: Conditioning, model: Model, latents: Latents) -> Conditioning:
    """Conditions with as many further channels as the model takes.

    A model that takes none gets none. An inpainting model whose conditions have none is shown the latents themselves,
    and their mask.

    Raises:
        ValueError: The model needs channels that the conditions do not have.
    """
    wanted = extra_channels(model)
    if wanted == 0:
        return tuple(replace(condition, concat=None) for condition in conditioning)
    shown = _of_latents(model, latents) if wanted == model.latent_format.channels + 1 else None
    filled = tuple(c if c.concat is not None or shown is None else replace(c, concat=shown) for c in conditioning)
    for condition in filled:
        has = 0 if condition.concat is None else condition.concat.shape[1]
        if has != wanted:
            raise ValueError(
                f"{model.part.name} takes {wanted} channels beside the latents, the conditioning has {has}; "
                "use the conditioning node that this model was made for"
            )
    return filled


def _of_latents(model: Model, latents: Latents) -> Tensor:
    if latents.mask is None:
        grey = torch.tensor(GREY, device=latents.samples.device)[:, None, None].expand_as(latents.samples)
        return inpainting_channels(torch.ones(1, *grey.shape[-2:]), grey)
    return inpainting_channels(latents.mask, scaled(latents.samples.float(), model.latent_format))
