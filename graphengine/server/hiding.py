"""Paths of this machine in texts that clients get."""

from collections.abc import Mapping
from pathlib import Path

from graphengine.settings import Settings


def hidden_paths(settings: Settings) -> dict[str, str]:
    """Paths that no answer names -> what stands for them."""
    named = {settings.home: "HOME", settings.output_folder: "OUTPUT", Path.home(): "~"}
    return {str(path): name for path, name in named.items() if len(path.parts) > 1}


def hide(text: str, hidden: Mapping[str, str]) -> str:
    """A text with what stands for paths in their places."""
    for path in sorted(hidden, key=len, reverse=True):
        text = text.replace(path, hidden[path])
    return text
