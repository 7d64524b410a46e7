"""ComfyUI's own page, unchanged, in a browser: it loads, lists our nodes, runs a workflow and shows its picture.

``COMFYUI_PAGE`` names its folder: ``static`` of an unpacked ``comfyui-frontend-package==1.27.10``.
"""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from graphengine.engine import Engine
from graphengine.formats import write
from graphengine.settings import Settings
from tests.compat.comfyui_server.scripts import play

WORKFLOWS = Path(__file__).parents[3] / "workflows"
PAGE, CHROMIUM = os.environ.get("COMFYUI_PAGE", ""), shutil.which("chromium") or ""
EXPECTED = ("user.css", "/api/userdata", "/templates/", "api.comfy.org")  # usual failures before anything was saved
READY = "window.app?.graph && 'KSampler' in (window.LiteGraph?.registered_node_types ?? {})"
SHOWN = "window.app.graph._nodes.find(node => node.type == 'SaveImage').imgs?.[0].naturalWidth"

pytestmark = [
    pytest.mark.skipif(not (PAGE and CHROMIUM), reason="needs COMFYUI_PAGE and chromium"),
    pytest.mark.filterwarnings("ignore"),
]


def use(sync_playwright, base, workflow):
    """Failed requests, and the pixels across the picture that the page shows."""
    failed = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
        page.goto(base)
        page.wait_for_function(READY, timeout=60_000)
        page.wait_for_timeout(1000)
        page.evaluate("graph => window.app.loadGraphData(graph)", workflow)
        page.evaluate("() => window.app.queuePrompt(0, 1)")
        page.wait_for_function(SHOWN, timeout=60_000)
        width = page.evaluate(SHOWN)
        browser.close()
    return failed, width


def test_the_stock_page_runs_a_workflow_and_shows_its_picture(home):
    api = pytest.importorskip("playwright.sync_api")
    engine = Engine(Settings(home=home))
    workflow = engine.read(WORKFLOWS / "text_to_image.json").set("steps", 4)
    graph = json.loads(write(workflow, "editor", engine.registry.specs))

    async def act(script):
        failed, width = await asyncio.to_thread(use, api.sync_playwright, script.base, graph)
        assert [url for url in failed if not any(part in url for part in EXPECTED)] == []
        assert width == 128
        (item,) = (await script.get("/history", max_items=1)).values()
        assert item["status"]["completed"] and item["prompt"][3]["extra_pnginfo"]["workflow"]["nodes"]

    play(home, act, frontend=Path(PAGE))
