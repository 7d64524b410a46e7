"""Count what the checker finds right in pictures of captions."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from torch import Tensor

from graphengine.diffusion.training.world.caption import Caption
from graphengine.diffusion.training.world.checker import Verdict, judge


@dataclass(frozen=True)
class Score:
    """The share of pictures, 0 to 1, that got each part right, and all of it."""

    pictures: int
    background: float
    count: float
    colours: float
    shapes: float
    place: float
    light: float
    all_right: float
    one_thing: float
    two_things: float

    def table(self) -> str:
        """The shares in per cent, one a line."""
        shares = [(name.replace("_", " "), 100 * value) for name, value in asdict(self).items() if name != "pictures"]
        return "\n".join([f"{self.pictures} pictures", *(f"{name:12}{value:6.1f} %" for name, value in shares)])


def score(pictures: Tensor, captions: Sequence[Caption]) -> Score:
    """Judge B x 3 x S x S pictures in 0..1 by their captions."""
    verdicts = [judge(picture, caption.wanted) for picture, caption in zip(pictures, captions, strict=True)]

    def share(chosen: Sequence[Verdict], name: str = "all_right") -> float:
        return sum(getattr(verdict, name) for verdict in chosen) / max(1, len(chosen))

    by_count = [
        [verdict for verdict, caption in zip(verdicts, captions, strict=True) if len(caption.wanted.things) == count]
        for count in (1, 2)
    ]
    parts = {field.name: share(verdicts, field.name) for field in fields(Verdict)}
    return Score(
        len(verdicts),
        **parts,
        all_right=share(verdicts),
        one_thing=share(by_count[0]),
        two_things=share(by_count[1]),
    )
