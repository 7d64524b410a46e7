"""Train in several processes on one machine, each with its share of the pictures and one thread."""

import copy
import os
import signal
import tempfile
import threading
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Protocol

import torch
from torch import distributed
from torch.multiprocessing.spawn import spawn

from graphengine.diffusion.training.loop import OnProgress, Progress, Stopped
from graphengine.diffusion.training.peers import Peers


class Work(Protocol):
    """A training function that lacks only its place among others, and whom to tell of its progress."""

    def __call__(self, *, peers: Peers, on_progress: OnProgress) -> None: ...


def train_together(work: Work, count: int, on_progress: OnProgress) -> None:
    """Train in ``count`` processes; in this one if it is one.

    Args:
        work: Must be picklable if there are several; each process gets a copy.
        on_progress: Called in this process.

    Raises:
        Stopped: ``on_progress`` said so.
    """
    if count == 1:
        with torch.inference_mode(False), torch.enable_grad():
            work(peers=Peers(), on_progress=on_progress)
        return
    ours, theirs = get_context("spawn").Pipe()
    stopped = False
    with tempfile.TemporaryDirectory() as folder, ours, theirs:
        arguments = (count, work, Path(folder) / "meeting", theirs)
        processes = spawn(_join_in, arguments, nprocs=count, join=False)
        while not processes.join(timeout=0):
            if ours.poll(0.1):
                going = on_progress(ours.recv())
                stopped |= not going
                ours.send(going)
    if stopped:
        raise Stopped


def _join_in(rank: int, count: int, work: Work, meeting: Path, reports: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop, and that the state is saved
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)

    def report(progress: Progress) -> bool:
        reports.send(progress)
        return bool(reports.recv())

    try:
        with suppress(Stopped):
            # what was sent over lies in memory that all processes share, and training changes it in place
            copy.deepcopy(work)(peers=Peers(rank, count), on_progress=report)
        distributed.barrier()  # nobody may leave while another still talks to it
    finally:
        distributed.destroy_process_group()


def _end_with_parent() -> None:
    """End this process at once when the one that began it is no more, however it ended: nobody takes the result."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
