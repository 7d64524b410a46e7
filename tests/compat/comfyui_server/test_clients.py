"""Other people's client libraries, from PyPI, run a job and fetch its picture."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from graphengine.engine import Engine
from graphengine.formats import write
from graphengine.settings import Settings
from tests.compat.comfyui_server.scripts import play

WORKFLOWS = Path(__file__).parents[3] / "workflows"
pytestmark = pytest.mark.filterwarnings("ignore")  # theirs


@pytest.fixture(scope="module")
def graph(home):
    engine = Engine(Settings(home=home))
    workflow = engine.read(WORKFLOWS / "text_to_image.json").set("steps", 3).set("width", 64).set("height", 64)
    return json.loads(write(workflow, "api", engine.registry.specs))


def test_comfy_api_simplified_gets_the_picture(home, graph):
    simplified = pytest.importorskip("comfy_api_simplified")

    def use(base):
        api, workflow = simplified.ComfyApiWrapper(base), simplified.ComfyWorkflowWrapper(titled)
        workflow.set_node_param("Prompt", "text", "a green square")
        workflow.set_node_param("save", "filename_prefix", "simplified")
        pictures = api.queue_and_wait_images(workflow, "save")
        return pictures, api.get_object_info("KSampler"), api.get_system_stats()

    titled = {id: node | {"_meta": node.get("_meta", {"title": id})} for id, node in graph.items()}

    async def act(script):
        pictures, info, stats = await asyncio.to_thread(use, script.base)
        ((name, data),) = pictures.items()
        assert name.startswith("simplified") and Image.open(io.BytesIO(data)).size == (64, 64)
        assert info["KSampler"]["output"] == ["LATENT"] and stats["devices"]

    play(home, act)


def test_pycomfy_gets_the_picture(home, graph, tmp_path):
    pycomfy = pytest.importorskip("pycomfy")
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(graph))

    def use(base):
        with pycomfy.ComfyAPI(base) as api:
            return api.load_workflow(str(file)).execute(seed=77)

    async def act(script):
        (picture,) = await asyncio.to_thread(use, script.base)
        assert picture.size == (64, 64)
        (item,) = (await script.get("/history", max_items=1)).values()
        assert item["prompt"][2]["sampler"]["inputs"]["seed"] == 77

    play(home, act)
