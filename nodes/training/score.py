"""How well pictures of the world are what was asked for."""

from typing import Annotated, NamedTuple

import torch
from torch import Tensor

from graphengine.api import Many, NodeError, Results, Size, node
from graphengine.diffusion.training.autoencoder import psnr
from graphengine.diffusion.training.lora import outline_share
from graphengine.diffusion.training.score import score
from graphengine.diffusion.training.world.checker import read, read_foreground
from graphengine.diffusion.training.world.edges import edge_f1, edge_map
from graphengine.ports import Image

from .ports import Caption


class Scored(NamedTuple):
    table: str
    all_right: float


@node(category="training/score", title="Score Pictures of the World", output=True)
def ScoreWorld(image: Many[Image], wanted: Many[Caption], *, results: Results) -> Scored:
    """Read what pictures show, with nothing learned, and count what they have right of what their captions demand.

    Args:
        image: The pictures, in the order of the captions.
        wanted: What the captions demand.
    """
    pictures = torch.cat(image).movedim(-1, 1)[:, :3]
    if len(pictures) != len(wanted):
        raise NodeError(
            f"There are {len(pictures)} pictures for {len(wanted)} captions.", "Link one for each.", "image"
        )
    found = score(pictures, wanted)
    results.add("text", found.table())
    return Scored(found.table(), found.all_right)


@node(category="training/score", title="Edges")
def EdgeHint(image: Image) -> Annotated[Image, Size("image")]:
    """White lines on black where pictures change fastest: what the edge ControlNet is shown."""
    return edge_map(image.movedim(-1, 1)[:, :3]).movedim(1, -1).expand(-1, -1, -1, 3).contiguous()


class Measured(NamedTuple):
    text: str
    psnr: float


@node(category="training/score", title="Score Reconstructions", output=True)
def ScoreReconstruction(image: Many[Image], original: Many[Image], *, results: Results) -> Measured:
    """How close pictures are to their originals: peak signal-to-noise ratio in dB, the mean over the pictures.

    Args:
        image: The pictures.
        original: What they should be, in the same order.
    """
    decoded, wanted = _fitting(image, original, "original")
    ratio = psnr(decoded, wanted)
    text = f"{len(decoded)} pictures come back with {ratio:.2f} dB"
    results.add("text", text)
    return Measured(text, ratio)


class Inked(NamedTuple):
    text: str
    ink: float


@node(category="training/score", title="Score Outlines", output=True)
def ScoreOutlines(image: Many[Image], *, results: Results) -> Inked:
    """How much of the rims of things is drawn in ink, 0 to 1; only things of other colours than ink count.

    Args:
        image: Pictures of the world.
    """
    pictures = torch.cat(image).movedim(-1, 1)[:, :3]
    colourful = [picture for picture in pictures if _is_colourful(picture)]
    shares = [outline_share(picture, read_foreground(picture)) for picture in colourful]
    ink = sum(shares) / max(1, len(shares))
    text = f"{ink:.1%} of the rims are ink ({len(shares)} of {len(pictures)} pictures count)"
    results.add("text", text)
    return Inked(text, ink)


def _is_colourful(picture: Tensor) -> bool:
    """Whether something is there, and neither it nor the background has the colour of ink."""
    reading = read(picture)
    colours = {reading.background, *(thing.colour for thing in reading.things)}
    return bool(reading.things) and not {"black", "white"} & colours


def _fitting(image: list[Tensor], other: list[Tensor], input: str) -> tuple[Tensor, Tensor]:
    """Two lists of pictures as B x 3 x H x W of one shape.

    Raises:
        NodeError: They differ in number or size.
    """
    first, second = (torch.cat(pictures).movedim(-1, 1)[:, :3] for pictures in (image, other))
    if first.shape != second.shape:
        message = f"Pictures of {tuple(first.shape)} do not fit those of {tuple(second.shape)}."
        raise NodeError(message, "Link as many, of one size.", input=input)
    return first, second


class Followed(NamedTuple):
    text: str
    f1: float


@node(category="training/score", title="Score Edges", output=True)
def ScoreEdges(image: Many[Image], hint: Many[Image], *, results: Results) -> Followed:
    """How well pictures follow edges: the mean of precision and recall (F1), 0 to 1.

    Args:
        image: The pictures.
        hint: The edges they should have, in the same order.
    """
    drawn, wanted = _fitting(image, hint, "hint")
    f1 = edge_f1(edge_map(drawn), wanted[:, :1])
    text = f"{len(drawn)} pictures follow their edges with an F1 of {f1:.3f}"
    results.add("text", text)
    return Followed(text, f1)
