"""Processes that train together are gone with the one that began them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
from functools import partial
from pathlib import Path

import torch

from graphengine.diffusion.training.processes import train_together


def work_without_end(folder, *, peers, on_progress):
    (folder / str(peers.rank)).touch()
    values = torch.ones(300, 300)
    while True:
        values = (values @ values).clamp(-1, 1)  # and nothing is reported


if __name__ == "__main__":
    train_together(partial(work_without_end, Path(sys.argv[1])), 2, print)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_who_trains_ends_within_seconds_of_its_parent_though_it_reports_nothing(tmp_path, number):
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "ready").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    parent = subprocess.Popen([sys.executable, tmp_path / "script.py", tmp_path / "ready"], env=environment)
    limit = time.monotonic() + 60
    while len(list((tmp_path / "ready").iterdir())) < 2:
        assert parent.poll() is None and time.monotonic() < limit
        time.sleep(0.05)
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) >= 2
    parent.send_signal(number)
    assert parent.wait(10) == -number
    _, left = psutil.wait_procs(children, timeout=5)
    for process in left:
        process.kill()
    assert left == []
