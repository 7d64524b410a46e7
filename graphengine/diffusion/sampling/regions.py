"""Where in the picture a condition holds, and how much it weighs there. h x w latent cells."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from graphengine.diffusion.types import Area, Condition

_FADE = 8  # cells over which an area's inner edges fade, as in ComfyUI
_SMALLEST = 8  # cells; a narrower bounding box is widened, as far as the picture goes


@dataclass(frozen=True)
class Region:
    """A rectangle in latent cells, inside the picture."""

    top: int
    left: int
    height: int
    width: int

    def crop(self, tensor: Tensor) -> Tensor:
        """Its part of ... x h x w, a view."""
        return tensor[..., self.top : self.top + self.height, self.left : self.left + self.width]

    def contains(self, other: "Region") -> bool:
        return (
            self.top <= other.top
            and self.left <= other.left
            and self.top + self.height >= other.top + other.height
            and self.left + self.width >= other.left + other.width
        )


def in_bounds(condition: Condition, height: int, width: int) -> Condition:
    """The same, with the bounding box of its mask as its area where it is to hold in that."""
    if condition.mask is None or not condition.mask_bounds:
        return condition
    box = _bounds(fit_mask(condition.mask, height, width))
    return replace(condition, area=Area(box.height, box.width, box.top, box.left), mask_bounds=False)


def region_of(condition: Condition, height: int, width: int) -> Region:
    """Where the network is evaluated for a condition of a picture of h x w cells."""
    condition = in_bounds(condition, height, width)
    if condition.area is not None:
        return _region(condition.area, height, width)
    return Region(0, 0, height, width)


def weight_of(condition: Condition, region: Region, height: int, width: int) -> Tensor:
    """How much it weighs in its region: B' or 1 x 1 x region, by strength, and by mask or fading edges."""
    if condition.mask is not None:
        mask = region.crop(fit_mask(condition.mask, height, width))
        return mask * (condition.mask_strength * condition.strength)
    vertical = _fading(region.height, region.top > 0, region.top + region.height < height)
    horizontal = _fading(region.width, region.left > 0, region.left + region.width < width)
    return (vertical[:, None] * horizontal)[None, None] * condition.strength


def fit_mask(mask: Tensor, height: int, width: int) -> Tensor:
    """A mask (B x H x W, H x W or B x 1 x H x W, at any size) as B x 1 x h x w, resized bilinearly."""
    mask = mask.reshape(-1, 1, *mask.shape[-2:]).float()
    if mask.shape[-2:] != (height, width):
        mask = interpolate(mask, size=(height, width), mode="bilinear", align_corners=False)
    return mask


def fit_batch(tensor: Tensor, rows: int) -> Tensor:
    """Repeat a tensor's rows in turn, or drop the last, to have ``rows`` of them."""
    repeats = -(-rows // len(tensor))
    return tensor.repeat(repeats, *[1] * (tensor.dim() - 1))[:rows] if repeats > 1 else tensor[:rows]


def fit_dims(mask: Tensor, like: Tensor) -> Tensor:
    """A B x 1 x h x w mask with as many dimensions as ``like`` (films have one more, for time)."""
    return mask.reshape(len(mask), *[1] * (like.dim() - 3), *mask.shape[-2:])


def _region(area: Area, height: int, width: int) -> Region:
    if area.fraction:
        top, left = round(area.top * height), round(area.left * width)
        rows, columns = max(1, round(area.height * height)), max(1, round(area.width * width))
    else:
        top, left, rows, columns = int(area.top), int(area.left), int(area.height), int(area.width)
    if top >= height or left >= width:
        raise ValueError(
            f"an area begins {top} cells down and {left} across, outside the picture's {height} x {width} cells; "
            "move it inside"
        )
    return Region(top, left, min(rows, height - top), min(columns, width - left))


def _bounds(mask: Tensor) -> Region:
    """The bounding box of what a B x 1 x h x w mask marks in any image, widened to the right and down if narrow."""
    height, width = mask.shape[-2:]
    marked = (mask != 0).any(dim=0)[0]
    top, rows = _extent(marked.any(dim=1), height)
    left, columns = _extent(marked.any(dim=0), width)
    return Region(top, left, rows, columns)


def _extent(marked: Tensor, size: int) -> tuple[int, int]:
    places = marked.nonzero()
    first, last = (int(places[0]), int(places[-1])) if len(places) else (0, 0)
    return first, min(max(last - first + 1, _SMALLEST), size - first)


def _fading(length: int, fade_start: bool, fade_end: bool) -> Tensor:
    """Ones that rise from and fall to zero at the ends that lie inside the picture."""
    profile = torch.ones(length)
    cells = min(_FADE, length // 4)
    ramp = torch.arange(1, cells + 1) / max(cells, 1)
    if fade_start:
        profile[:cells] *= ramp
    if fade_end:
        profile[length - cells :] *= ramp.flip(0)
    return profile
