"""Describe scenes in words, and keep what the words demand of a picture."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graphengine.diffusion.training.world.palette import COLOURS
from graphengine.diffusion.training.world.scene import (
    DIRECTIONS,
    OPPOSITE,
    UNSEEN,
    Scene,
    Thing,
    numbered_scene,
    random_scene,
)
from graphengine.diffusion.training.world.shapes import SHAPES

PREFIXES: Sequence[str] = ("a picture of ", "a photo of ", "an image of ", "a drawing of ", "there is ")
SUFFIXES: Sequence[str] = (", high quality", ", beautiful", ", masterpiece, best quality", ", detailed")
STRANGERS: Sequence[str] = ("cat", "castle", "city", "forest", "girl", "ocean", "painting", "robot", "sky", "winter")
"""Words outside the grammar. All share one embedding, so the denoiser learns to ignore what it does not know."""

SIZE_WORDS: Mapping[str, Sequence[str]] = {"": ("",), "small": ("small ", "little "), "large": ("large ", "big ")}
POSITION_WORDS: Mapping[str, str] = {"left": "on the left", "right": "on the right", "above": "at the top",
                                     "below": "at the bottom"}  # fmt: skip
RELATION_WORDS: Mapping[str, Sequence[str]] = {
    "left": ("left of", "left of", "to the left of"),
    "right": ("right of", "right of", "to the right of"),
    "above": ("above",),
    "below": ("below",),
}


@dataclass(frozen=True)
class Wanted:
    """What a caption demands.

    Attributes:
        things: Colour and shape of each thing, in the order named.
        place: Direction of the single thing from the centre, or of the first of two from the second; empty for any.
        background: A colour; empty for any.
        light: A direction; empty for any.
    """

    things: tuple[tuple[str, str], ...]
    place: str = ""
    background: str = ""
    light: str = ""


@dataclass(frozen=True)
class Caption:
    """A text with what it demands."""

    text: str
    wanted: Wanted


def caption(scene: Scene, rng: random.Random, *, with_place: bool = True, background: float = 0.85) -> Caption:
    """Describe a scene, leaving out some of it and varying the words.

    Args:
        with_place: Say where things are. Without it two things are joined by "and" (in one case of ten anyway).
        background: How often its colour is told.
    """
    prefix = rng.choice(PREFIXES) if rng.random() < 0.55 else ""
    suffix = rng.choice(SUFFIXES) if rng.random() < 0.5 else ""
    things, place, words = _things_in_words(scene, rng, with_place)
    behind = scene.background if rng.random() < background else ""
    light = scene.light if rng.random() < 0.8 else ""
    before = f" on {_article(behind)} {behind} background" if behind else ""
    lit = f", lit from {'' if light in ('above', 'below') else 'the '}{light}" if light else ""
    wanted = Wanted(tuple((thing.colour, thing.shape) for thing in things), place, behind, light)
    return Caption(f"{prefix}{words}{before}{lit}{suffix}", wanted)


def training_text(scene: Scene, rng: random.Random, *, with_place: bool = True, background: float = 0.85) -> str:
    """A caption as the denoiser trains on: empty in one case of ten, with unknown words in one of five."""
    if rng.random() < 0.1:
        return ""
    text = caption(scene, rng, with_place=with_place, background=background).text
    if rng.random() < 0.2:
        strangers = " ".join(rng.choices(STRANGERS, k=rng.randint(1, 3)))
        return f"{strangers} {text}" if rng.random() < 0.5 else f"{text} {strangers}"
    return text


def held_out_captions(seed: int, count: int, *, with_place: bool = True) -> list[tuple[Scene, Caption]]:
    """The first ``count`` scenes of a seed with a caption each; keep the seed apart from the one trained on."""
    scenes = [numbered_scene(seed, number) for number in range(count)]
    return [
        (scene, caption(scene, random.Random(f"caption {seed} {number}"), with_place=with_place))
        for number, scene in enumerate(scenes)
    ]


def unseen_captions(count: int) -> list[tuple[Scene, Caption]]:
    """Scenes of one thing whose colour and shape never occur together in training, with a caption each."""
    told = []
    for number in range(count):
        rng = random.Random(f"unseen {number}")
        colour, shape = sorted(UNSEEN)[number % len(UNSEEN)]
        scene = random_scene(rng, count=1)
        background = rng.choice([other for other in COLOURS if other != colour])
        thing = replace(scene.things[0], colour=colour, shape=shape)
        scene = replace(scene, things=(thing,), background=background)
        told.append((scene, caption(scene, rng)))
    return told


def vocabulary() -> list[str]:
    """Every word a caption can hold."""
    sources = [*PREFIXES, *SUFFIXES, *POSITION_WORDS.values(), *COLOURS, *SHAPES, *DIRECTIONS]
    sources += ["a an and", "on background", ", lit from the"]
    sources += [word for words in (*SIZE_WORDS.values(), *RELATION_WORDS.values()) for word in words]
    return sorted({word for source in sources for word in source.replace(",", " , ").split()})


def _things_in_words(scene: Scene, rng: random.Random, with_place: bool) -> tuple[Sequence[Thing], str, str]:
    """The things in the order named, the place demanded, and the words for both."""
    if len(scene.things) == 1:
        where = f" {POSITION_WORDS[scene.place]}" if with_place and scene.place else ""
        return scene.things, scene.place if with_place else "", _noun(scene.things[0], rng) + where
    things, place = scene.things, scene.place
    if rng.random() < 0.15:
        things, place = things[::-1], OPPOSITE[place]
    first, second = (_noun(thing, rng) for thing in things)
    if not with_place or rng.random() < 0.1:
        return things, "", f"{first} and {second}"
    return things, place, f"{first} {rng.choice(RELATION_WORDS[place])} {second}"


def _noun(thing: Thing, rng: random.Random) -> str:
    phrase = f"{rng.choice(SIZE_WORDS[thing.size])}{thing.colour} {thing.shape}"
    return f"{_article(phrase)} {phrase}"


def _article(phrase: str) -> str:
    return "an" if phrase.startswith("orange") else "a"
