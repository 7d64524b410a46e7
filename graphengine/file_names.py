"""Names of files, as clients give them: a file is named relative to a folder, and here alone a name becomes a path."""

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath

from graphengine.graph.errors import CallError

SOME_SYSTEMS = frozenset(':*?"<>|')  # in names of files on all systems but Windows
FOR_ALL_SYSTEMS = str.maketrans(dict.fromkeys(SOME_SYSTEMS, "_"))  # of a name that is to be made


def resolve_in(root: Path, name: str) -> Path:
    """The path of ``name`` inside ``root``; the file need not exist.

    Raises:
        CallError: The name is absolute, empty, overlong, leaves the folder (also through a symbolic link), or has
            characters that no file name needs, or only that of a file which is there.
    """
    try:
        resolved = named_in(root, name).resolve()
        inside = resolved.is_relative_to(root.resolve())
    except RuntimeError:  # symbolic links in a circle
        inside = False
    if not inside:
        raise CallError(f"The name {name!r} leads out of its folder.", "Name a file inside the folder.")
    return resolved


def named_in(root: Path, name: str) -> Path:
    """The path of ``name`` below ``root``, symbolic links not looked at (people keep models behind them).

    Raises:
        CallError: The name is absolute, empty, overlong, has ``..`` or characters that no file name needs, or only
            that of a file which is there.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    odd = not name.isprintable()
    long = len(name) > 1024 or any(len(part.encode(errors="replace")) > 255 for part in path.parts)
    empty = not name.strip() or not path.parts
    # of an absolute name the first part is a slash
    if odd or long or empty or any(map(_misleads, path.parts)):
        raise CallError(f"The name {name[:100]!r} is no file name.", "Name a file relative to its folder.")
    if not _takes(root / path, name):
        has = " ".join(map(repr, sorted(SOME_SYSTEMS.intersection(name))))
        raise CallError(f"The name {name[:100]!r} is no file name on all systems: it has {has}.", "Write _ there.")
    return root / path


def _takes(path: Path, name: str) -> bool:
    """Whether every system has such a name, or this one has the file already."""
    return SOME_SYSTEMS.isdisjoint(name) or (os.name != "nt" and os.path.lexists(path))


def can_be_named(folder: Path, name: str) -> bool:
    """Whether a file that lies in a folder is found by its name: with a backslash, read as a slash, it is not."""
    if name.isascii() and name.isprintable() and "\\" not in name:  # nearly all, and there may be thousands
        return True
    try:
        return named_in(folder, name) == folder / name
    except CallError:
        return False


def _misleads(part: str, windows: bool = os.name == "nt") -> bool:
    """Whether a part of a name is another one, or a way up, to some system that may read it.

    Windows drops dots and spaces at the end and opens devices by name; others fold look-alikes of dots and slashes.
    """
    plain = unicodedata.normalize("NFKC", part)
    up = plain.startswith(".") and not plain.rstrip(" .")
    device = re.fullmatch(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9]) *(\..*)?", plain, re.IGNORECASE)
    return up or "/" in plain or "\\" in plain or (windows and (bool(device) or part[-1] in " ."))
