"""How well pictures of the world are what was asked for."""

from typing import Annotated, NamedTuple

import torch

from graphengine.api import LINK_ONLY, Many, NodeError, Results, node
from graphengine.diffusion.training.score import score
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
def EdgeHint(image: Image) -> Image:
    """White lines on black where pictures change fastest: what the edge ControlNet is shown."""
    return edge_map(image.movedim(-1, 1)[:, :3]).movedim(1, -1).expand(-1, -1, -1, 3).contiguous()


class Followed(NamedTuple):
    text: str
    f1: float


@node(category="training/score", title="Score Edges", output=True)
def ScoreEdges(image: Many[Image], hint: Annotated[Many[Image], LINK_ONLY], *, results: Results) -> Followed:
    """How well pictures follow edges: the mean of precision and recall (F1), 0 to 1.

    Args:
        image: The pictures.
        hint: The edges they should have, in the same order.
    """
    drawn, wanted = (torch.cat(pictures).movedim(-1, 1)[:, :3] for pictures in (image, hint))
    if drawn.shape != wanted.shape:
        raise NodeError(f"Pictures of {tuple(drawn.shape)} do not fit edges of {tuple(wanted.shape)}.", input="hint")
    f1 = edge_f1(edge_map(drawn), wanted[:, :1])
    text = f"{len(drawn)} pictures follow their edges with an F1 of {f1:.3f}"
    results.add("text", text)
    return Followed(text, f1)
