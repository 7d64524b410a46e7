"""Networks that have learned nothing yet."""

from typing import Annotated, NamedTuple

from graphengine.api import NodeError, Range, Seed, node
from graphengine.diffusion.autoencoders.kl import KLConfig
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.text.clip import CLIPTextConfig
from graphengine.diffusion.training.fresh import fresh_autoencoder, fresh_text_to_image
from graphengine.diffusion.training.vocabulary import CompactVocabulary
from graphengine.ports import Clip, Model, Vae

from .ports import Dataset

Width = Annotated[int, Range(4, 4096, 4)]
Heads = Annotated[int, Range(1, 64)]
Groups = Annotated[int, Range(1, 64)]


@node(category="training", title="New Autoencoder")
def NewAutoencoder(channels: str = "16, 32, 64, 96", norm_groups: Groups = 4, seed: Seed = 100) -> Vae:
    """An autoencoder of Stable Diffusion 1's kind with random weights.

    Args:
        channels: Width of each of the four levels, the highest resolution first; 128, 256, 512, 512 is full size.
        norm_groups: Groups that a layer's channels are normalised in; must divide the widths.
        seed: Of the weights.
    """
    return fresh_autoencoder(
        KLConfig(channels=widths(channels, "channels", norm_groups), norm_groups=norm_groups), seed
    )


class New(NamedTuple):
    model: Model
    clip: Clip


@node(category="training", title="New Text-to-Image Model")
def NewTextToImage(
    dataset: Dataset,
    channels: str = "64, 96, 128, 128",
    heads: Heads = 2,
    norm_groups: Groups = 8,
    text_width: Width = 64,
    text_layers: Annotated[int, Range(1, 64)] = 3,
    text_heads: Heads = 2,
    seed: Seed = 200,
) -> New:
    """A denoiser of Stable Diffusion 1's kind and its text encoder, with random weights.

    Args:
        dataset: Its words get embeddings of their own; all others will share one.
        channels: Width of each of the denoiser's four levels, the highest resolution first; 320, 640, 1280, 1280 is
            full size.
        heads: Of the denoiser's attention.
        norm_groups: Groups that a layer's channels are normalised in; must divide the widths.
        text_width: Of the text encoder; 768 is full size.
        text_layers: Of the text encoder; 12 is full size.
        text_heads: Of the text encoder's attention; must divide its width.
        seed: Of the weights.
    """
    unet = UNetConfig(
        channels=widths(channels, "channels", norm_groups, heads),
        context_width=text_width, heads=heads, norm_groups=norm_groups,
    )  # fmt: skip
    if text_width % text_heads:
        raise NodeError(f"A width of {text_width} does not split into {text_heads} heads.", input="text_heads")
    text = CLIPTextConfig(width=text_width, mlp_width=4 * text_width, layers=text_layers, heads=text_heads)
    return New(*fresh_text_to_image(unet, text, CompactVocabulary(dataset.words), seed))


def widths(text: str, input: str, *divisors: int, count: int = 4) -> tuple[int, ...]:
    """Whole numbers out of a text.

    Raises:
        NodeError: They are not ``count`` positive numbers, or are not multiples of the divisors.
    """
    parts = text.replace(",", " ").split()
    found = tuple(int(part) for part in parts if part.isdecimal())
    if len(found) != len(parts) or len(found) != count or 0 in found:
        raise NodeError(f"'{text}' is not {count} widths.", f"Write {count} numbers, such as 64, 96, 128, 128.", input)
    for divisor in divisors:
        bad = [width for width in found if width % divisor]
        if bad:
            raise NodeError(f"A width of {bad[0]} does not split into {divisor} parts.", "Use a multiple.", input)
    return found
