"""What is fuzzed: a module a target, each with

ERRORS        what ``take`` may raise, besides nothing
seeds()       good inputs to begin with
take(data)    does with the bytes what the product does, and asserts what must be true of the outcome
"""

from importlib import import_module
from types import ModuleType

NAMES = (
    "document", "workflow", "picture", "film", "safetensors", "pickled", "body", "upload", "http", "thumbnail", "frame",
)  # fmt: skip


def load(name: str) -> ModuleType:
    """A target by name; imported only now, so that a fuzzer can instrument what it imports."""
    return import_module(f"{__name__}.{name}")
