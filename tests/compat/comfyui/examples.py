"""Example workflows: a few that lie here, and all of a folder that GRAPHENGINE_EXAMPLE_WORKFLOWS names."""

import json
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2] / "data" / "workflows"
FOLDERS = [HERE, *(Path(folder) for folder in [os.environ.get("GRAPHENGINE_EXAMPLE_WORKFLOWS")] if folder)]
API = sorted(path for folder in FOLDERS for path in folder.glob("*.api.json"))
EDITOR = sorted(path for folder in FOLDERS for path in folder.glob("*.ui.json"))
TWINS = [(path, path.with_name(path.name.replace(".api.", ".ui."))) for path in API]

# What the editor sent in old versions beside the inputs of a kind, and no longer sends.
UPLOAD_BUTTON = {"upload", "choose file to upload"}


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def name(path: Any) -> str:
    return path.name if isinstance(path, Path) else str(path)
