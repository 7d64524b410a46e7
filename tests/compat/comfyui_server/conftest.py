import json
import shutil
from pathlib import Path

import pytest

from tests.indexed import PACKS, indexed

PACK = Path(__file__).parent / "dressed"
WORKFLOWS = Path(__file__).parents[3] / "workflows"


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return indexed(tmp_path_factory.mktemp("comfyui"), PACKS)


@pytest.fixture(scope="session")
def dressed(tmp_path_factory):
    """A home with a pack that has scripts, help, translations and an example for the page."""
    home = tmp_path_factory.mktemp("dressed")
    folder = home / "packs/dressed"
    shutil.copytree(PACK, folder)
    (folder / "secret.txt").write_text("hidden words")
    shutil.copy(WORKFLOWS / "lora.json", folder / "secret.json")
    (folder / "web/link.js").symlink_to(folder / "secret.txt")
    (folder / "locales/en").mkdir(parents=True)
    (folder / "locales/en/main.json").write_text(json.dumps({"a": {"b": "c"}}))
    (folder / "locales/en/nodeDefs.json").write_text(json.dumps({"dressed/Talk": {"display_name": "Talk!"}}))
    (folder / "locales/en/commands.json").write_text("{broken")
    (folder / "example_workflows").mkdir()
    shutil.copy(WORKFLOWS / "lora.json", folder / "example_workflows/mine.json")
    return home
