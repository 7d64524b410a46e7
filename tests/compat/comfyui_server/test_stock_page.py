"""ComfyUI's own page, unchanged, in a browser. How to have what this needs: see CONTRIBUTING."""

import importlib.util
import json
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from graphengine.engine import Engine
from graphengine.formats import write
from graphengine.settings import Settings
from tests.compat.comfyui_server.scripts import play

WORKFLOWS = Path(__file__).parents[3] / "workflows"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = importlib.util.find_spec("comfyui_frontend_package")
PLAYWRIGHT = importlib.util.find_spec("playwright")
USUAL = ("user.css", "/api/userdata", "api.comfy.org")  # that fails before anything was saved, or without a network

WAIT = 120_000  # milliseconds

READY = "window.app?.graph && 'KSampler' in (window.LiteGraph?.registered_node_types ?? {})"
LISTEN = """() => {
  window.heard = [];
  for (const type of ["progress_state", "b_preview_with_metadata", "progress_text", "execution_cached", "executed",
                      "execution_success", "execution_interrupted", "execution_error"])
    app.api.addEventListener(type, (event) => heard.push([type, type.startsWith("b_") ? null : event.detail]));
}"""
DROP = """async (url) => {
  const file = new File([await (await fetch(url)).blob()], "picture.png", {type: "image/png"});
  const data = new DataTransfer();
  data.items.add(file);
  const place = {dataTransfer: data, bubbles: true, cancelable: true, clientX: 400, clientY: 300};
  document.querySelector("canvas").dispatchEvent(new DragEvent("drop", place));
}"""

pytestmark = [
    pytest.mark.skipif(not (PAGE and PLAYWRIGHT and CHROMIUM), reason="needs the extra 'browser' and Chromium"),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(600),
]


class Page:
    """The page in a tab."""

    def __init__(self, tab):
        self.tab, self.failed, self.errors = tab, [], []
        tab.on("response", lambda answer: self.failed.append(answer.url) if answer.status >= 400 else None)
        tab.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, base):
        await self.tab.goto(base, timeout=WAIT)
        await self.until(READY)
        await self.tab.wait_for_timeout(2000)  # it goes on to open its first workflow
        await self.tab.keyboard.press("Escape")
        await self.tab.evaluate(LISTEN)

    async def load(self, graph):
        await self.tab.evaluate("graph => app.loadGraphData(graph)", graph)

    async def queue(self):
        await self.tab.evaluate("() => { heard.length = 0; app.queuePrompt(0, 1); }")

    async def until(self, condition):
        return await (await self.tab.wait_for_function(condition, timeout=WAIT)).json_value()

    async def until_heard(self, type):
        return await self.until(f"heard.find(([type]) => type == '{type}')?.[1]")

    async def heard(self):
        return [type for type, _ in await self.tab.evaluate("heard")]


def browse(home, act):
    """Run ``act(page, script)`` on a page that has just been opened."""

    @asynccontextmanager
    async def opened(base):
        from playwright.async_api import async_playwright

        async with async_playwright() as started:
            browser = await started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = Page(await browser.new_page(viewport={"width": 800, "height": 600}))
            await page.open(base)
            yield page
            await browser.close()

    async def use(script):
        async with opened(script.base) as page:
            await act(page, script)

    static = Path(PAGE.submodule_search_locations[0]) / "static"
    play(home, use, 500, frontend=static)


def editor_graph(*nodes):
    """A graph as the page keeps it, of nodes without links."""
    placed = [{"id": id, "type": type, "pos": [300, 200 * id], "size": [300, 80], "flags": {}, "order": id, "mode": 0,
               "inputs": [], "outputs": [], "properties": {}, "widgets_values": values}
              for id, (type, *values) in enumerate(nodes, 1)]  # fmt: skip
    return {"last_node_id": len(nodes), "last_link_id": 0, "nodes": placed, "links": [], "groups": [], "config": {},
            "extra": {}, "version": 0.4}  # fmt: skip


def test_the_page_runs_a_workflow_shows_its_picture_and_opens_it_again(home):
    engine = Engine(Settings(home=home))
    workflow = engine.read(WORKFLOWS / "text_to_image.json").set("steps", 6)
    graph = json.loads(write(workflow, "editor", engine.registry.specs))
    sampler = next(node for node in graph["nodes"] if node["type"] == "KSampler")
    sampler["widgets_values"] = ["fixed" if value == "randomize" else value for value in sampler["widgets_values"]]

    async def act(page, script):
        assert await page.tab.evaluate("'acts/Say' in LiteGraph.registered_node_types")
        await page.load(graph)
        await page.queue()
        await page.until_heard("execution_success")
        width = await page.until("app.graph._nodes.find(node => node.type == 'SaveImage').imgs?.[0].naturalWidth")
        assert width == 128
        assert {"progress_state", "b_preview_with_metadata", "executed"} <= set(await page.heard())
        (item,) = (await script.get("/history", max_items=1)).values()
        assert item["status"]["completed"] and item["prompt"][3]["extra_pnginfo"]["workflow"]["nodes"]
        ran = list(item["prompt"][2])

        await page.queue()
        assert sorted((await page.until_heard("execution_cached"))["nodes"]) == sorted(ran)
        await page.until_heard("execution_success")
        kept = await page.tab.evaluate("async () => (await app.api.getHistory(8)).History.length")
        assert kept == len(await script.get("/history", max_items=8)) >= 2

        ((image,),) = (found["images"] for found in item["outputs"].values())
        await page.load(editor_graph(("acts/Say", "x")))
        await page.tab.evaluate(DROP, f"/api/view?filename={image['filename']}&type=output")
        await page.until("app.graph._nodes.length == 7 && app.graph._nodes.some(node => node.type == 'KSampler')")
        assert [url for url in page.failed if not any(part in url for part in USUAL)] == []

    browse(home, act)


def test_the_page_interrupts_and_shows_what_is_wrong_at_its_node(home):
    async def act(page, script):
        await page.load(editor_graph(("acts/Work", 30.0, 0)))
        await page.queue()
        await page.until_heard("progress_state")
        await page.tab.evaluate("app.extensionManager.command.execute('Comfy.Interrupt')")
        assert (await page.until_heard("execution_interrupted"))["node_type"] == "acts/Work"

        await page.load(editor_graph(("SaveImage", "x")))
        await page.queue()
        errors = await page.until("app.lastNodeErrors")
        assert [error["type"] for error in errors["1"]["errors"]] == ["required_input_missing"]
        await page.tab.get_by_text("Required input is missing").first.wait_for(timeout=WAIT)

        await page.tab.keyboard.press("Escape")
        await page.load(editor_graph(("acts/Fail", 0)))
        await page.queue()
        assert (await page.until_heard("execution_error"))["exception_type"] == "ZeroDivisionError"
        await page.tab.get_by_text("one over nothing").first.wait_for(timeout=WAIT)

    browse(home, act)


def test_the_page_is_told_of_no_kind_that_is_not_here(home):
    async def act(page, script):
        await page.load(editor_graph(("GLIGENLoader", "x"), ("acts/Say", "x")))
        await page.tab.get_by_text("Some Nodes Are Missing").wait_for(timeout=WAIT)
        assert await page.tab.get_by_text("GLIGENLoader", exact=True).count() == 1
        await page.tab.evaluate("app.refreshComboInNodes()")
        assert not await page.tab.evaluate("'GLIGENLoader' in LiteGraph.registered_node_types")

    browse(home, act)


def test_the_page_loads_scripts_of_packs_and_shows_what_a_node_says(home, dressed):
    async def act(page, script):
        assert await page.until("window.dressed") == "here"
        await page.load(editor_graph(("dressed/Talk", "a")))
        await page.queue()
        assert await page.until_heard("progress_text") == {"nodeId": "1", "text": "said: a"}
        await page.tab.get_by_text("said: a").first.wait_for(timeout=WAIT)

    browse(dressed, act)
