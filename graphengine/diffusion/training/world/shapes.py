"""The shapes of the world as signed distance functions.

Each takes x and y (any equal shapes, y pointing down, the shape of about unit radius around the origin) and returns
the distance to its outline in the same unit, negative inside.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

SignedDistance = Callable[[Tensor, Tensor], Tensor]


def circle(x: Tensor, y: Tensor) -> Tensor:
    return torch.hypot(x, y) - 0.95


def ring(x: Tensor, y: Tensor) -> Tensor:
    return (torch.hypot(x, y) - 0.70).abs() - 0.28


def box(x: Tensor, y: Tensor, half_width: float, half_height: float) -> Tensor:
    right, above = x.abs() - half_width, y.abs() - half_height
    outside = torch.hypot(right.clamp_min(0), above.clamp_min(0))
    return outside + torch.maximum(right, above).clamp_max(0)


def cross(x: Tensor, y: Tensor) -> Tensor:
    return torch.minimum(box(x, y, 1.0, 0.33), box(x, y, 0.33, 1.0))


def moon(x: Tensor, y: Tensor) -> Tensor:
    return torch.maximum(torch.hypot(x - 0.1, y) - 1.0, 0.78 - torch.hypot(x - 0.58, y))


def heart(x: Tensor, y: Tensor) -> Tensor:
    """A square on its corner with a half circle on each upper side."""
    x, y = x.abs() / 1.75, (0.95 - y) / 1.75  # the square's diagonal is 1, its lower corner the origin
    lobe = torch.hypot(x - 0.25, y - 0.75) - math.sqrt(2) / 4
    along_side = (x + y).clamp_min(0) / 2
    to_side = torch.hypot(x - along_side, y - along_side)
    to_notch = torch.hypot(x, y - 1)
    below = torch.minimum(to_notch, to_side) * torch.sign(x - y)
    return 1.75 * torch.where(x + y > 1, lobe, below)


def pointed(tips: int, inner: float, radius: float = 1.0) -> SignedDistance:
    """A star with its first tip up: ``tips`` corners on the ``radius``, between them one at ``inner`` times that.

    With ``inner = cos(pi / tips)`` the sides are straight and the star is a regular polygon.
    """
    half_sector = math.pi / tips
    side_x = inner * math.cos(half_sector) - 1
    side_y = inner * math.sin(half_sector)

    def distance(x: Tensor, y: Tensor) -> Tensor:
        angle = torch.atan2(x, -y)
        folded = (torch.remainder(angle + half_sector, 2 * half_sector) - half_sector).abs()
        length = torch.hypot(x, y) / radius
        from_tip_x, from_tip_y = length * folded.cos() - 1, length * folded.sin()
        along = ((from_tip_x * side_x + from_tip_y * side_y) / (side_x**2 + side_y**2)).clamp(0, 1)
        unsigned = torch.hypot(from_tip_x - along * side_x, from_tip_y - along * side_y)
        return radius * unsigned * torch.sign(from_tip_y * -side_x + from_tip_x * side_y)

    return distance


def tilted(shape: SignedDistance, angle: float) -> SignedDistance:
    """The shape turned clockwise by ``angle`` radians."""
    cos, sin = math.cos(angle), math.sin(angle)
    return lambda x, y: shape(cos * x + sin * y, cos * y - sin * x)


SHAPES: Mapping[str, SignedDistance] = {
    "circle": circle,
    "square": tilted(pointed(4, math.cos(math.pi / 4), 1.1), math.pi / 4),
    "triangle": pointed(3, 0.5, 1.1),
    "star": pointed(5, 0.45, 1.05),
    "heart": heart,
    "ring": ring,
    "cross": cross,
    "moon": moon,
}
