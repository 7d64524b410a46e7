"""Read a picture of the world back, with nothing learned: what is drawn, where, and how it is lit.

Calibrated on the renderer: on rendered originals practically everything reads right, so what the checker finds wrong
in a generated picture is the generator's mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from graphengine.diffusion.training.world.caption import Wanted
from graphengine.diffusion.training.world.palette import COLOURS, background_rgb
from graphengine.diffusion.training.world.scene import DIRECTIONS
from graphengine.diffusion.training.world.shapes import SHAPES, tilted

FOREGROUND_DISTANCE = 0.13  # from the line of all brightnesses of the background
SMALLEST_AREA = 0.0035  # of the picture; anything smaller is a speck
TEMPLATE_SIZE = 24
CENTRED = 0.075  # a single thing is left, above ... when it is further than this from the centre


@dataclass(frozen=True)
class Found:
    """One thing in a picture; ``x`` and ``y`` of its centre of mass, in fractions of the picture."""

    colour: str
    shape: str
    x: float
    y: float
    area: float


@dataclass(frozen=True)
class Reading:
    """What a picture shows. ``light`` points to where its light comes from (x, y), its length the strength."""

    background: str
    things: tuple[Found, ...]
    light: tuple[float, float]


@dataclass(frozen=True)
class Verdict:
    """What of a caption a picture got right; what the caption leaves open is right."""

    background: bool
    count: bool
    colours: bool
    shapes: bool
    place: bool
    light: bool

    @property
    def all_right(self) -> bool:
        return self.background and self.count and self.colours and self.shapes and self.place and self.light


def read(image: Tensor) -> Reading:
    """Read one picture, 3 x S x S in 0..1."""
    image = image.detach().float().cpu()
    background = _background(image)
    mask = _foreground(image, background)
    things = tuple(_found(image, part) for part in _components(mask))
    return Reading(background, things, _light(image, mask))


def read_foreground(image: Tensor) -> Tensor:
    """Where the things of one picture, 3 x S x S in 0..1, are: S x S bool."""
    image = image.detach().float().cpu()
    return _foreground(image, _background(image))


def judge(image: Tensor, wanted: Wanted) -> Verdict:
    """Compare one picture, 3 x S x S in 0..1, with what a caption demands."""
    reading = read(image)
    things = _in_order(reading.things, wanted)
    same_count = len(things) == len(wanted.things)
    named = list(zip(things, wanted.things, strict=False))
    return Verdict(
        background=wanted.background in ("", reading.background),
        count=same_count,
        colours=same_count and all(thing.colour == colour for thing, (colour, _) in named),
        shapes=same_count and all(thing.shape == shape for thing, (_, shape) in named),
        place=same_count and _is_in_place(things, wanted.place),
        light=_comes_from(reading.light, wanted.light),
    )


def _background(image: Tensor) -> str:
    strip = max(2, image.shape[-1] // 32)
    border = torch.cat([image[:, :strip].flatten(1), image[:, -strip:].flatten(1),
                        image[:, :, :strip].flatten(1), image[:, :, -strip:].flatten(1)], 1)  # fmt: skip
    palette = {colour: torch.tensor(background_rgb(colour)) for colour in COLOURS}
    return _nearest(border.median(1).values, palette, {})


def _nearest(rgb: Tensor, palette: dict[str, Tensor], ranges: dict[str, tuple[float, float]]) -> str:
    """The palette's colour that is nearest after the best change of brightness within its range."""

    def distance(colour: str) -> float:
        reference = palette[colour]
        low, high = ranges.get(colour, (0.62, 1.2))
        scale = (rgb @ reference / (reference @ reference)).clamp(low, high)
        return float((rgb - scale * reference).norm())

    return min(palette, key=distance)


def _foreground(image: Tensor, background: str) -> Tensor:
    """S x S, true where a pixel is not the background at any brightness (gradient and shadow are)."""
    reference = torch.tensor(background_rgb(background))
    scale = (torch.einsum("chw,c->hw", image, reference) / (reference @ reference)).clamp(0.5, 1.25)
    return (image - scale * reference[:, None, None]).norm(dim=0) > FOREGROUND_DISTANCE


def _components(mask: Tensor) -> list[Tensor]:
    """The connected parts of a mask (diagonals connect) that are not specks, largest first."""
    labels = torch.arange(1, mask.numel() + 1, dtype=torch.float64).view(1, *mask.shape) * mask
    while True:
        spread = max_pool2d(labels, 3, stride=1, padding=1) * mask
        if torch.equal(spread, labels):
            break
        labels = spread
    numbers, areas = labels[labels > 0].unique(return_counts=True)
    kept = [(int(area), number) for number, area in zip(numbers, areas, strict=True)
            if area >= SMALLEST_AREA * mask.numel()]  # fmt: skip
    return [(labels == number)[0] for _, number in sorted(kept, key=lambda part: -part[0])]


def _found(image: Tensor, part: Tensor) -> Found:
    rows, columns = part.nonzero(as_tuple=True)
    size = part.shape[-1]
    x, y = (float(along.float().mean() + 0.5) / size for along in (columns, rows))
    return Found(_colour(image, part), _shape(part), x, y, float(part.float().mean()))


def _colour(image: Tensor, part: Tensor) -> str:
    inner = part
    for _ in range(max(1, image.shape[-1] // 32)):
        eroded = max_pool2d(-inner[None].float(), 3, stride=1, padding=1)[0] == -1
        inner = eroded if eroded.sum() >= 12 else inner
    pixels = image[:, inner]
    brightness = pixels.sum(0)
    low, high = brightness.quantile(0.15), brightness.quantile(0.90)
    typical = pixels[:, (brightness >= low) & (brightness <= high)].median(1).values
    palette = {colour: torch.tensor(rgb) for colour, rgb in COLOURS.items()}
    ranges = dict.fromkeys(COLOURS, (0.62, 1.1)) | {"white": (0.55, 1.1), "black": (0.6, 2.5)}
    return _nearest(typical, palette, ranges)


@cache
def _templates() -> tuple[tuple[str, ...], Tensor]:
    """Every shape at seven tilts, cut to its box: names, and masks M x S x S in 0..1."""
    along = torch.linspace(-1.3, 1.3, 209)
    down, right = torch.meshgrid(along, along, indexing="ij")
    names, masks = [], []
    for shape, signed_distance in SHAPES.items():
        for angle in torch.linspace(-0.3, 0.3, 7).tolist():
            names.append(shape)
            masks.append(_boxed(tilted(signed_distance, angle)(right, down) <= 0))
    return tuple(names), torch.stack(masks)


def _boxed(part: Tensor) -> Tensor:
    """A mask cut to the square around its box and resized to the templates' size."""
    rows, columns = part.nonzero(as_tuple=True)
    height, width = int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1
    side = max(height, width)
    square = torch.zeros(1, 1, side, side)
    top, left = (side - height) // 2, (side - width) // 2
    cut = part[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    square[0, 0, top : top + height, left : left + width] = cut.float()
    return interpolate(square, (TEMPLATE_SIZE, TEMPLATE_SIZE), mode="bilinear", antialias=True, align_corners=False)[
        0, 0
    ]


def _shape(part: Tensor) -> str:
    names, masks = _templates()
    drawn = _boxed(part)
    overlap = torch.minimum(masks, drawn).sum((1, 2)) / torch.maximum(masks, drawn).sum((1, 2))
    return names[int(overlap.argmax())]


def _light(image: Tensor, mask: Tensor) -> tuple[float, float]:
    """The gradient of the background's brightness, relative to its mean."""
    size = image.shape[-1]
    grown = max_pool2d(mask[None].float(), 5, stride=1, padding=2)[0] > 0
    rows, columns = (~grown).nonzero(as_tuple=True)
    if len(rows) < 3:
        return 0.0, 0.0
    brightness = image.mean(0)[rows, columns]
    design = torch.stack([columns / size - 0.5, rows / size - 0.5, torch.ones(len(rows))], 1)
    slope_x, slope_y, mean = torch.linalg.lstsq(design, brightness[:, None]).solution[:, 0].tolist()
    return slope_x / max(mean, 1e-3), slope_y / max(mean, 1e-3)


def _in_order(things: Sequence[Found], wanted: Wanted) -> Sequence[Found]:
    """The things found in the order named: by place where it is told, else by what fits best."""
    if len(things) != 2 or len(wanted.things) != 2:
        return things
    if wanted.place:
        dx, dy = DIRECTIONS[wanted.place]
        return sorted(things, key=lambda thing: -(dx * thing.x + dy * thing.y))

    def fit(order: Sequence[Found]) -> int:
        return sum((t.colour == c) + (t.shape == s) for t, (c, s) in zip(order, wanted.things, strict=True))

    return max(things, things[::-1], key=fit)


def _is_in_place(things: Sequence[Found], place: str) -> bool:
    if not place:
        return True
    dx, dy = DIRECTIONS[place]
    if len(things) == 1:
        return dx * (things[0].x - 0.5) + dy * (things[0].y - 0.5) > CENTRED
    across_x, across_y = things[0].x - things[1].x, things[0].y - things[1].y
    along, across = dx * across_x + dy * across_y, abs(dy) * across_x + abs(dx) * across_y
    return along > abs(across)


def _comes_from(light: tuple[float, float], direction: str) -> bool:
    if not direction:
        return True
    dx, dy = DIRECTIONS[direction]
    length = (light[0] ** 2 + light[1] ** 2) ** 0.5
    return length > 0.05 and (dx * light[0] + dy * light[1]) / length > 0.7
