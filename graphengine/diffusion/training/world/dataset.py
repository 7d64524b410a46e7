"""The world as a dataset: endless, rendered when asked for."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from graphengine.diffusion.training.world.caption import training_text, vocabulary
from graphengine.diffusion.training.world.render import render
from graphengine.diffusion.training.world.scene import UNSEEN, Scene, numbered_scene, random_scene

GOLDEN = (5**0.5 - 1) / 2  # whose multiples' fractions are spread evenly, over outlined scenes and others alike


@dataclass(frozen=True)
class World:
    """The scenes of a seed.

    Attributes:
        seed: Of the scenes.
        everything: Draw the pairs of colour and shape too that are otherwise kept unseen.
        outlined: Share of the scenes in the outlined style.
        vague: Share of the captions that do not say where things are.
        hard: Share of the scenes that are what a denoiser learns last: two things with a star among them, of whose
            background half of the captions say nothing.
    """

    seed: int
    everything: bool = False
    outlined: float = 0.0
    vague: float = 0.0
    hard: float = 0.0

    @property
    def identity(self) -> str:
        return repr(self)

    @property
    def length(self) -> None:
        return None

    @property
    def words(self) -> Sequence[str]:
        return vocabulary()

    def scene(self, number: int) -> Scene:
        """What is in a picture."""
        without = () if self.everything else UNSEEN
        outlined = number % 100 < 100 * self.outlined
        if self._is_hard(number):
            rng = random.Random(f"hard scene {self.seed} {number}")
            return random_scene(rng, without=without, count=2, shape="star", outlined=outlined)
        return numbered_scene(self.seed, number, without=without, outlined=outlined)

    def pictures(self, numbers: Sequence[int], size: int) -> Tensor:
        return render([self.scene(number) for number in numbers], size).image

    def text(self, number: int, rng: random.Random) -> str:
        with_place = not self.vague or rng.random() < 1 - self.vague
        told = {"background": 0.5} if self._is_hard(number) else {}
        return training_text(self.scene(number), rng, with_place=with_place, **told)

    def focus(self, number: int, rng: random.Random) -> tuple[float, float]:
        """The centre of one of the things."""
        thing = rng.choice(self.scene(number).things)
        return thing.x, thing.y

    def _is_hard(self, number: int) -> bool:
        return number * GOLDEN % 1 < self.hard
