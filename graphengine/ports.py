"""The port types of diffusion, for the annotations of nodes: ComfyUI's names on graphengine.diffusion's values.

B batch, C channels; H x W pixels, h x w latent cells.
"""

from typing import Annotated

from torch import Tensor

from graphengine.diffusion import types
from graphengine.graph.types import PortType

Image = Annotated[Tensor, PortType("IMAGE", "#64b5f6", "Pictures: float32, B x H x W x 3, 0..1.")]
Mask = Annotated[Tensor, PortType("MASK", "#81c784", "Masks: float32, B x H x W, 0..1; 1 is what is to change.")]
Latents = Annotated[types.Latents, PortType("LATENT", "#ff9cf9", "Pictures in latent space.")]
Model = Annotated[types.Model, PortType("MODEL", "#b39ddb", "A denoiser.", family=True)]
Clip = Annotated[types.TextEncoder, PortType("CLIP", "#ffd500", "A text encoder.", family=True)]
Vae = Annotated[types.Autoencoder, PortType("VAE", "#ff6e6e", "An autoencoder.", mixes=True)]
Conditioning = Annotated[
    types.Conditioning, PortType("CONDITIONING", "#ffa931", "Encoded texts, and where and when they hold.", family=True)
]
ControlNet = Annotated[types.ControlNet, PortType("CONTROL_NET", "#6ee7b7", "A control network.", family=True)]
Sampler = Annotated[types.Sampler, PortType("SAMPLER", "#ecb4b4", "An integration method.")]
Sigmas = Annotated[Tensor, PortType("SIGMAS", "#cdffcd", "Noise levels, descending: float32, steps + 1.")]
Noise = Annotated[types.Noise, PortType("NOISE", "#b0b0b0", "The start noise of a seed.")]
Guider = Annotated[types.Guider, PortType("GUIDER", "#66ffff", "A model with what steers it.")]
