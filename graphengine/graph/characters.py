"""Characters that are none: a text may hold half of a surrogate pair, which UTF-8 cannot."""

from typing import Any


def whole(text: str) -> str:
    """The text with broken characters as ``?``."""
    return text.encode(errors="replace").decode()


def all_whole(data: Any) -> Any:
    """Plain data with the texts and names in it as ``whole``."""
    if isinstance(data, str):
        return whole(data)
    if isinstance(data, dict):
        return {all_whole(name): all_whole(value) for name, value in data.items()}
    return [all_whole(value) for value in data] if isinstance(data, (list, tuple)) else data
