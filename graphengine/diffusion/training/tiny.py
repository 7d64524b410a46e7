"""Train the embedded models: ``python -m graphengine.diffusion.training.tiny STAGE --folder F --minutes M``.

The stages in their order: ``autoencoder``, ``small`` and ``large`` (the denoiser with its text encoder, on pictures of
64, then 128 pixels), ``edges`` (a ControlNet), ``style`` (a LoRA). Each goes on from its last checkpoint in the
folder, takes up what the stages before it left there, and writes its model to ``export`` when it is done. ``score``
(whose minutes mean nothing) measures all of them and writes the figures into their metadata.
"""

import argparse
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor, distributed
from torch.multiprocessing.spawn import spawn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.controlnet import ControlNet
from graphengine.diffusion.training.autoencoder import AutoencoderTraining, render_bytes, train_autoencoder, whiten
from graphengine.diffusion.training.control import ControlTraining, control_copy, train_controlnet
from graphengine.diffusion.training.export import export_checkpoint, export_controlnet, export_lora
from graphengine.diffusion.training.loop import Budget, Progress, Settings
from graphengine.diffusion.training.lora import LoraTraining, apply_halves, train_lora
from graphengine.diffusion.training.measure import (
    measure_autoencoder,
    measure_edges,
    measure_outlines,
    measure_text_to_image,
)
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.score import Drawing
from graphengine.diffusion.training.text_to_image import (
    LATENTS,
    TextToImage,
    TextToImageTraining,
    train_text_to_image,
)
from graphengine.diffusion.training.world.scene import numbered_scene

log = logging.getLogger(__name__)

AUTOENCODER = AutoencoderTraining()
SMALL = TextToImageTraining()
LARGE = replace(
    SMALL, size=128, batch=28, scenes=3500, seed=201,
    settings=Settings(learning_rate=1.5e-3, warm_up=20, decay_from=0.3, floor=0.02, ema_decay=0.9985),
)  # fmt: skip
EDGES = ControlTraining()
STYLE = LoraTraining()


def report(progress: Progress) -> None:
    """Log every fiftieth step."""
    if progress.step % 50 == 0:
        log.info(
            "step %d %.0f s %.1f %% loss %.4f norm %.2f",
            progress.step, progress.seconds, 100 * progress.fraction, progress.loss, progress.gradient_norm,
        )  # fmt: skip


def autoencoder_stage(folder: Path, budget: Budget, peers: Peers) -> None:
    """Train, then fold the latents' mean and spread into the weights."""
    averaged = train_autoencoder(
        AUTOENCODER, folder / "autoencoder", budget=budget, peers=peers, on_progress=report
    )  # fmt: skip
    if peers.rank == 0:
        autoencoder = AutoencoderKL(AUTOENCODER.network)
        autoencoder.load_state_dict(torch.load(averaged, weights_only=True))
        scenes = [numbered_scene(AUTOENCODER.seed, number) for number in range(400)]
        whiten(autoencoder, render_bytes(scenes, AUTOENCODER.size).float() / 255, LATENTS.scale)
        torch.save(autoencoder.state_dict(), folder / "autoencoder.pt")


def small_stage(folder: Path, budget: Budget, peers: Peers) -> None:
    train_text_to_image(
        SMALL, folder / "small", autoencoder=load_autoencoder(folder), budget=budget, peers=peers, on_progress=report
    )


def large_stage(folder: Path, budget: Budget, peers: Peers) -> None:
    autoencoder = load_autoencoder(folder)
    train_text_to_image(
        LARGE, folder / "large", autoencoder=autoencoder, start=folder / "small" / "ema.pt",
        budget=budget, peers=peers, on_progress=report,
    )  # fmt: skip
    if peers.rank == 0:
        export_world(folder, {})


def edges_stage(folder: Path, budget: Budget, peers: Peers) -> None:
    train_controlnet(
        EDGES, folder / "edges", model=load_model(folder), autoencoder=load_autoencoder(folder),
        budget=budget, peers=peers, on_progress=report,
    )  # fmt: skip
    if peers.rank == 0:
        export_edges(folder, {})


def style_stage(folder: Path, budget: Budget, peers: Peers) -> None:
    train_lora(
        STYLE, folder / "style", model=load_model(folder), autoencoder=load_autoencoder(folder),
        budget=budget, peers=peers, on_progress=report,
    )  # fmt: skip
    if peers.rank == 0:
        export_style(folder, {})


def score_stage(folder: Path, _: Budget, peers: Peers) -> None:
    """Measure all models (the last process those on top of the first) and write the figures into their metadata."""
    model, autoencoder, drawing = load_model(folder), load_autoencoder(folder), Drawing()
    if peers.rank == 0:
        figures = {"autoencoder": measure_autoencoder(autoencoder)}
        export_world(folder, {**figures, **measure_text_to_image(model, autoencoder, drawing)})
    if peers.rank == peers.count - 1:
        export_edges(folder, measure_edges(model, load_control(folder, model), autoencoder, drawing))
        layers = apply_halves(model.unet, load_halves(folder))
        export_style(folder, measure_outlines(model, layers, autoencoder, drawing))


def export_world(folder: Path, figures: Mapping[str, object]) -> None:
    metadata = {"prediction": "eps", **facts(LARGE, figures)}
    path = folder / "export" / "tiny_world.safetensors"
    export_checkpoint(path, load_model(folder), load_autoencoder(folder), metadata)


def export_edges(folder: Path, figures: Mapping[str, object]) -> None:
    control = load_control(folder, load_model(folder))
    export_controlnet(folder / "export" / "tiny_edges.safetensors", control, facts(EDGES, figures))


def export_style(folder: Path, figures: Mapping[str, object]) -> None:
    metadata = {"ss_network_dim": str(STYLE.rank), **facts(STYLE, figures)}
    path = folder / "export" / "tiny_outlined_lora.safetensors"
    export_lora(path, load_model(folder).unet, load_halves(folder), metadata)


def facts(
    training: TextToImageTraining | ControlTraining | LoraTraining, figures: Mapping[str, object]
) -> dict[str, str]:
    """Metadata: how a model was trained, and what it scored."""
    log.info("scores %s", json.dumps(figures))
    return {"training": json.dumps(asdict(training)), "scores": json.dumps(figures)}


STAGES: Mapping[str, Callable[[Path, Budget, Peers], None]] = {
    "autoencoder": autoencoder_stage,
    "small": small_stage,
    "large": large_stage,
    "edges": edges_stage,
    "style": style_stage,
    "score": score_stage,
}


def load_autoencoder(folder: Path) -> AutoencoderKL:
    """The finished autoencoder of a training folder."""
    autoencoder = AutoencoderKL(AUTOENCODER.network)
    autoencoder.load_state_dict(torch.load(folder / "autoencoder.pt", weights_only=True))
    return autoencoder.eval().requires_grad_(False)


def load_model(folder: Path, stage: str = "large") -> TextToImage:
    """The denoiser and text encoder that a finished stage of a training folder left."""
    model = TextToImage(LARGE.unet, LARGE.text)
    model.load_state_dict(torch.load(folder / stage / "ema.pt", weights_only=True))
    return model.eval()


def load_control(folder: Path, model: TextToImage) -> ControlNet:
    """The control network of a training folder."""
    control = control_copy(EDGES, model)
    control.load_state_dict(torch.load(folder / "edges" / "ema.pt", weights_only=True))
    return control.eval()


def load_halves(folder: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """The halves of every layer of the LoRA of a training folder."""
    saved: dict[str, tuple[Tensor, Tensor]] = torch.load(folder / "style" / "ema.pt", weights_only=True)
    return saved


def work(rank: int, count: int, stage: str, folder: Path, minutes: float, port: int) -> None:
    """One of ``count`` single-threaded processes that train together."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {stage} {rank} %(message)s")
    torch.set_num_threads(1)
    if count > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        distributed.init_process_group("gloo", rank=rank, world_size=count)
    STAGES[stage](folder, Budget(minutes=minutes), Peers(rank, count))
    log.info("done")
    if count > 1:
        distributed.barrier()
        distributed.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--port", type=int, default=29511)
    arguments = parser.parse_args()
    spawn(
        work,
        (arguments.processes, arguments.stage, arguments.folder, arguments.minutes, arguments.port),
        nprocs=arguments.processes,
    )


if __name__ == "__main__":
    main()
