"""Train the embedded models: ``python -m graphengine.diffusion.training.tiny STAGE --folder F --minutes M``.

Stages, in their order: autoencoder, small, large, edges, style. Each goes on from its last checkpoint in the folder.
"""

import argparse
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import distributed, multiprocessing

from graphengine.diffusion.training.autoencoder import AutoencoderTraining, train_autoencoder
from graphengine.diffusion.training.loop import Budget, Progress
from graphengine.diffusion.training.peers import Peers

log = logging.getLogger(__name__)


def report(progress: Progress) -> None:
    """Log every fiftieth step."""
    if progress.step % 50 == 0:
        log.info(
            "step %d %.0f s %.1f %% loss %.4f norm %.2f",
            progress.step, progress.seconds, 100 * progress.fraction, progress.loss, progress.gradient_norm,
        )  # fmt: skip


def autoencoder_stage(folder: Path, budget: Budget, peers: Peers) -> Path:
    return train_autoencoder(
        AutoencoderTraining(), folder / "autoencoder", budget=budget, peers=peers, on_progress=report
    )


STAGES: Mapping[str, Callable[[Path, Budget, Peers], Path]] = {"autoencoder": autoencoder_stage}


def work(rank: int, count: int, stage: str, folder: Path, minutes: float, port: int) -> None:
    """One of ``count`` single-threaded processes that train together."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {stage} {rank} %(message)s")
    torch.set_num_threads(1)
    if count > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        distributed.init_process_group("gloo", rank=rank, world_size=count)
    path = STAGES[stage](folder, Budget(minutes=minutes), Peers(rank, count))
    log.info("done: %s", path)
    if count > 1:
        distributed.barrier()
        distributed.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--port", type=int, default=29511)
    arguments = parser.parse_args()
    multiprocessing.spawn(
        work,
        (arguments.processes, arguments.stage, arguments.folder, arguments.minutes, arguments.port),
        nprocs=arguments.processes,
    )


if __name__ == "__main__":
    main()
