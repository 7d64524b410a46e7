"""Render scenes with signed distance functions: whole batches at once, with exact anti-aliasing.

B pictures, N things in all of them, S pixels a side. Pixels lie at their centres, in fractions of the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize, pad

from graphengine.diffusion.training.world.palette import COLOURS, background_rgb
from graphengine.diffusion.training.world.scene import Scene
from graphengine.diffusion.training.world.shapes import SHAPES

BEVEL = 0.55  # how far the rounded edge of a thing reaches inwards, in radii
SHADOW_OFFSET, SHADOW_SOFTNESS, SHADOW_DEPTH = 0.22, 0.09, 0.42
INK_WIDTH = 0.024  # of the outlined style, in fractions of the picture


@dataclass(frozen=True, eq=False)
class Rendering:
    """Pictures with what a renderer knows about them.

    Attributes:
        image: B x 3 x S x S in 0..1.
        height: B x 1 x S x S in 0..1 above the background, 1 the top of a thing: an inverse depth.
        normals: B x 3 x S x S unit vectors; x right, y down, z to the viewer.
        mask: B x 1 x S x S, how much of each pixel things cover.
    """

    image: Tensor
    height: Tensor
    normals: Tensor
    mask: Tensor


def render(scenes: Sequence[Scene], size: int) -> Rendering:
    """Render square pictures of ``size`` pixels a side, float32 on the CPU."""
    grid_y, grid_x = _pixel_centres(size)
    light = torch.tensor([scene.light_angle for scene in scenes])[:, None, None]
    towards_x, towards_y = light.cos(), light.sin()
    brightness = 0.99 + 0.30 * ((grid_x - 0.5) * towards_x + (grid_y - 0.5) * towards_y)
    backgrounds = torch.tensor([background_rgb(scene.background) for scene in scenes])
    image = backgrounds[..., None, None] * brightness[:, None]
    height, mask = torch.zeros(len(scenes), 1, size, size), torch.zeros(len(scenes), 1, size, size)
    normals = torch.zeros(len(scenes), 3, size, size)
    normals[:, 2] = 1
    layers = [_layer(scenes, slot, grid_x, grid_y) for slot in range(max(len(scene.things) for scene in scenes))]
    for owners, _, shadow, *_ in layers:  # every shadow lies under every thing
        image[owners] *= 1 - SHADOW_DEPTH * shadow
    for owners, distance, _, thing_height, colours in layers:
        thing_normals = _normals(thing_height)
        shaded = _shade(colours, thing_normals, torch.stack([towards_x, towards_y], 1)[owners])
        if any(scene.outlined for scene in scenes):
            shaded = _ink(shaded, distance, [scenes[owner] for owner in owners.tolist()])
        covered = (0.5 - distance * size).clamp(0, 1)[:, None]
        image[owners] = torch.lerp(image[owners], shaded, covered)
        height[owners] = torch.lerp(height[owners], thing_height, covered)
        normals[owners] = normalize(torch.lerp(normals[owners], thing_normals, covered), dim=1)
        mask[owners] = torch.maximum(mask[owners], covered)
    return Rendering(image.clamp(0, 1), height, normals, mask)


def _pixel_centres(size: int) -> tuple[Tensor, Tensor]:
    centres = (torch.arange(size, dtype=torch.float32) + 0.5) / size
    grid_y, grid_x = torch.meshgrid(centres, centres, indexing="ij")
    return grid_y, grid_x


def _layer(
    scenes: Sequence[Scene], slot: int, grid_x: Tensor, grid_y: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The ``slot``-th thing of each scene that has one: owners, distance, shadow, height and colours."""
    owners = [index for index, scene in enumerate(scenes) if slot < len(scene.things)]
    things = [scenes[owner].things[slot] for owner in owners]
    light = torch.tensor([scenes[owner].light_angle for owner in owners])
    x, y, radius, angle = torch.tensor([(t.x, t.y, t.radius, t.angle) for t in things]).unbind(1)
    distance, shadow = torch.empty(2, len(things), *grid_x.shape)
    for shape, signed_distance in SHAPES.items():
        chosen = torch.tensor([index for index, thing in enumerate(things) if thing.shape == shape], dtype=torch.long)
        if not len(chosen):
            continue
        for target, offset in ((distance, 0.0), (shadow, SHADOW_OFFSET)):
            centre_x = x - offset * radius * light.cos()
            centre_y = y - offset * radius * light.sin()
            right = (grid_x - centre_x[chosen, None, None]) / radius[chosen, None, None]
            down = (grid_y - centre_y[chosen, None, None]) / radius[chosen, None, None]
            cos, sin = angle[chosen, None, None].cos(), angle[chosen, None, None].sin()
            target[chosen] = signed_distance(cos * right + sin * down, cos * down - sin * right)
    depth = (-distance / BEVEL).clamp(0, 1)
    height = (1 - (1 - depth) ** 2).clamp_min(1e-6).sqrt()[:, None]
    colours = torch.tensor([COLOURS[thing.colour] for thing in things])[..., None, None]
    shadow = torch.sigmoid(-shadow / SHADOW_SOFTNESS)[:, None]
    return torch.tensor(owners), distance * radius[:, None, None], shadow, height, colours


def _normals(height: Tensor) -> Tensor:
    """Unit normals of B x 1 x S x S heights, the steepness independent of the resolution."""
    steepness = 0.045 * height.shape[-1]
    across = pad(height, (1, 1, 0, 0), mode="replicate").diff(dim=3)
    down = pad(height, (0, 0, 1, 1), mode="replicate").diff(dim=2)
    slope_x = (across[..., 1:] + across[..., :-1]) / 2 * steepness
    slope_y = (down[..., 1:, :] + down[..., :-1, :]) / 2 * steepness
    return normalize(torch.cat([-slope_x, -slope_y, torch.ones_like(height)], 1), dim=1)


def _shade(colours: Tensor, normals: Tensor, towards: Tensor) -> Tensor:
    """Lambert shading and a small highlight; ``towards`` is the light's direction in the picture, N x 2 x 1 x 1."""
    light = normalize(torch.cat([towards, torch.full_like(towards[:, :1], 0.9)], 1), dim=1)
    halfway = normalize(light + torch.tensor([0.0, 0.0, 1.0])[:, None, None], dim=1)
    lambert = (normals * light).sum(1, keepdim=True).clamp_min(0)
    highlight = (normals * halfway).sum(1, keepdim=True).clamp_min(0) ** 40
    return colours * (0.62 + 0.48 * lambert) + 0.16 * highlight


def _ink(shaded: Tensor, distance: Tensor, scenes: Sequence[Scene]) -> Tensor:
    """Draw the outline just inside the edge, for scenes in that style: black ink, white where black would not show."""
    line = ((distance + INK_WIDTH) * distance.shape[-1] + 0.5).clamp(0, 1)[:, None]
    drawn = torch.tensor([float(scene.outlined) for scene in scenes])[:, None, None, None]
    dark = [bool({"black"} & {scene.background, *(thing.colour for thing in scene.things)}) for scene in scenes]
    ink = torch.tensor([0.97 if is_dark else 0.03 for is_dark in dark])[:, None, None, None]
    return torch.lerp(shaded, ink.expand_as(shaded), line * drawn)
