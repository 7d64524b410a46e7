"""Scenes: what is in a picture, before it is rendered or described.

Coordinates run from 0 to 1 over the picture, y down. All randomness comes from the generator passed in, so the
``number``-th scene of a seed is always the same one.
"""

import math
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graphengine.diffusion.training.world.palette import COLOURS
from graphengine.diffusion.training.world.shapes import SHAPES

RADII: Mapping[str, float] = {"small": 0.155, "": 0.20, "large": 0.25}
DIRECTIONS: Mapping[str, tuple[int, int]] = {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)}
OPPOSITE: Mapping[str, str] = {"left": "right", "right": "left", "above": "below", "below": "above"}
UNSEEN = frozenset({("purple", "star"), ("green", "heart"), ("orange", "moon"), ("cyan", "cross")})
"""Pairs that the denoiser never sees in training: drawing them right takes composing."""


@dataclass(frozen=True)
class Thing:
    """One shape in a scene.

    Attributes:
        size: ``small``, ``large``, or empty where nothing is said about it.
        x, y, radius: Of the centre, and the unit of the shape; in fractions of the picture's side.
        angle: Clockwise, radians.
    """

    colour: str
    shape: str
    size: str
    x: float
    y: float
    radius: float
    angle: float


@dataclass(frozen=True)
class Scene:
    """One or two things before a background.

    Attributes:
        place: Of a single thing: a key of ``DIRECTIONS``, or empty for the centre. Of two: where the first lies,
            seen from the second.
        light: The direction the light comes from, as told; empty where it is not told.
        light_angle: The direction it truly comes from: radians from the positive x axis, clockwise (y is down).
        outlined: Draw an ink line around everything (the style that the example LoRA learns).
    """

    background: str
    things: tuple[Thing, ...]
    place: str
    light: str
    light_angle: float
    outlined: bool = False


def random_scene(
    rng: random.Random,
    *,
    without: Collection[tuple[str, str]] = (),
    count: int | None = None,
    shape: str = "",
    outlined: bool = False,
) -> Scene:
    """Draw a scene in which no thing has a colour and shape of ``without``.

    Args:
        count: 1 or 2 things; None draws one in two scenes of five.
        shape: Of at least one of the things; empty for any.
    """
    count = count or (1 if rng.random() < 0.4 else 2)
    while True:
        background, *colours = rng.sample(list(COLOURS), 1 + count)
        shapes = rng.choices(list(SHAPES), k=count)
        if shape:
            shapes[rng.randrange(count)] = shape
        if not set(zip(colours, shapes, strict=True)) & set(without):
            break
    place, centres = _single_place(rng) if count == 1 else _pair_places(rng)
    things = tuple(
        _random_thing(rng, colour, its_shape, centre, scale=1.2 if count == 1 else 0.82)
        for colour, its_shape, centre in zip(colours, shapes, centres, strict=True)
    )
    light, light_angle = _random_light(rng)
    return Scene(background, things, place, light, light_angle, outlined)


def numbered_scene(
    seed: int, number: int, *, without: Collection[tuple[str, str]] = UNSEEN, outlined: bool = False
) -> Scene:
    """The ``number``-th scene of a seed's endless sequence."""
    return random_scene(random.Random(f"scene {seed} {number}"), without=without, outlined=outlined)


def _single_place(rng: random.Random) -> tuple[str, Sequence[tuple[float, float]]]:
    place = rng.choice(["", "", *DIRECTIONS])
    dx, dy = DIRECTIONS.get(place, (0, 0))
    return place, [(0.5 + 0.2 * dx + rng.uniform(-0.05, 0.05), 0.5 + 0.2 * dy + rng.uniform(-0.05, 0.05))]


def _pair_places(rng: random.Random) -> tuple[str, Sequence[tuple[float, float]]]:
    place = rng.choice(list(DIRECTIONS))
    dx, dy = DIRECTIONS[place]
    centres = []
    for side in (1, -1):
        along, across = side * 0.24 + rng.uniform(-0.03, 0.03), rng.uniform(-0.09, 0.09)
        centres.append((0.5 + dx * along + abs(dy) * across, 0.5 + dy * along + abs(dx) * across))
    return place, centres


def _random_thing(rng: random.Random, colour: str, shape: str, centre: tuple[float, float], scale: float) -> Thing:
    size = rng.choice(list(RADII))
    radius = RADII[size] * scale * rng.uniform(0.92, 1.08)
    x, y = (min(max(along, radius), 1 - radius) for along in centre)  # wholly inside the picture
    return Thing(colour, shape, size, x, y, radius, angle=rng.uniform(-0.22, 0.22))


def _random_light(rng: random.Random) -> tuple[str, float]:
    if rng.random() < 0.4:
        return "", rng.uniform(-math.pi, math.pi)
    light = rng.choice(list(DIRECTIONS))
    dx, dy = DIRECTIONS[light]
    return light, math.atan2(dy, dx) + rng.uniform(-0.3, 0.3)
