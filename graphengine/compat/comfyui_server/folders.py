"""Folders of this machine, as far as clients learn of them."""

from collections.abc import Mapping
from pathlib import Path

from graphengine.settings import Settings

USER = "default"  # the one user


def roots(settings: Settings) -> Mapping[str, Path]:
    """Type of a file -> its folder."""
    return {"output": settings.output_folder, "input": settings.input_folder, "temp": settings.temp_folder}


def user_folder(settings: Settings) -> Path:
    """What the page keeps: settings, workflows."""
    return settings.home / "user" / USER


def shown(path: Path, settings: Settings) -> str:
    """A path as clients see it: below the home whole, elsewhere only its last two parts."""
    if path.is_relative_to(settings.home):
        return path.relative_to(settings.home).as_posix()
    return "/".join(path.parts[-2:])
