import subprocess
import sys

import pytest

FREE_A_MAP = """
import torch
from pathlib import Path
from graphengine.diffusion.allocator import give_back_large_blocks

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

give_back_large_blocks()
torch.ones(2**22)
before = held()
kept = []
for _ in range(8):  # holes: of two neighbours one stays
    gone, stays = torch.ones(2**21), torch.ones(2**10)
    kept.append(stays)
    del gone
print(held() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_freed_maps_leave_no_holes_in_the_heap():
    done = subprocess.run([sys.executable, "-c", FREE_A_MAP], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8 * 2**20
