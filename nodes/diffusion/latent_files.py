"""Latents in files, as ComfyUI writes them: safetensors with ``latent_tensor``."""

from typing import Annotated

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from graphengine.api import Choices, Files, NodeError, Provenance, Results, node, write_aside
from graphengine.diffusion import types
from graphengine.ports import Latents

from .values import filled

VERSION = "latent_format_version_0"  # its absence means that latents were stored times 0.18215
OLD_SCALE = 0.18215


@node(category="latent", title="Save Latent", output=True, resource="io")
def SaveLatent(
    samples: Latents,
    filename_prefix: str = "latents/ComfyUI",
    *,
    files: Files,
    results: Results,
    provenance: Provenance,
) -> None:
    """Save latents into the output folder.

    Args:
        filename_prefix: Start of the name; may hold folders.
    """
    tensors = {"latent_tensor": filled(samples).samples.cpu().contiguous(), VERSION: torch.tensor([])}
    [(path, ref)] = files.reserve(filename_prefix, ".latent")
    write_aside(path, save(tensors, dict(provenance.texts)))
    results.add("latents", ref)


@node(category="latent", title="Load Latent", resource="io")
def LoadLatent(latent: Annotated[str, Choices("latents")], *, files: Files) -> Latents:
    """Load latents from the input folder.

    Args:
        latent: File of the input folder.
    """
    try:
        tensors = load(files.input(latent).read_bytes())
        samples = tensors["latent_tensor"].float()
    except (SafetensorError, KeyError) as error:
        raise NodeError(
            f"'{latent}' is no file of latents: {error}.", "Choose a .latent file.", input="latent"
        ) from error
    return types.Latents(samples if VERSION in tensors else samples / OLD_SCALE)
