"""Other people's client libraries, from PyPI, run a job and fetch its picture."""

import asyncio
import io
import json
import sys
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


@pytest.fixture
def numbered(graph):
    """The graph with numbers for ids, as ComfyUI's page gives them."""
    numbers = {id: str(number) for number, id in enumerate(graph, 1)}

    def value(name, given):
        return [numbers[given[0]], given[1]] if isinstance(given, list) else 5 if name == "seed" else given

    return {
        numbers[id]: node | {"inputs": {name: value(name, given) for name, given in node["inputs"].items()}}
        for id, node in graph.items()
    }


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


async def history(script):
    return (await script.get("/history")).values()


def seed_of(graph):
    """Of the graph of these tests; others may have run others here."""
    return graph["sampler"]["inputs"]["seed"] if "sampler" in graph else None


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
        async with asyncio.timeout(30):  # it takes its picture when that is told, which is before the job has ended
            while 77 not in [seed_of(item["prompt"][2]) for item in await history(script)]:
                await asyncio.sleep(0.1)

    play(home, act)


def test_comfyui_utils_gets_the_picture_the_second_time_from_the_history(home, numbered):
    comfy = pytest.importorskip("comfyui_utils.comfy")
    told = []

    class Callbacks(comfy.Callbacks):
        async def queue_position(self, position):
            told.append("queue")

        async def in_progress(self, node_id, progress, total):
            told.append("progress")

        async def completed(self, outputs, cached):
            told.append(outputs["images"][0])

    async def act(script):
        api = comfy.ComfyAPI(script.base.removeprefix("http://"))
        await api.submit(numbered, Callbacks())
        assert {"queue", "progress"} <= {what for what in told if isinstance(what, str)}
        await api.submit(numbered, Callbacks())
        pictures = [what for what in told if isinstance(what, dict)]
        assert pictures[0] == pictures[1]

        async def opened(file):
            assert Image.open(file).size == (64, 64)

        await api.fetch(pictures[0], opened)

    play(home, act)


def test_comfy_toolkit_gets_the_picture(home, graph):
    toolkit = pytest.importorskip("comfy_toolkit")

    def use(base):
        client = toolkit.ComfyClient(base)
        assert client.is_online() and client.vram_stats()["vram_total"] > 0
        (image,) = client.wait_for_images(client.submit(graph), max_wait=50, poll_interval=0.2)
        assert toolkit.submit_and_track(client, graph)["status"] == "completed"
        return image

    async def act(script):
        image = await asyncio.to_thread(use, script.base)
        picture = await script.get("/view", filename=image["filename"])
        assert Image.open(io.BytesIO(picture)).size == (64, 64)

    play(home, act)


def test_comfyui_workflow_client_gets_the_picture(home, graph, tmp_path):
    module = pytest.importorskip("comfyuiclient.client")
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(graph))

    def use(base):
        client = module.ComfyUIClient(base.removeprefix("http://"), str(file))
        client.connect()
        try:
            return client.generate(["SaveImage"])
        finally:
            client.close()

    async def act(script):
        assert (await asyncio.to_thread(use, script.base))["SaveImage"].size == (64, 64)

    play(home, act)


SCRIPT = """
import sys
from comfy_script.runtime import Workflow, load
load(sys.argv[1])
from comfy_script.runtime.nodes import *
with Workflow(wait=True):
    model, clip, vae = CheckpointLoaderSimple("tiny_world.safetensors")
    positive, negative = CLIPTextEncode("a red circle", clip), CLIPTextEncode("", clip)
    latent = EmptyLatentImage(64, 64, 1)
    latent = KSampler(model, 9, 3, 4.5, "euler", "karras", positive, negative, latent, 1)
    latent = KSamplerAdvanced(
        model, "disable", 9, 4, 2, "heun", "normal", positive, negative, latent, 3, 4, "disable"
    )
    sigmas = BasicScheduler(model, "karras", 2, 0.5)
    latent, _ = SamplerCustom(model, True, 7, 3.5, positive, negative, KSamplerSelect("euler"), sigmas, latent)
    image = SaveImage(VAEDecode(latent, vae), "script")
print("picture", *image.wait()[0].size)
"""


def test_comfy_script_gets_the_picture_though_its_script_names_no_inputs(home, tmp_path):
    pytest.importorskip("comfy_script")
    (file := tmp_path / "script.py").write_text(SCRIPT)

    async def act(script):
        process = await asyncio.create_subprocess_exec(  # it changes how asyncio works, for the whole process
            sys.executable, file, script.base, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said = (await process.communicate())[0].decode()
        assert "picture 64 64" in said, said
        inputs = {
            node["class_type"]: node["inputs"] for item in await history(script) for node in item["prompt"][2].values()
        }
        assert inputs["KSampler"]["seed"] == 9 and inputs["KSampler"]["cfg"] == 4.5
        assert inputs["SamplerCustom"]["noise_seed"] == 7 and inputs["SamplerCustom"]["cfg"] == 3.5

    play(home, act)
