"""The memory of activations on a processor: glibc is told to give large blocks back when they are freed.

Left alone it raises the size from which on it does so to that of the largest block it sees freed, keeps what is
smaller in its heap, and a decoder's blocks of many sizes leave holes of a hundred megabytes there.
"""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # names of malloc.h
BLOCK, KEPT = 4 * 2**20, 64 * 2**20  # bytes; smaller blocks stay in the heap, of which so much may be free at its end


def give_back_large_blocks() -> None:
    """Set glibc's thresholds for the whole process; elsewhere than on Linux with glibc nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, BLOCK)
        mallopt(M_TRIM_THRESHOLD, KEPT)
