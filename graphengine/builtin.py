"""Where built-in packs, workflows, models and the page lie: beside the package in the repository, in it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSIDE = _PACKAGE / "builtin_data"
ROOT = _INSIDE if _INSIDE.is_dir() else _PACKAGE.parent

NODES = ROOT / "nodes"
WORKFLOWS = ROOT / "workflows"
MODELS = ROOT / "models"
WEB = ROOT / "web"
