"""Edges of pictures: what the edge ControlNet is shown, and how well a picture follows them."""

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d, pad

EDGE = 0.22  # smallest change of colour over two pixels that is an edge


def edge_map(image: Tensor) -> Tensor:
    """White lines on black, B x 1 x S x S of 0 and 1, where B x 3 x S x S pictures in 0..1 change fastest.

    A pixel is an edge where the change is large, and largest along its direction among its neighbours, so that lines
    are one or two pixels wide. The border is repeated, not padded with black, which would draw a frame.
    """
    padded = pad(image, (1, 1, 1, 1), mode="replicate")
    across = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]
    down = padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
    change = (across.square() + down.square()).sum(1, keepdim=True).sqrt()
    along_row = max_pool2d(change, (1, 3), stride=1, padding=(0, 1))
    along_column = max_pool2d(change, (3, 1), stride=1, padding=(1, 0))
    steeper_across = across.square().sum(1, keepdim=True) > down.square().sum(1, keepdim=True)
    crest = torch.where(steeper_across, along_row, along_column)
    return ((change >= EDGE) & (change >= 0.999 * crest)).float()


def edge_f1(drawn: Tensor, wanted: Tensor, *, tolerance: int = 1, border: int = 4) -> float:
    """How well edges (B x 1 x S x S) match others up to ``tolerance`` pixels, averaged over the pictures, 0 to 1."""
    drawn, wanted = (edges[..., border:-border, border:-border] for edges in (drawn, wanted))
    near_drawn, near_wanted = (
        max_pool2d(edges, 2 * tolerance + 1, stride=1, padding=tolerance) for edges in (drawn, wanted)
    )
    precision = (drawn * near_wanted).sum((1, 2, 3)) / drawn.sum((1, 2, 3)).clamp_min(1)
    recall = (wanted * near_drawn).sum((1, 2, 3)) / wanted.sum((1, 2, 3)).clamp_min(1)
    return float((2 * precision * recall / (precision + recall).clamp_min(1e-6)).mean())
