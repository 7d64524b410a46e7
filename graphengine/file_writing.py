"""Files written so that none is ever seen half-written."""

import contextlib
import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path


def write_aside(path: Path, data: bytes) -> None:
    """Write a file so that it is never seen half-written: beside it first, then renamed.

    What is no file, such as a pipe, is written into. A symbolic link stays one, and what it leads to is written: who
    takes a name from a client asks ``resolve_in`` first, which lets no link lead out. A name that was only reserved, an
    empty file, is given back when that fails.
    """
    path = _led_to(path)
    aside = path.with_name(f".{os.getpid()}-{threading.get_ident()}.part")
    with naming(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(data)
            return
        try:
            aside.write_bytes(data)
            os.replace(aside, path)
        except BaseException:
            if path.is_file() and not path.stat().st_size:
                path.unlink()
            raise
        finally:
            aside.unlink(missing_ok=True)


def _led_to(path: Path) -> Path:
    """Where a symbolic link leads, through any number of them; the path itself if it is none.

    Raises:
        OSError: It leads round in circles.
    """
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return target


def claim(path: Path) -> bool:
    """Make an empty file; whether there was none."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have what goes wrong inside name the path: the system does so when a file is opened, not when a disk is full."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
