"""graphengine: a node-graph workflow engine for diffusion models."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphengine.engine import Engine
    from graphengine.graph.workflow import Workflow
    from graphengine.settings import Settings

__version__ = "0.1.0"
__all__ = ["Engine", "Settings", "Workflow", "__version__"]

_HOMES = {
    "Engine": "graphengine.engine",
    "Settings": "graphengine.settings",
    "Workflow": "graphengine.graph.workflow",
}


def __getattr__(name: str) -> Any:
    """Import the public names when first asked for, so that ``--help`` costs nothing."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'graphengine' has no attribute '{name}'")
