"""Draw captions with a trained model and count what the checker finds right."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.controlnet import ControlNet
from graphengine.diffusion.sampling.denoiser import Predictor
from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.noise import gaussian_noise, start_noise
from graphengine.diffusion.sampling.samplers.dpmpp import dpmpp_2m
from graphengine.diffusion.sampling.schedules import karras
from graphengine.diffusion.training.text_to_image import LATENTS, TextToImage
from graphengine.diffusion.training.world.caption import Caption
from graphengine.diffusion.training.world.checker import Verdict, judge
from graphengine.diffusion.types import Prediction

SEED = 7  # of the scenes and captions that are held out


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

    def line(self) -> str:
        """The shares in per cent."""
        shares = (f"{name} {100 * value:.1f}" for name, value in asdict(self).items() if name != "pictures")
        return f"{self.pictures} pictures: " + ", ".join(shares)


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


@dataclass(frozen=True)
class Drawing:
    """How pictures are sampled: DPM-Solver++ 2M on Karras' noise levels, with classifier-free guidance."""

    size: int = 128
    steps: int = 20
    guidance: float = 4.0
    seed: int = 0


@torch.no_grad()
def draw(
    model: TextToImage,
    autoencoder: AutoencoderKL,
    texts: Sequence[str],
    drawing: Drawing,
    *,
    control: ControlNet | None = None,
    hints: Tensor | None = None,
    chunk: int = 25,
) -> Tensor:
    """Pictures of B texts, B x 3 x S x S in 0..1, with B x 3 x S x S hints if there is a control network."""
    latents = [
        _sample(model, texts[i : i + chunk], drawing, i, control, None if hints is None else hints[i : i + chunk])
        for i in range(0, len(texts), chunk)
    ]
    decoded = [autoencoder.decode(some / LATENTS.scale) for some in latents]
    return torch.cat(decoded).clamp(-1, 1) / 2 + 0.5


def _sample(
    model: TextToImage,
    texts: Sequence[str],
    drawing: Drawing,
    first: int,
    control: ControlNet | None,
    hints: Tensor | None,
) -> Tensor:
    count, side = len(texts), drawing.size // 8
    schedule = DiscreteSchedule(alphas_cumprod_of(make_betas("linear")))
    sigmas = karras(drawing.steps, schedule.sigma_min, schedule.sigma_max)
    x = start_noise((count, 4, side, side), drawing.seed + first) * (1 + sigmas[0] ** 2).sqrt()
    denoise = _guided(model, schedule, model.context([*texts, *[""] * count]), drawing.guidance, control, hints)
    return dpmpp_2m(denoise, x, sigmas, noise=gaussian_noise(x, drawing.seed))


def _guided(
    model: TextToImage,
    schedule: DiscreteSchedule,
    context: Tensor,
    guidance: float,
    control: ControlNet | None,
    hints: Tensor | None,
) -> Callable[[Tensor, Tensor], Tensor]:
    predictor = Predictor(model.unet, Prediction.EPS, schedule)

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        both, sigmas = torch.cat([x, x]), torch.cat([sigma, sigma])
        residuals = None
        if control is not None and hints is not None:
            scaled = predictor.scaled(both, sigmas)
            residuals = control(scaled, predictor.timestep(sigmas), context, torch.cat([hints, hints]))
        positive, negative = predictor(both, sigmas, context, residuals=residuals).chunk(2)
        return negative + guidance * (positive - negative)

    return denoise
