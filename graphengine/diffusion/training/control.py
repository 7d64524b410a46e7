"""Train a ControlNet that follows edges, on a finished denoiser: Zhang et al. 2023 (arXiv:2302.05543)."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from graphengine.diffusion.denoisers.controlnet import ControlNet, ControlNetConfig
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.training.dataset import Dataset, batch, picture_bytes, share
from graphengine.diffusion.training.device import device_of, half
from graphengine.diffusion.training.export import export
from graphengine.diffusion.training.fresh import seeded
from graphengine.diffusion.training.loop import RESULT, Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.loss import layout_weights, sample_errors
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.text_to_image import Space, TextToImage
from graphengine.diffusion.training.world.edges import edge_map

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ControlTraining:
    """How a control network is trained.

    Attributes:
        hint_channels: Widths of the convolutions on the hint, after its 3 channels and before the denoiser's first.
        size: Pixels a side.
        pictures: Number of different pictures that each process encodes before it starts.
        batch: Pictures in each process's step.
        empty: Share of the captions that are left empty, so that it learns to see by itself.
        noisy: Share of the steps drawn from the noisier part, where edges decide most.
        seed: Of the first weights.
    """

    hint_channels: tuple[int, ...] = (8, 8, 16, 16, 32, 32, 64)
    size: int = 128
    pictures: int = 2000
    batch: int = 16
    empty: float = 0.25
    noisy: float = 0.5
    seed: int = 300
    settings: Settings = field(
        default_factory=lambda: Settings(2e-3, warm_up=60, decay_from=0.2, floor=0.03, ema_decay=0.995)
    )


def train_controlnet(
    config: ControlTraining,
    model: TextToImage,
    space: Space,
    dataset: Dataset,
    folder: Path,
    *,
    budget: Budget,
    begin: ControlNet | None = None,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Train ``begin``, or a copy of the denoiser's encoder, from the folder's last checkpoint if there is one.

    The folder then has the averaged weights in ``RESULT``.
    """
    peers = peers or Peers()
    control = begin or control_copy(config, model.unet)
    task = ControlTask(config, control.requires_grad_(True), model, space, dataset, peers)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    if peers.rank == 0:
        run.ema.swap(task.control)
        export(folder / RESULT, task.control)


def control_copy(config: ControlTraining, unet: UNet) -> ControlNet:
    """A control network that starts as the denoiser's encoder and adds nothing yet."""
    hint_channels = (3, *config.hint_channels, unet.config.channels[0])
    control = seeded(config.seed, lambda: ControlNet(ControlNetConfig(unet.config, hint_channels)))
    own = control.state_dict()
    shared = {name: tensor for name, tensor in unet.state_dict().items() if name in own}
    control.load_state_dict({**own, **shared})
    return control.to(device_of(unet))


class ControlTask:
    """The weighted eps loss of the frozen denoiser, steered by the edges of the picture it should draw."""

    def __init__(
        self,
        config: ControlTraining,
        control: ControlNet,
        model: TextToImage,
        space: Space,
        dataset: Dataset,
        peers: Peers,
    ) -> None:
        self.config, self.control, self.dataset = config, control, dataset
        self.model = model.requires_grad_(False)
        self.device = device_of(model)
        self.objective = space.objective(self.device)
        self.numbers = share(dataset, peers, config.pictures)
        self.latents, self.hints = latents_and_hints(space, dataset, self.numbers, config.size)
        log.info("encoded %d pictures", len(self.numbers))

    @property
    def module(self) -> nn.Module:
        return self.control

    def loss(self, rng: random.Random) -> Tensor:
        chosen = batch(len(self.numbers), self.config.batch, rng)
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        latents, hints = self.latents[chosen], self.hints[chosen].float().expand(-1, 3, -1, -1)
        noise = torch.randn(latents.shape, generator=generator)
        timestep = torch.tensor([self._timestep(rng) for _ in chosen])
        latents, hints, noise, timestep = (v.to(self.device) for v in (latents, hints, noise, timestep))
        noisy = self.objective.noisy(latents, noise, timestep)
        with half(self.control):
            context = self.model.context([self._text(index, rng) for index in chosen])
            residuals = self.control(noisy, timestep, context, hints)
            output = self.model.unet(noisy, timestep, context, residuals=residuals)
        errors = sample_errors(output, self.objective.target(latents, noise, timestep))
        return (errors * layout_weights(self.objective.alphas_cumprod[timestep])).mean()

    def _timestep(self, rng: random.Random) -> int:
        steps = len(self.objective.alphas_cumprod)
        return rng.randrange(2 * steps // 5, steps) if rng.random() < self.config.noisy else rng.randrange(steps)

    def _text(self, index: int, rng: random.Random) -> str:
        if rng.random() < self.config.empty:
            return ""
        return self.dataset.text(self.numbers[index], rng)


def latents_and_hints(
    space: Space, dataset: Dataset, numbers: Sequence[int], size: int, chunk: int = 40
) -> tuple[Tensor, Tensor]:
    """Scaled latents and edges (bool, B x 1 x S x S) of many pictures."""
    latents, hints = [], []
    for some in picture_bytes(dataset, numbers, size).split(chunk):
        image = some.float() / 255
        hints.append(edge_map(image).bool())
        latents.append(space.encode(image))
    return torch.cat(latents), torch.cat(hints)
