"""Train the embedded models: ``python -m graphengine.diffusion.training.tiny STAGE --folder F --minutes M``.

The stages in their order: ``autoencoder``, ``small`` and ``large`` (the denoiser with its text encoder, on pictures of
64, then 128 pixels), ``edges`` (a ControlNet), ``style`` (a LoRA). Each goes on from its last checkpoint in the
folder, takes up what the stages before it left there, and writes its model to ``export`` when it is done.
"""

import argparse
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import distributed
from torch.multiprocessing.spawn import spawn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.training.autoencoder import AutoencoderTraining, render_bytes, train_autoencoder, whiten
from graphengine.diffusion.training.control import ControlTraining, control_copy, train_controlnet
from graphengine.diffusion.training.export import export_checkpoint, export_controlnet, export_lora
from graphengine.diffusion.training.loop import Budget, Progress, Settings
from graphengine.diffusion.training.lora import LoraTraining, train_lora
from graphengine.diffusion.training.peers import Peers
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
    SMALL, size=128, batch=28, scenes=5000, seed=201,
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
        metadata = {"training": json.dumps(asdict(LARGE)), "prediction": "eps"}
        export_checkpoint(folder / "export" / "tiny_world.safetensors", load_model(folder), autoencoder, metadata)


def edges_stage(folder: Path, budget: Budget, peers: Peers) -> None:
    model = load_model(folder)
    averaged = train_controlnet(
        EDGES, folder / "edges", model=model, autoencoder=load_autoencoder(folder),
        budget=budget, peers=peers, on_progress=report,
    )  # fmt: skip
    if peers.rank == 0:
        control = control_copy(EDGES, model)
        control.load_state_dict(torch.load(averaged, weights_only=True))
        export_controlnet(
            folder / "export" / "tiny_edges.safetensors", control, {"training": json.dumps(asdict(EDGES))}
        )


def style_stage(folder: Path, budget: Budget, peers: Peers) -> None:
    model = load_model(folder)
    layers = train_lora(
        STYLE, folder / "style", model=model, autoencoder=load_autoencoder(folder),
        budget=budget, peers=peers, on_progress=report,
    )  # fmt: skip
    if peers.rank == 0:
        halves = {name: (layer.lora_down, layer.lora_up) for name, layer in layers.items()}
        metadata = {"training": json.dumps(asdict(STYLE)), "ss_network_dim": str(STYLE.rank)}
        export_lora(folder / "export" / "tiny_outlined_lora.safetensors", load_model(folder).unet, halves, metadata)


STAGES: Mapping[str, Callable[[Path, Budget, Peers], None]] = {
    "autoencoder": autoencoder_stage,
    "small": small_stage,
    "large": large_stage,
    "edges": edges_stage,
    "style": style_stage,
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
